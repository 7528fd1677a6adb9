"""Nobody gives payments an operator's command but an operator: with the real rights of everybody, on real streams."""

import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import nats
import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from pydantic import SecretStr
from till import World

from actors.clock import SystemClock
from actors.deploying.permissions import deployer, operator, permissions
from actors.deploying.provision import provision
from actors.engine.delivery import Delivery
from actors.engine.runtime import Dependencies, Provided, running
from actors.engine.turn_loop import TurnLoop
from actors.settings import Settings
from contracts.envelope import first_envelope
from contracts.message import Contract, encode, subject_of
from contracts.payments import (
    Currency,
    GrantPremium,
    Product,
    Provider,
    RecordPayment,
    RefundPurchase,
    RefundReason,
    SetPrice,
    ShopView,
    ShowShop,
)
from devstack.natsconf import NatsUser
from gameplay.app import SPEC as GAMEPLAY
from gateway.app import SPEC as GATEWAY
from payments.app import SPEC
from payments.domain.recovery import RecoverySettings
from payments.providers.registry import PaymentProviders
from payments.store.catalogue import ship
from promo.app import SPEC as PROMO
from referrals.app import SPEC as REFERRALS

pytestmark = pytest.mark.services("payments")

SPECS = [GATEWAY, GAMEPLAY, SPEC, PROMO, REFERRALS]
SHOP, TAKEN_BACK = "payments.cmd.666.show_shop", "gameplay.evt.1.grant_taken_back"
GIFT = GrantPremium(player_id=666, days=3660, rank=4, source="PROMO", reason="mira: a gift")


class House:
    """Payments, running; a sale of yesterday; and whoever may sign in."""

    def __init__(self, world: World, clients: dict[str, Any], loops: dict[str, TurnLoop]) -> None:
        self.world = world
        self.clients = clients
        self.loops = loops

    async def say(self, user: str, subject: str, message: Contract, identifier: str, **more: str) -> None:
        envelope = first_envelope(message, identifier=identifier, time=datetime.now(UTC), source="payments", **more)
        client = self.clients[user].jetstream()
        await client.publish(subject, encode(message), headers=envelope.headers(), timeout=2)

    async def ask(self, user: str, subject: str, **request: Any) -> Any:
        answer = await self.clients[user].request(subject, json.dumps(request).encode(), timeout=2)
        return json.loads(answer.data)

    async def letter(self, identifier: str) -> str:
        """Return why a message was put aside."""
        sql = "select error from dead_letters where message_id = $1"
        while (error := await self.world.value(sql, identifier)) is None:
            pass
        return str(error)


@pytest.fixture
async def house(
    database: Any, make_nats: Any, vault: Any, pool: "asyncpg.Pool[asyncpg.Record]"
) -> AsyncIterator[House]:
    rights = {spec.name: permissions(spec, SPECS) for spec in SPECS}
    rights |= {name: operator(name, SPECS) for name in ("mira", "ben")} | {"deploy": deployer()}
    users = [NatsUser(name, vault.nkey(name).public, some) for name, some in rights.items()]
    server = make_nats(users=users, system_key=vault.nkey("sys").public)
    clients: dict[str, Any] = {}
    for name, some in rights.items():
        prefix = some.inbox_prefix.encode()
        clients[name] = await nats.connect(
            server.url, nkeys_seed_str=vault.nkey(name).seed, inbox_prefix=prefix, error_cb=_silently
        )
    await provision(clients["deploy"], SPECS)
    async with pool.acquire() as connection:
        await ship(connection)
    world = World(pool)
    world.clock.set(datetime.now(UTC) - timedelta(minutes=5))
    await world.sale(7)

    @contextlib.asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        del means
        others = {kind: object() for kind in SPEC.actor.resources() - {PaymentProviders, RecoverySettings}}
        yield Provided(resources={PaymentProviders: world.providers, RecoverySettings: world.settings, **others})

    seed, dsn = SecretStr(vault.nkey("payments").seed), SecretStr(database.dsn("payments"))
    settings = Settings(nats_url=server.url, nats_nkey_seed=seed, postgres_dsn=dsn, log_level="error")
    async with running(SPEC, settings, build, clock=SystemClock()) as service:
        assert service.engine is not None
        yield House(world, clients, service.engine.loops)
    for client in clients.values():
        await client.close()


async def _silently(_: Exception) -> None:
    """What the server denies shows as a time-out as well."""


