"""What other services may ask gameplay: what it holds of what they granted (DOMAIN §5, §6)."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from contracts.message import Query
from contracts.payments.vocabulary import PremiumTerm

PAGE_MAX = 1000
"""So many rows at most in one answer."""

Limit = Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)]


class GoodsView(msgspec.Struct, frozen=True, kw_only=True):
    """Things of value; `mode_hours` are hours of access to each of the locked modes."""

    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    mode_hours: int = 0


class GrantHeld(msgspec.Struct, frozen=True, kw_only=True):
    """One grant as gameplay has it."""

    grant_id: UUID
    player_id: int
    heard: GoodsView
    """What it was told to give; nothing as long as only the revocation was heard."""
    given: GoodsView
    """What its journal says it gave: nothing when the revocation came first."""
    taken: GoodsView
    """What its journal says it took back; the rest of what it gave was spent already."""
    granted_at: datetime | None = None
    """When it was granted, as its owner said; None while only the revocation was heard."""
    revoked_at: datetime | None = None
    changed_at: datetime | None = None
    """When gameplay last wrote it down; None for what was written before that was noted."""


class GrantsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The grants, by id; one that was asked for and is not among them is not held."""

    grants: tuple[GrantHeld, ...]


class GrantsQuery(Query[GrantsAnswer], frozen=True, kw_only=True):
    """Ask for grants: those of some ids, or all of them page by page."""

    subject: ClassVar[str] = "query.gameplay.grants"
    ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=PAGE_MAX)] | None = None
    """These and no others; None pages through all."""
    after: UUID | None = None
    """Go on after this id."""
    since: datetime | None = None
    """Only what gameplay wrote down since then."""
    limit: Limit = 500


class PremiumHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A player's premium as gameplay has it."""

    player_id: int
    revision: int
    """Of the last `PremiumChanged` that counted."""
    terms: tuple[PremiumTerm, ...]
    """Oldest first; those that payments told of are the last ones, older ones may stand before them."""


class PremiumAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Players of whose premium gameplay has heard, by id."""

    players: tuple[PremiumHeld, ...]


class PremiumQuery(Query[PremiumAnswer], frozen=True, kw_only=True):
    """Ask for premium: that of some players, or of all page by page."""

    subject: ClassVar[str] = "query.gameplay.premium"
    player_ids: Annotated[tuple[int, ...], msgspec.Meta(max_length=PAGE_MAX)] | None = None
    """These and no others; None pages through all."""
    after: int = 0
    """Go on after this player."""
    limit: Limit = 500
