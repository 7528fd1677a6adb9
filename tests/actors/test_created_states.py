"""A handler that fails leaves nothing of what it created, wherever it fails; and a replayed one creates it again."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
import pytest
from stage.app import Account, Accounts, Entries, Entry

from actors.actor import Actor
from actors.clock import SystemClock
from actors.engine.delivery import local
from actors.engine.turn_result import TurnResult
from actors.engine.turns import Turns
from actors.store import Connection, Store, Writer
from actors.turn import Turn
from contracts.envelope import first_envelope
from contracts.message import Command, Contract


class Open(Command, frozen=True, kw_only=True):
    """Create a state, and then what `how` says."""

    subject: ClassVar[str] = "stage.cmd.{by}.open"
    by: str
    account: str
    how: str


class Add(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "stage.cmd.{account}.add"
    account: str


class Note(msgspec.Struct, frozen=True):
    """What neither a store nor a journal keeps."""

    text: str


class Endpoint(msgspec.Struct):
    name: str


class Endpoints(Store[str, Endpoint]):
    """Endpoints of a street that nobody may open without a name."""

    state = Endpoint
    key_field: ClassVar[str] = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Endpoint]:
        return {}

    async def save(self, connection: Writer, states: Sequence[Endpoint]) -> None:
        raise AssertionError("nothing of a failed handler is saved")

    def key_of(self, state: Endpoint) -> str:
        raise TimeoutError("a door without a number")


class _Unencodable:
    pass


async def _open(command: Open, turn: Turn) -> None:
    turn.create(Account(command.account, 10))
    match command.how:
        case "raises":
            raise ArithmeticError("a bug")
        case "keeps a row that no journal keeps":
            turn.record(Note("lost"))
        case "creates what no store keeps":
            turn.create(Note("lost"))
        case "creates what has no key":
            turn.create(Endpoint("red"))
        case "answers what cannot be encoded":
            turn.reply(_Unencodable())
        case "keeps a row that the database forbids":
            turn.record(Entry(command.account, 13))
        case _:
            turn.record(Entry(command.account, 10))


def _add(command: Add, account: Account, turn: Turn) -> None:
    account.balance += 1


@pytest.fixture
def turns(pool: Any) -> Turns:
    actor = Actor("stage")
    actor.on(Open)(_open)
    actor.on(Add)(_add)
    actor.keep(Accounts(), Endpoints(), Entries())
    return Turns(actor, pool=pool, clock=SystemClock())


def _delivery(message: Contract, identifier: str) -> Any:
    return local(message, first_envelope(message, identifier=identifier, time=SystemClock().now(), source="test"))


FAILURES = [
    "raises",
    "keeps a row that no journal keeps",
    "creates what no store keeps",
    "creates what has no key",
    "answers what cannot be encoded",
    "keeps a row that the database forbids",
]


@pytest.mark.parametrize("how", FAILURES)
async def test_a_handler_that_fails_leaves_nothing_of_what_it_created(turns: Turns, pool: Any, how: str) -> None:
    taken = await turns.take([_delivery(Open(by="x", account="ann", how=how), "bad")])
    assert [delivery.envelope.id for delivery, _ in taken.failed] == ["bad"]
    assert await _accounts(pool) == {}
    assert await pool.fetchval("select count(*) from inbox") == 0


@pytest.mark.parametrize("how", FAILURES)
async def test_the_next_handler_of_the_batch_does_not_meet_what_a_failed_one_created(
    turns: Turns, pool: Any, how: str
) -> None:
    taken = await turns.take(
        [
            _delivery(Open(by="x", account="ann", how=how), "bad"),
            _delivery(Add(account="ann"), "add"),
            _delivery(Open(by="y", account="bob", how="well"), "good"),
        ]
    )
    assert _ids(taken) == {"add", "good"}
    assert await _accounts(pool) == {"ann": 1, "bob": 10}


async def test_the_next_handler_of_the_batch_meets_what_one_created_that_did_not_fail(turns: Turns, pool: Any) -> None:
    opened = _delivery(Open(by="x", account="ann", how="well"), "open")
    taken = await turns.take([opened, _delivery(Add(account="ann"), "add")])
    assert _ids(taken) == {"open", "add"}
    assert await _accounts(pool) == {"ann": 11}


def _ids(taken: TurnResult) -> set[str]:
    return {delivery.envelope.id for delivery in taken.done}


async def _accounts(pool: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in await pool.fetch("select account, balance from accounts")}
