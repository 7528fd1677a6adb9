"""Every route of the internal API through the real processes, audited at its owner; and an owner that hangs."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from contracts.payments import Product
from devstack.internal_api import address_of, token_of
from devstack.operator_client import OperatorClient, operator_client
from devstack.scripted_player import ScriptedPlayer
from devstack.services import CHECKOUT
from devstack.smoke_refusals import made_codes
from devstack.stack import Stack
from gateway.buttons import DiscountButton

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

Answer = tuple[int, dict[str, Any]]


class Client:
    """Somebody with the token of the local run."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self.stack = stack
        self._session = session

    async def get(self, path: str, **query: Any) -> Answer:
        async with self._session.get(f"/internal/{path}", params=query) as answer:
            return answer.status, await answer.json(content_type=None)

    async def post(self, path: str, key: str = "", **body: Any) -> Answer:
        headers = {"Idempotency-Key": key or str(uuid4())}
        async with self._session.post(f"/internal/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def audited(self, service: str, key: str) -> tuple[str, dict[str, Any]]:
        """Return who asked under this key, and what they were answered."""
        connection = await asyncpg.connect(self.stack.postgres.dsn("starquiz"))
        try:
            sql = f"select operator, answer from {service}.audit where request_id like '%:' || $1"
            ((operator, answer),) = await connection.fetch(sql, key)
            return operator, json.loads(answer)
        finally:
            await connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def api(stack: Stack) -> AsyncIterator[Client]:
    headers = {"X-Internal-Token": token_of(stack)}
    async with aiohttp.ClientSession(address_of(stack), headers=headers) as session:
        yield Client(stack, session)


async def _codes(stack: Stack, count: int, campaign: str, **terms: Any) -> list[str]:
    async with operator_client(stack) as operator:
        return await made_codes(stack, operator, count, campaign, **terms)


async def test_a_code_is_redeemed_once_and_every_refusal_has_its_status(stack: Stack, api: Client) -> None:
    grant = {"type": "PREMIUM_GRANT", "premium_days": 7}
    first, second = await _codes(stack, 2, "api-grant", **grant)
    async with aiohttp.ClientSession(stack.address) as session, operator_client(stack) as operator:
        kim = await ScriptedPlayer.come(session, "Kim", "en")
        await kim.ask("/start")
        key = str(uuid4())
        done = await api.post("promo/redeem", key, player_id=kim.player_id, code=first.lower())
        assert (done[0], done[1]["accepted"], done[1]["premium_days"]) == (200, True, 7)
        assert await api.post("promo/redeem", key, player_id=kim.player_id, code=first.lower()) == done
        await operator.see(kim, "premium", lambda has: has.endless)
        audited = await api.audited("promo", key)
        assert audited == ("gateway.ops", done[1])
        status, problem = await api.post("promo/redeem", key, player_id=kim.player_id, code=second)
        assert (status, "Idempotency-Key" in problem["detail"]) == (409, True)
        status, problem = await api.post("promo/redeem", player_id=kim.player_id, code=second)
        assert (status, problem["reason"]) == (409, "already_used")
        guesses = [await api.post("promo/redeem", player_id=kim.player_id, code=f"GUESS{n}") for n in range(6)]
        assert [status for status, _ in guesses] == [404] * 5 + [429]
        assert guesses[0][1]["tries_left"] == 4
        assert guesses[5][1]["reason"] == "rate_limited"
        assert guesses[5][1]["until"]
        assert len(await kim.messages()) == 2  # nothing of it was said in the chat


async def test_a_campaign_is_found_paused_and_resumed(stack: Stack, api: Client) -> None:
    (code,) = await _codes(stack, 1, "api-Sale", type="PERCENT_DISCOUNT", percent=50, scope="PREMIUM_ANY")
    filters = {"name": "API-s", "status": "ACTIVE", "type": "PERCENT_DISCOUNT", "product": "PREMIUM_ANY"}
    window = {"from": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00+02:00", "page": 1}
    status, found = await api.get("promo/campaigns", **filters, **window)
    assert (status, found["total"], found["campaigns"][0]["name"]) == (200, 1, "api-Sale")
    for other in ({"status": "PAUSED"}, {"type": "PREMIUM_GRANT"}, {"product": "ANY"}, {"until": window["from"]}):
        assert (await api.get("promo/campaigns", **filters | other))[1]["total"] == 0
    assert (await api.get("promo/campaigns", **filters, page=2))[1] == {"campaigns": [], "total": 1}

    key = str(uuid4())
    paused = await api.post("promo/campaigns/api-Sale/status", key, status="PAUSED", expected="ACTIVE")
    assert (paused[0], paused[1]["status"]) == (200, "PAUSED")
    operator, answer = await api.audited("promo", key)
    assert (operator, answer["campaign"]["status"]) == ("gateway.ops", "PAUSED")
    status, problem = await api.post("promo/redeem", player_id=4711, code=code)
    assert (status, problem["reason"]) == (410, "paused")
    status, problem = await api.post("promo/campaigns/api-Sale/status", status="PAUSED", expected="ACTIVE")
    assert (status, problem["current"]["status"]) == (409, "PAUSED")
    assert (await api.post("promo/campaigns/api-Sale/status", status="EXPIRED"))[0] == 409
    assert (await api.post("promo/campaigns/nothing-here/status", status="PAUSED"))[0] == 404
    assert (await api.post("promo/campaigns/api-Sale/status", status="ACTIVE"))[1]["status"] == "ACTIVE"


async def _state(operator: OperatorClient, redemption_id: str) -> str:
    shown = await operator.ask("admin.promo.redemption.show", redemption_id=redemption_id)
    return str(shown["redemption"]["state"])


async def test_a_discount_is_rolled_back_by_hand(stack: Stack, api: Client) -> None:
    (code,) = await _codes(stack, 1, "api-back", type="PERCENT_DISCOUNT", percent=50)
    async with aiohttp.ClientSession(stack.address) as session, operator_client(stack) as operator:
        ina = await ScriptedPlayer.come(session, "Ina", "de")
        await ina.ask("/start")
        status, done = await api.post("promo/redeem", player_id=ina.player_id, code=code)
        assert (status, done["percent"], "ENERGY_10" in done["products"]) == (200, 50, True)
        told = await ina.ask(f"/promo {code}")
        (tag,) = [one for one in told.data if one.startswith(f"{DiscountButton.__prefix__}:{Product.ENERGY_10}:")]
        _, invoice = await ina.tap(told, tag)
        await ina.settle(invoice)
        purchase = str(await operator.purchase_of(ina, Product.ENERGY_10))
        given: dict[str, Any] = {
            "player_id": ina.player_id,
            "redemption_id": done["redemption_id"],
            "note": "lost event",
        }
        async with asyncio.timeout(30):
            while await _state(operator, done["redemption_id"]) != "APPLIED":  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.1)
        status, problem = await api.post("promo/refund-rollback", purchase_id=str(uuid4()), **given)
        assert (status, problem["current"]["state"]) == (409, "APPLIED")
        status, view = await api.post("promo/refund-rollback", purchase_id=purchase, **given)
        assert (status, view["state"]) == (200, "REVOKED")
        other = given | {"redemption_id": str(uuid4())}
        assert (await api.post("promo/refund-rollback", purchase_id=purchase, **other))[0] == 404


async def test_referrals_are_seen_and_decided(stack: Stack, api: Client) -> None:
    async with aiohttp.ClientSession(stack.address) as session:
        ann = await ScriptedPlayer.come(session, "Ann", "en")
        await ann.ask("/start")
        (link,) = [word for word in (await ann.ask("/invite")).text.split() if "?start=ref_" in word]
        friends = [await ScriptedPlayer.come(session, f"F{n}", "en") for n in range(11)]
        for friend in friends:
            await friend.ask(f"/start {link.partition('=')[2]}")
    async with asyncio.timeout(60):
        while (queue := (await api.get("referrals/review", referrer_id=ann.player_id))[1])["total"] < 1:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)
    (case,) = queue["cases"]
    assert (case["state"], case["referrer_id"]) == ("REJECTED_FRAUD", ann.player_id)
    assert (await api.get("referrals/review", state="CANCELED", referrer_id=ann.player_id))[1]["total"] == 0
    where, key = f"referrals/{case['player_id']}/review", str(uuid4())
    status, problem = await api.post(where, action="REOPEN", expected="CANCELED", note="a school class")
    assert (status, problem["current"]["state"]) == (409, "REJECTED_FRAUD")
    done = await api.post(where, key, action="REOPEN", expected="REJECTED_FRAUD", note="a school class")
    assert (done[0], done[1]["before"]) == (200, "REJECTED_FRAUD")
    assert await api.audited("referrals", key) == ("gateway.ops", done[1])
    assert (await api.get("referrals/review", referrer_id=ann.player_id))[1]["total"] == 0
    assert (await api.post("referrals/4711/review", action="CANCEL", note="nobody"))[0] == 404
    status, board = await api.get("referrals/dashboard", hours=1)
    assert (status, board["starts"] >= 11) == (200, True)


