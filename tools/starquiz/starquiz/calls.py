"""One call of one endpoint: what would be sent to whom, the typed confirmation, the answer."""

import shlex
import sys
import uuid
from typing import Any, Final

import msgspec

from starquiz.endpoints import Endpoint, in_order
from starquiz.forms import REQUEST_ID
from starquiz.narrowing import as_object
from starquiz.places import Place
from starquiz.screen import Screen
from starquiz.troubles import MISUSED, REFUSED, UNREACHED, WAITING, ToolError
from starquiz.wire import Wire, connected

_YES: Final = ("done", "started", "changed", "settled", "found", "told")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How one wants a call to be made."""

    as_json: bool = False
    dry_run: bool = False
    request_id: str = ""
    """Of an operator's request; empty: a new one."""
    confirm: str = ""
    """What would be typed; empty: it is asked for."""


def body_of(endpoint: Endpoint, fields: dict[str, Any], wish: Wish) -> dict[str, Any]:
    """Return what is sent: the fields, and the request's id where the endpoint asks for one."""
    if not endpoint.wants_request_id:
        return fields
    return {REQUEST_ID: wish.request_id or f"sq-{uuid.uuid4().hex[:20]}", **fields}


def make(place: Place, endpoint: Endpoint, fields: dict[str, Any], wish: Wish, screen: Screen) -> int:
    """Make a call and show its answer; returns the exit code. Raises ToolError."""
    body = body_of(endpoint, fields, wish)
    subject = endpoint.addressed(place.operator)
    if wish.dry_run:
        screen.would_send(endpoint, place, subject, body)
        return 0
    confirm(endpoint, body, wish, screen)
    answer = screen.run(_sent(place, subject, body))
    if endpoint.answer is not None:
        answer = in_order(answer, endpoint.answer, endpoint.answer)
    screen.answer(answer, as_json=wish.as_json)
    return verdict(answer, screen)


async def _sent(place: Place, subject: str, body: dict[str, Any]) -> Any:
    async with connected(place) as wire:
        return await ask(wire, subject, body)


async def ask(wire: Wire, subject: str, body: dict[str, Any]) -> Any:
    """Ask; what got no answer may have been done, so the same request is named, which is answered and not repeated."""
    try:
        return await wire.ask(subject, body)
    except ToolError as trouble:
        if trouble.code != UNREACHED or REQUEST_ID not in body:
            raise
        text = f"{trouble.text}\nIt may have been done. Ask again as it was: --request-id {body[REQUEST_ID]}"
        raise ToolError(text, trouble.code) from None


def confirm(endpoint: Endpoint, body: dict[str, Any], wish: Wish, screen: Screen) -> None:
    """Have what cannot be undone confirmed by typing what it is about; raises ToolError when it is not."""
    if not endpoint.irreversible:
        return
    word = str(body.get(endpoint.confirm) or endpoint.words[-1])
    typed = wish.confirm
    if not typed:
        if not sys.stdin.isatty():
            text = f"{endpoint.irreversible} This cannot be undone: add --confirm {shlex.quote(word)}, or --dry-run"
            raise ToolError(text, MISUSED)
        typed = screen.asked_to_type(endpoint, body, word)
    if typed != word:
        raise ToolError(f"not confirmed: {typed!r} is not {word!r}. Nothing was sent", MISUSED)


def verdict(answered: Any, screen: Screen) -> int:
    """Return the exit code of an answer: a service may answer in good order that it did nothing, and say why."""
    answer = as_object(answered) or {}
    if answer.get("waits_for_approval"):
        return WAITING
    said_no = any(answer.get(word) is False for word in _YES)
    if said_no and answer.get("reason"):
        screen.trouble(str(answer["reason"]))
        return REFUSED
    return REFUSED if answer.get("failed") or answer.get("found") is False else 0
