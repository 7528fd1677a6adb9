"""What a provider's answer to a refund means (DOMAIN §6): done, not now, or a no about this charge."""

from datetime import timedelta
from typing import Any, NoReturn

import pytest
from till import NOON

from actors.effects import ATTEMPTS_MAX, Again, Attempt, Done, Failed
from contracts.message import Command
from contracts.payments import (
    Provider,
    RecordRefundFailure,
    RefundReason,
)
from payments.handlers.refund_steps import RefundAtProvider
from payments.handlers.refunds import refund_at_provider
from payments.providers import ProviderDeniedError, ProviderRefusedError, ProviderUnavailableError, RefundOutcome

pytestmark = pytest.mark.services("payments")


class Answers:
    """Tills that give one answer."""

    def __init__(self, answer: Exception | RefundOutcome) -> None:
        self._answer = answer

    async def refund(self, *_asked: object) -> RefundOutcome:
        return self._answer if isinstance(self._answer, RefundOutcome) else self._raise(self._answer)

    def _raise(self, error: Exception) -> NoReturn:
        raise error


async def performed(answer: Exception | RefundOutcome, number: int = 1) -> Any:
    effect = RefundAtProvider(Provider.TELEGRAM, "c1", 7, RefundReason.OPERATOR)
    attempt = Attempt(
        effect_id="e1", number=number, ordering_key="refund:c1", created_at=NOON, now=NOON + timedelta(days=1)
    )
    return await refund_at_provider(effect, Answers(answer), attempt)  # type: ignore[arg-type]


def word(result: Done | Failed) -> Command:
    (message,) = result.messages
    assert isinstance(message, Command)
    return message


async def test_only_a_no_about_the_charge_is_a_no() -> None:
    later = await performed(ProviderUnavailableError("no answer", 7))
    locked_out = await performed(ProviderDeniedError("Unauthorized", "refundStarPayment: 401 Unauthorized"))
    assert [type(one) for one in (later, locked_out)] == [Again, Again]
    assert later.after_seconds == 7
    no = await performed(ProviderRefusedError("CHARGE_NOT_FOUND", "400 CHARGE_NOT_FOUND"))
    assert word(no) == RecordRefundFailure(player_id=7, charge_id="c1", error="400 CHARGE_NOT_FOUND")


@pytest.mark.parametrize("outcome", [RefundOutcome.REFUNDED, RefundOutcome.ALREADY_REFUNDED])
async def test_money_that_is_back_already_is_back(outcome: RefundOutcome) -> None:
    result = await performed(outcome)
    assert type(result) is Done
    assert type(word(result)).__name__ == "RecordRefund"


async def test_tries_that_are_used_up_are_a_no() -> None:
    broken = TypeError("no such thing")
    with pytest.raises(TypeError):
        await performed(broken, ATTEMPTS_MAX - 1)
    given_up = await performed(broken, ATTEMPTS_MAX)
    assert word(given_up) == RecordRefundFailure(
        player_id=7, charge_id="c1", error=f"after {ATTEMPTS_MAX} tries: TypeError"
    )
