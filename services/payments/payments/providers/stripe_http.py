"""How the SDK speaks HTTP: to Stripe and nobody else, and what is not Stripe's answer is none."""

from http import HTTPStatus
from types import ModuleType, SimpleNamespace
from typing import Any, Final, cast

import aiohttp
import msgspec

from actors.bounded_body import read_bounded
from actors.foreign_json import plain_json
from payments.domain.stripe_events import STRIPE_KEYS
from payments.providers import ProviderUnavailableError

ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
"""A hundred movements with their sources are about 400 KiB."""


def http_client(sdk: ModuleType, session: aiohttp.ClientSession, timeout_seconds: float) -> Any:
    """Return the SDK's own client on `session`; it follows no redirect, for the key would go along.

    Its calls raise ProviderUnavailableError for what Stripe never says: a page, a JSON of another form, an error
    without its type. Whether such a call took effect is unknown.
    """

    async def request(*arguments: Any, **named: Any) -> SimpleNamespace:
        async with session.request(*arguments, allow_redirects=False, **named) as response:
            body = await read_bounded(response.content, ANSWER_BYTES_MAX)
        return SimpleNamespace(status=response.status, headers=response.headers, content=_Whole(body))

    direct = SimpleNamespace(request=request)
    client = sdk.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=timeout_seconds), session=direct)
    ask = client.request_async

    async def ask_patiently(*arguments: Any, **named: Any) -> tuple[Any, int, Any]:
        content, status, headers = await ask(*arguments, **named)
        return _read(content, status), status, headers

    client.request_async = ask_patiently
    return client


class _Whole(msgspec.Struct, frozen=True):
    """A body that has been read, where the SDK wants to read it."""

    body: bytes

    async def read(self) -> bytes:
        """Return all of it; nothing is waited for."""
        return self.body


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
