"""Updates about money: handed on with nothing lost, logged, never limited."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from tests.gateway.conftest import NOW, PLAYER, Desk, person

from actors.testing import Decision
from contracts.gateway import TelegramPaymentUpdate
from contracts.payments import Provider, RecordPayment, RecordRefund, RefundReason
from gateway.domain.effects import PUSH_PRIORITY, SCREEN_PRIORITY, TAP_PRIORITY, AnswerPreCheckout
from gateway.domain.log import UpdateRow
from gateway.handlers import actor

MONEY = {
    "currency": "XTR",
    "total_amount": 10,
    "invoice_payload": "sq1:0a",
    "telegram_payment_charge_id": "stxc1",
    "provider_payment_charge_id": "",
}


def row(decision: Decision) -> UpdateRow:
    (found,) = decision.records
    assert isinstance(found, UpdateRow)
    return found


async def hear(desk: Desk, kind: str, body: dict[str, Any], *, number: int = 9) -> Decision:
    raw = msgspec.json.encode({"update_id": number, kind: body})
    update = TelegramPaymentUpdate(
        update_id=number, player_id=PLAYER, kind=kind, update=msgspec.Raw(raw), received_at=NOW
    )
    return await desk.hear(update)


def note(**more: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1_772_000_000, "chat": {"id": PLAYER, "type": "private"}, **more}


def query(**more: Any) -> dict[str, Any]:
    asked = {"id": "pc1", "from": person("en"), "currency": "XTR", "total_amount": 10, "invoice_payload": "sq1:0a"}
    return asked | more


async def test_a_pre_checkout_is_answered_on_a_lane_of_its_own(desk: Desk) -> None:
    decision = await hear(desk, "pre_checkout_query", query())
    (wanted,) = decision.wanted
    assert wanted.effect == AnswerPreCheckout(
        player_id=PLAYER, query_id="pc1", payload="sq1:0a", amount=10, currency="XTR", language="en", received_at=NOW
    )
    assert wanted.ordering_key == "precheckout:pc1"
    assert wanted.priority not in (TAP_PRIORITY, SCREEN_PRIORITY, PUSH_PRIORITY)
    assert (row(decision).kind, row(decision).command, row(decision).status) == (
        "pre_checkout_query", "pre_checkout", "handled",
    )  # fmt: skip


async def test_the_language_that_the_player_chose_goes_before_the_clients(desk: Desk) -> None:
    desk.chat.language = "de"
    (effect,) = (await hear(desk, "pre_checkout_query", query())).effects
    assert isinstance(effect, AnswerPreCheckout)
    assert effect.language == "de"


def test_pre_checkouts_have_room_of_their_own_beside_taps() -> None:
    handlers = {kind.__name__: handler for kind, handler in actor.effects().items()}
    assert handlers["AnswerPreCheckout"].concurrency >= 400, "8 s of 50 purchases a second, all of them stuck"


async def test_a_payment_is_not_later_than_its_word_nor_more_than_can_be_added_up(desk: Desk) -> None:
    """A date of the year 9999 would bar its player for ever; two amounts of 63 bits stop every sum of the books."""
    odd = MONEY | {"total_amount": 2**63 - 1}
    for moved, name in (({"successful_payment": odd}, "paid_at"), ({"refunded_payment": MONEY}, "refunded_at")):
        (word,) = (await hear(desk, "message", note(date=253_402_300_799, **moved))).emitted
        assert getattr(word, name) == NOW
        assert getattr(word, "amount", None) in (0, None)


async def test_a_payment_is_recorded_under_its_charge(desk: Desk) -> None:
    decision = await hear(desk, "message", note(successful_payment=MONEY, **{"from": person("de")}))
    assert decision.emitted == [
        RecordPayment(
            player_id=PLAYER,
            provider=Provider.TELEGRAM,
            charge_id="stxc1",
            payload="sq1:0a",
            amount=10,
            currency="XTR",
            paid_at=datetime.fromtimestamp(1_772_000_000, UTC),
        )
    ]
    assert (row(decision).kind, row(decision).command, row(decision).status) == ("payment", "paid", "handled")


async def test_a_refund_by_the_provider_is_recorded(desk: Desk) -> None:
    bot = {"id": 42, "is_bot": True, "first_name": "Starquiz"}
    decision = await hear(desk, "message", note(refunded_payment=MONEY, **{"from": bot}))
    assert decision.emitted == [
        RecordRefund(
            player_id=PLAYER,
            provider=Provider.TELEGRAM,
            charge_id="stxc1",
            reason=RefundReason.PROVIDER,
            refunded_at=datetime.fromtimestamp(1_772_000_000, UTC),
        )
    ]
    assert row(decision).command == "refunded"


async def test_money_is_never_limited(desk: Desk) -> None:
    for number in range(200):
        decision = await hear(desk, "message", note(successful_payment=MONEY), number=number)
        assert decision.only(RecordPayment).charge_id == "stxc1"
        assert (row(decision).update_id, row(decision).status) == (number, "handled")


async def test_money_that_cannot_be_read_is_not_passed_over(desk: Desk) -> None:
    """Reconciliation finds it; the log of updates says that it was not read."""
    decision = await hear(desk, "message", {})
    assert (row(decision).kind, row(decision).status, decision.emitted) == ("payment", "unreadable", [])


async def test_money_without_its_date_is_of_the_time_it_came_in(desk: Desk) -> None:
    decision = await hear(desk, "message", {"successful_payment": MONEY})
    assert decision.only(RecordPayment).paid_at == NOW


async def test_kinds_that_nobody_sells_are_logged_as_ignored(desk: Desk) -> None:
    decision = await hear(desk, "purchased_paid_media", {"from": person("de")})
    assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
