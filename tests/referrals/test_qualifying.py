"""When a referral qualifies, and when it comes to nothing (DOMAIN §9): by all that is known, in whatever order."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.berlin import day_of
from contracts.referrals import LinkKind, ReferralState
from referrals.domain.progress import Answer, Progress
from referrals.domain.referral import Referral

START = datetime(2026, 3, 20, 18, 30, tzinfo=UTC)
"""Nine days before a Berlin day of 23 hours."""
LATER = START + timedelta(days=40)


def answer(ordinal: int, after: timedelta) -> Answer:
    at = START + after
    return Answer(ordinal, at, day_of(at).local)


def bound() -> Referral:
    return Referral(
        player_id=2,
        kind=LinkKind.REF,
        value="AAAAAA",
        referrer_id=1,
        touched_at=START,
        state=ReferralState.STARTED,
        started_on=day_of(START).local,
        changed_at=START,
    )


def stands(answers: list[Answer], *, left: timedelta | None = None, is_lapsed: bool = False) -> ReferralState:
    referral = bound()
    for one in answers:
        referral.hear_answer(one)
    if left is not None:
        referral.hear_left(START + left)
    if is_lapsed:
        referral.lapsed_at = LATER
    referral.settle(LATER)
    return referral.state


TWENTY_AT_ONCE = [answer(n, timedelta(minutes=n)) for n in range(1, 21)]


def test_twenty_answers_on_one_day_are_not_enough() -> None:
    assert stands(TWENTY_AT_ONCE) is ReferralState.STARTED


def test_one_more_on_the_next_berlin_day_is() -> None:
    assert stands([*TWENTY_AT_ONCE, answer(21, timedelta(hours=4))]) is ReferralState.STARTED  # 23:30 in Berlin
    assert stands([*TWENTY_AT_ONCE, answer(21, timedelta(hours=5))]) is ReferralState.QUALIFIED


def test_nineteen_are_not_enough_on_whatever_days() -> None:
    assert stands([answer(n, timedelta(hours=12 * n)) for n in range(1, 20)]) is ReferralState.STARTED


def test_the_twentieth_answer_counts_within_fourteen_days_to_the_instant() -> None:
    early = [answer(n, timedelta(hours=n)) for n in range(1, 20)]
    border = timedelta(days=14)
    assert stands([*early, answer(20, border)], is_lapsed=True) is ReferralState.QUALIFIED
    assert stands([*early, answer(20, border + timedelta(microseconds=1))], is_lapsed=True) is ReferralState.CANCELED


def test_who_leaves_before_it_qualifies_cancels_it_and_coming_back_does_not_help() -> None:
    answers = [*TWENTY_AT_ONCE, answer(21, timedelta(days=3))]
    assert stands(answers, left=timedelta(days=2)) is ReferralState.CANCELED
    assert stands(answers, left=timedelta(days=4)) is ReferralState.QUALIFIED


def test_an_answer_in_time_that_is_heard_of_after_the_sweep_counts() -> None:
    referral = bound()
    for one in TWENTY_AT_ONCE:
        referral.hear_answer(one)
    referral.lapsed_at = LATER
    referral.settle(LATER)
    assert referral.state is ReferralState.CANCELED
    referral.hear_answer(answer(21, timedelta(days=3)))
    assert referral.settle(LATER)
    assert (referral.state, referral.qualified_at) == (ReferralState.QUALIFIED, START + timedelta(days=3))


def test_a_lost_word_is_made_good_by_the_next_one() -> None:
    assert stands([answer(1, timedelta(0)), answer(23, timedelta(days=2))]) is ReferralState.QUALIFIED


offsets = st.integers(0, 16 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Answer], timedelta | None]:
    """Answers as gameplay counts them, and perhaps when the player left."""
    times = sorted(draw(st.lists(offsets, min_size=1, max_size=30)))
    return [answer(n, at) for n, at in enumerate(times, start=1)], draw(st.none() | offsets)


@given(histories(), st.data())
def test_order_repetition_and_when_it_is_looked_at_change_nothing(
    history: tuple[list[Answer], timedelta | None], data: st.DataObject
) -> None:
    answers, left = history
    straight = _after([*answers, *([] if left is None else [START + left])])
    words: list[Answer | datetime] = [*answers, *([] if left is None else [START + left])]
    shuffled = data.draw(st.permutations(words))
    repeated = [*shuffled, *data.draw(st.lists(st.sampled_from(words), max_size=10))]
    looked = data.draw(st.lists(st.integers(0, len(repeated)), max_size=4))
    other = _after(repeated, frozenset(looked))
    assert (other.state, other.qualified_at, other.progress, other.returned) == (
        straight.state,
        straight.qualified_at,
        straight.progress,
        straight.returned,
    )


def _after(words: list[Answer | datetime], looked_at: frozenset[int] = frozenset()) -> Referral:
    """Return a referral after these words, settled after some of them, and swept in the end."""
    referral = bound()
    for place, word in enumerate(words):
        if isinstance(word, Answer):
            referral.hear_answer(word)
        else:
            referral.hear_left(word)
        if place in looked_at:
            referral.settle(LATER)
    referral.lapsed_at = LATER
    referral.settle(LATER)
    return referral


@given(histories())
def test_it_qualifies_exactly_when_the_rule_says_so(history: tuple[list[Answer], timedelta | None]) -> None:
    answers, left = history
    counted = [one for one in answers if left is None or one.at < START + left]
    counted = [one for one in counted if one.at <= START + timedelta(days=14)]
    enough = len(counted) >= 20 and len({one.on for one in counted}) >= 2
    assert (_after(list(answers) + ([] if left is None else [START + left])).state is ReferralState.QUALIFIED) == enough


def test_what_is_kept_of_progress_stays_small() -> None:
    progress = Progress()
    for n in range(1, 500):
        progress = progress.heard(answer(n, timedelta(hours=n)))
    assert len(msgspec.json.encode(progress)) < 300
