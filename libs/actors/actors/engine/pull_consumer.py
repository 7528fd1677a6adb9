"""A pull loop of our own on the subscription's callback: several times as fast as `fetch`, and it pulls again.

nats-py's `fetch` makes a task for each message. A pull that was pending when the server restarted is gone for good, so
this one pulls anew on reconnect and whenever the idle heartbeats stop.
"""

import asyncio
import time
from collections.abc import Callable

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

_EXPIRES_SECONDS = 30
_HEARTBEAT_SECONDS = 5
_SILENCE_SECONDS_MAX = 2.5 * _HEARTBEAT_SECONDS
_NANOSECONDS = 1_000_000_000
_STATUS_HEARTBEAT = "100"


class PullConsumer:
    """Pulls from one durable consumer and hands on what comes."""

    def __init__(
        self, nc: Client, *, stream: str, consumer: str, deliver: Callable[[Msg], None], room: Callable[[], int]
    ) -> None:
        """Hand each message to `deliver`; keep at most `room()` asked for or in hand."""
        self.stream = stream
        self.consumer = consumer
        self._nc = nc
        self._deliver = deliver
        self._room = room
        self._asked = 0
        self._heard_at = time.monotonic()
        self._subscription: Subscription | None = None
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Ask for as many messages as there is room for, until `stop`."""
        inbox = self._nc.new_inbox()
        self._subscription = await self._nc.subscribe(
            inbox, cb=self._on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        while not self._stopping:
            if time.monotonic() - self._heard_at > _SILENCE_SECONDS_MAX:
                self.forget_pull()
            wanted = self._room() - self._asked
            if wanted > 0 and wanted * 2 >= self._room() and self._nc.is_connected:
                await self._pull(inbox, wanted)
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), 0.02 if self._asked == 0 else 0.5)
            except TimeoutError:
                continue

    def forget_pull(self) -> None:
        """Assume that what was asked for will never come (after a reconnect, or when heartbeats stopped)."""
        self._asked = 0
        self._heard_at = time.monotonic()
        self._wake.set()

    async def stop(self) -> None:
        """Stop pulling. Messages already on their way are still handed on, or redelivered to somebody else."""
        self._stopping = True
        self._wake.set()
        if self._subscription is not None and not self._nc.is_closed:
            await self._subscription.unsubscribe()

    async def _pull(self, inbox: str, count: int) -> None:
        self._asked += count
        request = {
            "batch": count,
            "expires": _EXPIRES_SECONDS * _NANOSECONDS,
            "idle_heartbeat": _HEARTBEAT_SECONDS * _NANOSECONDS,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self.consumer}"
        await self._nc.publish(subject, msgspec.json.encode(request), reply=inbox)

    async def _on_message(self, msg: Msg) -> None:
        self._heard_at = time.monotonic()
        headers = msg.headers
        if not msg.reply and headers and "Status" in headers:
            self._on_status(headers)
            return
        self._asked = max(0, self._asked - 1)
        if self._asked * 2 <= self._room():
            self._wake.set()
        self._deliver(msg)

    def _on_status(self, headers: dict[str, str]) -> None:
        if headers["Status"] == _STATUS_HEARTBEAT:
            return
        # The pull ended (expired, server shutting down, consumer moved): what it still owed will not come.
        owed = headers.get("Nats-Pending-Messages")
        self._asked = max(0, self._asked - int(owed)) if owed else 0
        self._wake.set()
