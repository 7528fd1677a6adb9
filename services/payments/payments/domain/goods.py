"""What payments granted and what gameplay holds of it: two books of the same goods (DOMAIN §5, §6).

Ours is the ledger: a sale gave goods to the player, a refund took them back, a debt is what of them had been spent.
Theirs is the journal of gameplay. What is younger than a while may be on its way and is no diff. Of what lacks there,
payments tells again: the grant's id and the premium's revision make it one, however often it is told. What gameplay has
besides, or otherwise, is never taken back by itself: a person decides.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.gameplay import GoodsView, GrantHeld, GrantTakenBack, PremiumHeld
from contracts.payments import PremiumTerm, PurchaseState
from payments.domain.internal_commands import TellGrantAgain, TellPremiumAgain


class GoodsDiffKind(StrEnum):
    """How the ledger and what gameplay holds may disagree."""

    NOT_GIVEN = "not_given"
    NOT_TAKEN_BACK = "not_taken_back"
    DEBT_NOT_BOOKED = "debt_not_booked"
    OTHER_DEBT = "other_debt"
    NEVER_GRANTED = "never_granted"
    """Gameplay gave it in the name of payments, which does not know it."""
    OTHER_PLAYER = "other_player"
    OTHER_GOODS = "other_goods"
    TAKEN_BACK_ALONE = "taken_back_alone"
    """Gameplay took back what nobody refunded."""
    PREMIUM_BEHIND = "premium_behind"
    PREMIUM_AHEAD = "premium_ahead"
    PREMIUM_DIFFERS = "premium_differs"
    NOT_COMPARED = "not_compared"
    """Gameplay did not answer: what it holds is not known, which is not the same as even."""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """One sale of goods for the game, as the ledger has it. Its id is its purchase's."""

    grant_id: UUID
    player_id: int
    product: str
    goods: GoodsView
    granted_at: datetime
    revoked_at: datetime | None = None
    owed: GoodsView = GoodsView()
    """What of it had been spent when it was taken back."""


class Owed(msgspec.Struct, frozen=True):
    """What had been spent of a grant when it was taken back is in the ledger already."""

    grant_id: UUID


class Ordered(msgspec.Struct, frozen=True):
    """There is a purchase of the grant's name, whether it was credited or may be yet."""

    grant_id: UUID
    state: PurchaseState


class PremiumSold(msgspec.Struct, frozen=True, kw_only=True):
    """A player's premium as payments has it."""

    player_id: int
    revision: int
    terms: tuple[PremiumTerm, ...]
    changed_at: datetime | None
    """None for what changed before that was noted."""


class GoodsDiff(msgspec.Struct, frozen=True):
    """A disagreement about one grant or one player's premium."""

    kind: GoodsDiffKind
    line: str
    """What an operator reads; it names grant or player."""


Remedy = TellGrantAgain | TellPremiumAgain | GrantTakenBack


class Finding(msgspec.Struct, frozen=True):
    """A disagreement, and what payments does about it by itself; nothing when a person must decide."""

    about: UUID | int
    """The grant, or the player whose premium it is."""
    diff: GoodsDiff
    remedy: Remedy | None = None


def compare_grant(ours: Granted | None, theirs: GrantHeld | None, before: datetime) -> list[Finding]:
    """Return what the two books disagree about one grant; what happened at `before` or later is on its way."""
    if ours is None:
        return [] if theirs is None else _stranger(theirs, before)
    if max(ours.granted_at, ours.revoked_at or ours.granted_at) >= before:
        return []
    if theirs is None:
        return [] if ours.revoked_at is not None else [_not_given(ours)]
    if theirs.changed_at is not None and theirs.changed_at >= before:
        return []
    name = f"grant {ours.grant_id} ({ours.product})"
    if theirs.player_id != ours.player_id:
        line = f"{name}: granted to player {ours.player_id}, gameplay gave it to player {theirs.player_id}"
        return [Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.OTHER_PLAYER, line))]
    return [*_given(ours, theirs, name), *_taken_back(ours, theirs, name)]


def _stranger(theirs: GrantHeld, before: datetime) -> list[Finding]:
    """What is taken back again, or was never given, is nobody's any more."""
    if theirs.revoked_at is not None or (theirs.changed_at is not None and theirs.changed_at >= before):
        return []
    line = (
        f"grant {theirs.grant_id}: gameplay gave player {theirs.player_id} {in_words(theirs.given)}; "
        f"payments never granted it"
    )
    return [Finding(theirs.grant_id, GoodsDiff(GoodsDiffKind.NEVER_GRANTED, line))]


def _not_given(ours: Granted) -> Finding:
    line = (
        f"grant {ours.grant_id} ({ours.product}): {in_words(ours.goods)} of player {ours.player_id}, "
        f"granted at {ours.granted_at}; gameplay has not given it"
    )
    return Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.NOT_GIVEN, line), TellGrantAgain(grant_id=ours.grant_id))


