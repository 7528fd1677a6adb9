"""One question to all who offer it, asked at once: what one of them does not answer is told, and the others count."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from starquiz.endpoints import Endpoint, offered
from starquiz.places import Place
from starquiz.remembered import remember
from starquiz.troubles import UNREACHED, ToolError
from starquiz.wire import Wire, connected

Answers = dict[str, Any]
"""Service → what it answered."""


async def ask_all(
    place: Place, choose: Callable[[list[Endpoint]], Sequence[Endpoint]], body: Any, service: str = ""
) -> tuple[Answers, list[str]]:
    """Return what each answered, and what is wrong with those that did not; raises ToolError when nobody offers it."""
    async with connected(place) as wire:
        return await asked(wire, choose(await known_to(wire)), body, service)


async def known_to(wire: Wire) -> list[Endpoint]:
    """Return what is offered now."""
    found = await offered(wire)
    remember(wire.place, found)
    return found


async def asked(wire: Wire, endpoints: Sequence[Endpoint], body: Any, service: str = "") -> tuple[Answers, list[str]]:
    """Ask these endpoints, or those of one service."""
    wanted = [one for one in endpoints if service in ("", one.service)]
    if not wanted:
        names = ", ".join(sorted({one.service for one in endpoints})) or "nobody"
        raise ToolError(f"{service or 'nobody'} does not offer that; these do: {names}", UNREACHED)
    answers = await asyncio.gather(*(_answer(wire, one, body) for one in wanted))
    told = {one.service: answer for one, answer in zip(wanted, answers, strict=True)}
    return (
        {name: answer for name, answer in told.items() if not isinstance(answer, ToolError)},
        [f"{name}: {answer.text}" for name, answer in told.items() if isinstance(answer, ToolError)],
    )


async def _answer(wire: Wire, endpoint: Endpoint, body: Any) -> Any:
    try:
        return await wire.ask(endpoint.addressed(wire.place.operator), body)
    except ToolError as trouble:
        return trouble
