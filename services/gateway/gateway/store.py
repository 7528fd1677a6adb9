"""The gateway's tables: chats, invoices, rooms, the update log, the pace of pushes. Queries are in store.sql."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import asyncpg

from actors.foreign_json import read_foreign
from actors.history import DeadLetter, count_waiting_effects, waiting_dead_letters
from actors.queries import load
from actors.store import Connection, Journal, Store, Writer
from actors.table import Table
from contracts.gateway import TelegramPaymentUpdate, TelegramUpdate
from gateway.domain.chat import Chat, Role
from gateway.domain.effects import AnswerTap
from gateway.domain.invoice import Invoice
from gateway.domain.log import UpdateRow
from gateway.domain.partnership import Partnership
from gateway.domain.room import Room

SQL = load("gateway", "store.sql")
INVOICES = Table(Invoice, "invoices", key="purchase_id", row_type="invoice_row")
PARTNERSHIPS = Table(Partnership, "partnerships", key="player_id", row_type="partnership_row_2")
ROOMS = Table(Room, "rooms", key="chat_id", row_type="room_row")
DEAD_UPDATES_AT_ONCE = 500
DEAD_ERROR_LENGTH_MAX = 500
MOVES_REMEMBERED_MAX = 10_000
_UPDATES = (TelegramUpdate, TelegramPaymentUpdate)
_UPDATE_ID = re.compile(r"tg:([0-9]{1,19})")
_BIGINT_MAX = 2**63 - 1


class ChatStore(Store[int, Chat]):
    """One row a player."""

    state = Chat
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Chat]:
        """Load and lock in key order."""
        rows = await connection.fetch(SQL["load_chats"], keys)
        return {row[0]: _chat(row) for row in rows}

    async def save(self, connection: Writer, states: Sequence[Chat]) -> None:
        """Write all in one statement; what no player did (a group, a channel) leaves no player behind."""
        players = [chat for chat in states if chat.player_id > 0]
        if not players:
            return
        columns: zip[tuple[Any, ...]] = zip(*(_row(chat) for chat in players), strict=True)
        await connection.execute(SQL["save_chats"], *(list(column) for column in columns))

    def blank(self, key: int) -> Chat:
        """A player nobody has met."""
        return Chat(player_id=key)


def _chat(row: asyncpg.Record) -> Chat:
    (player_id, language, first_name, username, role, blocked_at, tap_tokens, tapped_at, command_tokens,
     commanded_at, noticed_at, screen_message_id, screen_round, album, code_asked_at) = row  # fmt: skip
    return Chat(
        player_id=player_id,
        language=language,
        first_name=first_name,
        username=username,
        role=Role(role),
        blocked_at=blocked_at,
        tap_tokens=tap_tokens,
        tapped_at=tapped_at,
        command_tokens=command_tokens,
        commanded_at=commanded_at,
        noticed_at=noticed_at,
        screen_message_id=screen_message_id,
        screen_round=screen_round,
        album=album,
        code_asked_at=code_asked_at,
    )


def _row(chat: Chat) -> tuple[Any, ...]:
    return (
        chat.player_id, chat.language, chat.first_name, chat.username, int(chat.role), chat.blocked_at,
        chat.tap_tokens, chat.tapped_at, chat.command_tokens, chat.commanded_at, chat.noticed_at,
        chat.screen_message_id, chat.screen_round, chat.album, chat.code_asked_at,
    )  # fmt: skip


class InvoiceStore(Store[UUID, Invoice]):
    """Where invoices stand, one row a purchase, kept as long as Telegram lets a bot take a message back."""

    state = Invoice
    key_field = "purchase_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Invoice]:
        """Load and lock in key order."""
        return await INVOICES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Invoice]) -> None:
        """Write all in one statement."""
        await INVOICES.save(connection, states)

    def blank(self, key: UUID) -> Invoice:
        """An invoice that was not delivered yet."""
        return Invoice(purchase_id=key)


class PartnershipStore(Store[int, Partnership]):
    """One row a player of whom ops decided something."""

    state = Partnership
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Partnership]:
        """Load and lock in key order."""
        return await PARTNERSHIPS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Partnership]) -> None:
        """Write all in one statement."""
        await PARTNERSHIPS.save(connection, states)

    def blank(self, key: int) -> Partnership:
        """Somebody of whom nothing was decided."""
        return Partnership(key)


class RoomStore(Store[int, Room]):
    """One row a group or channel that spoke in its own name or moved."""

    state = Room
    key_field = "chat_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Room]:
        """Load and lock in key order."""
        return await ROOMS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Room]) -> None:
        """Write all in one statement."""
        await ROOMS.save(connection, states)

    def blank(self, key: int) -> Room:
        """A group or channel that nobody spoke for."""
        return Room(chat_id=key)


class UpdateLog(Journal[UpdateRow]):
    """Every update and what came of it, kept 14 days (DOMAIN §11)."""

    row = UpdateRow

    async def append(self, connection: Writer, rows: Sequence[UpdateRow]) -> None:
        """Write all in one statement; an update that is logged already keeps its first line."""
        columns = zip(
            *((r.update_id, r.player_id, r.chat_id, r.kind, r.command, r.status, r.error, r.handler_ms, r.received_at)
              for r in rows),
            strict=True,
        )  # fmt: skip
        await connection.execute(SQL["append_updates"], *(list(column) for column in columns))


class MovedRooms:
    """Where groups are that became supergroups. A group moves once and for ever, so what was found is remembered."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Look in the table of rooms."""
        self._pool = pool
        self._homes: dict[int, int] = {}

    async def home(self, chat_id: int) -> int:
        """Return the id by which a chat is to be called now: its own, unless it is a group that has moved."""
        if chat_id >= 0:
            return chat_id
        home = self._homes.get(chat_id)
        if home is None:
            home = await self._pool.fetchval(SQL["room_moved_to"], chat_id)
            if not home:
                return chat_id
            if len(self._homes) >= MOVES_REMEMBERED_MAX:
                self._homes.clear()
            self._homes[chat_id] = home
        return home


