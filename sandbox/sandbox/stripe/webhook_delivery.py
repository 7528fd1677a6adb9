"""Brings events to the webhook: signed, each on its own, in no promised order, again and again until a 2xx."""

import asyncio
import hashlib
import hmac
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.clock import Clock
from sandbox.stripe.book import Json
from sandbox.stripe.events import body_of
from sandbox.stripe.faults import StripeFaults

CONNECTIONS_MAX = 40
KEPT_SECONDS = 3 * 86_400
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


def signature(body: bytes, secrets: tuple[str, ...], at: int) -> str:
    """The header `Stripe-Signature`: HMAC-SHA256 over `<unix seconds>.<body>`, once per secret."""
    signed = str(at).encode() + b"." + body
    macs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs)])


class WebhookDelivery:
    """Delivers to one endpoint; without one, events wait."""

    def __init__(self, clock: Clock, faults: StripeFaults, retry_scale: float, timeout_seconds: float) -> None:
        self._clock = clock
        self._faults = faults
        self._retry_scale = retry_scale
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(CONNECTIONS_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[Json] = []
        self._held: list[Json] = []
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
        """Post until a 2xx, or for three days; the pauses are 1, 2, 4, … seconds up to an hour."""
        give_up_at, delay = self._clock.now() + KEPT_SECONDS, 1.0
        while self._clock.now() < give_up_at:
            endpoint = self.endpoint
            if endpoint is None:
                self._waiting.append(event)
                return
            if not endpoint.wants(event["type"]) or await self._attempt(endpoint, event):
                return
            await self._clock.sleep(delay * self._retry_scale)
            delay = min(delay * 2, RETRY_SECONDS_MAX)

    async def _attempt(self, endpoint: Endpoint, event: Json) -> bool:
        """One signed POST; True for a 2xx. Redirects are not followed."""
        delivery = self.deliveries[event["id"]]
        body = body_of(event)
        async with self._free:
            delivery.attempts += 1
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(body, endpoint.secrets, int(self._clock.now())),
            }
            delivery.last_status = await self._post(endpoint.url, body, headers)
        if delivery.last_status is None or not 200 <= delivery.last_status < 300:
            return False
        delivery.delivered += 1
        return True

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
