"""Stars that move without a purchase (DOMAIN §6): each kind is booked, and what nobody knows is told of."""

import asyncio
import json
from fractions import Fraction
from typing import Any

import asyncpg
import msgspec
import pytest
from star_list import HALF, OTHERS, blocked, house, in_order, list_of, said, stars
from till import DUES, World, reconciled

from contracts.payments import Provider, SettleDiff, SettlementKind
from contracts.payments import PurchaseState as S
from payments.domain.reconciliation import DiffKind
from payments.domain.stars import NANOS, BookStars
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.providers.star_rows import transaction
from payments.store.stars import StarsRows

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


# -- what is no purchase ------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["source", "receiver"])
@pytest.mark.parametrize("due", DUES)
async def test_each_kind_is_booked_to_an_account_of_its_own_once(world: World, due: Any, side: str) -> None:
    moment = int(world.now.timestamp())
    for number, (_, partner) in enumerate(OTHERS):
        list_of(world, said(id=f"m{number}", date=moment, **{side: partner}, **stars(number * NANOS + 100_000_000)))
    sign = -1 if side == "source" else 1
    expected = {f"STARS:{name}": sign * (n * NANOS + 100_000_000) for n, (name, _) in enumerate(OTHERS)}
    # Premium that we gave to somebody, and no payout asked for it, is booked and told of.
    told = [DiffKind.GIFT_NOT_OURS] if side == "receiver" else []
    for look in range(2):
        world.wait(hours=2)
        diffs = [diff.kind for diff in (await reconciled(world, due)).diffs]
        assert diffs == told or (look and diffs == [])
        assert await house(world) == expected | {"PROVIDER_CLEARING:TELEGRAM": -sum(expected.values())}
    if told:
        gift = next(f"m{number}" for number, (name, _) in enumerate(OTHERS) if name == "PREMIUM_GIFT")
        kind = SettlementKind.ACKNOWLEDGED
        await world.send(SettleDiff(provider=Provider.TELEGRAM, charge_id=gift, kind=kind, note="a raffle"))
    await in_order(world)


async def test_a_row_that_is_told_twice_is_booked_once(world: World) -> None:
    moment = int(world.now.timestamp())
    list_of(world, said(id="g", date=moment, amount=7, receiver=OTHERS[1][1]))
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    word = BookStars(direction="OUT", id="g", charge_id="g")
    await world.send(word, word)
    assert (await house(world))["STARS:GIFT"] == 7 * NANOS
    await in_order(world)


async def test_two_runs_at_once_book_a_row_once(world: World) -> None:
    """A second replica waits for the first one's turn, and finds the row booked."""
    await world.execute(
        "insert into provider_transactions (provider, id, direction, kind, charge_id, amount, currency, player_id,"
        " payload, at, seen_at, movement)"
        " values ('TELEGRAM', 'g', 'OUT', 'OTHER', 'g', 7, 'XTR', 0, '', $1, $1, 'GIFT')",
        world.now,
    )
    async with world.pool.acquire() as connection:
        first = connection.transaction()
        await first.start()
        assert await StarsRows().load(connection, [("OUT", "g")])
        late = asyncio.create_task(world.send(BookStars(direction="OUT", id="g", charge_id="g")))
        await blocked(world)
        await connection.execute("update provider_transactions set booked_at = $1", world.now)
        await first.commit()
    await late
    assert await house(world) == {}, "the first one booked it, not the second"


async def test_a_booking_that_got_lost_is_a_diff(world: World) -> None:
    list_of(world, said(id="g", date=int(world.now.timestamp()), amount=7, receiver=OTHERS[1][1]))
    world.wait(minutes=10)
    await world.run(reconcile_changes.due())
    await world.execute("update provider_transactions set amount = 8 where id = 'g'")
    run = await reconciled(world, reconcile_everything.due())
    assert [diff.line for diff in run.diffs if diff.kind is DiffKind.STARS_DIFFER] == [
        "account house:STARS:GIFT shows 7 XTR, the provider's list comes to 8"
    ]


