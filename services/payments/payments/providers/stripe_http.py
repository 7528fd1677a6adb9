"""How the SDK speaks HTTP: to Stripe and nobody else, and what is not Stripe's answer is none."""

from functools import partial
from http import HTTPStatus
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import aiohttp
import msgspec

from actors.foreign_json import plain_json
from payments.domain.stripe_events import STRIPE_KEYS
from payments.providers import ProviderUnavailableError


def http_client(sdk: ModuleType, session: aiohttp.ClientSession, timeout_seconds: float) -> Any:
    """Return the SDK's own client on `session`; it follows no redirect, for the key would go along.

    Its calls raise ProviderUnavailableError for what Stripe never says: a page, a JSON of another form, an error
    without its type. Whether such a call took effect is unknown.
    """
    direct = SimpleNamespace(request=partial(session.request, allow_redirects=False))
    client = sdk.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=timeout_seconds), session=direct)
    ask = client.request_async

    async def ask_patiently(*arguments: Any, **named: Any) -> tuple[Any, int, Any]:
        content, status, headers = await ask(*arguments, **named)
        return _read(content, status), status, headers

    client.request_async = ask_patiently
    return client


def _read(content: bytes, status: int) -> bytes:
    """Return an answer as JSON that everybody can read: one odd name must not cost a page of rows."""
    try:
        plain = plain_json(content, keys=STRIPE_KEYS)
        answer = msgspec.json.decode(plain, type=dict[str, Any])
    except (ValueError, RecursionError):
        answer, plain = {}, b""
    if not plain or (status >= HTTPStatus.MULTIPLE_CHOICES and not _is_refusal(answer)):
        raise ProviderUnavailableError(f"Stripe: HTTP {status} with a body that is no answer")
    return plain


def _is_refusal(answer: dict[str, Any]) -> bool:
    error = answer.get("error")
    return isinstance(error, dict) and isinstance(cast("dict[str, Any]", error).get("type"), str)
