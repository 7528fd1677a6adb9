"""`starquiz watch`: what services say, as they say it. It is heard only while one listens; nothing is kept."""

import asyncio
import json
from typing import Annotated, Any, Final

import typer
from nats.aio.msg import Msg
from rich.text import Text

from starquiz import tree
from starquiz.everybody import known_to
from starquiz.inert import escaped
from starquiz.layout import text_of
from starquiz.narrowing import as_object
from starquiz.places import Place
from starquiz.screen import Screen
from starquiz.wire import connected

_DETAILS_MAX: Final = 160


class _Wanted:
    """Which events to show, and how many."""

    def __init__(self, service: str, event: str, player: int | None, count: int) -> None:
        self.service = service
        self.event = event.replace("-", "_")
        self.player = player
        self.left = count or None

    def fits(self, name: str, body: dict[str, Any]) -> bool:
        """Whether an event of that name is one of them."""
        if self.event and self.event not in name:
            return False
        return self.player is None or self.player in (body.get("player_id"), body.get("referrer_id"))

    def is_last(self) -> bool:
        """Count one that was shown; True when it was the last one."""
        if self.left is not None:
            self.left -= 1
        return self.left == 0


def watch(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Only this service's.")] = "",
    event: Annotated[str, typer.Option(help="Only events that have it in their name.")] = "",
    player: Annotated[int | None, typer.Option(help="Only what names this player.", show_default=False)] = None,
    count: Annotated[int, typer.Option(min=0, help="End after so many; 0: never.")] = 0,
    seconds: Annotated[float, typer.Option(min=0, help="End after so long; 0: never.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow events live, until Ctrl-C."""
    screen = Screen()
    wanted = _Wanted(service, event, player, count)
    try:
        screen.run(_follow(tree.place_of(context), wanted, seconds, screen, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _follow(place: Place, wanted: _Wanted, seconds: float, screen: Screen, *, as_json: bool) -> None:
    async with connected(place) as wire:
        services = sorted({one.service for one in await known_to(wire)})
        subjects = [f"{name}.evt.>" for name in services if wanted.service in ("", name)]
        if not subjects:
            screen.trouble(f"{wanted.service}: no such service; these answer: {', '.join(services)}")
            raise typer.Exit(1)
        heard = await wire.listen(subjects)
        screen.note(f"listening to {', '.join(subjects)}; Ctrl-C ends it")
        try:
            async with asyncio.timeout(seconds or None):
                while True:
                    msg = await wire.next_of(heard)
                    if _shown(msg, wanted, screen, as_json=as_json) and wanted.is_last():
                        return
        except TimeoutError:
            return


def _shown(msg: Msg, wanted: _Wanted, screen: Screen, *, as_json: bool) -> bool:
    """Show an event if it is one that is wanted."""
    service, _, *key, name = msg.subject.split(".")
    body = _body(msg)
    if not wanted.fits(name, body):
        return False
    at = (msg.headers or {}).get("ce-time", "")
    if as_json:
        line = {"at": at, "service": service, "event": name, "key": ".".join(key), "body": body}
        screen.raw(escaped(json.dumps(line, ensure_ascii=False)))
    else:
        told = {field: value for field, value in body.items() if field != "at" and value not in (None, "", [], {})}
        said = text_of(told)[:_DETAILS_MAX] if told else ""
        screen.line(Text.assemble((f"{at[11:19]}  ", "dim"), f"{service}  ", (name, "bold"), f"  {said}"))
    return True


def _body(msg: Msg) -> dict[str, Any]:
    try:
        found = json.loads(msg.data)
    except ValueError:
        return {}
    return as_object(found) or {}
