"""Couriers on real Postgres: groups, limits, order, retries, and who has a channel (DOMAIN §10)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from alert_desk import Desk
from patience import until

from actors.engine.job_locks import JobLocks
from alerts.dispatch.courier import Courier
from alerts.dispatch.terms import Terms, terms
from alerts.domain.notice import Delivered, Later, Notice, Outcome, Refused
from alerts.store.deliveries import DeliveryQueue
from contracts.alerts import ChannelName, DeliveryState, DeliveryView, NoticeKind, ResolveAlert

pytestmark = pytest.mark.services("alerts")

GENERIC = ChannelName.GENERIC
Answers = Callable[[tuple[Notice, ...]], Outcome]


class Listener:
    """A channel that answers as it is told to, and keeps what it took."""

    def __init__(self, *answers: Outcome | Answers) -> None:
        self.answers: list[Outcome | Answers] = list(answers)
        self.calls: list[tuple[Notice, ...]] = []

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        self.calls.append(notices)
        answer = self.answers.pop(0) if self.answers else Delivered()
        return answer(notices) if callable(answer) else answer

    def took(self) -> list[list[str]]:
        return [[notice.key for notice in call] for call in self.calls]


class Told:
    """What is said of deliveries that failed for good."""

    def __init__(self) -> None:
        self.troubles: list[tuple[ChannelName, str]] = []

    async def tell(self, channel: ChannelName, number: int, reason: str) -> None:
        self.troubles.append((channel, reason))


_NO_GROUPS = Terms(group_max=10, gap_seconds=0, group_seconds=0)
_AT_ONCE = Terms(group_max=3, gap_seconds=1, group_seconds=30)


class Round:
    """A courier, and what it meets."""

    def __init__(self, desk: Desk, listener: Any, *, wanted: Terms = _AT_ONCE, name: ChannelName = GENERIC) -> None:
        self.desk, self.listener, self.trouble = desk, listener, Told()
        given: dict[str, Any] = {"queue": DeliveryQueue(desk.pool), "trouble": self.trouble, "clock": desk.clock}
        self.locks = JobLocks(self._connect)
        self.courier = Courier(name, listener, locks=self.locks, terms=wanted, **given)

    async def _connect(self) -> Any:
        return await asyncpg.connect(self.desk.dsn)

    async def go(self, seconds: int = 0) -> None:
        """Let it go for so many seconds, a step each; a pause it takes by its own watch is over at once."""
        for second in range(seconds + 1):
            self.courier._paused_until = 0.0
            await self.courier.step()
            if second < seconds:
                self.desk.clock.advance(seconds=1)


async def _states(desk: Desk) -> list[DeliveryState]:
    views = await _views(desk)
    return [view.state for view in views]


async def _views(desk: Desk) -> Sequence[DeliveryView]:
    found = [view for alert in await desk.alerts() for view in (await desk.details(alert.alert_id)).deliveries]
    return sorted((view for view in found if view.channel is GENERIC), key=lambda view: view.created_at)


async def test_the_first_goes_at_once_and_what_comes_within_thirty_seconds_is_one_message(desk: Desk) -> None:
    listener = Listener()
    run = Round(desk, listener)
    await desk.take(desk.raised(key="1"))
    await run.go()
    assert listener.took() == [["1"]]
    await desk.take(desk.raised(key="2"))
    await run.go(10)
    await desk.take(desk.raised(key="3"))
    await run.go(18)
    assert len(listener.calls) == 1
    await run.go(3)
    assert listener.took() == [["1"], ["2", "3"]]


async def test_a_full_group_goes_at_the_limit_s_pace(desk: Desk) -> None:
    listener = Listener()
    run = Round(desk, listener)
    await desk.take(*(desk.raised(key=str(n)) for n in range(8)))
    await run.go()
    await run.go()
    assert [len(call) for call in listener.calls] == [3]  # one a second
    await run.go(1)
    assert [len(call) for call in listener.calls] == [3, 3]
    await run.go(29)
    assert [len(call) for call in listener.calls] == [3, 3]  # the rest is no full group
    await run.go(2)
    assert [len(call) for call in listener.calls] == [3, 3, 2]


async def test_of_one_alert_a_channel_hears_in_order_also_when_it_failed(desk: Desk) -> None:
    listener = Listener(Later(None, "HTTP 500"))
    run = Round(desk, listener, wanted=Terms(group_max=10, gap_seconds=0, group_seconds=0))
    await desk.take(desk.raised())
    await desk.ask(ResolveAlert(alert_id=(await desk.only()).alert_id))
    await run.go()
    assert [notice.kind for notice in listener.calls[0]] == [NoticeKind.OPENED]
    await run.go(5)
    assert [[notice.kind for notice in call] for call in listener.calls[1:]] == [
        [NoticeKind.OPENED],
        [NoticeKind.RESOLVED],
    ]


async def test_it_is_tried_again_longer_and_longer_and_given_up_after_a_day(desk: Desk) -> None:
    listener = Listener(*[Later(None, "HTTP 503")] * 1_000)
    run = Round(desk, listener)
    await desk.take(desk.raised())
    waits: list[float] = []
    await run.go()
    (view,) = await _views(desk)
    while view.state is DeliveryState.WAITING:
        waits.append((view.due_at - desk.now).total_seconds())
        desk.clock.set(max(view.due_at, desk.now + timedelta(seconds=30)))
        await run.go()
        (view,) = await _views(desk)
    assert waits[:3] == sorted(waits[:3])
    assert waits[-1] == 300
    assert view.state is DeliveryState.GIVEN_UP
    assert view.attempts == len(waits) + 1
    assert timedelta(hours=24) <= desk.now - view.created_at < timedelta(hours=24, minutes=10)
    assert run.trouble.troubles == [(GENERIC, "HTTP 503")]


async def test_a_channel_that_says_when_is_asked_then(desk: Desk) -> None:
    listener = Listener(Later(90, "HTTP 429"))
    run = Round(desk, listener)
    await desk.take(desk.raised())
    await run.go()
    (view,) = await _views(desk)
    assert (view.due_at - desk.now).total_seconds() == 90
    await run.go(89)
    assert len(listener.calls) == 1
    await run.go(2)
    assert await _states(desk) == [DeliveryState.DELIVERED]


async def test_of_a_group_that_is_refused_only_what_is_refused_alone_is_lost_and_that_is_told(desk: Desk) -> None:
    def picky(notices: tuple[Notice, ...]) -> Outcome:
        return Refused("HTTP 400") if any(notice.key == "2" for notice in notices) else Delivered()

    listener = Listener(*[picky] * 10)
    run = Round(desk, listener)
    await desk.take(*(desk.raised(key=str(n)) for n in (1, 2, 3)))
    await run.go(10)
    assert listener.took() == [["1", "2", "3"], ["1"], ["2"], ["3"]]
    assert sorted(await _states(desk)) == [DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.REFUSED]
    assert run.trouble.troubles == [(GENERIC, "HTTP 400")]


async def test_a_channel_that_raises_is_a_channel_that_failed(desk: Desk) -> None:
    def broken(notices: tuple[Notice, ...]) -> Outcome:
        raise RuntimeError("a bug")

    listener = Listener(broken)
    run = Round(desk, listener)
    await desk.take(desk.raised())
    await run.go(5)
    assert await _states(desk) == [DeliveryState.DELIVERED]


class Hanging(Listener):
    """A channel that takes what it is given and never says so."""

    def __init__(self) -> None:
        super().__init__()
        self.is_called = asyncio.Event()

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        self.is_called.set()
        await asyncio.sleep(60)
        return Delivered()


async def test_a_channel_that_hangs_delays_no_other(desk: Desk) -> None:
    hanging, listener = Hanging(), Listener()
    both = [Round(desk, hanging, name=ChannelName.SLACK), Round(desk, listener, wanted=_NO_GROUPS)]
    running = [asyncio.create_task(one.courier.run()) for one in both]
    await desk.take(desk.letter())
    await asyncio.wait_for(hanging.is_called.wait(), 10)
    await until(lambda: len(listener.calls) == 1)  # else the next goes along with it
    for number in range(5):
        await desk.take(desk.letter(letter_subject=f"payments.cmd.7.message_{number}"))
        await until(lambda wanted=number + 2: len(listener.calls) == wanted, seconds=5)
    for task, one in zip(running, both, strict=True):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        one.locks.close()


async def test_what_was_under_way_when_a_process_died_is_brought_by_the_next_one_at_once(desk: Desk) -> None:
    hanging, listener = Hanging(), Listener()
    first, second = Round(desk, hanging), Round(desk, listener)
    dying = asyncio.create_task(first.courier.run())
    await desk.take(desk.raised())
    await asyncio.wait_for(hanging.is_called.wait(), 10)
    following = asyncio.create_task(second.courier.run())
    await asyncio.sleep(3)
    assert listener.calls == []  # the other may still be calling
    first.locks.close()  # as its death would
    desk.clock.advance(seconds=30)
    await until(lambda: listener.took() == [["k"]])
    dying.cancel()
    following.cancel()
    await asyncio.gather(dying, following, return_exceptions=True)
    second.locks.close()


async def test_of_two_processes_one_has_a_channel(desk: Desk) -> None:
    listener = Listener()
    both = [Round(desk, listener, wanted=Terms(group_max=1, gap_seconds=0, group_seconds=0)) for _ in range(2)]
    await desk.take(*(desk.raised(key=str(n)) for n in range(30)))
    running = [asyncio.create_task(one.courier.run()) for one in both]
    await until(lambda: len(listener.calls) >= 30)
    assert sorted(key for call in listener.took() for key in call) == sorted(map(str, range(30)))
    for task, one in zip(running, both, strict=True):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        one.locks.close()


async def test_a_channel_that_is_another_process_s_by_now_is_not_called(desk: Desk) -> None:
    listener = Listener()
    run = Round(desk, listener)
    await desk.take(desk.raised())
    await run.courier.step(lambda: False)
    assert listener.calls == []


async def test_a_notice_that_cannot_be_read_stands_in_nobody_s_way(desk: Desk) -> None:
    listener = Listener()
    await desk.take(desk.raised(key="1"), desk.raised(key="2"))
    await desk.pool.execute("update deliveries set notice = '{}' where number = (select min(number) from deliveries)")
    await Round(desk, listener).go()
    assert [len(call) for call in listener.calls] == [1]
    assert sorted(await _states(desk)) == [DeliveryState.DELIVERED, DeliveryState.REFUSED]


def test_the_limits_are_those_of_the_providers() -> None:
    found = terms(30)
    pagerduty = found[ChannelName.PAGERDUTY]
    assert (pagerduty.group_max, pagerduty.group_seconds) == (1, 0)
    assert 110 < 60 / pagerduty.gap_seconds < 120  # a call that arrives late must not meet the next one's minute
    assert (found[ChannelName.SLACK].gap_seconds, found[ChannelName.SLACK].group_seconds) == (1.0, 30)
