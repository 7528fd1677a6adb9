"""What waits for a service, as JetStream knows it: asked for again and again, so that it is also known while nothing
is handled. What a service measures of the messages it takes says nothing when it takes none.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog
from nats.aio.client import Client

from actors import metrics
from actors.spec import ConsumerSpec

INTERVAL_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 5.0

log = structlog.get_logger()


class _Floor(msgspec.Struct):
    consumer_seq: int = 0


class _Info(msgspec.Struct):
    """Of a consumer's state, what is looked at; an answer that is an error has none of it."""

    num_pending: int
    num_ack_pending: int
    ack_floor: _Floor

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged, handed out or not."""
        return self.num_pending + self.num_ack_pending


class _Standstill:
    """For how long nothing of what waits was acknowledged."""

    def __init__(self) -> None:
        self._floor = -1
        self._since = 0.0

    def seconds(self, info: _Info, now: float) -> float:
        if info.waiting == 0 or info.ack_floor.consumer_seq != self._floor:
            self._floor, self._since = info.ack_floor.consumer_seq, now
        return now - self._since


class BacklogMeter:
    """Measures what waits at a service's consumers. Each replica does: all of them see the same."""

    def __init__(
        self, nc: Client, consumers: Sequence[ConsumerSpec], *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        """`timer` counts seconds and never goes back."""
        self._nc = nc
        self._timer = timer
        self._standstills = {(one.stream, one.durable): _Standstill() for one in consumers}

    async def run(self) -> None:
        """Look every 15 seconds until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(INTERVAL_SECONDS)

    async def look(self) -> None:
        """Ask for every consumer once. Where no answer comes nothing is known: the metrics go, they do not stay."""
        for stream, consumer in self._standstills:
            try:
                self._show(stream, consumer, await self._ask(stream, consumer))
            except Exception as error:
                log.warning(
                    "backlog_unknown", stream=stream, consumer=consumer, error=f"{type(error).__name__}: {error}"
                )
                self._forget(stream, consumer)

    async def _ask(self, stream: str, consumer: str) -> _Info:
        subject = f"$JS.API.CONSUMER.INFO.{stream}.{consumer}"
        answer = await self._nc.request(subject, b"", timeout=_ANSWER_SECONDS)
        return msgspec.json.decode(answer.data, type=_Info)

    def _show(self, stream: str, consumer: str, info: _Info) -> None:
        seconds = self._standstills[stream, consumer].seconds(info, self._timer())
        metrics.CONSUMER_WAITING.labels(stream, consumer).set(info.waiting)
        metrics.CONSUMER_STANDSTILL_SECONDS.labels(stream, consumer).set(seconds)

    def _forget(self, stream: str, consumer: str) -> None:
        for gauge in (metrics.CONSUMER_WAITING, metrics.CONSUMER_STANDSTILL_SECONDS):
            gauge.remove(stream, consumer)
