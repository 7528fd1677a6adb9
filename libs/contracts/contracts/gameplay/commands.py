"""What gameplay hears (DOMAIN §2–§4)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.gameplay.vocabulary import Mode, Period, Reminder, View
from contracts.message import Command


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
    operator: str = ""
    """Ignored, like any claim of a body about who asks; kept so that old commands decode."""
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    premium_days: int = 0
    premium_rank: int = 0
    """Refused like `premium_days` since payments owns premium (`admin.payments.premium.grant`); old commands decode."""
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
    operator: str = ""
    """Ignored, like any claim of a body about who asks; kept so that old commands decode."""
    reason: str = ""


class EnableQuestion(Command, frozen=True, kw_only=True):
    """A question that was disabled is to be asked again (operators; audited)."""

    subject: ClassVar[str] = "gameplay.cmd.{question_id}.enable_question"
    question_id: str
    operator: str = ""
    """Ignored, like any claim of a body about who asks; kept so that old commands decode."""
    reason: str = ""
