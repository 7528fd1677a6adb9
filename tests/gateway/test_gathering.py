"""How long updates wait for each other at a given rate (decision 29)."""

import pytest

from gateway.ingress.gathering import FEW, MANY, SECONDS_MAX, Gathering


def _at(rate: float, seconds: float = 5.0) -> list[float]:
    """Return the wait after each update, once `rate` updates a second have come for two seconds."""
    gathering, waits = Gathering(), []
    for number in range(int(rate * seconds)):
        now = 100.0 + number / rate
        gathering.arrived(now)
        if now > 102.0:
            waits.append(gathering.seconds(now))
    return waits


def test_a_lone_update_does_not_wait() -> None:
    assert Gathering().seconds(5.0) == 0.0
    assert max(_at(20)) == 0.0


def test_many_wait_for_the_whole_time() -> None:
    assert min(_at(1.1 * MANY)) == SECONDS_MAX
    assert min(_at(1_000)) == SECONDS_MAX


@pytest.mark.parametrize("rate", [140.0, 170.0, 220.0])
def test_in_between_the_wait_grows_with_the_rate(rate: float) -> None:
    waits = _at(rate)
    assert sum(waits) / len(waits) == pytest.approx(SECONDS_MAX * (rate - FEW) / (MANY - FEW), abs=0.001)


def test_after_a_flood_nobody_waits_for_long() -> None:
    gathering = Gathering()
    for number in range(1_000):
        gathering.arrived(number / 1_000)
    assert gathering.seconds(1.0) == SECONDS_MAX
    assert gathering.seconds(3.0) == 0.0


def test_a_burst_counts_by_the_updates_it_brings() -> None:
    gathering = Gathering()
    for _ in range(20):
        gathering.arrived(1.0)
    assert gathering.seconds(1.0) == 0.0
    for _ in range(1_000):
        gathering.arrived(1.0)
    assert gathering.seconds(1.0) == SECONDS_MAX
