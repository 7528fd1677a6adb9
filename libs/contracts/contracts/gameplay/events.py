"""What gameplay says (DOMAIN §2–§4)."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from contracts.gameplay.vocabulary import (
    AnswerView,
    EnergyView,
    GameView,
    Level,
    Mode,
    ModeView,
    Period,
    RankedPlayer,
    Refusal,
    Reminder,
    RoundView,
    SettingsView,
    StreakView,
    View,
)
from contracts.message import Event


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
    """The rules allow no game now; `reason` says which of them."""

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


class PlayerPlayed(Event, frozen=True, kw_only=True):
    """A player answered for the first time on a Berlin day, or for the 5th or 20th time of all (DOMAIN §9).

    For those who follow players, not rounds: some words a week instead of one for every tap.
    """

    subject: ClassVar[str] = "gameplay.evt.{player_id}.player_played"
    player_id: int
    answered: int
    """The how-manieth answer of the player's it is, over all games."""
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


class GrantTakenBack(Event, frozen=True, kw_only=True):
    """A grant was revoked (DOMAIN §6): what was taken back, and what was spent already and is owed."""

    subject: ClassVar[str] = "gameplay.evt.{player_id}.grant_taken_back"
    player_id: int
    grant_id: UUID
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    mode_hours: int = 0
    missing_paid_energy: int = 0
    missing_saver_tokens: int = 0
    missing_duel_tickets: int = 0
    missing_mode_hours: int = 0
    at: datetime
