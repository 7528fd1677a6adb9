"""Playing (DOMAIN §3): handlers run purely, on states in memory."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.berlin import day_of
from contracts.gameplay import (
    AbandonRound,
    AnswerRefused,
    AnswerRound,
    GameRefused,
    GameStarted,
    GameStopped,
    GrantToPlayer,
    Level,
    Mode,
    PlayerJoined,
    PlayerPlayed,
    PlayerShown,
    Refusal,
    RoundAbandoned,
    RoundRepeated,
    StartGame,
    StopGame,
    StreakState,
    View,
    WelcomePlayer,
)
from gameplay.domain.beginning import Beginning
from gameplay.domain.energy import Energy
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.leaderboard import Score
from gameplay.domain.rounds import RoundStatus

MakeTable = Callable[[int], Any]


async def test_a_newcomer_joins_once_and_is_shown_the_menu(table: Any):
    decision = await table.send(WelcomePlayer(player_id=7, name="  Mara\n\u202e Müller ", language="de"))
    assert [type(message) for message in decision.emitted] == [PlayerJoined, PlayerShown]
    shown = decision.only(PlayerShown)
    assert (shown.view, shown.energy.free, shown.streak.state) == (View.WELCOME, 20, StreakState.NONE)
    assert {mode.mode for mode in shown.modes if not mode.open} == {"CASES_PRACTICE", "TRENNBARE_VERBEN", "WORD_ORDER"}
    assert table.player.name == "Mara Müller"
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    assert len(table.told(PlayerJoined)) == 1


async def test_a_round_costs_one_and_the_next_starts_by_itself(table: Any):
    first = await table.start()
    assert (table.player.energy.free, first.number, first.of, first.level) == (19, 1, 0, Level.A1)
    done = await table.answer(first, right=True, seconds=3)
    assert done.answer.is_right
    assert done.answer.response_ms == 3_000
    assert done.answer.options == first.options
    assert (done.game.answered, done.game.right) == (1, 1)
    assert (done.next_round.number, table.player.energy.free) == (2, 18)
    wrong = await table.answer(done.next_round, right=False)
    assert not wrong.answer.is_right
    assert (wrong.game.answered, wrong.game.right) == (2, 1)
    assert wrong.answer.explanation
    assert [r for r in table.records if isinstance(r, Score)] == [
        Score(7, day_of(table.now).local, 1, 1, 3_000),
        Score(7, day_of(table.now).local, 0, 1, 5_000),
    ]


async def test_a_second_tap_gives_the_first_result_and_changes_nothing(table: Any):
    first = await table.start()
    done = await table.answer(first, right=True)
    before = (table.player.energy, table.player.tally, table.player.game, table.player.streak)
    for option in range(4):
        command = AnswerRound(player_id=7, round_id=first.round_id, option=option)
        decision = await table.send(command)
        assert [type(message) for message in decision.emitted] == [RoundRepeated]
        assert decision.only(RoundRepeated).answer == done.answer
        assert decision.records == []
    assert before == (table.player.energy, table.player.tally, table.player.game, table.player.streak)


async def test_a_round_of_another_player_is_refused(table: Any, make_table: MakeTable):
    asked = await table.start()
    thief = make_table(8)
    thief.rounds = table.rounds
    decision = await thief.send(AnswerRound(player_id=8, round_id=asked.round_id, option=0))
    assert decision.only(AnswerRefused).reason is Refusal.UNKNOWN_ROUND
    assert table.rounds[asked.round_id].status is RoundStatus.STARTED
    completed = await thief.send(AnswerRound(player_id=8, round_id=uuid.uuid4(), option=0))
    assert completed.only(AnswerRefused).reason is Refusal.UNKNOWN_ROUND


@pytest.mark.parametrize("option", [-1, 4, 99])
async def test_an_option_that_is_none_is_refused(table: Any, option: int):
    asked = await table.start()
    decision = await table.send(AnswerRound(player_id=7, round_id=asked.round_id, option=option))
    assert decision.only(AnswerRefused).reason is Refusal.UNKNOWN_ROUND
    assert table.rounds[asked.round_id].status is RoundStatus.STARTED


async def test_energy_runs_out_paid_energy_is_journaled_and_then_refused(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    table.player.energy = Energy(1, 1, table.now, day_of(table.now).local)
    first = await table.start()
    second = await table.answer(first, seconds=1)
    assert (second.energy.free, second.energy.paid, second.refusal) == (0, 0, None)
    spent = [record for record in table.records if isinstance(record, Entry)]
    assert [(entry.asset, entry.amount, entry.reason) for entry in spent] == [(Asset.PAID_ENERGY, -1, "round")]
    third = await table.answer(second.next_round, seconds=1)
    assert (third.next_round, third.refusal) == (None, Refusal.NO_ENERGY)
    decision = await table.send(StartGame(player_id=7, mode=Mode.QUICK_MIX_A1A2))
    assert decision.only(GameRefused).reason is Refusal.NO_ENERGY
    assert decision.created == []
    table.wait(minutes=30)
    assert (await table.start()).number == 1


async def test_a_locked_mode_opens_by_mode_access_and_by_premium(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    start = StartGame(player_id=7, mode=Mode.WORD_ORDER)
    assert (await table.send(start)).only(GameRefused).reason is Refusal.MODE_LOCKED
    assert table.player.energy.free == 20
    await table.send(GrantToPlayer(player_id=7, reason="test", mode_hours=24))
    await table.start(Mode.WORD_ORDER)
    table.wait(hours=24)
    assert (await table.send(start)).only(GameRefused).reason is Refusal.MODE_LOCKED
    await table.buy_premium(days=7, rank=1)
    before = table.player.energy.free
    await table.start(Mode.WORD_ORDER)
    assert table.player.energy.free == before


async def test_premium_that_ends_during_a_round_lets_it_finish(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    await table.buy_premium(days=1, rank=1)
    table.wait(hours=24, minutes=-1)
    asked = await table.start(Mode.CASES_PRACTICE)
    done = await table.answer(asked, seconds=120)
    assert (done.next_round, done.refusal) == (None, Refusal.MODE_LOCKED)
    assert done.game.answered == 1


async def test_a_new_game_abandons_the_open_round(table: Any):
    old = await table.start()
    new = await table.start(Mode.ARTIKEL_SPRINT)
    assert table.rounds[old.round_id].status is RoundStatus.ABANDONED
    assert [message.round_id for message in table.told(RoundAbandoned)] == [old.round_id]
    decision = await table.send(AnswerRound(player_id=7, round_id=old.round_id, option=0))
    assert decision.only(AnswerRefused).reason is Refusal.ROUND_OVER
    assert (await table.answer(new)).game.answered == 1


async def test_a_refused_start_leaves_the_running_game_alone(table: Any):
    asked = await table.start()
    await table.send(StartGame(player_id=7, mode=Mode.WORD_ORDER))
    assert (await table.answer(asked)).game.answered == 1


async def test_stopping_shows_the_tally_once(table: Any):
    done = await table.answer(await table.start())
    stopped = (await table.send(StopGame(player_id=7))).only(GameStopped)
    assert (stopped.game.answered, stopped.game.right, stopped.energy.free) == (1, 1, 18)
    assert table.rounds[done.next_round.round_id].status is RoundStatus.ABANDONED
    again = (await table.send(StopGame(player_id=7))).only(GameStopped)
    assert again.game is None


async def test_an_answer_after_half_an_hour_is_too_late(table: Any):
    asked = await table.start()
    table.wait(minutes=30)
    decision = await table.send(AnswerRound(player_id=7, round_id=asked.round_id, option=0))
    assert [type(message) for message in decision.emitted] == [RoundAbandoned, AnswerRefused]
    assert decision.only(AnswerRefused).reason is Refusal.ROUND_OVER
    assert table.rounds[asked.round_id].status is RoundStatus.ABANDONED
    assert table.player.tally.answered == 0


async def test_the_sweep_closes_only_what_waited_too_long(table: Any):
    asked = await table.start()
    table.wait(minutes=29)
    close = AbandonRound(player_id=7, round_id=asked.round_id)
    assert (await table.send(close)).emitted == []
    table.wait(minutes=1)
    assert (await table.send(close)).only(RoundAbandoned).round_id == asked.round_id
    assert (await table.send(close)).emitted == []
    assert (await table.send(StopGame(player_id=7))).only(GameStopped).game is None


async def test_the_sweep_leaves_answered_rounds_alone(table: Any):
    asked = await table.start()
    await table.answer(asked)
    table.wait(hours=1)
    assert (await table.send(AbandonRound(player_id=7, round_id=asked.round_id))).emitted == []
    assert table.rounds[asked.round_id].status is RoundStatus.COMPLETED


async def test_a_level_is_reached_in_play(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    await table.buy_premium(days=30, rank=2)
    asked = await table.start()
    reached = []
    for _ in range(60):
        done = await table.answer(asked)
        asked = done.next_round
        reached.append(done.level_reached)
    assert reached == [None] * 59 + [Level.A2]
    assert asked.level > Level.A1  # A2, with the next level mixed in from here on


async def test_questions_do_not_come_again_within_twenty(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    await table.send(GrantToPlayer(player_id=7, reason="t", paid_energy=100))
    asked, seen = await table.start(), []
    for _ in range(60):
        assert asked.question_id not in seen[-20:]
        seen.append(asked.question_id)
        asked = (await table.answer(asked, right=False)).next_round
    (started,) = table.told(GameStarted)
    assert started.round.question_id == seen[0]


async def test_others_are_told_of_the_first_answer_of_each_day_the_5th_and_the_20th(table: Any):
    await table.buy_premium(days=30, rank=2)
    asked = await table.start()
    for _ in range(21):
        asked = (await table.answer(asked)).next_round
    table.wait(days=1)
    await table.answer(await table.start())
    today, tomorrow = day_of(table.now - timedelta(days=1)).local, day_of(table.now).local
    told = [(one.answered, one.berlin_day) for one in table.told(PlayerPlayed)]
    assert told == [(1, today), (5, today), (20, today), (22, tomorrow)]
    # What is kept to be told again is written at those alone.
    kept = [(one.is_first_of_day, one.is_twentieth) for one in table.records if isinstance(one, Beginning)]
    assert kept == [(True, False), (False, True), (True, False)]