async def test_the_same_id_may_go_both_ways(world: World) -> None:
    for side, at in (("receiver", 0), ("source", 1)):
        partner = {"type": "fragment", "withdrawal_state": {"type": "pending"}}
        list_of(world, said(id="w", date=int(world.now.timestamp()) + at, amount=5, **{side: partner}))
    await in_order(world)
    assert await house(world) == {}


async def test_fractions_add_up(world: World) -> None:
    for number in range(2):
        partner = {"type": "affiliate_program", "commission_per_mille": 50}
        list_of(world, said(id=f"a{number}", date=int(world.now.timestamp()), source=partner, **stars(HALF)))
    assert await world.stars.star_balance() == 1
    await in_order(world)
    world.stars.lost = Fraction(1, NANOS)  # type: ignore[assignment]
    run = await reconciled(world, reconcile_everything.due())
    (diff,) = run.diffs
    assert diff.line.startswith("TELEGRAM holds 0.999999999, its transactions add up to 1: -0.000000001 (a chargeback")


@pytest.mark.parametrize("has_row", [False, True])
async def test_a_withdrawal_that_failed_is_here_again_whether_a_row_tells_of_it_or_not(
    world: World, has_row: bool
) -> None:
    moment = int(world.now.timestamp())
    list_of(world, said(id="s", date=moment, source={"type": "telegram_ads"}, amount=40))
    list_of(
        world,
        said(id="w", date=moment, receiver={"type": "fragment", "withdrawal_state": {"type": "pending"}}, amount=30),
    )
    await in_order(world)
    assert (await house(world))["STARS:FRAGMENT"] == 30 * NANOS
    failed = {"type": "fragment", "withdrawal_state": {"type": "failed"}}
    world.stars.rows[1] = said(id="w", date=moment, receiver=failed, amount=30)
    if has_row:
        # Told as a row of its own, that row is what brings the Stars back.
        list_of(world, said(id="w", date=moment + 60, source={"type": "fragment"}, amount=30))
        world.stars.rows[2] = msgspec.structs.replace(world.stars.rows[2], has_come_back=True)
    await in_order(world)
    assert "STARS:FRAGMENT" not in await house(world)
    assert await world.value("select position from provider_cursors") == len(world.stars.rows)


async def test_a_withdrawal_that_fails_long_after_it_was_read_is_here_again_with_the_next_full_run(
    world: World,
) -> None:
    """More rows came since than are read again each time; two fail, one is under way still, one succeeded."""
    moment = int(world.now.timestamp())

    def withdrawal(name: str, state: str, at: int) -> Any:
        return said(id=name, date=at, receiver={"type": "fragment", "withdrawal_state": {"type": state}}, amount=30)

    def filler(name: str, at: int) -> Any:
        return said(id=name, date=at, source={"type": "telegram_ads"}, amount=1)

    began = {0: "w1", 60: "w2", 290: "w3", 300: "w4"}
    for number in range(700):
        at = moment + number
        list_of(world, withdrawal(began[number], "pending", at) if number in began else filler(f"s{number}", at))
    world.wait(minutes=20)
    await in_order(world)
    assert (await house(world))["STARS:FRAGMENT"] == 4 * 30 * NANOS
    for number, state in ((0, "failed"), (290, "succeeded"), (300, "failed")):
        world.stars.rows[number] = withdrawal(began[number], state, moment + number)
    await in_order(world)
    assert (await house(world))["STARS:FRAGMENT"] == 2 * 30 * NANOS
    asked: list[int] = []
    transactions = world.stars.star_transactions

    async def noting(offset: int, limit: int = 100) -> Any:
        asked.append(offset)
        return await transactions(offset, limit)

    world.stars.star_transactions = noting
    await in_order(world)
    assert {offset for offset in asked if offset < 500} == {10}, "what is over is looked after no more"


# -- what nobody knows --------------------------------------------------------------------------

ODD: list[dict[str, Any]] = [
    {"source": {"type": "star_lottery", "prize": [1, 2, {"a": None}]}},
    {"receiver": {"type": "user", "transaction_type": "tip", "user": {"id": 7}}},
    {"source": {"type": "user"}},
    {"source": {}},
    {"source": {"type": 5}},
    {"source": "nobody"},
    {},
]


