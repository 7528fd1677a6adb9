"""An effect is forgotten together with the last of its results, and never repeated because a message is refused."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from stage.app import Account, Accounts, Entries, Entry
from stage.language import Deposit, Rang
from stage.outside import Outside, build, service

from actors.actor import Actor
from actors.clock import SystemClock
from actors.effects import Done
from actors.engine.delivery import Delivery, Outcome, local
from actors.engine.outcome import ended_by, settle
from actors.engine.rows import EffectRow, PendingDeletes
from actors.engine.runtime import Running, running
from actors.engine.turns import Turns
from actors.turn import Turn
from contracts.envelope import Envelope, first_envelope

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    monkeypatch.setattr("actors.engine.settlement._BACKOFF_SECONDS", (0.05,))
    return Outside()


def _replica(stage: Any, outside: Outside) -> AbstractAsyncContextManager[Running]:
    return running(service(outside), stage.settings(), build, clock=SystemClock())


async def test_an_effect_whose_result_the_database_refuses_is_performed_once(stage: Any, outside: Outside) -> None:
    outside.hear = lambda event, turn: turn.record(Entry(event.account, 13))
    async with _replica(stage, outside):
        await stage.send(Deposit(account="kim", amount=1), "d1")
        (letter,) = await stage.until(lambda: _letters(stage))
        await stage.until(stage.settled)
    assert (letter["type_name"], letter["message_id"][:7]) == ("stage.evt.rang", "effect:")
    assert outside.called("kim") == [0]
    assert await stage.balances() == {"kim": 1}


async def test_a_refused_message_of_one_player_repeats_nobodys_calls(
    stage: Any, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What earlier turns left to delete goes along with the batch whose culprit is alone in the end."""
    monkeypatch.setattr("actors.engine.turn_loop._TIDY_SECONDS", 30.0)
    monkeypatch.setattr("actors.engine.effect_runner._POLL_ALONE_SECONDS", 0.02)
    outside.number_of_results = 0
    async with _replica(stage, outside) as replica:
        for number in range(10):
            await stage.send(Deposit(account=f"a{number}", amount=1), f"d{number}")
        await stage.until(lambda: _called(outside, 10))
        assert replica.engine is not None
        await stage.send(Deposit(account="evil", amount=13), "evil")
        await stage.until(lambda: _letters(stage))
        await stage.until(lambda: _effects(stage, 0))
        await stage.send(Deposit(account="last", amount=1), "last")
        await stage.until(lambda: _called(outside, 11))
    assert sorted(account for _, account, _ in outside.calls) == sorted([*(f"a{n}" for n in range(10)), "last"])