def _given(ours: Granted, theirs: GrantHeld, name: str) -> Iterator[Finding]:
    if theirs.granted_at is None:
        return
    # Of a grant whose revocation came first nothing was given.
    came_too_late = theirs.revoked_at is not None and theirs.given == GoodsView()
    if theirs.heard != ours.goods or (theirs.given != ours.goods and not came_too_late):
        line = (
            f"{name}: granted {in_words(ours.goods)}, gameplay heard {in_words(theirs.heard)} "
            f"and gave {in_words(theirs.given)}"
        )
        yield Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.OTHER_GOODS, line))


def _taken_back(ours: Granted, theirs: GrantHeld, name: str) -> Iterator[Finding]:
    if ours.revoked_at is None:
        if theirs.revoked_at is not None:
            line = f"{name}: gameplay took it back at {theirs.revoked_at}; it was never refunded"
            yield Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.TAKEN_BACK_ALONE, line))
        return
    if theirs.revoked_at is None:
        line = f"{name}: refunded at {ours.revoked_at}; gameplay has not taken it back from player {ours.player_id}"
        told = TellGrantAgain(grant_id=ours.grant_id)
        yield Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.NOT_TAKEN_BACK, line), told)
        return
    missing = _less(theirs.given, theirs.taken)
    if missing == ours.owed:
        return
    if ours.owed == GoodsView():
        line = f"{name}: player {ours.player_id} had spent {in_words(missing)} of it; no debt is booked"
        told = _as_told(theirs, missing, theirs.revoked_at)
        yield Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.DEBT_NOT_BOOKED, line), told)
    else:
        line = f"{name}: {in_words(missing)} had been spent, {in_words(ours.owed)} are booked as debt"
        yield Finding(ours.grant_id, GoodsDiff(GoodsDiffKind.OTHER_DEBT, line))


def _as_told(theirs: GrantHeld, missing: GoodsView, revoked_at: datetime) -> GrantTakenBack:
    """Return what gameplay said when it took the grant back, as its books tell it."""
    taken = theirs.taken
    return GrantTakenBack(
        player_id=theirs.player_id,
        grant_id=theirs.grant_id,
        paid_energy=taken.paid_energy,
        saver_tokens=taken.saver_tokens,
        duel_tickets=taken.duel_tickets,
        mode_hours=taken.mode_hours,
        missing_paid_energy=missing.paid_energy,
        missing_saver_tokens=missing.saver_tokens,
        missing_duel_tickets=missing.duel_tickets,
        missing_mode_hours=missing.mode_hours,
        at=theirs.changed_at or revoked_at,
    )


def compare_premium(ours: PremiumSold | None, theirs: PremiumHeld | None, before: datetime) -> list[Finding]:
    """Return what the two books disagree about one player's premium.

    A revision that gameplay lacks is told again, whatever it says: the highest one is the truth.
    """
    if ours is not None and ours.changed_at is not None and ours.changed_at >= before:
        return []
    mine, known = (0 if ours is None else ours.revision), (0 if theirs is None else theirs.revision)
    player_id = ours.player_id if ours is not None else theirs.player_id if theirs is not None else 0
    name = f"premium of player {player_id}"
    if known < mine:
        line = f"{name}: revision {mine} here, gameplay knows {known or 'none'}"
        diff = GoodsDiff(GoodsDiffKind.PREMIUM_BEHIND, line)
        return [Finding(player_id, diff, TellPremiumAgain(player_id=player_id))]
    if known > mine:
        line = f"{name}: gameplay knows revision {known}, here it is {mine or 'unknown'}"
        return [Finding(player_id, GoodsDiff(GoodsDiffKind.PREMIUM_AHEAD, line))]
    if ours is not None and theirs is not None and not _is_same(ours.terms, theirs.terms, before):
        line = f"{name}: revision {mine} ends {_end(ours.terms)} here, {_end(theirs.terms)} at gameplay"
        return [Finding(player_id, GoodsDiff(GoodsDiffKind.PREMIUM_DIFFERS, line))]
    return []


def _is_same(ours: tuple[PremiumTerm, ...], theirs: tuple[PremiumTerm, ...], before: datetime) -> bool:
    """Return whether terms agree. Gameplay keeps older ones as well, but none that runs when there is none here."""
    if not ours:
        return not theirs or theirs[-1].ends <= before
    return theirs[-len(ours) :] == ours


def in_words(goods: GoodsView) -> str:
    """Return goods as an operator reads them: `15 paid_energy, 24 mode_hours`."""
    return (
        ", ".join(f"{amount} {name}" for name, amount in msgspec.structs.asdict(goods).items() if amount) or "nothing"
    )


def _less(all_of_it: GoodsView, part: GoodsView) -> GoodsView:
    return GoodsView(
        paid_energy=all_of_it.paid_energy - part.paid_energy,
        saver_tokens=all_of_it.saver_tokens - part.saver_tokens,
        duel_tickets=all_of_it.duel_tickets - part.duel_tickets,
        mode_hours=all_of_it.mode_hours - part.mode_hours,
    )


def _end(terms: tuple[PremiumTerm, ...]) -> str:
    return f"{terms[-1].ends} with rank {terms[-1].rank}" if terms else "with no term"
