"""The Bot API's methods about money: refund, transactions, balance, gift (DOMAIN §6, §9, Telegram's own rules)."""

from fractions import Fraction
from typing import Any, Final, Literal, NoReturn, TypeVar

import aiohttp
import msgspec

from actors.bounded_body import read_bounded
from actors.foreign_json import plain_json
from contracts.foreign_text import as_said, id_of_key, storable
from payments.domain.stars import NANOS
from payments.providers import (
    ProviderDeniedError,
    ProviderRefusedError,
    ProviderTransaction,
    ProviderUnavailableError,
    ProviderUntouchedError,
    RefundOutcome,
)
from payments.providers.star_rows import ROW_KEYS
from payments.providers.star_rows import transaction as _transaction

TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 8 * 1024 * 1024
"""A hundred transactions are about 60 KiB."""
TRANSACTIONS_MAX: Final = 100
"""The most that one call of getStarTransactions gives."""
_DENIED: Final = (401, 404)
"""Which errors are about the token: Telegram has not even looked at what was asked."""
_LOGGED_OUT: Final = "Logged out"
"""So does this text, with the code 400: somebody took the token to another server."""
_ERROR_CODE_MIN: Final = 400
_ALREADY: Final = "CHARGE_ALREADY_REFUNDED"

_R = TypeVar("_R")


class _Parameters(msgspec.Struct, frozen=True):
    retry_after: int | None = None


class _Reply(msgspec.Struct):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = _Parameters()


class _Rows(msgspec.Struct):
    """StarTransactions, each to be read for itself: one that is odd keeps none of the others back."""

    transactions: list[msgspec.Raw]


class _Balance(msgspec.Struct):
    amount: int
    nanostar_amount: int = 0


_reply: Final = msgspec.json.Decoder(_Reply)


class StarsProvider:
    """The bot's Stars at Telegram. Every method raises ProviderUnavailableError and ProviderRefusedError."""

    def __init__(
        self,
        token: str,
        session: aiohttp.ClientSession,
        api_url: str = "https://api.telegram.org",
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._session = session
        self._token = token
        self._base = f"{api_url.rstrip('/')}/bot{token}/"
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def refund_star_payment(self, user_id: int, charge_id: str) -> RefundOutcome:
        """Give all Stars of a payment back. Safe to repeat: the second time they are back already."""
        parameters = {"user_id": user_id, "telegram_payment_charge_id": storable(id_of_key(charge_id))}
        try:
            await self._call("refundStarPayment", parameters, Literal[True])
        except ProviderRefusedError as error:
            if _ALREADY in error.code:
                return RefundOutcome.ALREADY_REFUNDED
            raise
        return RefundOutcome.REFUNDED

    async def gift_premium(self, user_id: int, months: int, stars: int) -> None:
        """Give a user Telegram Premium for the bot's Stars. Not to be repeated: a second call is a second gift.

        Raises ProviderUntouchedError when it certainly did nothing, ProviderRefusedError when it will not, and plain
        ProviderUnavailableError when nobody knows.
        """
        parameters: dict[str, int | str] = {"user_id": user_id, "month_count": months, "star_count": stars}
        await self._call("giftPremiumSubscription", parameters, Literal[True])

    async def star_transactions(self, offset: int, limit: int = TRANSACTIONS_MAX) -> list[ProviderTransaction]:
        """Return up to `limit` (1 to 100) transactions in the order they happened, after the first `offset` ones.

        Rows are only ever added at the end, so a count of rows read is a cursor.
        """
        found = await self._call("getStarTransactions", {"offset": offset, "limit": limit}, _Rows)
        return [_transaction(row) for row in found.transactions]

    async def star_balance(self) -> int | Fraction:
        """Return the Stars the bot has, to the billionth; below zero after chargebacks that it could not cover."""
        found = await self._call("getMyStarBalance", {}, _Balance)
        return found.amount + Fraction(found.nanostar_amount, NANOS)

    async def _call(self, method: str, parameters: dict[str, int | str], result: type[_R] | Any) -> _R:
        """Return the result; anything that the Bot API itself would not answer is no answer, hence no refusal."""
        body = msgspec.json.encode(parameters)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.post(
                self._base + method, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                status, content = response.status, await read_bounded(response.content, ANSWER_BYTES_MAX)
        except aiohttp.ClientConnectorError as error:
            raise ProviderUntouchedError(f"{method}: not reached ({type(error).__name__})") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # The error's own text may hold the address, and with it the token.
            raise ProviderUnavailableError(f"{method}: no answer ({type(error).__name__})") from None
        try:
            try:
                return self._read(method, content, result)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return self._read(method, plain_json(content, keys=ROW_KEYS), result)
        except ValueError as error:
            raise ProviderUnavailableError(f"{method}: HTTP {status} with a body that is no answer") from error

    def _read(self, method: str, content: bytes, result: type[_R]) -> _R:
        reply = _reply.decode(content)
        if not reply.ok:
            reply.description = as_said(reply.description, secret=self._token)
            _refuse(method, reply)
        return msgspec.json.decode(reply.result, type=result)


def _refuse(method: str, reply: _Reply) -> NoReturn:
    """Raise what an error of the Bot API means: later (429, 5xx), not with this token, or never.

    Raises ValueError for an error without a code, which is somebody else's.
    """
    if reply.error_code < _ERROR_CODE_MIN:
        raise ValueError("an error without a code")
    said = f"{method}: {reply.error_code} {reply.description}"
    if reply.error_code == 429:
        raise ProviderUntouchedError(said, reply.parameters.retry_after)
    if reply.error_code >= 500:
        raise ProviderUnavailableError(said, reply.parameters.retry_after)
    is_denied = reply.error_code in _DENIED or reply.description == _LOGGED_OUT
    kind = ProviderDeniedError if is_denied else ProviderRefusedError
    raise kind(reply.description.removeprefix("Bad Request: "), said)
