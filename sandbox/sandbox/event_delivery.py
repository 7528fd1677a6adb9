"""Brings a stand-in's events to a webhook: signed, again and again until the sender lets it rest."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

import aiohttp

from sandbox.clock import Clock
from sandbox.faults.calls import CallFaults

Json = dict[str, Any]
"""An event: anything with an `id` and a `type`."""
CONNECTIONS_MAX = 40
RETRY_SECONDS_MAX = 3600.0
REORDER_WAIT_SECONDS = 1.0
"""A held-back event goes out after the next one, or after this time when none comes."""


@dataclass(slots=True, frozen=True)
class Endpoint:
    """Where events go. Every secret signs, so that two `v1` stand in the header while a secret is being changed."""

    url: str
    secrets: tuple[str, ...]
    events: frozenset[str] = frozenset({"*"})

    def wants(self, kind: str) -> bool:
        """Whether this kind of event was asked for."""
        return "*" in self.events or kind in self.events


@dataclass(slots=True)
class Delivery:
    """How far an event has come. `fault` names what was done to it on purpose."""

    attempts: int = 0
    delivered: int = 0
    last_status: int | None = None
    fault: str | None = None

    def view(self) -> dict[str, Any]:
        """As JSON."""
        status = self.last_status
        return {"attempts": self.attempts, "delivered": self.delivered, "last_status": status, "fault": self.fault}


class Sender(Protocol):
    """Whose events these are: how they are written and signed, and when it stops trying."""

    @property
    def kept_seconds(self) -> float:
        """How long an event is tried."""
        ...

    def letter(self, event: Json, endpoint: Endpoint, at: int) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the attempt at `at`, unix seconds."""
        ...

    def is_over(self, status: int | None) -> bool:
        """Whether no attempt follows this HTTP status; None: there was no answer."""
        ...

    def queue(self, event: Json) -> str | None:
        """Events of one queue go out in turn; None: on their own."""
        ...


class EventDelivery:
    """Delivers to one endpoint; without one, events wait."""

    def __init__(
        self, sender: Sender, clock: Clock, faults: CallFaults, retry_scale: float, timeout_seconds: float
    ) -> None:
        self._sender = sender
        self._clock = clock
        self._faults = faults
        self._retry_scale = retry_scale
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(CONNECTIONS_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[Json] = []
        self._held: list[Json] = []
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.endpoint: Endpoint | None = None
        self.deliveries: dict[str, Delivery] = {}

    @property
    def under_way(self) -> int:
        """Deliveries that are not done: waiting, held back, on their way or to be tried again."""
        return len(self._waiting) + len(self._tasks)

    def set_endpoint(self, endpoint: Endpoint | None) -> None:
        """Deliver here from now on, starting with what waits."""
        self.endpoint = endpoint
        if endpoint is not None:
            waiting, self._waiting = self._waiting, []
            for event in waiting:
                self._start(self._deliver(event))

    def enter(self, event: Json) -> None:
        """Take an event and let the faults set for it have their way."""
        delivery = self.deliveries[event["id"]] = Delivery()
        if self.endpoint is not None and not self.endpoint.wants(event["type"]):
            return
        fault = self._faults.for_event(event["type"])
        if fault is None:
            self._send(event)
            return
        delivery.fault = fault.do
        match fault.do:
            case "drop":
                return
            case "delay":
                self._start(self._later(event, fault.delay_ms / 1000))
            case "duplicate":
                self._send(event)
                self._send(event)
            case _:
                self._held.append(event)
                self._start(self._release(event))

    def redeliver(self, event: Json) -> None:
        """Send an event once more, whatever became of it before."""
        self._start(self._deliver(event))

    async def close(self) -> None:
        """Stop; what was not delivered is forgotten with the process."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _send(self, event: Json) -> None:
        held, self._held = self._held, []
        self._start(self._deliver_in_turn([event, *held]))

    async def _deliver_in_turn(self, events: list[Json]) -> None:
        for event in events:
            await self._deliver(event)

    async def _later(self, event: Json, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self._deliver(event)

    async def _release(self, event: Json) -> None:
        await self._clock.sleep(REORDER_WAIT_SECONDS)
        if event in self._held:
            self._held.remove(event)
            await self._deliver(event)

    async def _deliver(self, event: Json) -> None:
        """Post until the sender is content, or gives up; the pauses are 1, 2, 4, … seconds up to an hour."""
        give_up_at, delay = self._clock.now() + self._sender.kept_seconds, 1.0
        async with self._turn(event):
            while self._clock.now() < give_up_at:
                endpoint = self.endpoint
                if endpoint is None:
                    self._waiting.append(event)
                    return
                if not endpoint.wants(event["type"]) or await self._attempt(endpoint, event):
                    return
                await self._clock.sleep(delay * self._retry_scale)
                delay = min(delay * 2, RETRY_SECONDS_MAX)

    def _turn(self, event: Json) -> AbstractAsyncContextManager[Any]:
        queue = self._sender.queue(event)
        return nullcontext() if queue is None else self._queues.setdefault(queue, asyncio.Lock())

    async def _attempt(self, endpoint: Endpoint, event: Json) -> bool:
        """One signed POST; True when no other follows. Redirects are not followed."""
        delivery = self.deliveries[event["id"]]
        async with self._free:
            delivery.attempts += 1
            body, headers = self._sender.letter(event, endpoint, int(self._clock.now()))
            delivery.last_status = await self._post(endpoint.url, body, headers)
        if delivery.last_status is not None and 200 <= delivery.last_status < 300:
            delivery.delivered += 1
        return self._sender.is_over(delivery.last_status)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
