"""Selection, shuffling, levels and access (DOMAIN §3)."""

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.gameplay import Level, Mode
from gameplay.domain import access, daily, levels, selection
from gameplay.domain.bank import Pool, Question, QuestionBank, QuestionStatus
from gameplay.domain.levels import ModeProgress

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
LEVELS = (Level.A1, Level.A2)


def question(
    number: int, mode: Mode = Mode.QUICK_MIX_A1A2, level: Level = Level.A1, **more: QuestionStatus
) -> Question:
    return Question(
        id=f"q-{level}-{number:03}",
        mode=Mode.QUICK_MIX_A1A2,
        level=level,
        category="test",
        text="Wie heißt das?",
        options=("a", "b", "c", "d"),
        answer="b",
        explanation="",
        explanation_en="",
        **more,
    )


def pool_of(count: int) -> Pool:
    ids = tuple(f"q{number:03}" for number in range(count))
    return Pool(ids, {name: place for place, name in enumerate(ids)})


@given(st.integers(1, 60), st.sets(st.integers(0, 80), max_size=20), st.integers(0, 2**30))
def test_a_pick_is_the_nth_of_what_is_left(count: int, excluded: set[int], number: int):
    pool = pool_of(count)
    names = [f"q{place:03}" for place in excluded]
    left = [name for name in pool.ids if name not in names] or list(pool.ids)
    assert selection.pick(pool, names, number) == left[number % len(left)]


@given(st.uuids(), st.integers(0, 40))
def test_the_same_round_asks_the_same_question(round_id: uuid.UUID, answered: int):
    bank = QuestionBank([question(number) for number in range(30)])
    recent = tuple(f"q-A1-{number:03}" for number in range(answered % 20))
    progress = ModeProgress(Mode.QUICK_MIX_A1A2, recent=recent)
    chosen = selection.choose(round_id, progress, bank)
    again = selection.choose(round_id, progress, QuestionBank(reversed([question(number) for number in range(30)])))
    assert chosen == again
    assert chosen not in recent


def test_exclusion_is_dropped_when_it_leaves_none():
    bank = QuestionBank([question(number) for number in range(5)])
    recent = tuple(f"q-A1-{number:03}" for number in range(5))
    progress = ModeProgress(Mode.QUICK_MIX_A1A2, recent=recent)
    assert selection.choose(uuid.uuid4(), progress, bank) in recent


def test_a_mode_without_active_questions_has_none():
    bank = QuestionBank([question(1, status=QuestionStatus.DISABLED)])
    assert selection.choose(uuid.uuid4(), ModeProgress(Mode.QUICK_MIX_A1A2), bank) is None
    assert bank.question("q-A1-001").text  # still shown for rounds that had it


def test_disabling_a_levels_last_question_leaves_the_other_levels():
    bank = QuestionBank([question(1, level=Level.A2), question(2, level=Level.A1, status=QuestionStatus.DISABLED)])
    progress = ModeProgress(Mode.QUICK_MIX_A1A2, Level.A1)
    assert selection.choose(uuid.uuid4(), progress, bank) == "q-A2-001"


@given(st.uuids())
def test_shuffling_is_a_permutation_and_keeps_the_answer(round_id: uuid.UUID):
    order = selection.option_order(round_id)
    shown = selection.shuffled(("a", "b", "c", "d"), order)
    assert sorted(shown) == ["a", "b", "c", "d"]
    assert shown == selection.shuffled(("a", "b", "c", "d"), selection.option_order(round_id))


def test_questions_and_orders_are_spread_evenly():
    bank = QuestionBank([question(number) for number in range(10)])
    ids = [uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128) for number in range(1, 4001)]
    chosen = Counter(selection.choose(one, ModeProgress(Mode.QUICK_MIX_A1A2), bank) for one in ids)
    assert len(chosen) == 10
    assert min(chosen.values()) > 300
    orders = Counter(selection.option_order(one) for one in ids)
    assert len(orders) == 24
    assert min(orders.values()) > 100


def answered(progress: ModeProgress, outcomes: str) -> ModeProgress:
    for number, outcome in enumerate(outcomes):
        progress = levels.after_answer(progress, f"q{number}", LEVELS, is_right=outcome == "1")
    return progress


