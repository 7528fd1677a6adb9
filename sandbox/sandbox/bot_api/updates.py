"""Methods that say how updates are delivered: getUpdates, setWebhook and its kin."""

import re
from typing import Any

from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.delivery.webhook import CONNECTIONS_DEFAULT, WebhookConfig
from sandbox.errors import ApiError, bad_request
from sandbox.shapes import to_json

WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
TIMEOUT_SECONDS_MAX = 50
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class RawResult:
    """A result that is JSON already."""

    def __init__(self, json_bytes: bytes) -> None:
        self.json_bytes = json_bytes


async def get_updates(telegram: Telegram, args: Arguments) -> RawResult:
    """getUpdates: long polling; 409 while a webhook is set, and for the older of two pollers."""
    updates = telegram.updates
    if updates.webhook.is_open:
        raise ApiError(409, f"Conflict: {WEBHOOK_ACTIVE}")
    _allow(telegram, args)
    limit = min(max(args.get("limit", 100), 1), 100)
    timeout = min(max(args.get("timeout", 0), 0), TIMEOUT_SECONDS_MAX)
    found = await updates.polling.take(args.get("offset"), limit, timeout)
    return RawResult(b"[" + b",".join(update.body for update in found) + b"]")


async def set_webhook(telegram: Telegram, args: Arguments) -> bool:
    """setWebhook. Plain http is taken too (as by a local Bot API server), so that one machine needs no certificate."""
    if not args["url"]:
        return await delete_webhook(telegram, args)
    secret = args.get("secret_token")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = args.get("max_connections", CONNECTIONS_DEFAULT)
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be from 1 to 100")
    _allow(telegram, args)
    _drop_pending(telegram, args)
    telegram.updates.polling.interrupt("Conflict: terminated by setWebhook request")
    try:
        await telegram.updates.webhook.open(WebhookConfig(args["url"], secret, connections, args.get("ip_address")))
    except ValueError:
        raise bad_request("bad webhook: invalid URL specified") from None
    return True


async def delete_webhook(telegram: Telegram, args: Arguments) -> bool:
    """deleteWebhook; waiting updates stay for getUpdates unless `drop_pending_updates`."""
    await telegram.updates.webhook.close()
    _drop_pending(telegram, args)
    return True


def get_webhook_info(telegram: Telegram, _args: Arguments) -> dict[str, Any]:
    """getWebhookInfo."""
    updates = telegram.updates
    updates.pending.sweep(telegram.world.clock.now())
    config = updates.webhook.config
    info: dict[str, Any] = {"url": config.url if config else "", "has_custom_certificate": False}
    info["pending_update_count"] = len(updates.pending)
    if config is not None:
        info["max_connections"] = config.max_connections
        if config.ip_address:
            info["ip_address"] = config.ip_address
        if updates.webhook.last_error is not None:
            info["last_error_date"], info["last_error_message"] = updates.webhook.last_error
    if updates.allowed is not None:
        info["allowed_updates"] = sorted(updates.allowed)
    return info


def _allow(telegram: Telegram, args: Arguments) -> None:
    """An omitted list keeps the last one; an empty list is the default set."""
    if "allowed_updates" in args:
        telegram.updates.allowed = frozenset(args["allowed_updates"]) or None


def _drop_pending(telegram: Telegram, args: Arguments) -> None:
    if args.get("drop_pending_updates"):
        telegram.updates.pending.clear()
        telegram.updates.webhook.forget_waiting()


def encoded(result: Any) -> bytes:
    """A whole successful answer as JSON bytes."""
    if isinstance(result, RawResult):
        return b'{"ok":true,"result":' + result.json_bytes + b"}"
    return to_json({"ok": True, "result": result})


METHODS: dict[str, Handler] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
