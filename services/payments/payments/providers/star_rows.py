"""Reads one row of Telegram's list (getStarTransactions), whatever is in it (DOMAIN §6, other movements of Stars).

Telegram adds kinds and fields without asking. A row is never refused: what is not known is kept in Telegram's own
words, as a movement that somebody has to look at.
"""

import contextlib
import hashlib
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from actors.foreign_json import read_foreign
from contracts.foreign_text import storable, storable_key
from payments.domain.stars import NANOS, STARS_MAX, Movement
from payments.providers import Direction, ProviderTransaction, TransactionKind

_INVOICE: Final = "invoice_payment"
_OF_A_USER: Final = {
    "gift_purchase": Movement.GIFT,
    "premium_purchase": Movement.PREMIUM_GIFT,
    "paid_media_payment": Movement.PAID_MEDIA,
    "business_account_transfer": Movement.BUSINESS_TRANSFER,
}
"""By `transaction_type` of TransactionPartnerUser."""
_OF_OTHERS: Final = {
    "affiliate_program": Movement.AFFILIATE,
    "fragment": Movement.FRAGMENT,
    "telegram_ads": Movement.ADS,
    "telegram_api": Movement.BROADCAST,
    "chat": Movement.CHAT,
    "other": Movement.OTHER,
}
"""By `type` of any other TransactionPartner."""
_ROW_FIELDS: Final = frozenset({"id", "amount", "nanostar_amount", "date", "source", "receiver"})
_PARTNER_FIELDS: Final = frozenset({"type", "transaction_type", "user", "invoice_payload"})
"""All that a plain sale has; who has more is kept in Telegram's own words."""
ROW_KEYS: Final = ("id",)
"""Members of a row by whose text it is found again: where it must be mended, two ids must not become one."""
_DATE_MAX: Final = 253_402_300_799


def transaction(raw: msgspec.Raw) -> ProviderTransaction:
    """Return a StarTransaction. It has a source when Stars came in, a receiver when they went out."""
    row = _Row(raw)
    movement = row.movement()
    direction = row.direction
    kind = TransactionKind.OTHER
    if not movement:
        kind = TransactionKind.PAYMENT if direction is Direction.IN else TransactionKind.REFUND
    amount, nano = divmod(abs(row.nanos), NANOS)
    return ProviderTransaction(
        charge_id=row.id,
        direction=direction,
        kind=kind,
        row_id=row.id,
        amount=amount,
        currency="XTR",
        at=datetime.fromtimestamp(row.date, UTC),
        user_id=row.user_id,
        payload=row.payload,
        nano=nano,
        commission=row.commission,
        per_mille=row.per_mille,
        movement=movement,
        said=b"" if row.is_plain else row.words,
        has_come_back=movement == Movement.FRAGMENT and direction is Direction.OUT and row.has_failed,
    )


class _Row:
    """A row as far as it can be read; `is_whole` is False when something that it must have could not be."""

    def __init__(self, raw: msgspec.Raw) -> None:
        self.is_whole = True
        decoded, self.words = _decoded(bytes(raw))
        self._fields = _object(decoded)
        source, receiver = self._fields.get("source"), self._fields.get("receiver")
        self._partner = _object(receiver if source is None else source)
        self._affiliate = self._partner.get("affiliate")
        self.id = _key(self._fields.get("id")) or self._lacks(_unnamed(bytes(raw)))
        self.date = self._number(self._fields.get("date"), _DATE_MAX)
        whole = self._number(self._fields.get("amount"), STARS_MAX, -STARS_MAX)
        # The parts of a StarAmount have one sign.
        self.nanos = whole * NANOS + self._number(self._fields.get("nanostar_amount", 0), NANOS - 1, 1 - NANOS)
        # Of a payment all that matters is what was paid: whatever is said of an affiliate, it stays one.
        affiliate = _object(self._affiliate)
        given = _number(affiliate.get("amount"), STARS_MAX, -STARS_MAX) or 0
        part = _number(affiliate.get("nanostar_amount"), NANOS - 1, 1 - NANOS) or 0
        self.commission = None if self._affiliate is None else abs(given * NANOS + part)
        self.per_mille = _number(affiliate.get("commission_per_mille"), 1000) or 0
        # An amount below nothing went the other way.
        is_in = (source is not None) == (self.nanos >= 0)
        self.direction = Direction.IN if is_in else Direction.OUT

    def movement(self) -> str:
        """Return what it is; empty for a payment and its refund."""
        if not self.is_whole or self.nanos < 0:
            return Movement.UNKNOWN
        kind = self._partner.get("type")
        if kind != "user":
            return _OF_OTHERS.get(_text(kind), Movement.UNKNOWN)
        of_user = _text(self._partner.get("transaction_type"))
        return "" if of_user == _INVOICE else _OF_A_USER.get(of_user, Movement.UNKNOWN)

    @property
    def has_failed(self) -> bool:
        """Whether it is a withdrawal that came to nothing."""
        return _object(self._partner.get("withdrawal_state")).get("type") == "failed"

    @property
    def user_id(self) -> int | None:
        """Telegram's id of the player, when it says so."""
        found = _object(self._partner.get("user")).get("id")
        return found if isinstance(found, int) and 0 < found < 2**53 else None

    @property
    def payload(self) -> str | None:
        """The invoice's payload, when there is one."""
        found = self._partner.get("invoice_payload")
        return None if found is None else _text(found)

    @property
    def is_plain(self) -> bool:
        """Whether the fields of a sale tell all of it."""
        return self.is_whole and self._fields.keys() <= _ROW_FIELDS and self._partner.keys() <= _PARTNER_FIELDS

    def _number(self, value: Any, most: int, least: int = 0) -> int:
        """A number in its bounds; 0, and the row is not whole, for anything else."""
        number = _number(value, most, least)
        return self._lacks(0) if number is None else number

    def _lacks(self, instead: Any) -> Any:
        self.is_whole = False
        return instead


def _decoded(raw: bytes) -> tuple[Any, bytes]:
    """Return what a row says (None for what is no JSON), and its words as JSON that can be kept."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(raw), raw
    try:
        found = read_foreign(raw, keys=ROW_KEYS)
        return found, msgspec.json.encode(found)
    except ValueError:
        return None, msgspec.json.encode(storable(raw.decode(errors="replace")))


def _unnamed(raw: bytes) -> str:
    """Return a key for a row that does not say its id."""
    return f"unreadable:{hashlib.sha256(raw).hexdigest()}"


def _number(value: Any, most: int, least: int = 0) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if is_number else None


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A text that Postgres takes."""
    return storable(value) if isinstance(value, str) else ""


def _key(value: Any) -> str:
    return storable_key(value) if isinstance(value, str) else ""
