"""What gameplay hears and says (DOMAIN §2–§4): rounds, energy, streaks, leaderboards, settings."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Command, Due, Event, register


class Mode(StrEnum):
    """A way to play (DOMAIN §3)."""

    QUICK_MIX_A1A2 = "QUICK_MIX_A1A2"
    ARTIKEL_SPRINT = "ARTIKEL_SPRINT"
    DAILY_CHALLENGE = "DAILY_CHALLENGE"
    CASES_PRACTICE = "CASES_PRACTICE"
    TRENNBARE_VERBEN = "TRENNBARE_VERBEN"
    WORD_ORDER = "WORD_ORDER"


class Level(StrEnum):
    """A level of German, ascending."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"


class EnergyLevel(StrEnum):
    """How much energy is left, as shown (DOMAIN §2): empty 0, low 1–3, fine from 4 or with premium."""

    EMPTY = "empty"
    LOW = "low"
    FINE = "fine"


class StreakState(StrEnum):
    """How the streak stands today, as shown (DOMAIN §4)."""

    NONE = "none"
    ACTIVE_TODAY = "active_today"
    AT_RISK = "at_risk"
    FROZEN_TODAY = "frozen_today"


class Refusal(StrEnum):
    """Why a round did not start or an answer did not count."""

    NO_ENERGY = "no_energy"
    MODE_LOCKED = "mode_locked"
    DAILY_DONE = "daily_done"
    NO_QUESTIONS = "no_questions"
    UNKNOWN_ROUND = "unknown_round"
    ROUND_OVER = "round_over"


class Period(StrEnum):
    """The span of a leaderboard (DOMAIN §3)."""

    DAY = "day"
    WEEK = "week"
    ALL_TIME = "all_time"


class View(StrEnum):
    """Which part of a player's own page was asked for; echoed, so that the asker knows what to show."""

    MENU = "menu"
    STREAK = "streak"
    STATS = "stats"
    SETTINGS = "settings"
    WELCOME = "welcome"


class Reminder(StrEnum):
    """An unasked-for message that a player may switch off (DOMAIN §3, §4)."""

    DAILY_PUSH = "daily_push"
    DAILY_REMINDER = "daily_reminder"
    STREAK_AT_RISK = "streak_at_risk"


# --- parts that events carry -------------------------------------------------------------------


class EnergyView(msgspec.Struct, frozen=True, kw_only=True):
    """Energy as it stands after a turn (DOMAIN §2)."""

    free: int
    paid: int
    premium: bool
    level: EnergyLevel
    full_in_minutes: int
    """Minutes until free energy is full, rounded up; 0 when it is."""
    next_in_minutes: int = 0
    """Minutes until the next unit of free energy, rounded up; 0 when full."""


class StreakView(msgspec.Struct, frozen=True, kw_only=True):
    """The streak as it stands after a turn (DOMAIN §4)."""

    days: int
    best: int
    state: StreakState
    saver_tokens: int
    raised: bool = False
    """True when this very turn raised the streak."""


class RoundView(msgspec.Struct, frozen=True, kw_only=True):
    """One question as put to a player."""

    round_id: UUID
    mode: Mode
    question_id: str
    level: Level
    category: str
    text: str
    options: tuple[str, str, str, str]
    """In the order of this round (shuffled by its id)."""
    number: int
    """1 for the first round of the game."""
    of: int = 0
    """How many rounds the game has; 0 when it goes on until stopped."""
    started_at: datetime


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and its solution, enough to show it again at any time."""

    round_id: UUID
    mode: Mode
    text: str
    options: tuple[str, str, str, str]
    chosen: int
    """Index into `options`."""
    right: int
    """Index into `options`."""
    explanation: str
    explanation_en: str
    response_ms: int

    @property
    def is_right(self) -> bool:
        """Whether the player chose the right option."""
        return self.chosen == self.right


class GameView(msgspec.Struct, frozen=True, kw_only=True):
    """The tally of a game so far."""

    mode: Mode
    answered: int
    right: int


class ModeView(msgspec.Struct, frozen=True, kw_only=True):
    """One mode as a player sees it in the menu."""

    mode: Mode
    open: bool
    access_until: datetime | None = None
    """End of a mega pack's access, when that is what opens it."""
    level: Level | None = None
    answered: int = 0
    right: int = 0


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """Which reminders a player wants."""

    daily_push: bool
    daily_reminder: bool
    streak_reminder: bool


class RankedPlayer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a leaderboard."""

    rank: int
    player_id: int
    name: str
    right: int
    total_ms: int = 0


# --- commands ----------------------------------------------------------------------------------


class WelcomePlayer(Command, frozen=True, kw_only=True):
    """A player opened the chat, or goes by a new name; makes the player on first contact."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.welcome_player"
    player_id: int
    name: str
    """First name as Telegram tells it; shown on leaderboards."""
    language: str = "de"


