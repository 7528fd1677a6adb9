"""The ledger: double entry for money and for what is given for it (DOMAIN §6 Ledger).

A transaction moves amounts from account to account: what one gets, another gives, so per asset its entries add up to
zero. Debits are positive, credits negative. Accounts are texts, `house:SALES`, `player:42`, `debt:42`; one account
holds any number of assets.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import Product, Provider
from payments.domain.products import gives

ACCOUNT_PATTERN: Final = (
    r"^(house:(SALES|PROMO|REFERRAL|SPENT|REFUNDS|PROVIDER_CLEARING:(TELEGRAM|STRIPE)|STARS:[A-Z_]{1,32})"
    r"|(player|debt):[1-9][0-9]{0,18})$"
)
"""What an account is called; the database asks the same."""

STARS_HOUSE: Final = "house:STARS:"
"""What the accounts begin with that take Stars which are no purchase's: `house:STARS:GIFT` (`Movement`)."""
STARS_PARTS: Final = "XTR_NANO"
"""Stars in billionths. What clearing holds of Stars is its XTR times a billion and this (decision 22)."""

CURRENCY: Final = re.compile(r"[A-Z]{3}")


class Kind(StrEnum):
    """What a transaction is about."""

    SALE = "SALE"
    """A purchase was credited."""
    RECEIPT = "RECEIPT"
    """Money came in for which nothing was given; written down when it goes back."""
    REFUND = "REFUND"
    """Money went back, and what it had bought with it."""
    DEBT = "DEBT"
    """What a refund should have taken back and the player had spent."""
    GRANT = "GRANT"
    """Premium days or goods without a payment."""
    REVOCATION = "REVOCATION"
    """What was given without a payment is taken back."""
    STARS = "STARS"
    """Stars that moved at Telegram without a purchase; and what an affiliate got of one."""


class Asset(StrEnum):
    """What has value besides money, which goes by the three letters of its currency."""

    PAID_ENERGY = "PAID_ENERGY"
    FREE_ENERGY = "FREE_ENERGY"
    SAVER_TOKEN = "SAVER_TOKEN"  # noqa: S105 - an asset, not a secret
    DUEL_TICKET = "DUEL_TICKET"
    PREMIUM_DAYS = "PREMIUM_DAYS"
    MODE_HOURS = "MODE_HOURS"


class House(StrEnum):
    """The house's accounts, but those of the providers: `clearing_of`."""

    SALES = "house:SALES"
    PROMO = "house:PROMO"
    REFERRAL = "house:REFERRAL"
    SPENT = "house:SPENT"
    REFUNDS = "house:REFUNDS"


class Entry(msgspec.Struct, frozen=True):
    """One leg of a transaction."""

    account: str
    asset: str
    amount: int
    """Debit above 0, credit below; Stars, minor units, pieces, days or hours."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """What one event did to the accounts. Making one that is out of balance is a ValueError that names the asset."""

    id: UUID
    kind: Kind
    idempotency_key: str
    """The database takes a second transaction of the same key for a mistake and refuses it."""
    purchase_id: UUID | None = None
    charge_id: str | None = None
    player_id: int
    """Whose doing it is; 0 when the provider did not say."""
    reason: str
    """The product, when one was given or taken back; else in words."""
    at: datetime
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """Refuse what the database would refuse."""
        totals: dict[str, int] = {}
        seen: set[tuple[str, str]] = set()
        for entry in self.entries:
            if entry.amount == 0 or (entry.account, entry.asset) in seen:
                raise ValueError(f"{entry.asset}: {entry.account} needs one entry with an amount in {self.kind}")
            seen.add((entry.account, entry.asset))
            totals[entry.asset] = totals.get(entry.asset, 0) + entry.amount
        for asset, total in totals.items():
            if total != 0:
                raise ValueError(f"{asset}: the entries of {self.kind} add up to {total}, not to 0")
        if not totals:
            raise ValueError(f"{self.kind} without entries")


def player_account(player_id: int) -> str:
    """Return a player's account; ValueError unless the id is above 0."""
    return f"player:{_identified(player_id)}"


def debt_account(player_id: int) -> str:
    """Return the account of what a player owes; ValueError unless the id is above 0."""
    return f"debt:{_identified(player_id)}"


def clearing_of(provider: Provider) -> str:
    """Return the account of the money that is with a provider."""
    return f"house:PROVIDER_CLEARING:{provider}"


