"""The words that gameplay's commands and events are made of: modes, levels, views (DOMAIN §1–§4)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


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
