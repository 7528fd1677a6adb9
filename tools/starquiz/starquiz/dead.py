"""`starquiz dead`: what services put aside because it could not be handled (docs/runbooks/dead_letters.md)."""

from typing import Annotated, Final

import typer

from starquiz import tree
from starquiz.calls import Wish, make
from starquiz.endpoints import Endpoint
from starquiz.everybody import ask_all
from starquiz.screen import Screen
from starquiz.troubles import MISUSED, REFUSED, UNREACHED, ToolError

app = typer.Typer(help="Dead letters of all services: list, show, replay, drop.", no_args_is_help=True)
Service = Annotated[str, typer.Argument(help="The service that put it aside.")]
Ids = Annotated[list[int], typer.Argument(help="Their ids, as `dead list` shows them.")]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as it came.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent to whom; send nothing.")]
RequestId = Annotated[str, typer.Option(help="Repeated with it, it gives the first answer.")]
_COLUMNS: Final = ("service", "id", "received_at", "type", "attempts", "error")


@app.command("list")
def list_letters(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Only this service's.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Of each service.")] = 50,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """What waits, of all services or one."""
    screen, place = Screen(), tree.place_of(context)
    if dry_run:
        screen.would_ask_all("dead-letter list", {"limit": limit}, tree.known_now(place), place.operator)
        return
    answers, troubles = screen.run(ask_all(place, lambda known: _offers(known, "list"), {"limit": limit}, service))
    rows = [{"service": name, **letter} for name, told in answers.items() for letter in told["letters"]]
    if as_json:
        screen.json(rows)
    else:
        screen.rows(rows, _COLUMNS, empty="no dead letters wait", optional=("attempts", "received_at"))
    for trouble in troubles:
        screen.trouble(trouble)
    if troubles:
        raise typer.Exit(UNREACHED)


@app.command("show")
def show_letter(
    context: typer.Context,
    service: Service,
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its id.")],
    as_json: AsJson = False,
) -> None:
    """One letter with its subject, body and error, whole."""
    screen, place = Screen(), tree.place_of(context)
    body = {"after": number - 1, "limit": 1}
    answers, troubles = screen.run(ask_all(place, lambda known: _offers(known, "list"), body, service))
    if troubles:
        raise ToolError(troubles[0], UNREACHED)
    letters = [one for one in answers[service]["letters"] if one["id"] == number]
    if not letters:
        raise ToolError(
            f"id: no letter {number} waits at {service}; `starquiz dead list {service}` shows those", REFUSED
        )
    screen.answer(letters[0], as_json=as_json)


@app.command("replay")
def replay(
    context: typer.Context,
    service: Service,
    ids: Ids,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    request_id: RequestId = "",
) -> None:
    """Handle letters again under their first id: what had its effect has no second."""
    wish = Wish(as_json=as_json, dry_run=dry_run, request_id=request_id)
    _resolve(context, service, "replay", ids, wish)


@app.command("drop")
def drop(
    context: typer.Context,
    service: Service,
    ids: Ids,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    request_id: RequestId = "",
    confirm: Annotated[str, typer.Option(help="`drop`, for scripts: what would have to be typed.")] = "",
) -> None:
    """Put letters away for good: they stay in the table, marked, and are never replayed."""
    wish = Wish(as_json=as_json, dry_run=dry_run, request_id=request_id, confirm=confirm)
    _resolve(context, service, "drop", ids, wish)


def _resolve(context: typer.Context, service: str, verb: str, ids: list[int], wish: Wish) -> None:
    screen, place = Screen(), tree.place_of(context)
    offers = [one for one in _offers(tree.known_now(place), verb) if one.service == service]
    if not offers:
        raise ToolError(f"{service} has no dead letters to {verb}; is the name right, and does it run?", MISUSED)
    code = make(place, offers[0], {"ids": ids}, wish, screen)
    if code:
        raise typer.Exit(code)


def _offers(known: list[Endpoint], verb: str) -> list[Endpoint]:
    return [one for one in known if one.is_admin and one.words[1:] == ("dead-letter", verb)]