async def test_a_result_whose_handler_raised_is_heard_after_a_restart_and_the_call_is_not_repeated(
    stage: Any, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.settlement._BACKOFF_SECONDS", (60.0,))
    outside.number_of_results = 2

    def fail(event: Rang, turn: Turn) -> None:
        if event.number == 2:
            raise ArithmeticError("a bug that the next release mends")

    outside.hear = fail
    async with _replica(stage, outside):
        await stage.send(Deposit(account="kim", amount=1), "d1")
        await stage.until(lambda: _written(stage))
        assert await _effects(stage, 1)
    outside.hear = lambda event, turn: None
    async with _replica(stage, outside):
        await stage.until(stage.settled)
    assert outside.called("kim") == [0]
    assert await stage.balances() == {"kim": 2_001}


async def test_an_effect_goes_with_the_dead_letter_of_its_last_result_or_not_at_all(
    stage: Any, outside: Outside
) -> None:
    """The database refuses to delete: then there is no letter either."""
    owner = await asyncpg.connect(stage.database.owner_dsn())
    await owner.execute(
        "create sequence tried; grant usage on tried to stage;"
        "create function keep() returns trigger language plpgsql as $$ begin"
        " perform nextval('tried'); raise exception 'not now'; end $$;"
        "create trigger keep before delete on effects for each row execute function keep()"
    )

    def fail(event: Rang, turn: Turn) -> None:
        raise ArithmeticError("a bug")

    outside.hear = fail
    async with _replica(stage, outside):
        await stage.send(Deposit(account="kim", amount=1), "d1")

        async def tried() -> bool:
            return await owner.fetchval("select is_called from tried")

        await stage.until(tried)
        assert await stage.connection.fetchval("select count(*) from dead_letters") == 0
        await owner.execute("drop trigger keep on effects")
    async with _replica(stage, outside):
        await stage.until(lambda: _letters(stage))
        await stage.until(stage.settled)
    await owner.close()
    assert outside.called("kim") == [0]


async def test_an_effect_that_is_given_up_goes_with_its_letter_or_not_at_all(
    stage: Any, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner.ATTEMPTS_MAX", 1)
    monkeypatch.setattr("actors.engine.settlement._UNKEPT_SECONDS", 0.05)
    owner = await asyncpg.connect(stage.database.owner_dsn())
    await owner.execute(
        "create sequence tried; grant usage on tried to stage;"
        "create function refuse() returns trigger language plpgsql as $$ begin"
        " perform nextval('tried'); raise exception 'not now'; end $$;"
        "create trigger refuse before insert on dead_letters for each row execute function refuse()"
    )

    async def fail(*_: Any) -> Done:
        raise ConnectionError("the outside is broken")

    outside.answer = fail
    async with _replica(stage, outside):
        await stage.send(Deposit(account="kim", amount=1), "d1")

        async def tried() -> bool:
            return await owner.fetchval("select last_value from tried") >= 2

        await stage.until(tried)
        assert await _effects(stage, 1)
        await owner.execute("drop trigger refuse on dead_letters")
        await stage.until(lambda: _letters(stage))
        await stage.until(stage.settled)
    await owner.close()


def test_two_transactions_that_settle_the_last_two_results_side_by_side_leave_the_row_to_a_third() -> None:
    outcome = _outcome(2)
    first, second = outcome.results
    assert ended_by([first]) == ended_by([second]) == []
    assert settle([first], []) == []
    assert settle([second], []) == [outcome]


def test_an_effect_ends_with_the_last_of_its_results_whatever_the_order() -> None:
    outcome = _outcome(2)
    first, second = outcome.results
    assert ended_by([second]) == []
    settle([second], [])
    assert ended_by([second, first]) == [outcome]
    settle([first], [outcome])
    assert outcome.is_gone
    assert ended_by([first]) == []


class _Cut(Turns):
    """Postgres goes away when a batch of this size is tried."""

    cut_at = 0

    async def _attempt(self, deliveries: Any, housekeeping: PendingDeletes) -> Any:
        if len(deliveries) == self.cut_at and deliveries[-1].envelope.id == "good3":
            raise OSError("gone")
        return await super()._attempt(deliveries, housekeeping)


async def test_what_a_split_had_committed_when_postgres_went_away_is_known(pool: Any) -> None:
    turns = _Cut(_accounts(), pool=pool, clock=SystemClock())
    turns.cut_at = 2
    batch = [_deposit("good1", 1), _deposit("bad", 13), _deposit("good2", 1), _deposit("good3", 1)]
    taken = await turns.take(batch, PendingDeletes())
    assert ([d.envelope.id for d in taken.done], [d.envelope.id for d, _ in taken.failed]) == (["good1"], ["bad"])
    assert [d.envelope.id for d in taken.postponed] == ["good2", "good3"]
    assert isinstance(taken.outage, OSError)


async def test_an_outage_before_anything_was_committed_is_raised(pool: Any) -> None:
    turns = _Cut(_accounts(), pool=pool, clock=SystemClock())
    turns.cut_at = 1
    with pytest.raises(OSError, match="gone"):
        await turns.take([_deposit("good3", 1)], PendingDeletes())


async def test_housekeeping_that_is_refused_blames_no_message_and_is_not_forgotten(pool: Any) -> None:
    turns = Turns(_accounts(), pool=pool, clock=SystemClock())
    refused = PendingDeletes(published_batches=[1 << 70])
    taken = await turns.take([_deposit("good", 1)], refused)
    assert [d.envelope.id for d in taken.done] == ["good"]
    assert taken.untidied.published_batches == [1 << 70]


def _accounts() -> Actor:
    actor = Actor("stage")
    actor.keep(Accounts(), Entries())

    @actor.on(Deposit)
    def deposit(command: Deposit, account: Account, turn: Turn) -> None:
        turn.record(Entry(command.account, command.amount))

    return actor


def _deposit(identifier: str, amount: int) -> Delivery:
    message = Deposit(account=identifier, amount=amount)
    return local(message, first_envelope(message, identifier=identifier, time=NOW, source="test"))


def _outcome(results: int) -> Outcome:
    row = EffectRow(0, 1, 0, "kim", "Call", b"{}", Envelope(id="d1", type_name="t", time=NOW), NOW, NOW)
    return Outcome(row, [_deposit(f"effect:0-1-0/{number}", 1) for number in range(1, results + 1)])


async def _letters(stage: Any) -> Any:
    return await stage.connection.fetch("select * from dead_letters")


async def _called(outside: Outside, count: int) -> bool:
    return len(outside.calls) == count


async def _effects(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from effects") == count


async def _written(stage: Any) -> bool:
    return await stage.connection.fetchval("select count(*) from effects where result is not null") == 1