class PushPace:
    """The pace of messages nobody asked for, shared by all replicas."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, per_second: float) -> None:
        """Let through at most `per_second` messages."""
        self._pool = pool
        self.interval_seconds = 1 / per_second

    async def take(self) -> bool:
        """Take the next slot; False when it is not due yet."""
        return await self._pool.fetchval(SQL["take_push_slot"], self.interval_seconds) is not None


async def log_dead_updates(connection: Connection) -> None:
    """Write a line for updates that were put aside as dead letters and so left no line of their own.

    Whatever is in their bodies: it is often what they were put aside for.
    """
    after = 0
    while letters := await waiting_dead_letters(connection, _UPDATES, after=after, limit=DEAD_UPDATES_AT_ONCE):
        after = letters[-1].number
        rows = [row for row in map(_dead_update, letters) if row is not None]
        if rows:
            await UpdateLog().append(connection, rows)


def _dead_update(letter: DeadLetter) -> UpdateRow | None:
    """Return the line of an update; None for an id that Telegram's updates do not have."""
    numbered = _UPDATE_ID.fullmatch(letter.message_id)
    if numbered is None or int(numbered[1]) > _BIGINT_MAX:
        return None
    said = _said(letter.body)
    player_id, kind = said.get("player_id"), said.get("kind")
    return UpdateRow(
        update_id=int(numbered[1]),
        player_id=player_id if type(player_id) is int else 0,
        chat_id=0,
        kind=kind if isinstance(kind, str) else "",
        status="failed",
        error=letter.error[:DEAD_ERROR_LENGTH_MAX],
        received_at=letter.received_at,
    )


def _said(body: bytes) -> dict[str, Any]:
    try:
        found = read_foreign(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


async def try_poll_lock(connection: Connection) -> bool:
    """Take the lock of the one replica that polls, for as long as the connection lives; False when another has it."""
    return bool(await connection.fetchval(SQL["try_poll_lock"]))


async def count_taps(connection: Connection, since: datetime, answered_by: datetime) -> tuple[int, int]:
    """Return (taps heard since then, those of them that failed or whose answer waits since before `answered_by`)."""
    row = await connection.fetchrow(SQL["count_taps"], since)
    waiting = await count_waiting_effects(connection, AnswerTap, since=since, before=answered_by)
    return (row[0], row[1] + waiting) if row else (0, waiting)


async def chats_found(connection: Connection, player_id: int | None, name: str, limit: int) -> Sequence[asyncpg.Record]:
    """Return whose id it is, and those whose name or user name begins so, in capitals or not, with `@` or without."""
    begins = re.sub(r"([\\%_])", r"\\\1", name.removeprefix("@").lower())
    return await connection.fetch(SQL["chats_found"], player_id, f"{begins}%", limit)


async def invoice_sent(connection: Connection, purchase_id: UUID) -> asyncpg.Record | None:
    """Return the newest message with a purchase's invoice; None when none is known (they are kept for two days)."""
    return await connection.fetchrow(SQL["invoice_sent"], purchase_id)