async def test_the_dashboards_answer_for_any_window_or_name_what_is_wrong(api: Client) -> None:
    for path in ("promo/dashboard", "offers/dashboard", "referrals/dashboard"):
        for query in ({}, {"hours": 168}, {"until": "9999-12-31T23:59:59Z"}, {"until": "2999-01-01T00:00:00.5-12:00"}):
            status, board = await api.get(path, **query)
            assert status == 200, board
            assert board["since"] < board["until"]
        for until in ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1969-12-31T00:00:00Z"):
            status, problem = await api.get(path, until=until, hours=168)
            assert (status, problem["field"]) == (400, "until"), problem


async def test_far_dates_of_campaigns_are_named(api: Client) -> None:
    for name, value in (("from", "0001-01-01T00:00:00Z"), ("until", "9999-12-31T23:59:59-23:59")):
        status, problem = await api.get("promo/campaigns", **{name: value})
        assert (status, problem["field"]) == (400, name), problem
    assert (await api.get("promo/campaigns", page=1_000_000))[0] == 200
    status, problem = await api.get("promo/campaigns", name="a\0b")
    assert (status, "NUL" in problem["detail"]) == (400, True)


async def test_an_owner_that_hangs_is_504_and_holds_up_no_other(stack: Stack, api: Client) -> None:
    (promo,) = stack.services["promo"]
    promo.send(signal.SIGSTOP)
    try:
        began = asyncio.get_running_loop().time()
        hanging = asyncio.gather(api.get("promo/dashboard"), api.post("promo/redeem", player_id=4711, code="X"))
        assert (await api.get("referrals/dashboard"))[0] == 200
        assert asyncio.get_running_loop().time() - began < 5
        assert [(status, problem["title"]) for status, problem in await hanging] == [(504, "Gateway Timeout")] * 2
        assert asyncio.get_running_loop().time() - began < 12
    finally:
        promo.send(signal.SIGCONT)
    async with asyncio.timeout(30):
        while (await api.get("promo/dashboard"))[0] != 200:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)


async def test_the_document_is_served_as_it_is_committed(api: Client) -> None:
    committed = json.loads((CHECKOUT / "docs/internal_api/openapi.json").read_text(encoding="utf-8"))
    assert await api.get("openapi.json") == (200, committed)
