"""Players as rows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from contracts.gameplay import Mode
from gameplay.domain import premium
from gameplay.domain.daily import DailyRun
from gameplay.domain.energy import FREE_CAP, Energy
from gameplay.domain.journal import Entry
from gameplay.domain.levels import ModeProgress
from gameplay.domain.player import Game, Player, Settings, Tally
from gameplay.domain.premium import Premium, Term
from gameplay.domain.streak import Streak

SQL: Final = load("gameplay.store", "players.sql")

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_UNBORN: Final = Energy(FREE_CAP, 0, _EPOCH, _EPOCH.date())
_NO_GAME: Final = (None, None, None, None)
_NO_RUN: Final = (None, None, None, None, None, None, None)

_modes = msgspec.json.Decoder(tuple[ModeProgress, ...])
_terms = msgspec.json.Decoder(tuple[Term, ...])
_encoder = msgspec.json.Encoder()
_MODES: Final = {str(mode): mode for mode in Mode}


class PlayerStore(Store[int, Player]):
    """One row a player."""

    state = Player
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Player]:
        """Load and lock players in the order of their ids."""
        return {row[0]: player_of(row) for row in await connection.fetch(SQL["load_players"], keys)}

    async def save(self, connection: Writer, states: Sequence[Player]) -> None:
        """Write players, new and old, in one statement."""
        await connection.execute(SQL["save_players"], list(map(row_of, states)))

    def blank(self, key: int) -> Player:
        """Return somebody who is not heard of yet: the first handler to meet them makes them join."""
        return Player(key, _UNBORN)

    def key_of(self, state: Player) -> int:
        """Return the player's id."""
        return state.id


class JournalOfValue(Journal[Entry]):
    """The journal of everything that has value."""

    row = Entry

    async def append(self, connection: Writer, rows: Sequence[Entry]) -> None:
        """Write the entries; a second one for a (cause, asset) is refused by the database."""
        await connection.execute(SQL["append_journal"], *zip(*map(msgspec.structs.astuple, rows), strict=True))


async def read_player(connection: Connection, player_id: int) -> Player | None:
    """Return a player as last saved, without a lock: to look at, never to save."""
    row = await connection.fetchrow(SQL["read_player"], player_id)
    return None if row is None else player_of(row)


def player_of(row: Record) -> Player:
    """Return the player in a row of `load_players`."""
    (
        player_id, name, language, joined_at,
        energy_free, energy_paid, energy_anchor, energy_topped_up_on,
        streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week,
        saver_tokens, duel_tickets, daily_push, daily_reminder, streak_reminder,
        answered, right_answers, right_today, right_today_day,
        game_mode, game_round_id, game_answered, game_right,
        daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current,
        premium_terms, modes, premium_version,
    ) = row  # fmt: skip
    game = run = None
    if game_mode is not None:
        game = Game(_MODES[game_mode], game_round_id, game_answered, game_right)
    if daily_day is not None:
        run = DailyRun(
            daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current
        )
    return Player(
        player_id,
        Energy(energy_free, energy_paid, energy_anchor, energy_topped_up_on),
        name,
        language,
        joined_at,
        Streak(streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week),
        _premium_of(premium_terms, premium_version),
        saver_tokens,
        duel_tickets,
        Settings(daily_push, daily_reminder, streak_reminder),
        Tally(answered, right_answers, right_today, right_today_day),
        game,
        run,
        _modes.decode(modes),
    )


def _premium_of(terms: str, version: int) -> Premium:
    """Return premium; most players never had any."""
    return premium.NONE if version == 0 and terms == "[]" else Premium(_terms.decode(terms), version)


def row_of(player: Player) -> tuple[Any, ...]:
    """Return a player's values in the order of the type `player_row_2`."""
    game, run, values = player.game, player.daily, msgspec.structs.astuple
    return (
        player.id,
        player.name,
        player.language,
        player.joined_at,
        *values(player.energy),
        *values(player.streak),
        player.saver_tokens,
        player.duel_tickets,
        *values(player.settings),
        *values(player.tally),
        *(_NO_GAME if game is None else values(game)),
        *(_NO_RUN if run is None else values(run)),
        _encoder.encode(player.premium.terms).decode() if player.premium.terms else "[]",
        _encoder.encode(player.modes).decode(),
        player.premium.version,
    )
