"""Several repeats of one question in one batch: everybody who asks is answered."""

from typing import Any

from stage.app import Bell, actor
from stage.language import Deposit

from actors.clock import SystemClock
from actors.engine.delivery import Delivery, local
from actors.engine.turns import Turns
from contracts.envelope import first_envelope


def _asked(number: int) -> Delivery:
    command = Deposit(account="ann", amount=5)
    now = SystemClock().now()
    envelope = first_envelope(command, identifier="m1", time=now, source="test", reply_to=f"_INBOX_stage.{number}")
    return local(command, envelope)


async def test_everybody_who_repeats_an_answered_question_hears_the_first_answer(pool: Any) -> None:
    turns = Turns(actor, pool=pool, clock=SystemClock(), resources={Bell: Bell()})
    first = await turns.take([_asked(0)])
    again = await turns.take([_asked(number) for number in (1, 2, 3)])
    (answer,) = {body for _, body in first.replies}
    assert sorted(again.replies) == [(f"_INBOX_stage.{number}", answer) for number in (1, 2, 3)]
    assert await pool.fetchval("select balance from accounts where account = 'ann'") == 5


async def test_what_fails_beside_a_duplicate_is_heard_again(pool: Any) -> None:
    turns = Turns(actor, pool=pool, clock=SystemClock(), resources={Bell: Bell()})
    await turns.take([_asked(0)])
    failing = Deposit(account="ann", amount=666)
    envelope = first_envelope(failing, identifier="m2", time=SystemClock().now(), source="test")
    for _ in range(2):
        taken = await turns.take([_asked(1), local(failing, envelope)])
        assert [delivery.envelope.id for delivery, _ in taken.failed] == ["m2"]
