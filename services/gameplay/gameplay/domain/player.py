"""A player: everything that one decision about their game needs, in one state."""

from datetime import date, datetime
from typing import Final
from unicodedata import category
from uuid import UUID

import msgspec

from contracts.berlin import BerlinDay
from contracts.gameplay import (
    EnergyView,
    GameView,
    Mode,
    ModeView,
    SettingsView,
    StreakView,
)
from gameplay.domain import access, energy, levels, premium, streak
from gameplay.domain.beginning import TWENTIETH
from gameplay.domain.energy import Energy, Payment
from gameplay.domain.levels import ModeProgress
from gameplay.domain.premium import Premium
from gameplay.domain.run import DailyRun, Game, Run
from gameplay.domain.streak import Settlement, Streak

NAME_LENGTH_MAX: Final = 64
_TOLD_ANSWERS: Final = (5, TWENTIETH)
"""Others wait for a player's 5th and 20th answer (DOMAIN §9)."""


class Tally(msgspec.Struct, frozen=True, gc=False):
    """How many answers a player has given in all games, and how many of them were right."""

    answered: int = 0
    right: int = 0
    right_today: int = 0
    day: date | None = None
    """The Berlin day that `right_today` is about."""


class Settings(msgspec.Struct, frozen=True, gc=False):
    """Which reminders the player wants."""

    daily_push: bool = True
    daily_reminder: bool = True
    streak_reminder: bool = True


_STREAK, _SETTINGS, _TALLY = Streak(), Settings(), Tally()


class Player(msgspec.Struct, gc=False):
    """One player. Values are replaced, never changed in place."""

    id: int
    energy: Energy
    name: str = ""
    language: str = "de"
    joined_at: datetime | None = None
    """None for a player who has not been heard of before this turn."""
    streak: Streak = _STREAK
    premium: Premium = premium.NONE
    saver_tokens: int = 0
    duel_tickets: int = 0
    settings: Settings = _SETTINGS
    tally: Tally = _TALLY
    game: Game | None = None
    daily: DailyRun | None = None
    modes: tuple[ModeProgress, ...] = ()

    # -- progress -------------------------------------------------------------------------------

    def progress(self, mode: Mode) -> ModeProgress:
        """Return the progress in a mode, a beginner's when there is none."""
        for known in self.modes:
            if known.mode == mode:
                return known
        return ModeProgress(mode)

    def keep_progress(self, changed: ModeProgress) -> None:
        """Put back the progress of one mode."""
        others = tuple(known for known in self.modes if known.mode != changed.mode)
        self.modes = (changed, *others)

    # -- time passing ---------------------------------------------------------------------------

    def settle(self, now: datetime, today: BerlinDay) -> Settlement:
        """Bring energy and streak up to date; returns what the missed days came to."""
        self.energy = energy.settle(self.energy, now, today, self.premium.terms)
        settled = streak.settle(self.streak, self.saver_tokens, self.premium, today.local)
        if settled.streak is not self.streak:
            self.streak = settled.streak
            self.saver_tokens -= settled.savers_used
        return settled

    # -- playing --------------------------------------------------------------------------------

    def access(self, mode: Mode, now: datetime) -> access.Access:
        """Return what opens a mode to this player, or that nothing does."""
        is_premium = self.premium.until(now) is not None
        return access.resolve(mode, now, premium=is_premium, access_until=self.progress(mode).access_until)

    def pay_round(self, now: datetime) -> Payment:
        """Pay for one round from settled energy, as far as the player can."""
        paid = energy.pay_round(self.energy, premium=self.premium.until(now) is not None)
        if paid.energy is not None:
            self.energy = paid.energy
        return paid

    def run_with(self, round_id: UUID) -> Run | None:
        """Return the run whose open round this is; None for a round that the player may not answer any more."""
        if self.daily is not None and self.daily.round_id == round_id:
            return self.daily
        return self.game if self.game is not None and self.game.round_id == round_id else None

    def play(self, run: Run) -> None:
        """Keep a run as it stands now: it is what the player plays. A daily run rests while a game is played."""
        if isinstance(run, DailyRun):
            self.daily = run
        else:
            self.game = run
            self.daily = None if self.daily is None else self.daily.rest()

    def time_out(self, run: Run) -> None:
        """Keep what is left of a run whose open question was not answered in time."""
        if isinstance(run, DailyRun):
            self.daily = run.time_out()
        else:
            self.game = run.time_out()

    def count_answer(self, today: date, *, is_right: bool) -> bool:
        """Add an answer to the figures over all games; returns whether others are to be told of it."""
        tally = self.tally
        right_today = tally.right_today if tally.day == today else 0
        self.tally = Tally(tally.answered + 1, tally.right + is_right, right_today + is_right, today)
        return tally.day != today or self.tally.answered in _TOLD_ANSWERS

    # -- as events carry it ---------------------------------------------------------------------

    def energy_view(self, now: datetime, today: BerlinDay) -> EnergyView:
        """Return settled energy as it stands."""
        return energy.view(self.energy, now, today, self.premium.until(now))

    def streak_view(self, today: date, *, raised: bool = False) -> StreakView:
        """Return the settled streak as it stands."""
        return streak.view(self.streak, self.saver_tokens, today, raised=raised)

    def settings_view(self) -> SettingsView:
        """Return which reminders are on."""
        return SettingsView(
            daily_push=self.settings.daily_push,
            daily_reminder=self.settings.daily_reminder,
            streak_reminder=self.settings.streak_reminder,
        )

    def mode_view(self, mode: Mode, now: datetime) -> ModeView:
        """Return one mode as the player sees it in the menu."""
        progress, opened_by = self.progress(mode), self.access(mode, now)
        return ModeView(
            mode=mode,
            open=opened_by is not access.Access.LOCKED,
            access_until=progress.access_until if opened_by is access.Access.MODE_ACCESS else None,
            level=progress.level if mode in levels.ADAPTIVE_MODES else None,
            answered=progress.answered,
            right=progress.right,
        )

    def game_view(self) -> GameView | None:
        """Return the tally of what is being played: the daily run when it is the current one, else the game."""
        run = self.daily
        if run is not None and run.is_current and not run.is_finished:
            return run.tally
        return None if self.game is None else self.game.tally

    def daily_done(self, today: date) -> bool:
        """Return whether today's daily challenge is finished."""
        return self.daily is not None and self.daily.day == today and self.daily.is_finished


def right_today(player: Player, today: date) -> int:
    """Return the player's right answers of a Berlin day, if it is the one they last played on."""
    return player.tally.right_today if player.tally.day == today else 0


def clean_name(name: str) -> str:
    """Return a name fit to be kept: one line, no control characters, at most 64 characters.

    What joins letters and emoji stays; how a name is shown is for whoever shows it.
    """
    return " ".join("".join(map(_kept, name)).split())[:NAME_LENGTH_MAX]


def _kept(letter: str) -> str:
    """What turns a line around or hides goes; what joins letters or makes a flag of emoji stays."""
    if letter.isprintable() or letter in "\u200c\u200d" or "\U000e0020" <= letter <= "\U000e007f":
        return letter
    return "" if category(letter) == "Cf" else " "