def goods_of(product: Product) -> tuple[tuple[Asset, int], ...]:
    """Return what a product gives as the ledger counts it; mode hours are those of each locked mode."""
    gift = gives(product)
    given = (
        (Asset.PAID_ENERGY, gift.paid_energy),
        (Asset.MODE_HOURS, gift.mode_hours),
        (Asset.SAVER_TOKEN, gift.saver_tokens),
        (Asset.DUEL_TICKET, gift.duel_tickets),
        (Asset.PREMIUM_DAYS, gift.premium_days),
    )
    return tuple((asset, amount) for asset, amount in given if amount)


def sale(
    *,
    transaction_id: UUID,
    purchase_id: UUID,
    charge_id: str,
    player_id: int,
    provider: Provider,
    product: Product,
    amount: int,
    currency: str,
    at: datetime,
) -> Transaction:
    """Return a credited purchase: money into clearing against sales, goods to the player against sales."""
    money = move(_money(currency), amount, to=clearing_of(provider), of=House.SALES)
    goods = moves(goods_of(product), to=player_account(player_id), of=House.SALES)
    return Transaction(
        id=transaction_id,
        kind=Kind.SALE,
        idempotency_key=f"sale:{purchase_id}",
        purchase_id=purchase_id,
        charge_id=charge_id,
        player_id=player_id,
        reason=product,
        at=at,
        entries=(*money, *goods),
    )


def receipt(
    *,
    transaction_id: UUID,
    charge_id: str,
    purchase_id: UUID | None,
    player_id: int,
    provider: Provider,
    amount: int,
    currency: str,
    at: datetime,
) -> Transaction:
    """Return money that came in and bought nothing; its refund, without a product, takes it out again."""
    return Transaction(
        id=transaction_id,
        kind=Kind.RECEIPT,
        idempotency_key=f"receipt:{charge_id}",
        purchase_id=purchase_id,
        charge_id=charge_id,
        player_id=player_id,
        reason="nothing was credited",
        at=at,
        entries=move(_money(currency), amount, to=clearing_of(provider), of=House.REFUNDS),
    )


def refund(
    *,
    transaction_id: UUID,
    purchase_id: UUID | None,
    charge_id: str,
    player_id: int,
    provider: Provider,
    product: Product | None,
    amount: int,
    currency: str,
    at: datetime,
) -> Transaction:
    """Return money that went back, with the goods of `product`; None when nothing had been credited.

    All goods are taken from the player's account; what they had spent comes back to light as `debt`.
    """
    money = move(_money(currency), amount, to=House.REFUNDS, of=clearing_of(provider))
    goods: tuple[Entry, ...] = ()
    if product is not None:
        goods = moves(goods_of(product), to=House.REFUNDS, of=player_account(player_id))
    return Transaction(
        id=transaction_id,
        kind=Kind.REFUND,
        idempotency_key=f"refund:{charge_id}",
        purchase_id=purchase_id,
        charge_id=charge_id,
        player_id=player_id,
        reason="nothing was credited" if product is None else product,
        at=at,
        entries=(*money, *goods),
    )


def debt(
    *, transaction_id: UUID, grant_id: UUID, player_id: int, missing: Mapping[Asset, int], at: datetime
) -> Transaction:
    """Return what could not be taken back of a grant, whose id is its purchase's (`GrantTakenBack.missing_…`).

    Assets of which nothing is missing may be there with 0; ValueError when nothing is missing at all.
    """
    owed = [(asset, amount) for asset, amount in missing.items() if amount]
    return Transaction(
        id=transaction_id,
        kind=Kind.DEBT,
        idempotency_key=f"debt:{grant_id}",
        purchase_id=grant_id,
        player_id=player_id,
        reason="spent before it was taken back",
        at=at,
        entries=moves(owed, to=debt_account(player_id), of=House.REFUNDS),
    )


def move(asset: str, amount: int, *, to: str, of: str) -> tuple[Entry, Entry]:
    """Return the two entries of a movement; ValueError for an amount that is not above 0."""
    if amount <= 0:
        raise ValueError(f"{asset}: {amount} is no amount that can be moved")
    return Entry(to, asset, amount), Entry(of, asset, -amount)


def moves(goods: Iterable[tuple[Asset, int]], *, to: str, of: str) -> tuple[Entry, ...]:
    """Return the entries of several movements between the same accounts."""
    return tuple(entry for asset, amount in goods for entry in move(asset, amount, to=to, of=of))


def _money(currency: str) -> str:
    """Return a currency as an asset. Any currency may have come in by mistake, and it must be possible to write it."""
    if not CURRENCY.fullmatch(currency):
        raise ValueError(f"currency {currency!r}: expected three capital letters")
    return currency


def _identified(player_id: int) -> int:
    if player_id <= 0:
        raise ValueError(f"player_id {player_id}: expected an id above 0")
    return player_id
