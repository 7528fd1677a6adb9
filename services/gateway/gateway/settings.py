"""The gateway's settings: what every service has, and what it takes to speak with Telegram."""

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from actors.settings import Settings
from contracts.promo import Peppers

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
    support_contact: str = Field(
        default="", max_length=100, description="how players reach a person about a purchase, such as @name"
    )
    pushes_per_second: float = Field(default=28, gt=0, le=1000, description="unasked messages, all replicas together")

    def peppers(self) -> Peppers:
        """Return what makes fingerprints of codes; raises PepperError."""
        return Peppers.parse(self.promo_secret_peppers.get_secret_value())

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
