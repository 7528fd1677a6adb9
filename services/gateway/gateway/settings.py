"""The gateway's settings: what every service has, and what it takes to speak with Telegram."""

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from actors.settings import Settings
from contracts.promo import Peppers
from gateway.domain.internal_access import ForwardedHeader, Networks, Tokens

WEBHOOK_PATH = "/webhook/telegram"
_SECRET = re.compile(r"^[A-Za-z0-9_-]{1,256}$")


class GatewaySettings(Settings):
    """Environment variables have the names of the fields, in capitals. Nothing here works by accident."""

    bot_token: SecretStr = Field(description="from BotFather")
    bot_username: str = Field(min_length=1, description="without @; for links into the private chat")
    telegram_api_url: str = Field(default="https://api.telegram.org", description="or a local Bot API server")
    updates: Literal["polling", "webhook"] = Field(description="how updates come in")
    webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="1-256 of A-Za-z0-9_-; Telegram sends it with every update"
    )
    promo_secret_peppers: SecretStr = Field(
        description="as promo's batch tool has them: separated by commas, the newest first; all are tried"
    )
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged as webhook_listening")
    webhook_url: str = Field(default="", description="public base address; empty: the webhook is not set by us")
    internal_api_tokens: SecretStr = Field(
        default=SecretStr(""), description="<name>:<secret>, separated by commas; empty: there is no internal API"
    )
    internal_api_host: str = "127.0.0.1"
    internal_api_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged when it listens")
    internal_api_allow: str = Field(default="", description="networks that may use it (CIDR), separated by commas")
    internal_api_proxies: str = Field(default="", description="networks of our own proxies in front of it")
    internal_api_forwarded: ForwardedHeader = Field(
        default="X-Forwarded-For", description="the header in which those proxies say who is behind them"
    )
    support_contact: str = Field(
        default="", max_length=100, description="how players reach a person about a purchase, such as @name"
    )
    pushes_per_second: float = Field(default=28, gt=0, le=1000, description="unasked messages, all replicas together")

    def peppers(self) -> Peppers:
        """Return what makes fingerprints of codes; raises PepperError."""
        return Peppers.parse(self.promo_secret_peppers.get_secret_value())

    @field_validator("internal_api_allow", "internal_api_proxies")
    @classmethod
    def _networks_can_be_read(cls, given: str) -> str:
        Networks.parse(given)
        return given

    @field_validator("internal_api_tokens")
    @classmethod
    def _tokens_can_be_used(cls, given: SecretStr) -> SecretStr:
        Tokens.parse(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _internal_api_needs_addresses(self) -> Self:
        if self.internal_api_tokens.get_secret_value() and not Networks.parse(self.internal_api_allow):
            raise ValueError("INTERNAL_API_ALLOW must be set with INTERNAL_API_TOKENS: the networks that may use it")
        return self

    @field_validator("promo_secret_peppers")
    @classmethod
    def _peppers_can_be_used(cls, given: SecretStr) -> SecretStr:
        Peppers.parse(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _webhook_needs_a_secret(self) -> Self:
        secret = self.webhook_secret.get_secret_value()
        if self.updates == "webhook" and not secret:
            raise ValueError("WEBHOOK_SECRET must be set when UPDATES=webhook: without it anyone could send updates")
        if secret and not _SECRET.fullmatch(secret):
            raise ValueError("WEBHOOK_SECRET: Telegram takes 1-256 characters of A-Z a-z 0-9 _ -")
        return self