def test_the_next_level_is_mixed_in_after_the_warm_up_and_rises_after_three_steps():
    progress = answered(ModeProgress(Mode.QUICK_MIX_A1A2), "1" * 29)
    assert levels.weight_percent(progress, LEVELS) == 0
    progress = answered(progress, "1")
    weights: list[int] = []
    while progress.level is Level.A1:
        weights.append(levels.weight_percent(progress, LEVELS))
        progress = answered(progress, "1")
    assert weights == [25] * 10 + [50] * 10 + [75] * 10
    assert (progress.level, progress.climb) == (Level.A2, 0)
    assert levels.weight_percent(progress, LEVELS) == 0  # nothing above A2 in this bank


def test_accuracy_below_three_quarters_pauses_the_climb_and_takes_nothing():
    progress = answered(ModeProgress(Mode.QUICK_MIX_A1A2), "1" * 30 + "1" * 12)
    assert progress.climb == 12
    paused = answered(progress, "0" * 6)
    assert levels.weight_percent(paused, LEVELS) == 0
    assert answered(paused, "1").climb == 12
    assert levels.weight_percent(answered(progress, "0" * 5), LEVELS) == 50  # 15 of 20 is 0.75


@given(st.text("01", max_size=200))
def test_the_level_never_falls(outcomes: str):
    progress, reached = ModeProgress(Mode.ARTIKEL_SPRINT), Level.A1
    for number, outcome in enumerate(outcomes):
        progress = levels.after_answer(progress, f"q{number}", LEVELS, is_right=outcome == "1")
        assert progress.level is not None
        assert progress.level >= reached
        reached = progress.level
        assert 0 <= progress.climb < 30
    assert progress.answered == len(outcomes)
    assert progress.right == outcomes.count("1")
    assert len(progress.recent) == min(20, len(outcomes))


def test_modes_that_do_not_adapt_have_no_level():
    assert answered(ModeProgress(Mode.WORD_ORDER), "1" * 80).level is None


def test_a_mixed_in_level_comes_at_its_weight():
    bank = QuestionBank([*(question(n) for n in range(30)), *(question(n, level=Level.A2) for n in range(30))])
    progress = answered(ModeProgress(Mode.QUICK_MIX_A1A2), "1" * 41)
    assert levels.weight_percent(progress, LEVELS) == 50
    ids = [uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128) for number in range(1, 2001)]
    share = Counter((selection.choose(one, progress, bank) or "")[2:4] for one in ids)
    assert 0.45 < share["A2"] / 2000 < 0.55


@pytest.mark.parametrize("mode", list(Mode))
@given(premium=st.booleans(), hours=st.none() | st.integers(-48, 48))
def test_access_resolves_premium_then_mode_access_then_free_then_locked(mode: Mode, premium: bool, hours: int | None):
    until = None if hours is None else NOW + timedelta(hours=hours)
    resolved = access.resolve(mode, NOW, premium=premium, access_until=until)
    if premium:
        assert resolved is access.Access.PREMIUM
    elif hours is not None and hours > 0:
        assert resolved is access.Access.MODE_ACCESS
    elif mode in access.LOCKED_MODES:
        assert resolved is access.Access.LOCKED
    else:
        assert resolved is access.Access.FREE


def test_mode_access_is_added_to_what_is_left():
    once = access.extended(None, NOW, hours=24)
    assert access.extended(once, NOW, hours=24) == NOW + timedelta(hours=48)
    assert access.extended(once, NOW + timedelta(days=9), hours=24) == NOW + timedelta(days=10)


def test_the_daily_set_is_the_same_for_everyone_and_changes_from_day_to_day(shipped: QuestionBank):
    first = date(2026, 3, 4)
    seen: Counter[str] = Counter()
    for number in range(20):
        day = first + timedelta(days=number)
        ids = shipped.daily_set(day)
        assert ids == QuestionBank(shipped.question(i) for i in shipped.pool(Mode.DAILY_CHALLENGE).ids).daily_set(day)
        assert tuple(shipped.question(one).level for one in ids) == daily.LEVELS
        assert len(set(ids)) == 7
        seen.update(ids)
    assert max(seen.values()) <= 3


def test_a_recorded_daily_set_holds_whatever_becomes_of_the_bank():
    today = date(2026, 3, 4)
    bank = QuestionBank([question(1)])
    assert bank.daily_set(today) == ()
    bank.set_days({today: ("a", "b")})
    assert bank.daily_set(today) == ("a", "b")
