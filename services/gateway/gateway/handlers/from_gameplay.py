"""What gameplay says, shown to the player it happened to: questions, solutions, pages, reminders."""

from actors.turn import Turn
from contracts.berlin import day_of
from contracts.gameplay import (
    AnswerRefused,
    DailyResultShown,
    GameRefused,
    GameStarted,
    GameStopped,
    LeaderboardShown,
    PlayerGranted,
    PlayerShown,
    Refusal,
    ReminderDue,
    RoundCompleted,
    RoundRepeated,
    SettingsChanged,
    ShowDailyResult,
    StreakChanged,
    View,
)
from contracts.referrals import ReferralView, ShowReferrals
from gateway.domain.chat import Chat
from gateway.domain.origin import parse
from gateway.handlers import offers
from gateway.handlers.showing import answer, answer_below, answer_tap, close_old_board, leave_board, push, show
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import leaderboards, options, pages, rounds, unasked


@actor.on(GameStarted)
def game_started(event: GameStarted, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the first question, or the open one again; where it stood before it is not to be answered any more."""
    voice, board = services.voice(chat), chat.board_of(event.round.round_id)
    answer(rounds.game_started(event, voice), chat=chat, turn=turn)
    leave_board(board, options.moved_board(voice), chat=chat, origin=parse(turn.message.origin), turn=turn)


@actor.on(GameRefused)
def game_refused(event: GameRefused, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Say why, and what else there is; who has played today's challenge sees its result instead."""
    if event.reason is Refusal.DAILY_DONE:
        turn.emit(ShowDailyResult(player_id=event.player_id, day=day_of(turn.now).local))
        return
    answer(rounds.game_refused(event, services.voice(chat)), chat=chat, turn=turn)
    offers.at_refusal(event, event.reason, chat, turn)


@actor.on(RoundCompleted)
def round_completed(event: RoundCompleted, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the solution above the next question; another message with the same question is answered too."""
    voice, origin, board = services.voice(chat), parse(turn.message.origin), chat.board_of(event.answer.round_id)
    answer(rounds.round_completed(event, voice), chat=chat, turn=turn)
    if board and event.next_round is None:
        chat.show_round(None, origin.message_id or board)
    leave_board(board, options.answered_board(event.answer, voice), chat=chat, origin=origin, turn=turn)
    if event.refusal is not None:
        offers.at_refusal(event, event.refusal, chat, turn)


@actor.on(RoundRepeated)
def round_repeated(event: RoundRepeated, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Say again what the first tap said. The live message shows something else by now; an older one is closed."""
    voice, origin = services.voice(chat), parse(turn.message.origin)
    answer_tap(rounds.round_repeated(event, voice), origin=origin, turn=turn)
    close_old_board(options.answered_board(event.answer, voice), chat=chat, origin=origin, turn=turn)


@actor.on(AnswerRefused)
def answer_refused(event: AnswerRefused, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Say that the round is over. The message is changed only if it does not show a later question."""
    screen, origin = rounds.answer_refused(event, services.voice(chat)), parse(turn.message.origin)
    shows_later_one = origin.message_id == chat.screen_message_id and event.round_id != chat.screen_round
    if shows_later_one and chat.screen_round is not None:
        answer_tap(screen, origin=origin, turn=turn)
    else:
        show(screen, chat=chat, origin=origin, turn=turn)


@actor.on(GameStopped)
def game_stopped(event: GameStopped, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show how many answers were right."""
    answer(rounds.game_stopped(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(DailyResultShown)
def daily_result_shown(event: DailyResultShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show score, time and rank in a message of its own: the last solution stays above it, and it can be kept."""
    answer_below(leaderboards.daily_result_shown(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(StreakChanged)
def streak_changed(event: StreakChanged, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell of a streak that was lost, saved or frozen, to a player who is here; nobody is woken at night for it."""
    if not turn.message.origin:
        return
    note = pages.streak_note(event.lost_days, event.savers_used, event.days_frozen, event.streak, services.voice(chat))
    if note is not None:
        show(note, chat=chat, origin=parse(turn.message.origin).as_message(), turn=turn)


@actor.on(PlayerShown)
def player_shown(event: PlayerShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the page that was asked for; below statistics that were typed for, those of one's referrals (DOMAIN §9)."""
    answer(pages.player_shown(event, services.voice(chat), chat.first_name, turn.now), chat=chat, turn=turn)
    offers.at_start(event, chat, turn)
    origin = parse(turn.message.origin)
    if event.view is View.STATS and origin.chat_id and not origin.is_tap:
        turn.emit(ShowReferrals(player_id=event.player_id, view=ReferralView.STATS))


@actor.on(LeaderboardShown)
def leaderboard_shown(event: LeaderboardShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show a leaderboard where it was asked for."""
    answer(leaderboards.leaderboard_shown(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(SettingsChanged)
def settings_changed(event: SettingsChanged, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the switches as they now are."""
    answer(pages.settings_changed(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(ReminderDue)
def reminder_due(event: ReminderDue, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Remind of streak or daily challenge, by a message of its own at the pace of unasked ones."""
    push(unasked.reminder_due(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(PlayerGranted)
def player_granted(event: PlayerGranted, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell of an operator's gift, by a message of its own."""
    push(unasked.player_granted(event, services.voice(chat)), chat=chat, turn=turn)
