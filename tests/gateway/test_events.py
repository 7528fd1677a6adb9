"""Events find the tap, the message and the chat they belong to."""

import pytest
from tests.gateway.conftest import NEXT_ROUND, NOW, PLAYER, ROUND, Desk, Make

from contracts.gameplay import (
    AnswerRefused,
    DailyResultShown,
    GameRefused,
    GameStarted,
    LeaderboardShown,
    Mode,
    Period,
    PlayerShown,
    Refusal,
    Reminder,
    ReminderDue,
    RoundCompleted,
    RoundRepeated,
    ShowDailyResult,
    StreakChanged,
    View,
)
from contracts.gateway import PlayerReachabilityChanged, TelegramUpdatesDegraded
from gateway.domain.effects import (
    PUSH_PRIORITY,
    SCREEN_PRIORITY,
    TAP_PRIORITY,
    AnswerTap,
    AskWebhook,
    PushScreen,
    ShowScreen,
)
from gateway.domain.internal_commands import CheckHealth, RecordHealth, RecordScreen, RecordUnreachable

TAP = f"c:q1:{PLAYER}:50"
COMMAND = f"m:{PLAYER}"


def completed(make: Make) -> RoundCompleted:
    return RoundCompleted(
        player_id=PLAYER, answer=make.answer(), game=make.game(), streak=make.streak(), energy=make.energy(),
        next_round=make.round(), at=NOW, berlin_day=make.day(),
    )  # fmt: skip


def shown(effect: object) -> ShowScreen:
    assert isinstance(effect, ShowScreen)
    return effect


async def test_a_tap_costs_two_calls_the_answer_first(desk: Desk, make: Make) -> None:
    decision = await desk.hear(completed(make), origin=TAP)
    toast, screen = decision.wanted
    assert isinstance(toast.effect, AnswerTap)
    assert isinstance(screen.effect, ShowScreen)
    assert (toast.effect.query_id, toast.ordering_key, toast.priority) == ("q1", "callback:q1", TAP_PRIORITY)
    assert (screen.effect.message_id, screen.ordering_key, screen.priority) == (50, f"chat:{PLAYER}", SCREEN_PRIORITY)
    assert toast.effect.text
    assert toast.priority < screen.priority < PUSH_PRIORITY
    assert (desk.chat.screen_message_id, desk.chat.screen_round) == (50, NEXT_ROUND)


async def test_edits_of_one_message_supersede_each_other_and_new_messages_do_not(desk: Desk, make: Make) -> None:
    first = (await desk.hear(completed(make), origin=TAP)).wanted[1].effect
    second = (await desk.hear(completed(make), origin=f"c:q2:{PLAYER}:50")).wanted[1].effect
    other = (await desk.hear(completed(make), origin=f"c:q3:{PLAYER}:51")).wanted[1].effect
    fresh = (await desk.hear(completed(make), origin=COMMAND)).wanted[0].effect
    assert isinstance(first, ShowScreen)
    assert isinstance(second, ShowScreen)
    assert isinstance(other, ShowScreen)
    assert isinstance(fresh, ShowScreen)
    assert first.supersedes == second.supersedes != other.supersedes
    assert fresh.supersedes == ""


async def test_a_game_started_by_a_command_is_a_new_message_whose_id_is_kept(desk: Desk, make: Make) -> None:
    event = GameStarted(player_id=PLAYER, round=make.round(), energy=make.energy())
    decision = await desk.hear(event, origin=COMMAND)
    (screen,) = decision.effects
    assert isinstance(screen, ShowScreen)
    assert (screen.message_id, screen.round_id) == (0, NEXT_ROUND)
    assert desk.chat.screen_message_id == 0
    await desk.hear(RecordScreen(player_id=PLAYER, message_id=77, round_id=NEXT_ROUND))
    assert desk.chat.screen_message_id == 77
    await desk.hear(RecordScreen(player_id=PLAYER, message_id=78, round_id=ROUND))
    assert desk.chat.screen_message_id == 77


async def test_a_message_sent_anew_because_the_old_one_is_gone_becomes_the_live_one(desk: Desk, make: Make) -> None:
    await desk.hear(completed(make), origin=TAP)
    assert desk.chat.screen_message_id == 50
    await desk.hear(RecordScreen(player_id=PLAYER, message_id=88, round_id=NEXT_ROUND))
    assert desk.chat.screen_message_id == 88


async def test_an_event_nobody_asked_for_shows_nothing(desk: Desk, make: Make) -> None:
    assert (await desk.hear(completed(make))).effects == []
    assert (await desk.hear(completed(make), origin="garbage")).effects == []


async def test_a_second_tap_gets_the_first_result_and_leaves_the_message_alone(desk: Desk, make: Make) -> None:
    decision = await desk.hear(RoundRepeated(player_id=PLAYER, answer=make.answer()), origin=TAP)
    (toast,) = decision.effects
    assert isinstance(toast, AnswerTap)
    assert "✅" in toast.text


