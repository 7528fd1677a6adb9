"""`starquiz find` and `starquiz trace`: what all services have of one thing, and one payment's story across them."""

from typing import Annotated, Any

import typer
from rich.text import Text

from starquiz import tree
from starquiz.endpoints import serving
from starquiz.everybody import Answers, ask_all, asked, known_to
from starquiz.inert import inert
from starquiz.places import Place
from starquiz.screen import Screen
from starquiz.troubles import REFUSED, UNREACHED, ToolError
from starquiz.wire import connected

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent to whom; send nothing.")]
_LINE = ("at", "service", "what", "of", "details")


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A name, @user, player's id, charge, purchase, code, campaign.")],
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Find a player, payment, code or campaign in all services."""
    screen, place = Screen(), tree.place_of(context)
    body = {"text": text}
    if dry_run:
        screen.would_ask_all("find", body, tree.known_now(place), place.operator)
        return
    answers, troubles = screen.run(ask_all(place, lambda known: serving(known, "find"), body))
    rows = _findings(answers)
    if as_json:
        screen.json(rows)
    else:
        screen.listed(rows, empty=f"nobody knows {text!r}")
    _end(screen, troubles, found=bool(rows))


def trace(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A player's id, a charge's or a purchase's.")],
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Tell one payment's story, or a player's, from all services' own books in order of time."""
    screen, place = Screen(), tree.place_of(context)
    if dry_run:
        body = {"player_id": int(what)} if what.isdigit() else {"player_id": 0, "charge_id": what}
        screen.would_ask_all("story", body, tree.known_now(place), place.operator)
        return
    rows, troubles = screen.run(_story(place, what))
    if as_json:
        screen.json(rows)
    else:
        _tell(rows, screen, what)
    _end(screen, troubles, found=bool(rows))


async def _story(place: Place, what: str) -> tuple[list[dict[str, Any]], list[str]]:
    async with connected(place) as wire:
        known = await known_to(wire)
        body = {"player_id": int(what)} if _is_player(what) else None
        if body is None:
            answers, troubles = await asked(wire, serving(known, "find"), {"text": what})
            body = _whose(what, _findings(answers), troubles)
        stories, troubles = await asked(wire, serving(known, "story"), body)
    rows = [{"service": service, **line} for service, told in stories.items() for line in told["lines"]]
    return sorted(rows, key=lambda row: row["at"]), troubles


def _whose(what: str, found: list[dict[str, Any]], troubles: list[str]) -> dict[str, Any]:
    """Return whose payment to tell of; raises ToolError when nobody knows it."""
    for kind, field in (("purchase", "purchase_id"), ("charge", "charge_id")):
        for one in found:
            if one["kind"] == kind and one["player_id"]:
                return {"player_id": one["player_id"], field: one["id"]}
    listed = [one["details"] for one in found]
    if troubles:
        raise ToolError(f"{what}: not found, but not all answered: {'; '.join(troubles)}", UNREACHED)
    about = f"it is only known so: {'; '.join(listed)}" if listed else "nobody knows it; `starquiz find` looks wider"
    raise ToolError(f"{what} is no player's id, charge or purchase: {about}", REFUSED)


def _is_player(what: str) -> bool:
    return what.isascii() and what.isdigit() and len(what) <= 16


def _tell(rows: list[dict[str, Any]], screen: Screen, what: str) -> None:
    """Show a story; the long ids it is about stand below, whole, each with its number."""
    names = {identifier: number for number, identifier in enumerate(dict.fromkeys(row["id"] for row in rows), 1)}
    numbered = [{**row, "of": names[row["id"]]} for row in rows]
    screen.rows(numbered, _LINE, empty=f"nothing has happened to {what}")
    if rows:
        screen.line("")
    for identifier, number in names.items():
        screen.line(Text(f"{number:>2}  {inert(identifier)}"))


def _findings(answers: Answers) -> list[dict[str, Any]]:
    return [{"service": service, **one} for service, told in answers.items() for one in told["found"]]


def _end(screen: Screen, troubles: list[str], *, found: bool) -> None:
    """End with what a script needs to know: not all answered, or nothing was found."""
    for trouble in troubles:
        screen.trouble(trouble)
    if troubles:
        raise typer.Exit(UNREACHED)
    if not found:
        raise typer.Exit(REFUSED)
