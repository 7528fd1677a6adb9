"""What is given without a payment, and taken back again, as transactions of the ledger (DOMAIN §6, §7, §9)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec

from payments.domain.ledger import Asset, House, Kind, Transaction, move, moves, player_account

SOURCES: Final[Mapping[str, House]] = MappingProxyType({"PROMO": House.PROMO, "REFERRAL": House.REFERRAL})
"""Which account gives without a payment (`GrantPremium.source`, `GrantGoods.source`)."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as the ledger has it."""

    grant_id: UUID
    player_id: int
    house: str
    """The account that gave."""
    assets: tuple[Asset, ...]
    amounts: tuple[int, ...]
    is_revoked: bool

    @property
    def goods(self) -> dict[Asset, int]:
        """What was given."""
        return dict(zip(self.assets, self.amounts, strict=True))


def grant(
    *,
    transaction_id: UUID,
    player_id: int,
    days: int,
    source: str,
    reason: str,
    idempotency_key: str,
    at: datetime,
) -> Transaction:
    """Return premium days given without a payment, from the house account `PROMO` or `REFERRAL`.

    `idempotency_key` names the occasion (what it is given for, or the command's id) and is written as `grant:<it>`.
    """
    return Transaction(
        id=transaction_id,
        kind=Kind.GRANT,
        idempotency_key=f"grant:{idempotency_key}",
        player_id=player_id,
        reason=reason,
        at=at,
        entries=move(Asset.PREMIUM_DAYS, days, to=player_account(player_id), of=_house(source)),
    )


def grant_goods(
    *, grant_id: UUID, player_id: int, goods: Mapping[Asset, int], source: str, reason: str, at: datetime
) -> Transaction:
    """Return goods for the game given without a payment. The transaction is the grant's, like a sale its purchase's."""
    return Transaction(
        id=grant_id,
        kind=Kind.GRANT,
        idempotency_key=f"grant:{grant_id}",
        purchase_id=grant_id,
        player_id=player_id,
        reason=reason,
        at=at,
        entries=moves(
            [(asset, amount) for asset, amount in goods.items() if amount],
            to=player_account(player_id),
            of=_house(source),
        ),
    )


def revocation(given: Given, *, transaction_id: UUID, reason: str, at: datetime) -> Transaction:
    """Return a grant taken back, all of it, to whichever account gave it.

    What of it had been spent comes back to light as `debt`, like after a refund.
    """
    return Transaction(
        id=transaction_id,
        kind=Kind.REVOCATION,
        idempotency_key=f"revocation:{given.grant_id}",
        purchase_id=given.grant_id,
        player_id=given.player_id,
        reason=reason,
        at=at,
        entries=moves(given.goods.items(), to=given.house, of=player_account(given.player_id)),
    )


def _house(source: str) -> House:
    if source not in SOURCES:
        raise ValueError(f"source {source!r}: expected one of {', '.join(SOURCES)}")
    return SOURCES[source]
