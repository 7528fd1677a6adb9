"""Grants of payments as rows."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Store, Writer
from actors.table import Table
from contracts.gameplay import GoodsView, GrantHeld, GrantsQuery, PremiumHeld, PremiumQuery
from contracts.payments import PremiumTerm
from gameplay.domain.grants import Grant

SQL: Final = load("gameplay.store", "grants.sql")
GRANTS: Final = Table(Grant, "grants", key="id", row_type="grant_row_2", names={"goods.": ""}, fixed=("player_id",))

_terms: Final = msgspec.json.Decoder(tuple[PremiumTerm, ...])


class GrantStore(Store[UUID, Grant]):
    """One row a grant, given or taken back or both."""

    state = Grant
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Grant]:
        """Load and lock grants in the order of their ids."""
        return await GRANTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Grant]) -> None:
        """Write grants, new and changed, in one statement."""
        await GRANTS.save(connection, states)

    def key_of(self, state: Grant) -> UUID:
        """Return the grant's id."""
        return state.id


async def held_grants(connection: Connection, asked: GrantsQuery) -> tuple[GrantHeld, ...]:
    """Return grants by id, with what the journal of value has of each."""
    ids = asked.ids
    if ids is None:
        page, more = ("grants_page", ()) if asked.since is None else ("changed_grants_page", (asked.since,))
        ids = [row[0] for row in await connection.fetch(SQL[page], asked.after, asked.limit, *more)]
    return tuple(map(_held_of, await connection.fetch(SQL["held_grants"], ids)))


async def held_premium(connection: Connection, asked: PremiumQuery) -> tuple[PremiumHeld, ...]:
    """Return the premium of players of whom payments has told, by player."""
    if asked.player_ids is None:
        rows = await connection.fetch(SQL["held_premium_page"], asked.after, asked.limit)
    else:
        rows = await connection.fetch(SQL["held_premium"], asked.player_ids)
    return tuple(PremiumHeld(player_id=row[0], revision=row[1], terms=_terms.decode(row[2])) for row in rows)


def _held_of(row: Record) -> GrantHeld:
    heard, given, taken = (_goods_of(row[begin : begin + 4]) for begin in (5, 9, 13))
    return GrantHeld(
        grant_id=row[0],
        player_id=row[1],
        heard=heard,
        given=given,
        taken=taken,
        granted_at=row[2],
        revoked_at=row[3],
        changed_at=row[4],
    )


def _goods_of(amounts: Sequence[int]) -> GoodsView:
    paid_energy, saver_tokens, duel_tickets, mode_hours = amounts
    return GoodsView(
        paid_energy=paid_energy, saver_tokens=saver_tokens, duel_tickets=duel_tickets, mode_hours=mode_hours
    )
