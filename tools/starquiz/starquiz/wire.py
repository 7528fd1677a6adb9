"""One operator on NATS: asks, gathers what many answer, hears events. What the server denies is told as what it is."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, NoServersError

from contracts.subjects import operator_inbox_prefix
from starquiz.narrowing import as_object
from starquiz.places import Place
from starquiz.troubles import DENIED, REFUSED, UNREACHED, ToolError

ASK_SECONDS: Final = 10.0
_CONNECT_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 0.35
"""Nobody who serves is silent for longer when all are asked what they offer."""
_FIRST_SECONDS: Final = 2.0
_HEARD_MAX: Final = 10_000
_CODE: Final = "Nats-Service-Error-Code"
_VIOLATION: Final = re.compile(r"permissions violation for (publish|subscription) to \"?([^\"\s]+)", re.IGNORECASE)


class Wire:
    """A connection as an operator."""

    def __init__(self, client: Client, place: Place) -> None:
        """`client` is connected; `on_error` hears what the server says besides."""
        self._client = client
        self.place = place
        self._denied: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def on_error(self, error: Exception) -> None:
        """Take note of a denied subject."""
        found = _VIOLATION.search(str(error))
        if found and not self._denied.done():
            self._denied.set_result(f"{found[1]} to {found[2]}")

    async def ask(self, subject: str, body: Any, *, seconds: float = ASK_SECONDS) -> Any:
        """Return the decoded answer; raises ToolError for a refusal, silence, or a subject that is denied."""
        asking = asyncio.ensure_future(self._client.request(subject, msgspec.json.encode(body), timeout=seconds))
        await asyncio.wait({asking, self._denied}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            raise self._denial()
        try:
            answer = asking.result()
        except NoRespondersError:
            raise ToolError(f"nobody answers on {subject}; `starquiz endpoints` lists who does", UNREACHED) from None
        except (NatsError, TimeoutError) as error:
            raise ToolError(f"{subject}: no answer within {seconds:g} s ({type(error).__name__})", UNREACHED) from None
        return _decoded(answer)

    async def gather(self, subject: str) -> list[Any]:
        """Return what everybody answers who hears it; raises ToolError when the subject is denied."""
        inbox, answers = self._client.new_inbox(), asyncio.Queue[Msg]()
        subscription = await self._client.subscribe(inbox, cb=answers.put)
        await self._client.publish(subject, b"", reply=inbox)
        found: list[Any] = []
        try:
            while True:
                patience = _SILENCE_SECONDS if found else _FIRST_SECONDS
                getting = asyncio.ensure_future(answers.get())
                await asyncio.wait({getting, self._denied}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    break
                if not (getting.result().headers or {}).get("Status"):
                    found.append(msgspec.json.decode(getting.result().data))
        finally:
            await subscription.unsubscribe()
        if self._denied.done():
            raise self._denial()
        return found

    async def listen(self, subjects: list[str]) -> "asyncio.Queue[Msg]":
        """Hear these subjects from now on; `next_of` says when one is denied."""
        heard = asyncio.Queue[Msg](maxsize=_HEARD_MAX)
        for subject in subjects:
            await self._client.subscribe(subject, cb=heard.put)
        await self._client.flush()
        return heard

    async def next_of(self, heard: "asyncio.Queue[Msg]") -> Msg:
        """Wait for the next message of those; raises ToolError when a subject is denied."""
        getting = asyncio.ensure_future(heard.get())
        try:
            await asyncio.wait({getting, self._denied}, return_when=asyncio.FIRST_COMPLETED)
            if self._denied.done():
                raise self._denial()
            return getting.result()
        finally:
            getting.cancel()

    def _denial(self) -> ToolError:
        who = self.place.operator
        return ToolError(
            f"NATS denies {who} to {self._denied.result()}: another operator's subject, or a right that {who}'s user "
            "has not got (docs/runbooks/README.md, “A new operator”)",
            DENIED,
        )


@asynccontextmanager
async def connected(place: Place) -> AsyncGenerator[Wire]:
    """Sign in as the operator, and out again; raises ToolError when the server is not there or does not know them."""
    client = Client()
    wire = Wire(client, place)
    seed = None if place.key is None else place.key.read_text(encoding="utf-8").strip()
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):  # by itself it would try for ever
            await client.connect(
                place.server,
                inbox_prefix=operator_inbox_prefix(place.operator).encode(),
                error_cb=wire.on_error,
                allow_reconnect=False,
                nkeys_seed_str=seed,
            )
    except (NatsError, OSError, NoServersError) as error:
        why = str(error) or type(error).__name__
        code = DENIED if "authorization" in why.lower() else UNREACHED
        raise ToolError(
            f"no way in at {place.server} as {place.operator}: {why.removeprefix('nats: ')}", code
        ) from None
    try:
        yield wire
    finally:
        await client.close()


def _decoded(answer: Msg) -> Any:
    """Return an answer's JSON; raises ToolError for an error, with the service's own words."""
    body: Any = msgspec.json.decode(answer.data) if answer.data else None
    code = (answer.headers or {}).get(_CODE)
    if code is None:
        return body
    words = as_object(body) or {}
    raise ToolError(f"{words.get('error') or 'no reason given'} ({code})", UNREACHED if code == "503" else REFUSED)
