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

MAILBOX_FULL_CODE: Final = 10077
"""JetStream's error code when a subject has `max_msgs_per_subject` messages and refuses new ones."""


class PublishError(Exception):
    """JetStream did not store the message."""


class MailboxFullError(PublishError):
    """The addressed actor's mailbox is full: this message is refused, others are not affected."""


class UnknownOutcomeError(PublishError):
    """No answer in time: the message may or may not have been stored."""


class _ApiError(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _PubAck(msgspec.Struct):
    error: _ApiError | None = None
    duplicate: bool = False


_decoder = msgspec.json.Decoder(_PubAck)


class Publisher:
    """Publishes on one connection. `start` before use; safe to share between tasks."""

    def __init__(self, nc: Client, *, timeout_seconds: float = 5.0) -> None:
        """Publish through `nc`, giving each batch `timeout_seconds` to be acknowledged."""
        self._nc = nc
        self._timeout_seconds = timeout_seconds
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._prefix = ""
        self._count = 0

    async def start(self) -> None:
        """Listen for acknowledgements on an inbox of its own."""
        self._prefix = self._nc.new_inbox()
        await self._nc.subscribe(f"{self._prefix}.*", cb=self._on_ack)

    async def publish(self, messages: Sequence[tuple[str, dict[str, str], bytes]]) -> list[PublishError | None]:
        """Publish (subject, headers, body) each; returns, in order, None for stored or what went wrong."""
        futures = [await self._send(*message) for message in messages]
        if not futures:
            return []
        await asyncio.wait([future for _, future in futures], timeout=self._timeout_seconds)
        return [self._outcome(token, future) for token, future in futures]

    async def _send(self, subject: str, headers: dict[str, str], body: bytes) -> tuple[str, "asyncio.Future[None]"]:
        self._count += 1
        token = str(self._count)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        try:
            await self._nc.publish(subject, body, reply=f"{self._prefix}.{token}", headers=headers)
        except Exception as error:
            future.set_exception(UnknownOutcomeError(f"{subject}: {error}"))
        return token, future

    def _outcome(self, token: str, future: "asyncio.Future[None]") -> PublishError | None:
        self._waiting.pop(token, None)
        if not future.done():
            future.cancel()
            return UnknownOutcomeError(f"no acknowledgement within {self._timeout_seconds} s")
        error = future.exception()
        return error if isinstance(error, PublishError) else None

    async def _on_ack(self, msg: Msg) -> None:
        future = self._waiting.get(msg.subject.rpartition(".")[2])
        if future is None or future.done():
            return
        if not msg.data:
            future.set_exception(PublishError("no stream listens on this subject"))
            return
        error = _decoder.decode(msg.data).error
        if error is None:
            future.set_result(None)
        elif error.err_code == MAILBOX_FULL_CODE:
            future.set_exception(MailboxFullError(error.description))
        else:
            future.set_exception(PublishError(f"{error.description} ({error.err_code})"))
