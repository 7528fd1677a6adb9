"""Queues in memory: the table's order, room that a broadcast cannot fill, nothing shown that is out of date."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from actors.engine.effect_queues import EffectQueues, Held
from actors.engine.partitions import Partitions, Tenure
from actors.engine.rows import EffectRow
from contracts.envelope import Envelope

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Show(msgspec.Struct, frozen=True):
    supersedes: str = ""


class _Ours(Partitions):
    """Every partition is ours until it is lost."""

    number = 1

    def tenure(self, partition: int) -> Tenure | None:
        return Tenure(self.number, 0.0, in_order=True)


async def _nowhere() -> Any:
    raise AssertionError


@pytest.fixture
def partitions() -> _Ours:
    return _Ours(_nowhere)


@pytest.fixture
def queues(partitions: _Ours) -> EffectQueues:
    return EffectQueues(partitions, held_max=4)


def _held(batch: int, *, supersedes: str = "", priority: int = 1, at: datetime = NOON, **more: Any) -> Held:
    row = EffectRow(priority, batch, 0, "chat:1", "Show", b"{}", Envelope(id="m", type_name="t", time=at), at, at)
    return Held(row, Show(supersedes), None, 1, **more)


def _order(queues: EffectQueues, *held: Held) -> list[int]:
    (queue,) = (queue for queue in [queues.insert(one) for one in held] if queue is not None)
    return [one.row.batch for one in queue.waiting]


def test_what_is_found_in_the_table_goes_into_its_place(queues: EffectQueues) -> None:
    assert _order(queues, _held(5), _held(9), _held(7), _held(1, priority=9)) == [1, 5, 7, 9]


def test_nothing_goes_ahead_of_what_was_begun(queues: EffectQueues) -> None:
    assert _order(queues, _held(5, is_begun=True), _held(9), _held(3)) == [5, 3, 9]


def test_nothing_goes_ahead_of_what_is_about_to_begin(queues: EffectQueues) -> None:
    queue = queues.insert(_held(5, is_uncertain=True))
    assert queue is not None
    queue.is_served = True  # its try is being counted
    queues.insert(_held(3))
    assert [one.row.batch for one in queue.waiting] == [5, 3]


def test_an_older_screen_that_turns_up_late_is_superseded_and_the_newer_one_is_not(queues: EffectQueues) -> None:
    """It was written by another replica and found after the newer one, which is still waiting or was shown already."""
    newer, older = _held(9, supersedes="live", is_read=True), _held(5, supersedes="live", is_read=True)
    queue = queues.append(newer)
    assert queue is not None
    queues.insert(older)
    assert [one.row.batch for one in queue.waiting] == [5, 9]
    assert queues.is_superseded(queue)
    queues.end_head(queue)
    queues.remember(older)
    assert not queues.is_superseded(queue)


def test_an_older_screen_is_superseded_by_one_that_was_shown_before_it_was_found(queues: EffectQueues) -> None:
    newer = _held(9, supersedes="live")
    queue = queues.append(newer)
    assert queue is not None
    queues.end_head(queue)
    queues.remember(newer)

    def is_superseded(held: Held) -> bool:
        queue = queues.insert(held)
        assert queue is not None
        found = queues.is_superseded(queue)
        queues.drop(queue)
        return found

    assert is_superseded(_held(5, supersedes="live", is_read=True))
    assert not is_superseded(_held(5, supersedes="other", is_read=True))
    assert not is_superseded(_held(11, supersedes="live", is_read=True))
    # Handed over by a turn of this process: newer, whatever its clock says. Or by one whose clock was set back.
    assert not is_superseded(_held(5, supersedes="live"))
    assert not is_superseded(_held(5, supersedes="live", is_read=True, at=NOON - timedelta(hours=1)))


def test_a_share_that_was_full_opens_when_half_of_it_is_done(queues: EffectQueues) -> None:
    held = [_held(number) for number in range(4)]
    for one in held:
        queues.append(one)
    assert not queues.has_room(1)
    assert queues.has_room(0)
    queues.forget(held[0].row)
    assert queues.reopened() == {1}
    assert not queues.has_room(1)
    queues.forget(held[1].row)
    assert queues.reopened() == set()
    assert queues.has_room(1)


def test_what_was_lost_is_dropped_but_for_what_is_under_way(queues: EffectQueues, partitions: _Ours) -> None:
    queue = queues.append(first := _held(1))
    queues.append(second := _held(2))
    assert queue is not None
    queue.is_served = True
    partitions.number = 2
    queues.drop_lost()
    assert list(queue.waiting) == [first]
    assert ((1, 1, 0) in queues, (1, 2, 0) in queues) == (True, False)
    assert partitions._in_hand[second.row.partition] == 1
    assert not queues.is_held(queue)
