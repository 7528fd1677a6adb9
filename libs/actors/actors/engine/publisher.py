"""Pipelined publishing to JetStream: many messages under way at once, each with its acknowledgement and a time-out.

A publish that timed out has an unknown outcome: it may be stored after a reconnect. Callers repeat it with the same
ids, never with fresh ones.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import BadSubjectError, MaxPayloadError

from actors.engine.stream_troubles import StreamTroubles
from actors.publish_errors import MailboxFullError, PublishError, UnknownOutcomeError, UnsendableError

MAILBOX_FULL_CODE: Final = 10077
"""JetStream's error code when a subject has `max_msgs_per_subject` messages and refuses new ones."""


class _ApiError(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _PubAck(msgspec.Struct):
    error: _ApiError | None = None
    duplicate: bool = False


_decoder = msgspec.json.Decoder(_PubAck)


class _Batch:
    """Messages under way together: what came of each, and a future that is done when nothing is awaited any more."""

    __slots__ = ("complete", "missing", "outcomes")

    def __init__(self, size: int, complete: "asyncio.Future[None]", unanswered: PublishError) -> None:
        self.outcomes: list[PublishError | None] = [unanswered] * size
        self.missing = set(range(size))
        self.complete = complete

    def settle(self, position: int, outcome: PublishError | None) -> None:
        """Note the first answer to a message; later ones say nothing new."""
        if position in self.missing:
            self.missing.discard(position)
            self.outcomes[position] = outcome
            if not self.missing:
                self.end()

    def end(self) -> None:
        """Wake who waits for the answers, though not all have come."""
        if not self.complete.done():
            self.complete.set_result(None)


class Publisher:
    """Publishes on one connection. `start` before use; safe to share between tasks."""

    def __init__(self, nc: Client, *, timeout_seconds: float = 5.0) -> None:
        """Publish through `nc`, giving each batch `timeout_seconds` to be acknowledged."""
        self._nc = nc
        self._timeout_seconds = timeout_seconds
        self._under_way: dict[str, _Batch] = {}
        self._prefix = ""
        self._count = 0
        self.troubles = StreamTroubles()
        """Streams that take nothing, though NATS may be connected."""

    async def start(self) -> None:
        """Listen for acknowledgements on an inbox of its own."""
        self._prefix = self._nc.new_inbox()
        await self._nc.subscribe(f"{self._prefix}.*.*", cb=self._on_ack)

    async def publish(self, messages: Sequence[tuple[str, dict[str, str], bytes]]) -> list[PublishError | None]:
        """Publish (subject, headers, body) each; returns, in order, None for stored or what went wrong."""
        if not messages:
            return []
        loop = asyncio.get_running_loop()
        self._count += 1
        name = str(self._count)
        unanswered = UnknownOutcomeError(f"no acknowledgement within {self._timeout_seconds} s")
        batch = self._under_way[name] = _Batch(len(messages), loop.create_future(), unanswered)
        timer = loop.call_later(self._timeout_seconds, batch.end)
        try:
            await self._send(f"{self._prefix}.{name}", messages, batch)
            await batch.complete
        finally:
            timer.cancel()
            del self._under_way[name]
        if self.troubles or any(batch.outcomes):
            self.troubles.note([subject for subject, _, _ in messages], batch.outcomes)
        return batch.outcomes

    async def _send(self, inbox: str, messages: Sequence[tuple[str, dict[str, str], bytes]], batch: _Batch) -> None:
        for position, (subject, headers, body) in enumerate(messages):
            try:
                await self._nc.publish(subject, body, reply=f"{inbox}.{position}", headers=headers)
            except (MaxPayloadError, BadSubjectError) as error:
                batch.settle(position, UnsendableError(f"{subject}: {error}, {len(body)} bytes"))
            except Exception as error:
                batch.settle(position, UnknownOutcomeError(f"{subject}: {error}"))

    async def _on_ack(self, msg: Msg) -> None:
        inbox, _, position = msg.subject.rpartition(".")
        batch = self._under_way.get(inbox.rpartition(".")[2])
        if batch is not None:
            batch.settle(int(position), _outcome(msg.data))


def _outcome(answer: bytes) -> PublishError | None:
    if not answer:
        return PublishError("no stream listens on this subject")
    error = _decoder.decode(answer).error
    if error is None:
        return None
    if error.err_code == MAILBOX_FULL_CODE:
        return MailboxFullError(error.description)
    return PublishError(f"{error.description} ({error.err_code})")


__all__ = ["MailboxFullError", "PublishError", "Publisher", "UnknownOutcomeError", "UnsendableError"]
