"""Settings of the sandbox, read once from the environment (prefix ``SANDBOX_``)."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be set from outside. Units are in the names; everything has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535, description="0 takes a free port")
    bot_token: str = Field(default="1:sandbox", pattern=r"^\d{1,15}:[A-Za-z0-9_-]+$")
    bot_username: str = Field(default="starquiz_bot", pattern=r"^[A-Za-z0-9_]{3,32}$")
    bot_name: str = Field(default="Starquiz", min_length=1, max_length=64)
    start_players: int = Field(default=2, ge=0, le=100_000)
    keep_messages: int = Field(default=200, ge=1, description="newest messages kept per chat")
    keep_file_bytes: int = Field(
        default=32 * 1024 * 1024, ge=0, description="uploaded pictures kept, in bytes over all"
    )
    callback_answer_seconds: float = Field(default=30.0, gt=0, description="a tap can be answered this long")
    pre_checkout_seconds: float = Field(default=10.0, gt=0, description="a payment waits this long for the bot's yes")
    start_stars: int = Field(default=1000, ge=0, description="Telegram Stars in each new player's wallet")
    seed: int | None = Field(default=None, description="repeatable charge ids; without it every start has new ones")
    webhook_timeout_seconds: float = Field(default=60.0, gt=0, description="how long a webhook reply is waited for")
    retry_scale: float = Field(default=1.0, ge=0, description="factor on every webhook retry delay; 0 retries at once")
    stripe_secret_key: str = Field(default="sk_test_sandbox", min_length=1, description="the key its API asks for")
    stripe_webhook_url: str = Field(default="", pattern=r"^(https?://.+)?$", description="empty: events wait")
    stripe_webhook_secret: str = Field(default="whsec_sandbox", min_length=1, description="what events are signed with")
    slack_token: str = Field(
        default="sandbox", pattern=r"^[A-Za-z0-9_-]+$", description="last part of its webhook's address"
    )
    pagerduty_routing_key: str = Field(
        default="sandboxsandboxsandboxsandboxsand", min_length=32, max_length=32, description="key of its one service"
    )
    pagerduty_webhook_url: str = Field(default="", pattern=r"^(https?://.+)?$", description="empty: events wait")
    pagerduty_webhook_secret: str = Field(
        default="pdsec_sandbox", min_length=1, description="what events are signed with"
    )
    flood_limits: bool = Field(default=False, description="Telegram's sending limits, answered with 429")

    @property
    def bot_id(self) -> int:
        """The bot's user id: the number before the colon of the token."""
        return int(self.bot_token.split(":", 1)[0])
