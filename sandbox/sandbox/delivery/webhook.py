"""Webhook delivery with Telegram's own manners: a queue per key, one in flight per queue, retries until expiry.

Timing follows Telegram's WebhookActor: the first retry comes at once, then after 2, 4, 8, … seconds up to a random 60
to 120; a `Retry-After` of the bot's reply (0 to 3600 s) is honoured instead.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.delivery.pending_updates import PendingUpdates
from sandbox.delivery.poster import Poster, Reply
from sandbox.delivery.update import Update
from sandbox.stats import Stats

CONNECTIONS_DEFAULT = 40
RETRY_AFTER_SECONDS_MAX = 3600


@dataclass(slots=True)
class WebhookConfig:
    """What setWebhook was given."""

    url: str
    secret_token: str | None = None
    max_connections: int = CONNECTIONS_DEFAULT
    ip_address: str | None = None


def retry_delay_seconds(attempts: int) -> float:
    """Seconds to wait after this many failed attempts."""
    if attempts <= 1:
        return 0.0
    delay = 2.0 ** (attempts - 1)
    return delay if delay <= 64 else random.uniform(60, 120)  # noqa: S311 - spreads retries, guards nothing


class Webhook:
    """Delivers waiting updates to one address while a webhook is set."""

    def __init__(
        self, clock: Clock, stats: Stats, pending: PendingUpdates, retry_scale: float, timeout_seconds: float
    ) -> None:
        self._clock = clock
        self._stats = stats
        self._pending = pending
        self._retry_scale = retry_scale
        self._timeout_seconds = timeout_seconds
        self._poster: Poster | None = None
        self._queues: dict[str, deque[Update]] = {}
        self._ready: deque[str] = deque()
        self._in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.config: WebhookConfig | None = None
        self.on_reply: Callable[[Reply], None] | None = None
        self.last_error: tuple[int, str] | None = None

    @property
    def is_open(self) -> bool:
        """Is a webhook set?"""
        return self.config is not None

    async def open(self, config: WebhookConfig) -> None:
        """Deliver to this address from now on, starting with what waits. ValueError for a bad address."""
        poster = Poster(config.url, config.secret_token, self._timeout_seconds)
        await self.close()
        self.config, self._poster, self.last_error = config, poster, None
        for update in self._pending.all():
            self.push(update)

    async def close(self) -> None:
        """Stop delivering; what was not acknowledged keeps waiting."""
        self.config = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._poster is not None:
            await self._poster.close()
        self._poster = None
        self._queues.clear()
        self._ready.clear()
        self._in_flight = 0

    def push(self, update: Update) -> None:
        """Put an update at the end of its queue."""
        queue = self._queues.get(update.queue)
        if queue is not None:
            queue.append(update)
            return
        self._queues[update.queue] = deque((update,))
        self._ready.append(update.queue)
        self._pump()

    def forget_waiting(self) -> None:
        """Empty the queues (`drop_pending_updates`); what is in flight finishes."""
        for queue in self._queues.values():
            while len(queue) > 1:
                queue.pop()

    def _pump(self) -> None:
        """Start as many deliveries as there are ready queues and free connections."""
        config, poster = self.config, self._poster
        if config is None or poster is None:
            return
        while self._ready and self._in_flight < config.max_connections:
            key = self._ready.popleft()
            self._in_flight += 1
            task = asyncio.get_running_loop().create_task(self._deliver_head(poster, key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver_head(self, poster: Poster, key: str) -> None:
        """Send the first update of a queue, then let the queue go on: at once, or after the retry delay."""
        queue = self._queues[key]
        update = queue[0]
        delay = 0.0 if update.expires_at <= self._clock.now() else await self._attempt(poster, update)
        self._in_flight -= 1
        if delay is None:
            self._pending.done(update)
            self._advance(key, queue)
            return
        if self._clock.now() + delay >= update.expires_at:
            self._pending.expired(update)
            self._advance(key, queue)
            return
        self._stats.update("retried", update.kind)
        self._pump()
        await self._clock.sleep(delay)
        self._ready.append(key)
        self._pump()

    def _advance(self, key: str, queue: deque[Update]) -> None:
        queue.popleft()
        if queue:
            self._ready.append(key)
        else:
            del self._queues[key]
        self._pump()

    async def _attempt(self, poster: Poster, update: Update) -> float | None:
        """One POST. None when the bot took the update, else the seconds until the next attempt."""
        update.attempts += 1
        try:
            reply = await poster.post(update.body)
        except TimeoutError:
            return self._failed(update, "Read timeout expired", None)
        except OSError as problem:
            return self._failed(update, f"Connection failed: {problem}", None)
        if 200 <= reply.status < 300:
            self._stats.webhook["ok"] += 1
            if reply.body and self.on_reply is not None:
                self.on_reply(reply)
            return None
        return self._failed(update, f"Wrong response from the webhook: {reply.status}", reply)

    def _failed(self, update: Update, reason: str, reply: Reply | None) -> float:
        self._stats.webhook[str(reply.status) if reply else "no_answer"] += 1
        self.last_error = (int(self._clock.now()), reason)
        asked = reply.headers.get("retry-after", "") if reply else ""
        delay = min(int(asked), RETRY_AFTER_SECONDS_MAX) if asked.isdigit() else retry_delay_seconds(update.attempts)
        return delay * self._retry_scale
