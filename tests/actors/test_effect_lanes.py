"""Lanes in memory: the table's order, room that a broadcast cannot fill, nothing shown that is out of date."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from actors.engine.lanes import Held, Lanes
from actors.engine.partitions import Buckets, Tenure
from actors.engine.rows import EffectRow
from contracts.envelope import Envelope

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Show(msgspec.Struct, frozen=True):
    supersedes: str = ""


class _Ours(Buckets):
    """Every bucket is ours until it is lost."""

    number = 1

    def tenure(self, bucket: int) -> Tenure | None:
        return Tenure(self.number, 0.0, in_order=True)


async def _nowhere() -> Any:
    raise AssertionError


@pytest.fixture
def buckets() -> _Ours:
    return _Ours(_nowhere)


@pytest.fixture
def lanes(buckets: _Ours) -> Lanes:
    return Lanes(buckets, held_max=4)


def _held(batch: int, *, supersedes: str = "", priority: int = 1, at: datetime = NOON, **more: Any) -> Held:
    row = EffectRow(priority, batch, 0, "chat:1", "Show", b"{}", Envelope(id="m", type_name="t", time=at), at, at)
    return Held(row, Show(supersedes), None, 1, **more)


def _order(lanes: Lanes, *held: Held) -> list[int]:
    (lane,) = (lane for lane in [lanes.insert(one) for one in held] if lane is not None)
    return [one.row.batch for one in lane.waiting]


def test_what_is_found_in_the_table_goes_into_its_place(lanes: Lanes) -> None:
    assert _order(lanes, _held(5), _held(9), _held(7), _held(1, priority=9)) == [1, 5, 7, 9]


def test_nothing_goes_ahead_of_what_was_begun(lanes: Lanes) -> None:
    assert _order(lanes, _held(5, is_begun=True), _held(9), _held(3)) == [5, 3, 9]


def test_nothing_goes_ahead_of_what_is_about_to_begin(lanes: Lanes) -> None:
    lane = lanes.insert(_held(5, is_uncertain=True))
    assert lane is not None
    lane.is_served = True  # its try is being counted
    lanes.insert(_held(3))
    assert [one.row.batch for one in lane.waiting] == [5, 3]


def test_an_older_screen_that_turns_up_late_is_superseded_and_the_newer_one_is_not(lanes: Lanes) -> None:
    """It was written by another replica and found after the newer one, which is still waiting or was shown already."""
    newer, older = _held(9, supersedes="live", is_read=True), _held(5, supersedes="live", is_read=True)
    lane = lanes.append(newer)
    assert lane is not None
    lanes.insert(older)
    assert [one.row.batch for one in lane.waiting] == [5, 9]
    assert lanes.is_superseded(lane)
    lanes.end_head(lane)
    lanes.remember(older)
    assert not lanes.is_superseded(lane)


def test_an_older_screen_is_superseded_by_one_that_was_shown_before_it_was_found(lanes: Lanes) -> None:
    newer = _held(9, supersedes="live")
    lane = lanes.append(newer)
    assert lane is not None
    lanes.end_head(lane)
    lanes.remember(newer)

    def is_superseded(held: Held) -> bool:
        lane = lanes.insert(held)
        assert lane is not None
        found = lanes.is_superseded(lane)
        lanes.drop(lane)
        return found

    assert is_superseded(_held(5, supersedes="live", is_read=True))
    assert not is_superseded(_held(5, supersedes="other", is_read=True))
    assert not is_superseded(_held(11, supersedes="live", is_read=True))
    # Handed over by a turn of this process: newer, whatever its clock says. Or by one whose clock was set back.
    assert not is_superseded(_held(5, supersedes="live"))
    assert not is_superseded(_held(5, supersedes="live", is_read=True, at=NOON - timedelta(hours=1)))


def test_a_share_that_was_full_opens_when_half_of_it_is_done(lanes: Lanes) -> None:
    held = [_held(number) for number in range(4)]
    for one in held:
        lanes.append(one)
    assert not lanes.has_room(1)
    assert lanes.has_room(0)
    lanes.forget(held[0].row)
    assert lanes.reopened() == {1}
    assert not lanes.has_room(1)
    lanes.forget(held[1].row)
    assert lanes.reopened() == set()
    assert lanes.has_room(1)


def test_what_was_lost_is_dropped_but_for_what_is_under_way(lanes: Lanes, buckets: _Ours) -> None:
    lane = lanes.append(first := _held(1))
    lanes.append(second := _held(2))
    assert lane is not None
    lane.is_served = True
    buckets.number = 2
    lanes.drop_lost()
    assert list(lane.waiting) == [first]
    assert ((1, 1, 0) in lanes, (1, 2, 0) in lanes) == (True, False)
    assert buckets._in_hand[second.row.bucket] == 1
    assert not lanes.is_held(lane)
