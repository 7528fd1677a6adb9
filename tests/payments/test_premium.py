"""Premium as a fold over its grants (DOMAIN §5): what is taken back leaves what the others give."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from payments.domain.premium import Premium, PremiumGrant

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def _grant(number: int, rank: int, days: int, at: datetime = NOON, *, extends: bool = False) -> PremiumGrant:
    return PremiumGrant(UUID(int=number), rank, days, at, extends)


def test_a_clock_that_is_a_little_behind_forgets_no_grant() -> None:
    behind = NOON - timedelta(milliseconds=20)
    premium = Premium().granted(_grant(1, 2, 30)).granted(_grant(2, 4, 365, behind))
    day = NOON + timedelta(days=1)
    left = premium.revoked(UUID(int=2), day).active(day)
    assert left is not None
    assert (left.rank, left.ends) == (2, NOON + timedelta(days=30))
    assert premium.revoked(UUID(int=1), day).active(day) is not None


def test_given_days_leave_the_rank_alone_and_have_their_own_when_nothing_else_runs() -> None:
    premium = Premium().granted(_grant(1, 1, 7)).granted(_grant(2, 3, 90, extends=True))
    running = premium.active(NOON)
    assert running is not None
    assert (running.rank, running.ends) == (1, NOON + timedelta(days=97))
    left = premium.revoked(UUID(int=1), NOON + timedelta(days=1)).active(NOON + timedelta(days=2))
    assert left is not None
    assert (left.rank, left.ends) == (3, NOON + timedelta(days=90))


def test_what_was_taken_back_stays_in_the_past_and_ends_now() -> None:
    day = NOON + timedelta(days=10)
    premium = Premium().granted(_grant(1, 2, 30)).revoked(UUID(int=1), day)
    assert premium.active(day) is None
    assert [(term.begins, term.ends) for term in premium.terms] == [(NOON, day)]
    assert premium.revoked(UUID(int=1), day) == premium
