"""Codes, redeemers, redemptions and attempts as rows."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Store, Writer
from actors.table import Table
from contracts.promo import RedemptionList, RedemptionView
from promo.domain.attempt import Attempt
from promo.domain.code import Code, FoundCode
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import Redemption, Use

REDEMPTIONS_SHOWN_MAX: Final = 100
REDEMPTIONS: Final = Table(
    Redemption,
    "redemptions",
    key="id",
    row_type="redemption_row_4",
    fixed=("player_id", "code_id", "batch_id", "campaign", "made_at", "percent", "promised_until"),
)

SQL: Final = {
    **load("promo.store", "redeeming.sql"),
    "redemptions_of_player": f"{REDEMPTIONS.select} where player_id = $1 order by made_at desc, id limit $2",
}


class CodeFinder(ReadModel[tuple[str, ...], FoundCode]):
    """Codes by what they may be stored under: a fingerprint for each pepper."""

    state = FoundCode
    key_field = "fingerprints"

    async def load(
        self, connection: Connection, keys: Sequence[tuple[str, ...]]
    ) -> Mapping[tuple[str, ...], FoundCode]:
        """Look all fingerprints up at once; of one key's the first that is known counts."""
        wanted = {bytes.fromhex(one) for key in keys for one in key}
        rows = await connection.fetch(SQL["find_codes"], list(wanted)) if wanted else []
        known = {row[0].hex(): FoundCode(*row[1:]) for row in rows}
        found = {key: next((known[one] for one in key if one in known), None) for key in keys}
        return {key: code for key, code in found.items() if code is not None}


class CodeStore(Store[UUID, Code]):
    """One row a code; the batch tool makes them, turns count their uses."""

    state = Code
    key_field = "code_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Code]:
        """Load and lock codes in the order of their ids."""
        return {row["id"]: Code(*row) for row in await connection.fetch(SQL["load_codes"], keys)}

    async def save(self, connection: Writer, states: Sequence[Code]) -> None:
        """Write the counters in one statement."""
        await connection.execute(SQL["save_codes"], [(code.id, code.used, code.reserved) for code in states])

    def key_of(self, state: Code) -> UUID:
        """Return the code's id."""
        return state.id


class RedeemerStore(Store[int, Redeemer]):
    """One row a player; what they used is read off the redemptions."""

    state = Redeemer
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Redeemer]:
        """Load and lock players in the order of their ids, then see what they used."""
        found = {row[0]: _redeemer_of(row) for row in await connection.fetch(SQL["load_redeemers"], keys)}
        if found:
            # Apart from the lock: a statement that waited for it would still see the redemptions as before the wait.
            for player_id, *use in await connection.fetch(SQL["standing_uses"], list(found)):
                found[player_id].note_use(Use(*use))
        return found

    async def save(self, connection: Writer, states: Sequence[Redeemer]) -> None:
        """Write players, new and changed, in one statement."""
        rows = [(one.player_id, one.joined_at, one.has_bought, one.failures, one.blocked_until) for one in states]
        await connection.execute(SQL["save_redeemers"], rows)

    def blank(self, key: int) -> Redeemer:
        """Return somebody who never typed a code."""
        return Redeemer(key)


class RedemptionStore(Store[UUID, Redemption]):
    """One row a redemption."""

    state = Redemption
    key_field = "redemption_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Redemption]:
        """Load and lock redemptions in the order of their ids."""
        return await REDEMPTIONS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Redemption]) -> None:
        """Write redemptions, new and changed, in one statement."""
        await REDEMPTIONS.save(connection, states)

    def key_of(self, state: Redemption) -> UUID:
        """Return the redemption's id."""
        return state.id


class RedemptionsOf(ReadModel[int, RedemptionList]):
    """What a player redeemed, the newest first."""

    state = RedemptionList
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, RedemptionList]:
        """Read each player's that is wanted; operators ask for one at a time."""
        return {key: RedemptionList(redemptions=await _redemptions(connection, key)) for key in keys}


async def _redemptions(connection: Connection, player_id: int) -> tuple[RedemptionView, ...]:
    rows = await connection.fetch(SQL["redemptions_of_player"], player_id, REDEMPTIONS_SHOWN_MAX)
    return tuple(REDEMPTIONS.state_of(row).view() for row in rows)


class AttemptBook(Journal[Attempt]):
    """Every code that was typed, and what came of it."""

    row = Attempt

    async def append(self, connection: Writer, rows: Sequence[Attempt]) -> None:
        """Write the attempts in one statement."""
        await connection.execute(SQL["append_attempts"], list(map(msgspec.structs.astuple, rows)))


def _redeemer_of(row: Record) -> Redeemer:
    player_id, joined_at, has_bought, failures, blocked_until = row
    return Redeemer(player_id, joined_at, has_bought, tuple(failures), blocked_until)
