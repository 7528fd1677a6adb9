"""Two books of the same goods, compared (DOMAIN §5, §6): what is even, what is a diff, and what is told again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contracts.gameplay import GoodsView, GrantHeld, GrantTakenBack, PremiumHeld
from contracts.payments import PremiumTerm
from payments.domain.goods import (
    Finding,
    Granted,
    PremiumSold,
    compare_grant,
    compare_premium,
)
from payments.domain.goods import GoodsDiffKind as K
from payments.domain.goods_runs import is_silent_too_long
from payments.domain.internal_commands import TellGrantAgain, TellPremiumAgain

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
THEN = NOON - timedelta(hours=1)
GRANT = UUID(int=5)
PACK = GoodsView(paid_energy=15, mode_hours=24)
NOTHING = GoodsView()
SPENT = GoodsView(paid_energy=4)
REST = GoodsView(paid_energy=11, mode_hours=24)


def sold(**changed: Any) -> Granted:
    made = Granted(grant_id=GRANT, player_id=7, product="MEGA_PACK_15", goods=PACK, granted_at=THEN)
    return msgspec.structs.replace(made, **changed)


def held(**changed: Any) -> GrantHeld:
    made = GrantHeld(
        grant_id=GRANT, player_id=7, heard=PACK, given=PACK, taken=NOTHING, granted_at=THEN, changed_at=THEN
    )
    return msgspec.structs.replace(made, **changed)


def kinds(findings: list[Finding]) -> list[tuple[K, str]]:
    return [(one.diff.kind, type(one.remedy).__name__) for one in findings]


TAKEN = {"revoked_at": THEN, "taken": PACK}

EVEN: list[tuple[Granted | None, GrantHeld | None]] = [
    (None, None),
    (sold(), held()),
    (sold(revoked_at=THEN), held(**TAKEN)),
    (sold(revoked_at=THEN, owed=SPENT), held(revoked_at=THEN, taken=REST)),
    # The revocation came first, then the grant, which gave nothing; or has not come yet.
    (sold(revoked_at=THEN), held(given=NOTHING, revoked_at=THEN)),
    (sold(revoked_at=THEN), held(heard=NOTHING, given=NOTHING, granted_at=None, revoked_at=THEN)),
    # Neither the grant nor its revocation was heard: nothing is held, and nothing is to be.
    (sold(revoked_at=THEN), None),
    # Taken back again, whoever made it.
    (None, held(**TAKEN)),
    # Written down before it was noted when.
    (sold(), held(changed_at=None)),
]


@pytest.mark.parametrize(("ours", "theirs"), EVEN)
def test_what_agrees_is_even(ours: Granted | None, theirs: GrantHeld | None):
    assert compare_grant(ours, theirs, NOON) == []


DIFFS: list[tuple[Granted | None, GrantHeld | None, K, str]] = [
    (sold(), None, K.NOT_GIVEN, "TellGrantAgain"),
    (sold(revoked_at=THEN), held(), K.NOT_TAKEN_BACK, "TellGrantAgain"),
    (sold(revoked_at=THEN), held(revoked_at=THEN, taken=REST), K.DEBT_NOT_BOOKED, "GrantTakenBack"),
    (sold(revoked_at=THEN, owed=SPENT), held(**TAKEN), K.OTHER_DEBT, "NoneType"),
    (sold(revoked_at=THEN, owed=SPENT), held(revoked_at=THEN), K.OTHER_DEBT, "NoneType"),
    (None, held(), K.NEVER_GRANTED, "NoneType"),
    (sold(player_id=8), held(), K.OTHER_PLAYER, "NoneType"),
    (sold(goods=GoodsView(paid_energy=10)), held(), K.OTHER_GOODS, "NoneType"),
    (sold(), held(given=REST), K.OTHER_GOODS, "NoneType"),
    (sold(), held(given=NOTHING), K.OTHER_GOODS, "NoneType"),
    (sold(), held(**TAKEN), K.TAKEN_BACK_ALONE, "NoneType"),
    (sold(), held(heard=NOTHING, given=NOTHING, granted_at=None, revoked_at=THEN), K.TAKEN_BACK_ALONE, "NoneType"),
]


@pytest.mark.parametrize(("ours", "theirs", "kind", "remedy"), DIFFS)
def test_what_differs_is_a_diff_and_only_what_lacks_there_is_told_again(
    ours: Granted | None, theirs: GrantHeld | None, kind: K, remedy: str
):
    (found,) = compare_grant(ours, theirs, NOON)
    assert kinds([found]) == [(kind, remedy)]
    assert str(GRANT) in found.diff.line
    assert found.about == GRANT
    if isinstance(found.remedy, TellGrantAgain):
        assert found.remedy.grant_id == GRANT


def test_what_gameplay_said_of_a_grant_it_took_back_is_told_by_its_books():
    (found,) = compare_grant(sold(revoked_at=THEN), held(revoked_at=THEN, taken=REST), NOON)
    assert found.remedy == GrantTakenBack(
        player_id=7, grant_id=GRANT, paid_energy=11, mode_hours=24, missing_paid_energy=4, at=THEN
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (sold(granted_at=NOON), None),
        (sold(revoked_at=NOON), held()),
        (sold(revoked_at=THEN), held(revoked_at=THEN, taken=REST, changed_at=NOON)),
        (None, held(changed_at=NOON)),
    ],
)
def test_what_is_on_its_way_is_no_diff(ours: Granted | None, theirs: GrantHeld | None):
    assert compare_grant(ours, theirs, NOON) == []
    assert len(compare_grant(ours, theirs, NOON + timedelta(seconds=1))) == 1


# -- premium ------------------------------------------------------------------------------------

MONTH = PremiumTerm(begins=THEN, ends=THEN + timedelta(days=30), rank=2)
PAST = PremiumTerm(begins=THEN - timedelta(days=9), ends=THEN - timedelta(days=2), rank=1)


NO_PREMIUM = PremiumSold(player_id=7, revision=2, terms=(), changed_at=THEN)


def premium(revision: int = 2, *terms: PremiumTerm, changed_at: datetime | None = THEN) -> PremiumSold:
    return PremiumSold(player_id=7, revision=revision, terms=terms or (MONTH,), changed_at=changed_at)


def known(revision: int = 2, *terms: PremiumTerm) -> PremiumHeld:
    return PremiumHeld(player_id=7, revision=revision, terms=terms or (MONTH,))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (None, None),
        (premium(), known()),
        # Older terms stay at gameplay, for the streak looks back on them.
        (premium(), known(2, PAST, MONTH)),
        (NO_PREMIUM, known(2, PAST)),
        (premium(changed_at=NOON), None),
        (premium(3, changed_at=NOON), known()),
    ],
)
def test_premium_that_agrees_or_is_on_its_way_is_even(ours: PremiumSold | None, theirs: PremiumHeld | None):
    assert compare_premium(ours, theirs, NOON) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "is_told"),
    [
        (premium(), None, K.PREMIUM_BEHIND, True),
        (premium(3), known(2), K.PREMIUM_BEHIND, True),
        (premium(3, changed_at=None), known(2), K.PREMIUM_BEHIND, True),
        (premium(2), known(3), K.PREMIUM_AHEAD, False),
        (None, known(1), K.PREMIUM_AHEAD, False),
        (premium(2, PAST), known(2), K.PREMIUM_DIFFERS, False),
        (premium(2, PAST, MONTH), known(2), K.PREMIUM_DIFFERS, False),
        # Our database was restored, and the same revision came to say that nothing runs.
        (NO_PREMIUM, known(2), K.PREMIUM_DIFFERS, False),
    ],
)
def test_premium_that_gameplay_lacks_is_told_again_and_the_rest_is_a_person_s(
    ours: PremiumSold | None, theirs: PremiumHeld | None, kind: K, is_told: bool
):
    (found,) = compare_premium(ours, theirs, NOON)
    assert (found.diff.kind, found.about) == (kind, 7)
    assert found.remedy == (TellPremiumAgain(player_id=7) if is_told else None)
    assert "player 7" in found.diff.line


def test_silence_counts_after_an_hour():
    assert not is_silent_too_long(NOON - timedelta(hours=1), NOON)
    assert is_silent_too_long(NOON - timedelta(hours=1, seconds=1), NOON)
    assert is_silent_too_long(None, NOON)
