"""Payments' settings: what every service has, and what it takes to speak with those who take the money."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from actors.settings import Settings
from payments.domain.recovery import RecoverySettings


class PaymentsSettings(Settings):
    """Environment variables have the names of the fields, in capitals. Stripe is off unless its key is set."""

    bot_token: SecretStr = Field(description="from BotFather: refunds and the bot's own transactions need it")
    telegram_api_url: str = Field(default="https://api.telegram.org", description="or a local Bot API server")
    rates_url: str = Field(
        default="https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
        description="the day's reference rates, in the format of the European Central Bank",
    )
    stripe_api_key: SecretStr = Field(default=SecretStr(""), description="empty: no checkout on the web")
    stripe_api_url: str = Field(default="https://api.stripe.com", description="or a stand-in")
    stripe_webhook_secrets: SecretStr = Field(
        default=SecretStr(""), description="signing secrets of the webhook endpoint, separated by commas"
    )
    stripe_checkout_url: str = Field(
        default="https://checkout.stripe.com", description="where Stripe's own page is; forms may lead there"
    )
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged as web_listening")
    web_url: str = Field(default="", description="public base address of the checkout page, for Stripe's way back")
    web_proxies: int = Field(
        default=0, ge=0, le=5, description="proxies of our own in front: so many entries of X-Forwarded-For are true"
    )

    uncredited_seconds: float = Field(default=120, gt=0, description="then a payment is credited again")
    refund_pending_seconds: float = Field(default=600, gt=0, description="then a refund is asked for again")
    orphan_seconds: float = Field(default=86_400, gt=0, description="then money without a purchase goes back")
    in_flight_seconds: float = Field(default=120, gt=0, description="what is younger is no difference between books")

    goods_in_flight_seconds: float = Field(default=300, gt=0, description="goods may be on their way for so long")
    goods_pause_seconds: float = Field(default=5, ge=0, description="before gameplay is asked again about a difference")

    gift_denied_seconds: float = Field(default=1_800, gt=0, description="then a gift that is not listed was not given")

    def recovery(self) -> RecoverySettings:
        """Return how long money may be on its way before somebody looks after it."""
        return RecoverySettings(
            uncredited_seconds=self.uncredited_seconds,
            refund_pending_seconds=self.refund_pending_seconds,
            orphan_seconds=self.orphan_seconds,
            in_flight_seconds=self.in_flight_seconds,
            goods_in_flight_seconds=self.goods_in_flight_seconds,
            goods_pause_seconds=self.goods_pause_seconds,
            gift_denied_seconds=self.gift_denied_seconds,
        )

    @property
    def stripe_is_on(self) -> bool:
        """Whether the web checkout is served (DOMAIN §6: off by default)."""
        return bool(self.stripe_api_key.get_secret_value())

    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that may sign an event: two while one is being changed."""
        given = self.stripe_webhook_secrets.get_secret_value().split(",")
        return tuple(secret.strip() for secret in given if secret.strip())

    @model_validator(mode="after")
    def _stripe_needs_the_rest(self) -> Self:
        if not self.stripe_is_on:
            return self
        if not self.webhook_secrets():
            raise ValueError("STRIPE_WEBHOOK_SECRETS must be set with STRIPE_API_KEY: without it anyone could say paid")
        if not self.web_url.startswith(("http://", "https://")):
            raise ValueError("WEB_URL must be set with STRIPE_API_KEY: https://…, where buyers find the checkout page")
        return self
