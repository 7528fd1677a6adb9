"""Time passing, grants, settings and reminders (DOMAIN §2–§5): handlers run purely, on states in memory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.berlin import day_of
from contracts.gameplay import (
    ChangeSettings,
    GrantToPlayer,
    Mode,
    PlayerGranted,
    PlayerShown,
    Reminder,
    ReminderDue,
    RemindPlayer,
    SettingsChanged,
    SettleStreak,
    ShowPlayer,
    StreakChanged,
    StreakState,
    View,
    WelcomePlayer,
)
from gameplay.domain.energy import Energy
from gameplay.domain.journal import Asset, Entry

MakeTable = Callable[[int], Any]


async def test_free_energy_is_topped_up_at_midnight_berlin(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    table.now = datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)  # 23:59:59, the clocks go forward that night
    table.player.energy = Energy(2, 1, table.now, day_of(table.now).local)
    shown = (await table.send(ShowPlayer(player_id=7, view=View.MENU))).only(PlayerShown)
    assert (shown.energy.free, shown.energy.full_in_minutes) == (2, 1)
    table.wait(seconds=1)
    shown = (await table.send(ShowPlayer(player_id=7, view=View.MENU))).only(PlayerShown)
    assert (shown.energy.free, shown.energy.paid) == (20, 1)


async def test_the_streak_rises_day_by_day_and_is_lost_with_a_word(table: Any):
    for number in range(3):
        done = await table.answer(await table.start())
        assert (done.streak.days, done.streak.raised) == (number + 1, True)
        assert not (await table.answer(done.next_round)).streak.raised
        table.wait(days=1)
    table.wait(days=1)
    decision = await table.send(ShowPlayer(player_id=7, view=View.STREAK))
    changed = decision.only(StreakChanged)
    assert (changed.lost_days, changed.streak.days, changed.streak.best) == (3, 0, 3)


async def test_a_saver_bridges_a_missed_day_and_is_journaled(table: Any):
    await table.answer(await table.start())
    await table.send(GrantToPlayer(player_id=7, reason="t", saver_tokens=1))
    table.wait(days=2)
    decision = await table.send(SettleStreak(player_id=7))
    changed = decision.only(StreakChanged)
    assert (changed.savers_used, changed.streak.days, changed.streak.state) == (1, 1, StreakState.FROZEN_TODAY)
    entries = [record for record in table.records if isinstance(record, Entry)]
    assert [(entry.asset, entry.amount) for entry in entries] == [(Asset.SAVER_TOKEN, 1), (Asset.SAVER_TOKEN, -1)]
    assert len({entry.cause for entry in entries}) == 2
    assert (await table.send(SettleStreak(player_id=7))).emitted == []


async def test_a_saver_spent_and_a_saver_given_by_one_message_are_two_entries(table: Any):
    await table.answer(await table.start())
    table.player.saver_tokens = 1
    table.wait(days=2)
    decision = await table.send(GrantToPlayer(player_id=7, reason="t", saver_tokens=1))
    entries = [record for record in decision.records if isinstance(record, Entry)]
    assert [entry.amount for entry in entries] == [-1, 1]
    assert len({(entry.cause, entry.asset) for entry in entries}) == 2
    assert table.player.saver_tokens == 1


async def test_a_grant_answers_with_balances_and_is_journaled(table: Any):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    decision = await table.send(
        GrantToPlayer(
            player_id=7,
            reason="sorry",
            paid_energy=15,
            saver_tokens=1,
            duel_tickets=2,
            mode_hours=24,
        )
    )
    (answer,) = decision.replies
    assert (answer.granted, answer.paid_energy, answer.saver_tokens, answer.duel_tickets) == (True, 15, 1, 2)
    assert answer.premium_until is None
    assert set(answer.mode_access_until.values()) == {table.now + timedelta(hours=24)}
    assert decision.only(PlayerGranted).energy.paid == 15
    amounts = {record.asset: record.amount for record in decision.records}
    assert amounts == {"PAID_ENERGY": 15, "SAVER_TOKEN": 1, "DUEL_TICKET": 2, "MODE_HOURS": 24}


@pytest.mark.parametrize(
    ("grant", "word"),
    [
        ({"paid_energy": -1}, "amounts"),
        ({}, "amounts"),
        ({"premium_days": 7, "premium_rank": 1}, "premium_days"),
        ({"premium_days": 7, "paid_energy": 10}, "premium_days"),
        ({"premium_rank": 2, "paid_energy": 10}, "premium_rank"),
    ],
)
async def test_a_grant_that_makes_no_sense_is_refused_with_the_field(table: Any, grant: dict[str, Any], word: str):
    await table.send(WelcomePlayer(player_id=7, name="Mara"))
    decision = await table.send(GrantToPlayer(player_id=7, reason="t", **grant))
    assert (decision.replies[0].granted, decision.replies[0].reason.startswith(word)) == (False, True)
    assert ("admin.payments.premium.grant" in decision.replies[0].reason) == ("premium" in word)
    assert (decision.emitted, decision.records) == ([], [])


async def test_settings_change_only_what_is_named(table: Any):
    decision = await table.send(ChangeSettings(player_id=7, daily_push=False))
    settings = decision.only(SettingsChanged).settings
    assert (settings.daily_push, settings.daily_reminder, settings.streak_reminder) == (False, True, True)


async def test_reminders_go_to_those_who_want_and_need_them_today(table: Any):
    done = None
    for _ in range(3):
        done = await table.answer(await table.start())
        table.wait(days=1)
    assert done is not None
    today = day_of(table.now).local

    async def told(reminder: Reminder, day: Any = today) -> list[Any]:
        decision = await table.send(RemindPlayer(player_id=7, reminder=reminder, day=day))
        return [message for message in decision.emitted if isinstance(message, ReminderDue)]

    assert len(await told(Reminder.STREAK_AT_RISK)) == 1
    assert await told(Reminder.STREAK_AT_RISK, today - timedelta(days=1)) == []
    assert len(await told(Reminder.DAILY_PUSH)) == 1
    await table.play_daily(await table.start(Mode.DAILY_CHALLENGE), 7)
    for reminder in Reminder:
        assert await told(reminder) == []
    table.wait(days=1)
    today = day_of(table.now).local
    await table.send(ChangeSettings(player_id=7, daily_push=False, daily_reminder=False, streak_reminder=False))
    for reminder in Reminder:
        assert await told(reminder, today) == []
