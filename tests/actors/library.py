"""Two toy services: a library that tells of its books, and a reader that comes late and keeps a copy of all of them."""

import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from actors.actor import Actor
from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.store import Connection, Journal, Store, Writer
from actors.turn import Turn
from contracts.message import Command, Event

LIBRARY_TABLES = "create table books (title text primary key, copies int not null, revision int not null)"
LATE_TABLES = """
create table books (title text primary key, copies int not null, revision int not null);
create table heard (title text not null, how text not null);
"""


class PutBook(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "library.cmd.{title}.put_book"
    title: str
    copies: int


class BookChanged(Event, frozen=True, kw_only=True):
    subject: ClassVar[str] = "library.evt.{title}.book_changed"
    title: str
    copies: int
    revision: int


class BookRestated(Event, frozen=True, kw_only=True):
    subject: ClassVar[str] = "library.evt.{hearer}.book_restated"
    hearer: str
    title: str
    copies: int
    revision: int
    as_of: datetime


class Book(msgspec.Struct):
    title: str
    copies: int = 0
    revision: int = 0


class Heard(msgspec.Struct, frozen=True):
    title: str
    how: str


class Books(Store[str, Book]):
    state = Book
    key_field: ClassVar[str] = "title"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Book]:
        sql = "select title, copies, revision from books where title = any($1) order by title for update"
        return {row[0]: Book(*row) for row in await connection.fetch(sql, keys)}

    async def save(self, connection: Writer, states: Sequence[Book]) -> None:
        await connection.execute(
            "insert into books select * from unnest($1::text[], $2::int[], $3::int[]) on conflict (title)"
            " do update set copies = excluded.copies, revision = excluded.revision",
            [state.title for state in states],
            [state.copies for state in states],
            [state.revision for state in states],
        )

    def blank(self, key: str) -> Book:
        return Book(key)


class HeardBooks(Journal[Heard]):
    row = Heard

    async def append(self, connection: Writer, rows: Sequence[Heard]) -> None:
        sql = "insert into heard select * from unnest($1::text[], $2::text[])"
        await connection.execute(sql, [row.title for row in rows], [row.how for row in rows])


library = Actor("library")
late = Actor("late")


@library.on(PutBook)
def put_book(command: PutBook, book: Book, turn: Turn) -> None:
    book.copies, book.revision = command.copies, book.revision + 1
    turn.emit(BookChanged(title=book.title, copies=book.copies, revision=book.revision))


@library.restate(
    "books",
    page="select title, copies, revision from books where title > coalesce($1::text, '') order by title limit $2",
    event=BookRestated,
)
def restate_book(row: Any, hearer: str, as_of: datetime) -> BookRestated:
    if row["copies"] == 666:
        raise ArithmeticError("a bug")
    return BookRestated(hearer=hearer, title=row["title"], copies=row["copies"], revision=row["revision"], as_of=as_of)


@late.on(BookChanged)
def book_changed(event: BookChanged, book: Book, turn: Turn) -> None:
    _keep(event, book)
    turn.record(Heard(event.title, "changed"))


@late.on(BookRestated)
def book_restated(event: BookRestated, book: Book, turn: Turn) -> None:
    _keep(event, book)
    turn.record(Heard(event.title, "restated"))


def _keep(event: BookChanged | BookRestated, book: Book) -> None:
    """The highest revision is the truth, whichever event tells it."""
    if event.revision > book.revision:
        book.copies, book.revision = event.copies, event.revision


library.keep(Books())
late.keep(Books(), HeardBooks())

LIBRARY = ServiceSpec(name="library", actor=library)
LATE = ServiceSpec(name="late", actor=late, ack_wait_seconds=3)
OTHER = ServiceSpec(name="other", actor=late)
"""Somebody else who hears restated books, told to them."""


@contextlib.asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    del means
    yield Provided()
