"""The command line: the tool's own commands, and beside them whatever the services offer."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from starquiz import calls, dead, jobs, looking, tree, watching
from starquiz.endpoints import Endpoint, commands
from starquiz.forms import fields as fields_of
from starquiz.narrowing import as_object
from starquiz.screen import Screen
from starquiz.troubles import MISUSED, REFUSED, ToolError

app = typer.Typer(
    name="starquiz",
    cls=tree.Offered,
    help="Asks the services of Starquiz, as an operator. `starquiz endpoints` lists what there is.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]


@app.callback()
def where(
    server: Annotated[str | None, typer.Option(help="nats://host:4222; without: the run in DATA_DIR.")] = None,
    operator: Annotated[str | None, typer.Option("--as", help="Who asks; without: STARQUIZ_OPERATOR.")] = None,
    key: Annotated[Path | None, typer.Option(help="The file with your seed.", envvar="STARQUIZ_KEY")] = None,
) -> None:
    """Take note of where to ask, and as whom: `tree.place_of` reads it."""
    del server, operator, key


@app.command("endpoints")
def list_endpoints(
    context: typer.Context,
    word: Annotated[str, typer.Argument(help="Only those that have it in subject or words.")] = "",
    as_json: AsJson = False,
) -> None:
    """What can be asked: command, role, whether it reads or changes, fields (! marks what must be given)."""
    screen = Screen()
    found = commands(screen.run(tree.known(tree.place_of(context))))
    rows = [
        _row(words, one)
        for words, one in sorted(found.items())
        if word.lower() in f"{one.subject} {' '.join(words)} {one.about}".lower()
    ]
    if as_json:
        screen.json(rows)
    else:
        screen.rows(
            rows, ("command", "role", "effect", "fields"), empty=f"nothing has {word!r} in it", optional=("role",)
        )
    if not rows:
        raise typer.Exit(REFUSED)


@app.command("call")
def call(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="`query.…`, or `admin.…` without the operator.")],
    body: Annotated[str, typer.Argument(help="The fields, as JSON.")] = "{}",
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False,
    request_id: Annotated[str, typer.Option(help="Repeated with it, it gives the first answer.")] = "",
    confirm: Annotated[str, typer.Option(help="What would have to be typed.")] = "",
) -> None:
    """Ask an endpoint by its subject, with fields as JSON: what `nats req` does."""
    screen, place = Screen(), tree.place_of(context)
    offered = {one.subject: one for one in screen.run(tree.known(place))}
    endpoint = offered.get(subject.removesuffix(f".{place.operator}"))
    if endpoint is None:
        raise ToolError(f"nobody offers {subject}; `starquiz endpoints` lists what there is", MISUSED)
    wish = calls.Wish(as_json=as_json, dry_run=dry_run, request_id=request_id, confirm=confirm)
    code = calls.make(place, endpoint, _fields(body), wish, screen)
    if code:
        raise typer.Exit(code)


app.command("find")(looking.find)
app.command("trace")(looking.trace)
app.command("watch")(watching.watch)
app.command("jobs")(jobs.jobs)
app.add_typer(dead.app, name="dead")


def _fields(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise ToolError(f"BODY is no JSON: {error}", MISUSED) from None
    fields = as_object(found)
    if fields is None:
        raise ToolError("BODY is no JSON object: try '{}'", MISUSED)
    return fields


def _row(words: tuple[str, ...], one: Endpoint) -> dict[str, Any]:
    return {
        "command": " ".join(words),
        "subject": one.subject,
        "service": one.service,
        "role": one.role,
        "effect": "reads" if one.reads else "final" if one.irreversible else "changes",
        "fields": " ".join(f"{field.option[2:]}{'!' if field.required else ''}" for field in fields_of(one.request)),
        "about": one.about,
    }
