"""The daily challenge (DOMAIN §3): handlers run purely, on states in memory."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from contracts.berlin import day_of
from contracts.gameplay import (
    DailyCompleted,
    GameRefused,
    GameStopped,
    Mode,
    Refusal,
    ShowDailyResult,
    StartGame,
    StopGame,
    StreakChanged,
)
from gameplay.domain.leaderboard import DailyMark
from gameplay.domain.rounds import RoundStatus

MakeTable = Callable[[int], Any]


async def test_the_daily_challenge_costs_nothing_and_ends_with_its_result(table: Any):
    first = await table.start(Mode.DAILY_CHALLENGE)
    assert (first.number, first.of) == (1, 7)
    done = await table.play_daily(first, 7)
    assert table.player.energy.free == 20
    assert (done.next_round, done.refusal, done.game.answered) == (None, None, 7)
    (completed,) = table.told(DailyCompleted)
    assert (completed.right, completed.total_ms) == (7, 70_000)
    assert len(table.told(ShowDailyResult)) == 1
    assert [mark.is_finished for mark in table.records if isinstance(mark, DailyMark)] == [False, True]
    again = await table.send(StartGame(player_id=7, mode=Mode.DAILY_CHALLENGE))
    assert again.only(GameRefused).reason is Refusal.DAILY_DONE
    table.wait(days=1)
    assert (await table.start(Mode.DAILY_CHALLENGE)).number == 1


async def test_everybody_gets_the_same_daily_questions(table: Any, make_table: MakeTable):
    mine = await table.start(Mode.DAILY_CHALLENGE)
    theirs = await make_table(8).start(Mode.DAILY_CHALLENGE)
    assert mine.question_id == theirs.question_id


async def test_only_the_finished_daily_challenge_counts_for_the_streak(table: Any):
    done = await table.play_daily(await table.start(Mode.DAILY_CHALLENGE), 6)
    assert done.streak.days == 0
    done = await table.answer(done.next_round)
    assert (done.streak.days, done.streak.raised) == (1, True)
    assert len(table.told(StreakChanged)) == 1


async def test_a_daily_challenge_survives_other_games_and_is_resumed_where_it_was(table: Any):
    done = await table.play_daily(await table.start(Mode.DAILY_CHALLENGE), 3)
    waiting = done.next_round
    await table.answer(await table.start(Mode.ARTIKEL_SPRINT))
    assert table.rounds[waiting.round_id].status is RoundStatus.STARTED
    stopped = (await table.send(StopGame(player_id=7))).only(GameStopped)
    assert stopped.game.mode is Mode.ARTIKEL_SPRINT
    resumed = await table.start(Mode.DAILY_CHALLENGE)
    assert resumed == waiting
    done = await table.play_daily(resumed, 4)
    assert table.told(DailyCompleted)[0].right == 7


async def test_a_parked_daily_round_can_be_answered_by_its_old_message(table: Any):
    waiting = await table.start(Mode.DAILY_CHALLENGE)
    quick = await table.start()
    done = await table.answer(waiting)
    assert (done.game.mode, done.next_round.number) == (Mode.DAILY_CHALLENGE, 2)
    assert (await table.answer(quick)).game.mode is Mode.QUICK_MIX_A1A2


async def test_a_daily_question_that_lay_too_long_is_asked_again_at_the_cost_of_time(table: Any):
    waiting = await table.start(Mode.DAILY_CHALLENGE)
    table.wait(minutes=31)
    resumed = await table.start(Mode.DAILY_CHALLENGE)
    assert (resumed.question_id, resumed.number) == (waiting.question_id, 1)
    assert resumed.round_id != waiting.round_id
    assert table.rounds[waiting.round_id].status is RoundStatus.ABANDONED
    await table.play_daily(resumed, 7)
    assert table.told(DailyCompleted)[0].total_ms == 30 * 60_000 + 70_000


async def test_a_run_of_yesterday_lapses_when_todays_begins(table: Any):
    old = await table.start(Mode.DAILY_CHALLENGE)
    table.wait(days=1)
    new = await table.start(Mode.DAILY_CHALLENGE)
    assert new.number == 1
    assert table.rounds[old.round_id].status is RoundStatus.ABANDONED
    assert len([mark for mark in table.records if isinstance(mark, DailyMark)]) == 2


async def test_a_run_begun_before_midnight_is_finished_after_it_for_its_own_day(table: Any):
    table.now = day_of(table.now).ends - timedelta(seconds=35)
    done = await table.play_daily(await table.start(Mode.DAILY_CHALLENGE), 7)
    (completed,) = table.told(DailyCompleted)
    assert completed.day == day_of(table.now).yesterday
    assert done.berlin_day == day_of(table.now).local
    assert (await table.start(Mode.DAILY_CHALLENGE)).number == 1
