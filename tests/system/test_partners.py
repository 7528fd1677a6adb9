"""A payout through the real processes: its answer is lost, everybody is killed, and it is one gift (DOMAIN §9)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from chaos.hurry import hurried
from chaos.partners import GIFT
from nats.errors import Error
from reaping import killing
from shopfloor import Floor, until

from actors.deploying.provision import provision
from contracts.payments import Product
from devstack.operator_client import approved
from devstack.scripted_player import ScriptedPlayer
from devstack.stack import DEPLOYER

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_LONG_SECONDS = 120
_ALL = {"first_per_mille": 1_000, "later_per_mille": 1_000}


@asynccontextmanager
async def _hurry(floor: Floor) -> AsyncGenerator[None]:
    """The jobs that mend run every few seconds, as long as the body does."""
    client = await floor.stack.connect_as(DEPLOYER)
    ours = [spec for spec in floor.stack.specs if spec.name in ("payments", "referrals")]
    try:
        await provision(client, [one for spec in ours if (one := hurried(spec)) is not None])
        yield
        await provision(client, ours)
    finally:
        await client.close()


async def _partner(floor: Floor) -> ScriptedPlayer:
    """Make somebody a partner whose two friends bought for more than a payout, 30 days ago."""
    mona = await floor.come("Mona")
    words = {"player_id": mona.player_id, "note": "a school"}
    assert (await floor.operator.ask("admin.referrals.affiliate.enrol", **words))["done"]
    assert (await floor.operator.ask("admin.referrals.affiliate.rate", **words, **_ALL))["done"]
    code = await floor.database.fetchval("select code from referrals.members where player_id = $1", mona.player_id)
    for name in ("Nils", "Olga"):
        friend = await ScriptedPlayer.come(floor.session, name, "en")
        await friend.ask(f"/start ref_{code}")
        for product in (Product.PREMIUM_STARTER, Product.PREMIUM_YEAR):
            await friend.settle(await floor.order(friend, product))
    earned = "select purse_pending = 1056 from referrals.partners where player_id = $1"
    await until(lambda: floor.database.fetchval(earned, mona.player_id))
    await floor.database.execute(
        "update referrals.sales set credited_at = credited_at - interval '30 days' where partner_id = $1",
        mona.player_id,
    )
    payable = "select purse_payable = 1056 from referrals.partners where player_id = $1"
    await until(lambda: floor.database.fetchval(payable, mona.player_id), seconds=_LONG_SECONDS)
    return mona


async def _approved(floor: Floor, mona: ScriptedPlayer) -> None:
    """Approve what she asks for, by one request that is repeated until it is answered."""
    anchor = max(message.message_id for message in await mona.messages())
    await mona.post("tap", {"message_id": anchor, "data": GIFT, "force": True})
    asked = "select payout_id::text from referrals.payouts where player_id = $1 and state = 'REQUESTED'"
    payout_id = await until(lambda: floor.database.fetchval(asked, mona.player_id))
    words = {"request_id": f"approve-{payout_id}", "payout_id": payout_id, "note": "looks well"}

    async def answered() -> Any:
        with contextlib.suppress(Error, OSError, asyncio.TimeoutError):
            held = await floor.operator.ask("admin.referrals.payout.approve", **words)
            return (await approved(floor.stack, "referrals", held)).get("done")
        return None

    await until(answered, seconds=_LONG_SECONDS)


@pytest.mark.parametrize("do", ["timeout_after", "raw_after"])
async def test_a_gift_whose_answer_is_lost_under_sigkill_is_one_gift(floor: Floor, do: str) -> None:
    async with _hurry(floor):
        mona = await _partner(floor)
        lost = {"seconds": 1} if do == "timeout_after" else {}
        await floor.fault("method", do, method="giftPremiumSubscription", **lost)
        async with killing(floor, "payments", "referrals"):
            await _approved(floor, mona)
            sent = "select state = 'SENT' from referrals.payouts where player_id = $1"
            await until(lambda: floor.database.fetchval(sent, mona.player_id), seconds=_LONG_SECONDS)
        await floor.call("DELETE", "faults")
    gifts = [one["months"] for one in await floor.call("GET", "stars/gifts") if one["player_id"] == mona.player_id]
    assert gifts == [3]
    purse = "select purse_payable, purse_in_payout, purse_paid from referrals.partners where player_id = $1"
    assert tuple(await floor.database.fetchrow(purse, mona.player_id) or ()) == (56, 0, 1000)
    gift = "select g.state, g.row_id is not null from payments.telegram_gifts as g where g.player_id = $1"
    assert tuple(await floor.database.fetchrow(gift, mona.player_id) or ()) == ("GIVEN", True)
    await floor.balanced()
    assert (await floor.reconciled(full=True))["diff_count"] == 0
