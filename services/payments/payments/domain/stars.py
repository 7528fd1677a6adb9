"""Stars to the billionth: what a row of Telegram's list moved, and how the ledger takes it (DOMAIN §6).

The list gives whole Stars and nanostars. Whether it gives a sale with or without what an affiliate of Telegram's own
programme got of it is not said anywhere, so both are understood: what counts for a purchase is what its player paid,
what counts for the balance is that less the commission.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command
from contracts.payments import Provider
from payments.domain.ledger import STARS_HOUSE, STARS_PARTS, Entry, Kind, Transaction, clearing_of

NANOS: Final = 1_000_000_000
"""Nanostars in a Star."""
PER_MILLE: Final = 1_000
STARS_MAX: Final = 1_000_000_000
"""A row of more Stars than that is taken for one that cannot be read: a few of them, in nanostars, leave a bigint."""


class Movement(StrEnum):
    """What a row of Telegram's list is that is neither purchase nor refund; each has a house account of its name."""

    AFFILIATE = "AFFILIATE"
    """A commission that we earned by another bot's affiliate programme."""
    GIFT = "GIFT"
    PREMIUM_GIFT = "PREMIUM_GIFT"
    PAID_MEDIA = "PAID_MEDIA"
    BUSINESS_TRANSFER = "BUSINESS_TRANSFER"
    FRAGMENT = "FRAGMENT"
    """A withdrawal; or its return, when it failed."""
    ADS = "ADS"
    BROADCAST = "BROADCAST"
    """The fee for messages beyond the free ones of a second."""
    CHAT = "CHAT"
    OTHER = "OTHER"
    """Telegram itself does not say more."""
    UNKNOWN = "UNKNOWN"
    """A kind that this build does not know, or a row that it cannot read."""


class Terms(msgspec.Struct, frozen=True):
    """What is known of a charge besides its row: nanostars that were paid, and what an affiliate got of them."""

    paid: int
    commission: int | None = None


class Split(msgspec.Struct, frozen=True):
    """A row's nanostars: what was paid or given back, and what of that was an affiliate's; None: there is none."""

    paid: int
    commission: int | None


def split(said: int, commission: int | None, per_mille: int, known: Terms | None) -> Split:
    """Tell a row's amount apart, whether it was given with the commission in it or without.

    `said` and `commission` are the row's, in nanostars. With `known` the amount is without it when that makes up the
    price; a commission that is rounded is then what lacks to it. Else prices are whole Stars, and the rate decides.
    """
    if known is None:
        return Split(said if commission is None else _guess(said, commission, per_mille), commission)
    lacking = known.paid - said
    if commission is None:
        # A refund may not repeat the affiliate that its payment had.
        is_the_rest = known.commission is not None and 0 < lacking == known.commission
        return Split(known.paid, known.commission) if is_the_rest else Split(said, None)
    if lacking == 0:
        return Split(said, commission)
    by_rate = known.paid * per_mille // PER_MILLE
    if lacking > 0 and min(abs(lacking - commission), abs(lacking - by_rate)) < NANOS:
        return Split(known.paid, lacking)
    return Split(_guess(said, commission, per_mille), commission)


def _guess(said: int, commission: int, per_mille: int) -> int:
    """Return what was paid when nobody knows the price."""
    with_it, without_it = said, said + commission
    whole = [amount for amount in (with_it, without_it) if amount % NANOS == 0]
    if len(whole) == 1:
        return whole[0]
    gross, net = (abs(commission * PER_MILLE - paid * per_mille) for paid in (with_it, without_it))
    return without_it if net <= gross else with_it


def shown(nanostars: int) -> str:
    """Write nanostars as Stars: `9`, `-0.5`, `0.000000001`."""
    whole, rest = divmod(abs(nanostars), NANOS)
    part = f".{rest:09}".rstrip("0") if rest else ""
    return f"{'-' if nanostars < 0 else ''}{whole}{part}"


# -- the ledger ---------------------------------------------------------------------------------


class StarsRow(msgspec.Struct):
    """A row of Telegram's list of which something is to be booked besides a sale or refund."""

    direction: str
    id: str
    charge_id: str
    player_id: int
    amount: int
    """Whole Stars that were paid or got back, and billionths beyond them."""
    nano: int
    commission: int | None
    movement: str
    is_purchase: bool
    """A payment or its refund: its whole Stars are booked as sale, receipt or refund."""
    at: datetime
    booked_at: datetime | None = None

    @property
    def sign(self) -> int:
        """1 for what came in, -1 for what went out."""
        return 1 if self.direction == "IN" else -1

    @property
    def moved(self) -> int:
        """Nanostars, always positive, of which the movement's account tells."""
        return self.nano if self.is_purchase else self.amount * NANOS + self.nano


class BookStars(Command, frozen=True, kw_only=True):
    """Book what a row of Telegram's list moved besides a sale or refund; without effect when it has been."""

    subject: ClassVar[str] = "payments.cmd.{direction}.book_stars"
    direction: str
    id: str
    charge_id: str


def booking(row: StarsRow, transaction_id: UUID, now: datetime) -> Transaction | None:
    """Return the ledger's transaction of a row, in nanostars; None when nothing moved.

    What an affiliate got left the clearing account; what else the row moved is its movement's.
    """
    commission = row.commission or 0
    legs = (
        (clearing_of(Provider.TELEGRAM), row.sign * (row.moved - commission)),
        (f"{STARS_HOUSE}COMMISSION", row.sign * commission),
        (f"{STARS_HOUSE}{row.movement or Movement.UNKNOWN}", -row.sign * row.moved),
    )
    entries = tuple(Entry(account, STARS_PARTS, amount) for account, amount in legs if amount)
    if not entries:
        return None
    return Transaction(
        id=transaction_id,
        kind=Kind.STARS,
        idempotency_key=f"stars:{row.direction}:{row.id}",
        charge_id=row.charge_id if row.is_purchase else None,
        player_id=row.player_id,
        reason="commission of Telegram's affiliate programme" if row.is_purchase else row.movement,
        at=now,
        entries=entries,
    )