@pytest.mark.parametrize("due", DUES)
@pytest.mark.parametrize("odd", ODD)
async def test_a_kind_nobody_knows_is_kept_and_after_an_hour_a_diff_until_it_is_settled(
    world: World, due: Any, odd: dict[str, Any]
) -> None:
    list_of(world, said(id="u1", date=int(world.now.timestamp()), amount=3, nanostar_amount=1, more={"x": "\0"}, **odd))
    world.wait(minutes=30)
    assert (await reconciled(world, due)).diffs == ()
    assert abs((await house(world))["STARS:UNKNOWN"]) == 3 * NANOS + 1
    world.wait(minutes=31)
    (diff,) = (await reconciled(world, due)).diffs
    assert (diff.kind, diff.charge_id) == (DiffKind.UNEXPLAINED, "u1")
    assert "TELEGRAM transaction u1: 3.000000001 XTR" in diff.line
    assert json.loads(await world.value("select said from provider_transactions"))["more"] == {"x": "\0"}
    for settled_once in (True, False):
        wish = SettleDiff(
            provider=Provider.TELEGRAM, charge_id="u1", kind=SettlementKind.ACKNOWLEDGED, note="mira: seen"
        )
        await world.send(wish)
        assert await world.value("select count(*) from provider_transactions") == 2, settled_once
    await in_order(world)


async def test_a_run_over_what_changed_tells_of_it_once_and_the_full_one_every_night(world: World) -> None:
    list_of(world, said(id="u1", date=int(world.now.timestamp()), amount=3, source={"type": "?"}))
    found = 0
    for _ in range(12):
        world.wait(minutes=15)
        found += (await reconciled(world, reconcile_changes.due())).diff_count
    assert 1 <= found <= 3
    assert (await reconciled(world, reconcile_everything.due())).diff_count == 1


async def test_one_that_is_read_late_is_told_of_at_once(world: World) -> None:
    await world.run(reconcile_changes.due())
    moment = int(world.now.timestamp())
    world.wait(days=3)
    await world.run(reconcile_changes.due())
    world.wait(minutes=15)
    list_of(world, said(id="u1", date=moment, amount=3, source={"type": "?"}))
    assert (await reconciled(world, reconcile_changes.due())).diff_count == 1


@pytest.mark.parametrize(
    "text",
    ["nope", '{"id": "x"',
     "5", "null", "[]", '"x"', "{}", '{"id": 7}', '{"id": "x", "amount": "3", "date": 1}', '{"id": "x", "amount": 1e3}',
     '{"id": "x", "amount": 99999999999999999999, "date": 1}', '{"id": "x", "amount": 1, "date": -5}',
     '{"id": "", "amount": 1, "date": 99999999999999}',
     '{"id": "x", "amount": -3, "date": 1, "source": {"type": "user", "transaction_type": "invoice_payment"}}',
     '{"id": "x", "amount": 1, "nanostar_amount": true, "date": 1, "source": {"type": "other"}}',
     '{"id": "x", "amount": 1, "date": 1, "a": ' + "[" * 5000 + "]" * 5000 + "}"],
)  # fmt: skip
async def test_no_row_is_refused(world: World, text: str) -> None:
    bought = await world.invoice(1)
    world.charge(bought, "c1")
    list_of(world, transaction(msgspec.Raw(text.encode())))
    world.wait(hours=2)
    run = await reconciled(world, reconcile_changes.due())
    assert [diff.kind for diff in run.diffs] == [DiffKind.UNEXPLAINED]
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
    assert await world.value("select count(*) from provider_transactions") == 2


async def test_parts_of_a_star_that_nothing_explains_are_told_of(world: World) -> None:
    bought = await world.sale(1)
    world.stars.rows[0] = msgspec.structs.replace(world.stars.rows[0], nano=5)
    world.wait(hours=2)
    run = await reconciled(world, reconcile_everything.due())
    assert [diff.kind for diff in run.diffs] == [DiffKind.UNEXPLAINED]
    assert (await world.purchase(bought.purchase_id)).state is S.CREDITED
    assert await house(world) == {"STARS:UNKNOWN": -5, "PROVIDER_CLEARING:TELEGRAM": 5}
