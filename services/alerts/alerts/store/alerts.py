"""Alerts as rows, their history, and what is to be delivered of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Store, Writer
from actors.table import Table
from alerts.domain.alert import Alert
from alerts.domain.delivery import Delivery, Told
from alerts.domain.internal_commands import LookAgain
from alerts.domain.muting import CAUSES, Mutes
from alerts.domain.reading import fingerprint_of_event
from alerts.domain.signal import fingerprint, fingerprint_of
from alerts.store.silences import read_silences
from contracts.alerts import HearOutsideAlert
from contracts.message import Event

SQL: Final = load("alerts.store", "alerts.sql")
ALERTS: Final = Table(Alert, "alerts", key="fingerprint", row_type="alert_row")
_encoder: Final = msgspec.json.Encoder()


class AlertStore(Store[str, Alert]):
    """One row for each event and key."""

    state = Alert
    key_field = "fingerprint"

    def key(self, message: Any, field: str | None = None) -> str:
        """Return the fingerprint of what a message is about, whoever says it."""
        del field
        if isinstance(message, Event):
            return fingerprint_of_event(message)
        if isinstance(message, HearOutsideAlert):
            return fingerprint(message.event, message.key)
        return message.fingerprint if isinstance(message, LookAgain) else fingerprint_of(message.alert_id)

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Alert]:
        """Load and lock alerts in the order of their fingerprints."""
        return await ALERTS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Alert]) -> None:
        """Write alerts, new and changed, in one statement."""
        await ALERTS.save(connection, states)

    def blank(self, key: str) -> Alert:
        """Return that of which nothing was heard."""
        return Alert(key)


class MutesNow(ReadModel[str, Mutes]):
    """What mutes at the moment, for every handler alike: nobody locks it."""

    state = Mutes
    key_field = "mutes"

    def key(self, message: object, field: str | None = None) -> str:
        """Return the one key there is, whatever the message."""
        del message, field
        return self.key_field

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Mutes]:
        """Read all silences that last, and the services of which a cause is open."""
        inhibited = await connection.fetch(SQL["inhibited"], CAUSES)
        mutes = Mutes(await read_silences(connection), frozenset(row[0] for row in inhibited))
        return dict.fromkeys(keys, mutes)


class HistoryBook(Journal[Told]):
    """What happened to alerts."""

    row = Told

    async def append(self, connection: Writer, rows: Sequence[Told]) -> None:
        """Write the lines in one statement."""
        columns = zip(*((one.alert_id, one.at, one.what, one.by, one.note) for one in rows), strict=True)
        await connection.execute(SQL["append_history"], *map(list, columns))


class DeliveryBook(Journal[Delivery]):
    """What is to be delivered, from the turn that wants it on."""

    row = Delivery

    async def append(self, connection: Writer, rows: Sequence[Delivery]) -> None:
        """Write the deliveries in one statement."""
        columns = zip(*map(_columns, rows), strict=True)
        await connection.execute(SQL["append_deliveries"], *map(list, columns))


def _columns(delivery: Delivery) -> tuple[Any, ...]:
    notice = delivery.notice
    said = _encoder.encode(notice).decode()
    return notice.notice_id, delivery.channel, notice.alert_id, notice.kind, said, delivery.created_at