@pytest.mark.parametrize("user", ["gateway", "gameplay", "mira"])
async def test_the_server_denies_an_operator_s_command_on_its_own_subject(house: House, user: str) -> None:
    with pytest.raises(NatsTimeoutError):
        await house.say(user, subject_of(GIFT), GIFT, "m1")


async def test_in_the_clothes_of_what_a_service_may_say_it_is_put_aside(house: House) -> None:
    """By the gateway as a wish to see the shop, by gameplay as word of a grant taken back."""
    (bought,) = await house.world.pool.fetch("select id, player_id from purchases where state = 'CREDITED'")
    price = SetPrice(product=Product.PREMIUM_YEAR, currency=Currency.XTR, amount=1, operator="mira")
    now = datetime.now(UTC)
    paid = RecordPayment(
        player_id=666, provider=Provider.TELEGRAM, charge_id="forged", payload="", amount=5, currency="XTR", paid_at=now
    )
    refund = RefundPurchase(player_id=bought[1], purchase_id=bought[0], reason=RefundReason.OPERATOR)
    wishes = {"m1": GIFT, "m2": price, "m3": paid, "m4": refund}
    for identifier, wish in wishes.items():
        await house.say("gateway", SHOP, wish, f"gateway-{identifier}", origin="admin:mira")
        await house.say("gameplay", TAKEN_BACK, wish, f"gameplay-{identifier}", origin="admin:mira")
    for identifier in wishes:
        assert "subject says payments.cmd.show_shop" in await house.letter(f"gateway-{identifier}")
        assert "subject says gameplay.evt.grant_taken_back" in await house.letter(f"gameplay-{identifier}")
    world = house.world
    assert await world.value("select count(*) from customers where player_id = 666") == 0
    assert await world.value("select count(*) from prices where product = 'PREMIUM_YEAR' and currency = 'XTR'") == 1
    assert await world.value("select count(*) from charges where id = 'forged'") == 0
    assert await world.value("select state from purchases where id = $1", bought[0]) == "CREDITED"
    assert await world.value("select count(*) from audit") == 0


async def test_nobody_signs_the_audit_by_an_id_or_an_origin(house: House) -> None:
    wish, own = ShowShop(player_id=666, view=ShopView.SHOP), "admin:payments.premium.grant:r-1"
    await house.say("gateway", SHOP, wish, own, origin="admin:mira")
    assert "is an operator's own" in await house.letter(own)
    request = {"request_id": "r-1", "player_id": 8, "days": 7, "rank": 1, "reason": "ours"}
    granted = await house.ask("ben", "admin.payments.premium.grant.ben", **request)
    assert granted["rank"] == 1
    (row,) = await house.world.pool.fetch("select operator, request_id from audit")
    assert tuple(row) == ("ben", own)
    assert await house.world.value("select reason from ledger_transactions where kind = 'GRANT'") == "ben: ours"


async def test_an_operator_asks_in_their_own_name_only(house: House) -> None:
    request = {"request_id": "r-1", "player_id": 8, "days": 7, "rank": 1, "reason": "ours"}
    for user in ("mira", "gateway", "payments"):
        with pytest.raises((NatsTimeoutError, NoRespondersError)):
            await house.ask(user, "admin.payments.premium.grant.ben", **request)
    refused = await house.ask("mira", "admin.payments.premium.grant.mira", **request, operator="ben")
    assert (refused["code"], "operator: " in refused["error"]) == (400, True)
    assert await house.world.value("select count(*) from audit") == 0


async def test_an_operator_s_command_takes_its_turn_in_the_lane_of_its_contract(house: House) -> None:
    turns: list[str] = []

    def note(lane: str, loop: TurnLoop) -> None:
        offer = loop.offer

        def noted(delivery: Delivery) -> None:
            turns.append(f"{lane} {delivery.envelope.type_name}")
            offer(delivery)

        loop.offer = noted

    for lane, loop in house.loops.items():
        note(lane, loop)
    purchase_id = str(await house.world.value("select id from purchases where state = 'CREDITED'"))
    wanted = {"request_id": "r-1", "player_id": 7, "purchase_id": purchase_id, "note": "ours"}
    assert (await house.ask("mira", "admin.payments.refund.start.mira", **wanted))["started"] is True
    shown = await house.ask("mira", "admin.payments.purchase.show.mira", request_id="r-1", purchase_id=purchase_id)
    assert shown["found"] is True
    asked = [turn for turn in turns if turn.split()[1].endswith(("refund_purchase", "show_purchase"))]
    assert asked == ["money payments.money.refund_purchase", "main payments.cmd.show_purchase"]