class StartGame(Command, frozen=True, kw_only=True):
    """Open the first round of a game; an open round of the player is abandoned (DOMAIN §3).

    In `DAILY_CHALLENGE` an unfinished run of today is resumed instead.
    """

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.start_game"
    player_id: int
    mode: Mode


class AnswerRound(Command, frozen=True, kw_only=True):
    """Answer a round; the next one of the game starts by itself (DOMAIN §3)."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.answer_round"
    player_id: int
    round_id: UUID
    option: int
    """0–3, index into the options as shown."""


class StopGame(Command, frozen=True, kw_only=True):
    """End the running game; its open round is abandoned. Energy spent on it stays spent."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.stop_game"
    player_id: int


class ShowPlayer(Command, frozen=True, kw_only=True):
    """Ask for the player's own page; answered by `PlayerShown`."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.show_player"
    player_id: int
    view: View


class ShowLeaderboard(Command, frozen=True, kw_only=True):
    """Ask for a leaderboard; answered by `LeaderboardShown`."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.show_leaderboard"
    player_id: int
    period: Period


class ShowDailyResult(Command, frozen=True, kw_only=True):
    """Ask for the result of a finished daily challenge; answered by `DailyResultShown`."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.show_daily_result"
    player_id: int
    day: date


class ChangeSettings(Command, frozen=True, kw_only=True):
    """Switch reminders on or off; what is None stays as it is."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.change_settings"
    player_id: int
    daily_push: bool | None = None
    daily_reminder: bool | None = None
    streak_reminder: bool | None = None


class GrantToPlayer(Command, frozen=True, kw_only=True):
    """Give a player something of value by hand (operators; audited). All amounts ≥ 0."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.grant_to_player"
    player_id: int
    reason: str
    operator: str
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    premium_days: int = 0
    premium_rank: int = 0
    """1 Starter, 2 Month, 3 Season, 4 Year (DOMAIN §5); needed with `premium_days`."""
    mode_hours: int = 0
    """Hours of access to each of the three locked modes, added to what is left (DOMAIN §5)."""


class SettleStreak(Command, frozen=True, kw_only=True):
    """Settle the missed days of one player's streak up to yesterday (DOMAIN §4)."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.settle_streak"
    player_id: int


class RemindPlayer(Command, frozen=True, kw_only=True):
    """Send one player a reminder if they still want and need it at this moment."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.remind_player"
    player_id: int
    reminder: Reminder
    day: date
    """The Berlin day the reminder is about; on a later day it lapses."""


class AbandonRound(Command, frozen=True, kw_only=True):
    """Close a round that was not answered for 30 minutes (DOMAIN §3)."""

    subject: ClassVar[str] = "gameplay.cmd.{player_id}.abandon_round"
    player_id: int
    round_id: UUID


class DisableQuestion(Command, frozen=True, kw_only=True):
    """Ask a question no more (operators; audited). Rounds that had it still show it."""

    subject: ClassVar[str] = "gameplay.cmd.{question_id}.disable_question"
    question_id: str
    operator: str
    reason: str = ""


class EnableQuestion(Command, frozen=True, kw_only=True):
    """Undo `DisableQuestion` (operators; audited)."""

    subject: ClassVar[str] = "gameplay.cmd.{question_id}.enable_question"
    question_id: str
    operator: str
    reason: str = ""


# --- schedules (DOMAIN §12) --------------------------------------------------------------------


class StreakSettlementDue(Due, frozen=True, kw_only=True):
    """00:10 Berlin."""

    subject: ClassVar[str] = "gameplay.due.streak_settlement"


class DailyPushDue(Due, frozen=True, kw_only=True):
    """08:00 Berlin."""

    subject: ClassVar[str] = "gameplay.due.daily_push"


class DailyReminderDue(Due, frozen=True, kw_only=True):
    """19:00 Berlin."""

    subject: ClassVar[str] = "gameplay.due.daily_reminder"


class StreakReminderDue(Due, frozen=True, kw_only=True):
    """20:00 Berlin."""

    subject: ClassVar[str] = "gameplay.due.streak_reminder"


class RoundSweepDue(Due, frozen=True, kw_only=True):
    """Every 5 minutes: rounds without an answer for 30 minutes are abandoned (DOMAIN §3)."""

    subject: ClassVar[str] = "gameplay.due.round_sweep"


class RetentionDue(Due, frozen=True, kw_only=True):
    """Hourly: rows past their retention are deleted (DOMAIN §12)."""

    subject: ClassVar[str] = "gameplay.due.retention"


# --- events ------------------------------------------------------------------------------------


class PlayerJoined(Event, frozen=True, kw_only=True):
    """A player was heard of for the first time."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.player_joined"
    player_id: int
    at: datetime


