"""The environment each process gets: its own settings and secrets, and nobody else's."""

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from devstack.ports import LOOPBACK
from devstack.vault import Vault

SANDBOX_BOT = "starquiz_bot"
SANDBOX_SUPPORT = "@starquiz_support"
_TELEGRAM = "https://api.telegram.org"
_ASK_SECONDS = 10


class TelegramError(RuntimeError):
    """The real Telegram could not be asked, or does not know the token."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """A bot on the real Telegram."""

    token: str = field(repr=False)
    username: str

    @classmethod
    async def of_token(cls, token: str) -> "Telegram":
        """Ask Telegram whose token this is; raises TelegramError."""
        return cls(token, await asyncio.to_thread(_ask_username, token))


def of_service(service: str, replica: str, http_port: int, *, nats_url: str, dsn: str, vault: Vault) -> dict[str, str]:
    """Return the settings every service has; `local_env` reads what it needs besides."""
    return {
        "NATS_URL": nats_url,
        "NATS_NKEY_SEED": vault.nkey(service).seed,
        "POSTGRES_DSN": dsn,
        "HTTP_HOST": LOOPBACK,
        "HTTP_PORT": str(http_port),
        "REPLICA": replica,
    }


def of_sandbox(port: int, vault: Vault) -> dict[str, str]:
    """Return the sandbox's settings."""
    return {
        "SANDBOX_HOST": LOOPBACK,
        "SANDBOX_PORT": str(port),
        "SANDBOX_BOT_TOKEN": _sandbox_token(vault),
        "SANDBOX_BOT_USERNAME": SANDBOX_BOT,
    }


def _sandbox_token(vault: Vault) -> str:
    return f"1:{vault.shared('bot')}"


def _ask_username(token: str) -> str:
    try:
        with urllib.request.urlopen(f"{_TELEGRAM}/bot{token}/getMe", timeout=_ASK_SECONDS) as answer:  # noqa: S310
            return str(json.load(answer)["result"]["username"])
    except urllib.error.HTTPError as error:
        raise TelegramError(f"Telegram does not accept this BOT_TOKEN (HTTP {error.code}).") from None
    except (OSError, ValueError) as error:
        # The address holds the token: the cause is named, not shown.
        raise TelegramError(f"Telegram could not be reached ({type(error).__name__}).") from None
