"""The ways out of a turn: what NATS cannot be told of one message keeps no other from leaving."""

import asyncio
from typing import Any

import nats.errors
import pytest
from nats.aio.msg import Msg
from stage.language import Deposit

from actors.clock import SystemClock
from actors.engine.connecting import connect_postgres
from actors.engine.delivery import Delivery, from_stream, local
from actors.engine.settlement import Settlement
from contracts.envelope import first_envelope


@pytest.fixture
async def settlement(stage: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    async def no_room(*_: Any, **__: Any) -> None:
        raise nats.errors.OutboundBufferLimitError

    monkeypatch.setattr(stage.nc, "publish", no_room)
    pool = await connect_postgres(stage.settings(pool_size_max=2), "stage")
    yield Settlement("stage", pool, SystemClock())
    pool.terminate()


def _both(stage: Any) -> tuple[Delivery, Delivery]:
    """Return a message from a stream and one of this process."""
    envelope = first_envelope(
        Deposit(account="ann", amount=1), identifier="m", time=SystemClock().now(), source="test"
    )  # fmt: skip
    msg = Msg(stage.nc, "stage.cmd.ann.deposit", "$JS.ACK.STAGE_CMD.stage.1.1.1.0.0", b"{}", envelope.headers())
    return from_stream(msg), local(Deposit(account="ben", amount=1), envelope)


async def test_what_is_local_is_settled_while_nats_has_no_room_for_an_acknowledgement(
    stage: Any, settlement: Settlement
) -> None:
    heard, mine = _both(stage)
    mine.settled = asyncio.get_running_loop().create_future()
    await settlement.done([heard, mine])
    assert mine.settled.done()


async def test_what_is_local_is_heard_again_while_nats_has_no_room_for_a_refusal(
    stage: Any, settlement: Settlement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.settlement._BACKOFF_SECONDS", (0.0,))
    heard, mine = _both(stage)
    again: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
    await settlement.failed([(heard, ValueError()), (mine, ValueError())], again.set_result)
    assert await asyncio.wait_for(again, 5) is mine