class GameStarted(Event, frozen=True, kw_only=True):
    """A game began (or a daily challenge was resumed) with this round."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.game_started"
    player_id: int
    round: RoundView
    energy: EnergyView


class GameRefused(Event, frozen=True, kw_only=True):
    """No round was started."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.game_refused"
    player_id: int
    mode: Mode
    reason: Refusal
    energy: EnergyView


class RoundCompleted(Event, frozen=True, kw_only=True):
    """A round was answered for the first time; `next_round` is the one that started by itself."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.round_completed"
    player_id: int
    answer: AnswerView
    game: GameView
    streak: StreakView
    energy: EnergyView
    next_round: RoundView | None = None
    refusal: Refusal | None = None
    """Why no next round started; None when one did, or when the daily challenge is complete."""
    level_reached: Level | None = None
    """Set when this answer raised the player's level in the mode."""
    at: datetime
    berlin_day: date


class RoundRepeated(Event, frozen=True, kw_only=True):
    """A round that is over was answered again: the first result, unchanged."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.round_repeated"
    player_id: int
    answer: AnswerView


class AnswerRefused(Event, frozen=True, kw_only=True):
    """An answer that could not count: the round is unknown, another player's, or was abandoned."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.answer_refused"
    player_id: int
    round_id: UUID
    reason: Refusal


class GameStopped(Event, frozen=True, kw_only=True):
    """A game ended by the player's wish; the tally covers all of its answered rounds."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.game_stopped"
    player_id: int
    game: GameView | None = None
    """None when no game was running."""
    streak: StreakView
    energy: EnergyView


class RoundAbandoned(Event, frozen=True, kw_only=True):
    """A round was closed without an answer."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.round_abandoned"
    player_id: int
    round_id: UUID
    mode: Mode


class DailyCompleted(Event, frozen=True, kw_only=True):
    """The seventh question of a daily challenge was answered."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.daily_completed"
    player_id: int
    day: date
    right: int
    total_ms: int


class DailyResultShown(Event, frozen=True, kw_only=True):
    """The result of a daily challenge, with the rank among all who finished it so far."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.daily_result_shown"
    player_id: int
    day: date
    right: int
    of: int
    total_ms: int
    rank: int
    players: int
    streak: StreakView


class StreakChanged(Event, frozen=True, kw_only=True):
    """The streak rose, was saved, was frozen or was lost."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.streak_changed"
    player_id: int
    streak: StreakView
    savers_used: int = 0
    days_frozen: int = 0
    lost_days: int = 0
    """The length of the streak that was lost; 0 when none was."""
    berlin_day: date


class PlayerShown(Event, frozen=True, kw_only=True):
    """A player's own page: all figures of the moment."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.player_shown"
    player_id: int
    view: View
    energy: EnergyView
    streak: StreakView
    modes: tuple[ModeView, ...]
    settings: SettingsView
    answered: int
    right: int
    right_today: int
    daily_done_today: bool
    premium_until: datetime | None = None
    saver_tokens: int = 0
    duel_tickets: int = 0


class LeaderboardShown(Event, frozen=True, kw_only=True):
    """The top ten of a period and the asker's own place."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.leaderboard_shown"
    player_id: int
    period: Period
    top: tuple[RankedPlayer, ...]
    own: RankedPlayer | None = None
    """None when the asker has no right answer in the period."""
    players: int = 0


class SettingsChanged(Event, frozen=True, kw_only=True):
    """Reminders were switched; all settings as they now are."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.settings_changed"
    player_id: int
    settings: SettingsView


class ReminderDue(Event, frozen=True, kw_only=True):
    """A player who wants it is due a reminder."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.reminder_due"
    player_id: int
    reminder: Reminder
    streak: StreakView
    day: date


class PlayerGranted(Event, frozen=True, kw_only=True):
    """Something of value was given by hand; balances as they now are."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.player_granted"
    player_id: int
    grant_id: str
    energy: EnergyView
    saver_tokens: int
    duel_tickets: int
    premium_until: datetime | None = None


class QuestionSwitched(Event, frozen=True, kw_only=True):
    """An operator took a question out of play, or put it back."""

    subject: ClassVar[str] = "gameplay.evt.{question_id}.question_switched"
    question_id: str
    enabled: bool
    operator: str


register(
    WelcomePlayer, StartGame, AnswerRound, StopGame, ShowPlayer, ShowLeaderboard, ShowDailyResult, ChangeSettings,
    GrantToPlayer, SettleStreak, RemindPlayer, AbandonRound, DisableQuestion, EnableQuestion,
    StreakSettlementDue, DailyPushDue, DailyReminderDue, StreakReminderDue, RoundSweepDue, RetentionDue,
    PlayerJoined, GameStarted, GameRefused, RoundCompleted, RoundRepeated, AnswerRefused, GameStopped, RoundAbandoned,
    DailyCompleted, DailyResultShown, StreakChanged, PlayerShown, LeaderboardShown, SettingsChanged, ReminderDue,
    PlayerGranted, QuestionSwitched,
)  # fmt: skip