async def test_a_late_answer_does_not_wipe_out_a_later_question(desk: Desk) -> None:
    refused = AnswerRefused(player_id=PLAYER, round_id=ROUND, reason=Refusal.ROUND_OVER)
    desk.chat.show_round(NEXT_ROUND, 50)
    assert [type(effect) for effect in (await desk.hear(refused, origin=TAP)).effects] == [AnswerTap]
    desk.chat.show_round(ROUND, 50)
    assert [type(effect) for effect in (await desk.hear(refused, origin=TAP)).effects] == [AnswerTap, ShowScreen]
    assert desk.chat.screen_round is None
    desk.chat.show_round(NEXT_ROUND, 99)
    assert [type(effect) for effect in (await desk.hear(refused, origin=TAP)).effects] == [AnswerTap, ShowScreen]
    assert (desk.chat.screen_round, desk.chat.screen_message_id) == (NEXT_ROUND, 99)


async def test_someone_elses_question_is_only_a_toast(desk: Desk) -> None:
    refused = AnswerRefused(player_id=PLAYER, round_id=ROUND, reason=Refusal.UNKNOWN_ROUND)
    (toast,) = (await desk.hear(refused, origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert toast.alert


async def test_who_has_played_today_sees_the_result(desk: Desk, make: Make) -> None:
    refused = GameRefused(player_id=PLAYER, mode=Mode.DAILY_CHALLENGE, reason=Refusal.DAILY_DONE, energy=make.energy())
    decision = await desk.hear(refused, origin=TAP)
    assert decision.only(ShowDailyResult).day == make.day()
    assert decision.origins == [TAP]
    assert decision.effects == []
    result = DailyResultShown(
        player_id=PLAYER, day=make.day(), right=5, of=7, total_ms=1, rank=1, players=1, streak=make.streak()
    )
    toast, screen = (await desk.hear(result, origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert isinstance(screen, ShowScreen)
    assert screen.message_id == 0


async def test_pages_open_in_place_from_a_button_and_anew_from_a_command(desk: Desk, make: Make) -> None:
    page = PlayerShown(
        player_id=PLAYER, view=View.MENU, energy=make.energy(), streak=make.streak(), modes=make.modes(),
        settings=make.settings(), answered=1, right=1, right_today=1, daily_done_today=False,
    )  # fmt: skip
    desk.chat.show_round(ROUND, 50)
    assert shown((await desk.hear(page, origin=COMMAND)).effects[0]).message_id == 0
    assert desk.chat.screen_round == ROUND
    toast, screen = (await desk.hear(page, origin=TAP)).effects
    assert isinstance(toast, AnswerTap)
    assert (toast.text, shown(screen).message_id) == ("", 50)
    assert desk.chat.screen_round is None
    board = LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=())
    assert len((await desk.hear(board, origin=TAP)).effects) == 2


async def test_reminders_are_pushed_in_the_players_language_unless_blocked(desk: Desk, make: Make) -> None:
    reminder = ReminderDue(player_id=PLAYER, reminder=Reminder.DAILY_PUSH, streak=make.streak(), day=make.day())
    desk.chat.language = "en"
    (wanted,) = (await desk.hear(reminder)).wanted
    assert isinstance(wanted.effect, PushScreen)
    assert "Daily Challenge" in wanted.effect.text
    assert (wanted.ordering_key, wanted.priority) == (f"push:{PLAYER}", PUSH_PRIORITY)
    answer = (await desk.hear(completed(make), origin=COMMAND)).wanted[0]
    assert answer.ordering_key != wanted.ordering_key, "an answer never waits behind a push"
    desk.chat.blocked_at = NOW
    assert (await desk.hear(reminder)).effects == []


async def test_a_lost_streak_is_told_to_who_is_here_and_nobody_is_woken(desk: Desk, make: Make) -> None:
    lost = StreakChanged(player_id=PLAYER, streak=make.streak(days=1), lost_days=12, berlin_day=make.day())
    (note,) = (await desk.hear(lost, origin=TAP)).effects
    assert isinstance(note, ShowScreen)
    assert note.message_id == 0
    assert "12" in note.text
    assert (await desk.hear(lost)).effects == []


async def test_a_player_who_blocked_the_bot_is_marked_once(desk: Desk) -> None:
    note = RecordUnreachable(player_id=PLAYER, at=NOW)
    assert (await desk.hear(note)).only(PlayerReachabilityChanged).reachable is False
    assert desk.chat.blocked_at == NOW
    assert (await desk.hear(note)).emitted == []


async def test_the_health_check_asks_telegram_and_raises_the_alarm(desk: Desk) -> None:
    (ask,) = (await desk.hear(CheckHealth(bot="telegram", taps=100, unanswered=3))).effects
    assert ask == AskWebhook(taps=100, unanswered=3)
    fine = RecordHealth(bot="starquiz_bot", pending=3, taps=100, unanswered=3)
    assert (await desk.hear(fine)).emitted == []


@pytest.mark.parametrize(
    ("pending", "taps", "unanswered", "last_error", "ratio"),
    [(5000, 0, 0, "", 1.0), (0, 100, 11, "", 0.89), (0, 0, 0, "Connection refused", 1.0)],
)
async def test_degraded_updates(
    desk: Desk, pending: int, taps: int, unanswered: int, last_error: str, ratio: float
) -> None:
    note = RecordHealth(bot="starquiz_bot", pending=pending, taps=taps, unanswered=unanswered, last_error=last_error)
    event = (await desk.hear(note)).only(TelegramUpdatesDegraded)
    assert event.answered_ratio == pytest.approx(ratio)
    assert (event.pending, event.last_error) == (pending, last_error)
