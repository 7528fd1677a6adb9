"""A state that is found through another state: which key, which lock order, and what a dangling one comes to."""

from typing import Annotated, Any

import msgspec
import pytest
from stage.app import Accounts, Entries
from stage.language import Deposit, Move

from actors.actor import Actor
from actors.clock import SystemClock
from actors.engine.delivery import local
from actors.engine.outage import is_outage
from actors.engine.state_keys import keys_of
from actors.engine.turns import Turns
from actors.store import Connection, Store, Via, Writer
from actors.testing import decide
from actors.turn import Turn
from contracts.envelope import first_envelope


class Holder(msgspec.Struct):
    """Names the account that it pays from."""

    account: str
    pays_from: str | None = None


class Holders(Store[str, Holder]):
    state = Holder
    key_field = "account"

    async def load(self, connection: Connection, keys: Any) -> dict[str, Holder]:
        sql = "select account, balance from accounts where account = any($1) order by account for update"
        return {row[0]: Holder(row[0], f"purse-{row[1]}") for row in await connection.fetch(sql, list(keys))}

    async def save(self, connection: Writer, states: Any) -> None:
        raise AssertionError("a holder is never changed here")


class Purse(msgspec.Struct):
    account: str
    balance: int = 0


class Purses(Accounts):
    state = Purse

    async def load(self, connection: Connection, keys: Any) -> Any:
        return {key: Purse(key, one.balance) for key, one in (await super().load(connection, keys)).items()}


def _actor() -> Actor:
    actor = Actor("stage")

    @actor.on(Deposit)
    def deposit(
        command: Deposit, holder: Holder | None, purse: Annotated[Purse | None, Via(Holder, _purse_of)], turn: Turn
    ) -> None:
        turn.reply({"purse": None if purse is None else purse.balance})
        if purse is not None:
            purse.balance += command.amount

    actor.keep(Holders(), Purses(), Entries())
    return actor


def _purse_of(holder: Holder, command: Deposit) -> str | None:
    return holder.pays_from


async def _take(pool: Any, actor: Actor, account: str, number: int) -> Any:
    command = Deposit(account=account, amount=5)
    clock = SystemClock()
    envelope = first_envelope(
        command, identifier=f"m{number}", time=clock.now(), source="test", reply_to="_INBOX_stage.x"
    )
    return await Turns(actor, pool=pool, clock=clock).take([local(command, envelope)])


async def test_a_state_is_found_through_another_and_saved(pool: Any) -> None:
    await pool.execute("insert into accounts values ('ann', 7), ('purse-7', 30)")
    taken = await _take(pool, _actor(), "ann", 1)
    assert [answer for _, answer in taken.replies] == [b'{"purse":30}']
    assert await pool.fetchval("select balance from accounts where account = 'purse-7'") == 35


async def test_nobody_to_ask_is_an_absent_state(pool: Any) -> None:
    taken = await _take(pool, _actor(), "nobody", 1)
    assert [answer for _, answer in taken.replies] == [b'{"purse":null}']


async def test_a_state_that_is_named_and_not_there_is_an_error(pool: Any) -> None:
    await pool.execute("insert into accounts values ('ann', 7)")
    taken = await _take(pool, _actor(), "ann", 1)
    ((_, error),) = taken.failed
    assert "Purse 'purse-7' is named by another state and is not there" in str(error)


def test_the_other_state_is_locked_before() -> None:
    actor = Actor("stage")

    @actor.on(Deposit)
    def deposit(
        command: Deposit, holder: Holder | None, purse: Annotated[Purse | None, Via(Holder, _purse_of)]
    ) -> None: ...

    actor.keep(Purses(), Holders())
    with pytest.raises(TypeError, match="keep Holder before Purse"):
        actor.handlers()


def test_the_other_state_is_named_by_the_same_handler() -> None:
    actor = Actor("stage")

    @actor.on(Move)
    def move(command: Move, purse: Annotated[Purse | None, Via(Holder, _purse_of)]) -> None: ...

    actor.keep(Holders(), Purses())
    with pytest.raises(TypeError, match="names no Holder before"):
        actor.handlers()


async def test_decide_follows_it_too() -> None:
    ann, purse, stranger = Holder("ann", "purse-7"), Purse("purse-7", 30), Purse("purse-8", 1)
    decision = await decide(_actor(), Deposit(account="ann", amount=5), ann, stranger, purse)
    assert decision.replies == [{"purse": 30}]
    assert (purse.balance, stranger.balance) == (35, 1)


def test_keys_are_locked_in_their_order() -> None:
    (need,) = [need for need in _actor().handlers()[Deposit].states if need.via is None]
    names = [f"holder-{number}" for number in range(50)]
    wanted = [(need, Deposit(account=name, amount=1)) for name in reversed(names)]
    assert keys_of(wanted, {}) == sorted(names)


def test_a_key_that_cannot_be_found_is_no_outage() -> None:
    def find(holder: Holder, command: Deposit) -> str | None:
        raise ConnectionError("that is what an outage looks like")

    actor = Actor("stage")

    @actor.on(Deposit)
    def deposit(command: Deposit, holder: Holder | None, purse: Annotated[Purse | None, Via(Holder, find)]) -> None: ...

    actor.keep(Holders(), Purses())
    first, second = actor.handlers()[Deposit].states
    command = Deposit(account="ann", amount=1)
    with pytest.raises(LookupError, match="a key cannot be found") as caught:
        keys_of([(second, command)], {first.store: {"ann": Holder("ann")}})
    assert not is_outage(caught.value)
