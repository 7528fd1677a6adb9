"""`ask`: publish a command durably and wait for the answer. Durable like any command, quick like a call.

`query`: put a read-only question to another service; nothing is stored, and no answer is an error.

`vouch`: ask at an operator's endpoint for a person whom this service has authenticated.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from actors.clock import Clock
from contracts.envelope import Envelope, first_envelope
from contracts.message import A, Answered, Query, answer_of, encode, subject_of
from contracts.subjects import check_operator, vouched_subject

_ERROR_CODE = "Nats-Service-Error-Code"


class AskTimeoutError(TimeoutError):
    """No answer in time. The command may still take effect: ask again with the same identifier."""


class QueryError(Exception):
    """A question was not answered: nobody serves it now, no answer came in time, or the answer is an error."""

    def __init__(self, text: str, *, code: int = 503, reason: str = "") -> None:
        """Say what went wrong.

        `code` as in HTTP: what the owner said, in words too (`reason`); else 502 for an answer that is none, 503 when
        nobody serves the question, 504 when no answer came in time.
        """
        super().__init__(text)
        self.code = code
        self.reason = reason


class Publishing(Protocol):
    """What stores messages in JetStream (`actors.engine.publisher`)."""

    async def publish(self, messages: Sequence[tuple[str, dict[str, str], bytes]]) -> Sequence[Exception | None]:
        """Publish (subject, headers, body) each; return, in order, None for stored or what went wrong."""
        ...


class Asker:
    """Asks actors of any service this one may talk to."""

    def __init__(self, nc: Client, publisher: Publishing, *, clock: Clock, service: str) -> None:
        """Publish through `publisher` and hear answers on `nc`."""
        self._nc = nc
        self._publisher = publisher
        self._clock = clock
        self._service = service
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._prefix = ""

    async def start(self) -> None:
        """Listen for answers on an inbox of its own."""
        self._prefix = self._nc.new_inbox()
        await self._nc.subscribe(f"{self._prefix}.*", cb=self._on_answer)

    async def ask(
        self, command: Answered[A], *, timeout_seconds: float, identifier: str | None = None, origin: str = ""
    ) -> A:
        """Return the decoded answer of the actor that `command` addresses.

        The same `identifier` gets the first answer again. Raises PublishError when the command was not stored,
        AskTimeoutError when no answer came within `timeout_seconds`, msgspec.ValidationError when it is none of the
        command's.
        """
        token = uuid.uuid4().hex
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        envelope: Envelope = first_envelope(
            command,
            identifier=identifier or f"ask:{token}",
            time=self._clock.now(),
            source=self._service,
            reply_to=f"{self._prefix}.{token}",
            origin=origin,
        )
        try:
            # A repeated question must reach the actor inside JetStream's dedup window too: fresh transport id.
            headers = envelope.headers(transport_id=f"{envelope.id}#{token}")
            (error,) = await self._publisher.publish([(subject_of(command), headers, encode(command))])
            if error is not None:
                raise error
            body = await asyncio.wait_for(future, timeout_seconds)
        except TimeoutError:
            raise AskTimeoutError(f"{envelope.type_name}: no answer within {timeout_seconds} s") from None
        finally:
            del self._waiting[token]
        answer: A = msgspec.json.decode(body, type=answer_of(type(command)))
        return answer

    async def query(self, asked: Query[A], *, timeout_seconds: float) -> A:
        """Return the decoded answer. Raises QueryError naming the subject and what went wrong."""
        answer: A = await self._request(
            asked.subject, msgspec.json.encode(asked), answer_of(type(asked)), timeout_seconds=timeout_seconds
        )
        return answer

    async def vouch(
        self, endpoint: str, request: Mapping[str, Any], *, person: str, answer: type[A], timeout_seconds: float
    ) -> A:
        """Ask at `admin.<service>.<noun>.<verb>` for a person, and return the decoded answer.

        The endpoint stands in `SPEC.vouches`. The audit names this service and the person. Raises QueryError, and
        ValueError for a person whose name no operator could have.
        """
        subject = vouched_subject(endpoint, self._service, check_operator(person))
        found: A = await self._request(subject, msgspec.json.encode(request), answer, timeout_seconds=timeout_seconds)
        return found

    async def _request(self, subject: str, body: bytes, answer: Any, *, timeout_seconds: float) -> Any:
        try:
            msg = await self._nc.request(subject, body, timeout=timeout_seconds)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            text = f"{subject}: {type(error).__name__} within {timeout_seconds} s"
            raise QueryError(text, code=504 if isinstance(error, TimeoutError) else 503) from error
        if code := (msg.headers or {}).get(_ERROR_CODE):
            told = msg.data.decode(errors="replace")
            raise QueryError(f"{subject}: {code} {told[:200]}", code=_code(code), reason=_reason(msg.data))
        try:
            return msgspec.json.decode(msg.data, type=answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise QueryError(f"{subject}: the answer does not fit: {error}", code=502) from error

    async def _on_answer(self, msg: Msg) -> None:
        future = self._waiting.get(msg.subject.rpartition(".")[2])
        if future is not None and not future.done():
            future.set_result(msg.data)


class _Refusal(msgspec.Struct):
    """How an endpoint says no."""

    error: str = ""


def _code(header: str) -> int:
    return int(header) if header.isascii() and header.isdigit() else 502


def _reason(body: bytes) -> str:
    """Return what the owner says in words; empty when it says nothing that can be read."""
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
