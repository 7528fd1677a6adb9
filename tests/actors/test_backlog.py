"""What waits is measured also while nothing is handled, and nothing is said of what is not known."""

from typing import Any

from nats.aio.client import Client
from prometheus_client import REGISTRY
from stage.app import SPEC
from stage.language import Deposit

from actors.engine.backlog import BacklogMeter
from actors.spec import ConsumerSpec

_COMMANDS = {"stream": "STAGE_CMD", "consumer": "stage"}


def _waiting() -> float | None:
    return REGISTRY.get_sample_value("starquiz_consumer_waiting", _COMMANDS)


def _standstill() -> float | None:
    return REGISTRY.get_sample_value("starquiz_consumer_standstill_seconds", _COMMANDS)


class _Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_what_waits_is_counted_and_how_long_nothing_of_it_moves(stage: Any) -> None:
    clock = _Clock()
    meter = BacklogMeter(stage.nc, SPEC.consumers(), timer=clock)
    await meter.look()
    assert (_waiting(), _standstill()) == (0, 0)
    await stage.send(Deposit(account="ann", amount=1), "m1")  # nobody runs who would take it
    clock.now += 15
    await meter.look()
    assert (_waiting(), _standstill()) == (1, 15)  # it came since the last look
    clock.now += 15
    await meter.look()
    assert (_waiting(), _standstill()) == (1, 30)
    clock.now += 15
    await stage.start()
    await stage.until(stage.settled)
    await meter.look()
    assert (_waiting(), _standstill()) == (0, 0)


async def test_of_a_consumer_that_is_not_told_of_nothing_stays_as_it_was(stage: Any) -> None:
    gone = ConsumerSpec("STAGE_CMD", "gone", "main", (), 30)
    meter = BacklogMeter(stage.nc, [*SPEC.consumers(), gone], timer=_Clock())
    await meter.look()
    assert _waiting() == 0
    assert REGISTRY.get_sample_value("starquiz_consumer_waiting", _COMMANDS | {"consumer": "gone"}) is None
    nowhere = BacklogMeter(Client(), SPEC.consumers())
    await nowhere.look()
    assert (_waiting(), _standstill()) == (None, None)
