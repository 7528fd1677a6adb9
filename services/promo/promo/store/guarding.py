"""The guard's rows: its alarm, and what it counts."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from promo.domain.alarm import ALARM, Alarm, Vigilance

SQL: Final = load("promo.store", "guarding.sql")


class AlarmStore(Store[str, Alarm]):
    """One row: the alarm."""

    state = Alarm
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Alarm]:
        """Load and lock the alarm."""
        return {row["name"]: Alarm(*row) for row in await connection.fetch(SQL["load_alarms"], keys)}

    async def save(self, connection: Writer, states: Sequence[Alarm]) -> None:
        """Write the alarm."""
        await connection.execute(SQL["save_alarms"], list(map(msgspec.structs.astuple, states)))

    def blank(self, key: str) -> Alarm:
        """Return calm."""
        return Alarm(key)


class Vigilances(ReadModel[str, Vigilance]):
    """How strict the throttle is, for who only looks: everybody who types a code does, so nobody locks it."""

    state = Vigilance
    key_field = "name"

    def key(self, message: object, field: str | None = None) -> str:
        """Return the one key there is, whatever the message."""
        del message, field
        return ALARM

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Vigilance]:
        """Look at the alarm."""
        rows = await connection.fetch(SQL["look_at_alarms"], keys)
        return {row["name"]: Vigilance(Alarm(*row).failures_allowed) for row in rows}

    def blank(self, key: str) -> Vigilance:
        """Return what holds while all is calm."""
        return Vigilance(Alarm(key).failures_allowed)
