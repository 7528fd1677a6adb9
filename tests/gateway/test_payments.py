"""Updates about money: logged, never limited, and refused while there is no shop."""

import msgspec
from tests.gateway.conftest import NOW, PLAYER, Desk

from contracts.gateway import TelegramPaymentUpdate
from gateway.domain.effects import RefusePreCheckout
from gateway.domain.log import UpdateRow


def row(records: list[msgspec.Struct]) -> UpdateRow:
    (found,) = records
    assert isinstance(found, UpdateRow)
    return found


async def test_a_pre_checkout_is_refused_politely(desk: Desk) -> None:
    raw = msgspec.json.encode({"update_id": 9, "pre_checkout_query": {"id": "pc1"}})
    decision = await desk.hear(
        TelegramPaymentUpdate(
            update_id=9, player_id=PLAYER, kind="pre_checkout_query", update=msgspec.Raw(raw), received_at=NOW
        )
    )
    (effect,) = decision.effects
    assert isinstance(effect, RefusePreCheckout)
    assert effect.query_id == "pc1"
    assert effect.reason
    assert row(decision.records).command == "refused"


async def test_money_that_comes_in_is_logged_and_never_limited(desk: Desk) -> None:
    for number in range(40):
        raw = msgspec.json.encode({"update_id": number, "message": {"successful_payment": {}}})
        decision = await desk.hear(
            TelegramPaymentUpdate(
                update_id=number, player_id=PLAYER, kind="message", update=msgspec.Raw(raw), received_at=NOW
            )
        )
        assert (row(decision.records).kind, row(decision.records).status) == ("payment", "handled")
