"""The ledger within real turns: one statement with everything else a turn writes; and its endpoints."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from actors.actor import Actor
from actors.clock import ManualClock, SystemClock
from actors.endpoints import Endpoint, EndpointError
from actors.engine.delivery import Delivery, local
from actors.engine.turns import Turns
from actors.testing import asked
from actors.turn import Turn
from contracts.envelope import first_envelope
from contracts.ids import ADMIN_ID, new_entity_id
from contracts.message import Contract
from contracts.payments import CreditPurchase, Product, Provider, ShowLedgerAccount
from devstack.databases import Database
from payments.domain import ledger
from payments.handlers.ledger import LedgerBalanceQuery, query_ledger_balance, show_ledger_account
from payments.handlers.recovery import forget_old
from payments.handlers.table import actor as payments_actor
from payments.store.ledger import Balance, LedgerAccounts, LedgerJournal, find_differing, find_unbalanced, read_balances

pytestmark = pytest.mark.services("payments")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
CLEARING = "house:PROVIDER_CLEARING:TELEGRAM"


def credit(command: CreditPurchase, turn: Turn) -> None:
    """Sell a mega pack, and say so to oneself: the outbox is part of the statement too."""
    turn.record(
        ledger.sale(
            transaction_id=turn.new_id(),
            purchase_id=command.purchase_id,
            charge_id=f"charge-{command.purchase_id}",
            player_id=command.player_id,
            provider=Provider.TELEGRAM,
            product=Product.MEGA_PACK_15,
            amount=15,
            currency="XTR",
            at=turn.now,
        )
    )
    turn.emit(forget_old.due())


class Service:
    """Payments' ledger in real turns, without NATS and without the shop."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        actor = Actor("payments")
        actor.keep(LedgerAccounts(), LedgerJournal())
        actor.on(CreditPurchase)(credit)
        actor.on(ShowLedgerAccount)(show_ledger_account)
        self.pool = pool
        self.turns = Turns(actor, pool=pool, clock=ManualClock(NOON))

    async def balances(self, *accounts: str) -> list[Balance]:
        async with self.pool.acquire() as connection:
            assert await find_unbalanced(connection) == []
            assert await find_differing(connection) == []
            return await read_balances(connection, accounts)


def heard(message: Contract, identifier: str, **more: str) -> Delivery:
    return local(message, first_envelope(message, identifier=identifier, time=NOON, source="test", **more))


def bought(number: int, *, purchase: int | None = None) -> CreditPurchase:
    return CreditPurchase(player_id=1 + number % 10, purchase_id=new_entity_id(f"p{purchase or number}", 1, NOON))


@pytest.fixture
async def service(pool: "asyncpg.Pool[asyncpg.Record]") -> Service:
    return Service(pool)


async def test_two_hundred_sales_are_one_statement(database: Database):
    seen: list[str] = []

    async def watch(connection: Any) -> None:
        connection.add_query_logger(lambda query: seen.append(query.query))

    async with asyncpg.create_pool(database.dsn("payments"), min_size=1, max_size=1, init=watch) as pool:
        service = Service(pool)
        taken = await service.turns.take([heard(bought(number), f"m{number}") for number in range(1, 201)])
        assert taken.failed == []
        assert len(taken.outbox) == 200
        (written,) = [query for query in seen if "insert into" in query]
        assert all(table in written for table in ("ledger_transactions", "ledger_entries", "inbox", "outbox"))
        await _holds_two_hundred(service)


async def _holds_two_hundred(service: Service) -> None:
    assert await service.balances("player:1", CLEARING) == [
        Balance(CLEARING, "XTR", 200 * 15),
        Balance("player:1", "MODE_HOURS", 20 * 24),
        Balance("player:1", "PAID_ENERGY", 20 * 15),
    ]


async def test_a_message_heard_again_is_written_once(service: Service):
    for _ in range(2):
        taken = await service.turns.take([heard(bought(number), f"m{number}") for number in (1, 2, 1)])
        assert taken.failed == []
    assert await service.balances(CLEARING) == [Balance(CLEARING, "XTR", 30)]


async def test_a_second_sale_of_a_purchase_fails_alone(service: Service):
    await service.turns.take([heard(bought(1), "m1")])
    batch = [heard(bought(number), f"m{number}") for number in range(2, 9)]
    batch.insert(3, heard(bought(9, purchase=1), "m9"))
    taken = await service.turns.take(batch)
    assert [(delivery.envelope.id, type(error)) for delivery, error in taken.failed] == [
        ("m9", asyncpg.UniqueViolationError)
    ]
    assert await service.balances(CLEARING) == [Balance(CLEARING, "XTR", 8 * 15)]


# -- endpoints --------------------------------------------------------------------------------------


async def test_an_operator_sees_an_account_and_is_written_down(service: Service):
    await service.turns.take([heard(bought(number), f"m{number}") for number in (1, 11, 21)])
    request, command = asked(payments_actor, "ledger", "account", account="player:2", entries=4)

    async def ask() -> Any:
        asking = heard(command, f"{ADMIN_ID}payments.ledger.account:r1", reply_to="_INBOX.x")
        asking.operator, asking.body = "mira", msgspec.json.encode(request)
        taken = await service.turns.take([asking])
        assert taken.failed == []
        return msgspec.json.decode(taken.replies[0][1])

    answer = await ask()
    assert answer["balances"] == {"MODE_HOURS": 72, "PAID_ENERGY": 45}
    assert [(entry["asset"], entry["amount"]) for entry in answer["entries"]] == [
        ("MODE_HOURS", 24),
        ("PAID_ENERGY", 15),
        ("MODE_HOURS", 24),
        ("PAID_ENERGY", 15),
    ]
    newest = answer["entries"][0]
    assert (newest["kind"], newest["reason"], newest["player_id"]) == ("SALE", "MEGA_PACK_15", 2)
    assert UUID(newest["purchase_id"]) == bought(21).purchase_id
    await service.turns.take([heard(bought(31), "m31")])
    assert await ask() == answer  # a repeated request gets the first answer
    async with service.pool.acquire() as connection:
        rows = await connection.fetch("select operator, request, answer from audit")
    assert [(row[0], json.loads(row[1])["account"], json.loads(row[2])) for row in rows] == [
        ("mira", "player:2", answer)
    ]


async def test_an_account_without_entries_is_empty_and_one_of_no_such_name_is_refused(service: Service):
    _, command = asked(payments_actor, "ledger", "account", account="debt:9")
    taken = await service.turns.take([heard(command, "x", reply_to="_INBOX.x")])
    assert msgspec.json.decode(taken.replies[0][1]) == {"account": "debt:9", "balances": {}, "entries": []}
    for wrong in ({"account": "house:TREASURE"}, {"account": "player:07"}, {"account": "player:1", "entries": 0}):
        with pytest.raises(EndpointError, match=list(wrong)[-1]):
            asked(payments_actor, "ledger", "account", **wrong)


async def test_the_balance_door_reads_without_a_command(service: Service):
    await service.turns.take([heard(bought(1), "m1")])
    endpoint = Endpoint(clock=SystemClock(), acquire=service.pool.acquire, resources=None)
    answer = await query_ledger_balance(LedgerBalanceQuery(account="house:SALES"), endpoint)
    assert answer.balances == {"XTR": -15, "PAID_ENERGY": -15, "MODE_HOURS": -24}


def test_the_doors_are_in_payments_table():
    assert "ledger_balance" in {query.name for query in payments_actor.queries}
    assert ("ledger", "account") in {(admin.noun, admin.verb) for admin in payments_actor.admins}
