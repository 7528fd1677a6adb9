"""The commands that services offer: found when they are asked for, and made of their endpoints' schemas."""

import inspect
import os
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from starquiz.calls import Wish, make
from starquiz.endpoints import Endpoint, commands, offered
from starquiz.forms import fields, filled, parameter
from starquiz.places import Place, find_place
from starquiz.remembered import remember, remembered
from starquiz.screen import Screen
from starquiz.troubles import ToolError
from starquiz.wire import connected

_COMPLETING: Final = "_STARQUIZ_COMPLETE"
_HOW: Final = "How it is called"
_SERVICES: Final = "What the services offer now"


class Offered(TyperGroup):
    """The tool's own commands, and one group for each service that answers."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all names; the tool's own alone when no service can be asked."""
        own = super().list_commands(ctx)
        try:
            return [*own, *sorted({words[0] for words in commands(_known(place_of(ctx)))} - set(own))]
        except ToolError:
            return own

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the tool's own command of that name, or the service's group; None when there is neither."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        place, name = place_of(ctx), cmd_name.replace("_", "-")
        found = {words: one for words, one in commands(_known(place, name)).items() if words[0] == name}
        return _group(name, found, place) if found else None


def place_of(ctx: Any) -> Place:
    """Return where the command line says to ask, or the environment; raises ToolError."""
    said = ctx.find_root().params
    return find_place(
        said.get("server") or os.environ.get("STARQUIZ_SERVER"),
        said.get("operator") or os.environ.get("STARQUIZ_OPERATOR"),
        said.get("key"),
    )


async def known(place: Place) -> list[Endpoint]:
    """Return what is offered there now, and remember it."""
    async with connected(place) as wire:
        found = await offered(wire)
    remember(place, found)
    return found


def known_now(place: Place) -> list[Endpoint]:
    """Return what is offered there now."""
    return Screen().run(known(place))


def _known(place: Place, group: str = "") -> list[Endpoint]:
    """Return what is offered, or what a group of commands is made of; remembered while words are completed."""
    if os.environ.get(_COMPLETING) or not group:
        before = remembered(place)
        if before is not None:
            return before
    return known_now(place)


def _group(name: str, endpoints: dict[tuple[str, ...], Endpoint], place: Place) -> Any:
    """Return the command line's group of one service, with a group for each noun."""
    whole = typer.Typer(name=name, help=f"What {name} offers.", no_args_is_help=True, add_completion=False)
    nouns: dict[str, typer.Typer] = {}
    for words, endpoint in endpoints.items():
        if len(words) == 2:
            within = whole
        elif words[1] in nouns:
            within = nouns[words[1]]
        else:
            verbs = sorted(other[2] for other in endpoints if other[1] == words[1] and len(other) > 2)
            within = nouns[words[1]] = typer.Typer(help=", ".join(verbs), no_args_is_help=True)
            whole.add_typer(within, name=words[1])
        within.command(words[-1], help=_help(endpoint), short_help=endpoint.about)(command_of(endpoint, place))
    if len(endpoints) == 1:
        whole.callback()(lambda: None)  # one command alone would take the group's place
    made = get_command(whole)
    made.name = name
    return made


def command_of(endpoint: Endpoint, place: Place) -> Callable[..., None]:
    """Return the function behind a command: its parameters are the request's fields, and how the call is made."""
    form = fields(endpoint.request)

    def call(**given: Any) -> None:
        wish = Wish(
            as_json=given["as_json"],
            dry_run=given["dry_run"],
            request_id=given.get("request_id") or "",
            confirm=given.get("confirm") or "",
        )
        code = make(place, endpoint, filled(form, given), wish, Screen())
        if code:
            raise typer.Exit(code)

    parameters = [*map(parameter, form), *_how(endpoint)]
    call.__signature__ = inspect.Signature(parameters)
    call.__annotations__ = {one.name: one.annotation for one in parameters}
    return call


def _how(endpoint: Endpoint) -> Iterable[inspect.Parameter]:
    yield _flag("as_json", "--json", "The answer as it came.")
    yield _flag("dry_run", "--dry-run", "Show what would be sent to whom; send nothing.")
    if endpoint.is_admin and not endpoint.reads:
        yield _word("request_id", "--request-id", "Names this request: repeated with it, it gives the first answer.")
    if endpoint.irreversible:
        yield _word("confirm", "--confirm", "What would have to be typed, for scripts.")


def _flag(name: str, option: str, note: str) -> inspect.Parameter:
    annotation = Annotated[bool, typer.Option(option, help=note, rich_help_panel=_HOW)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=False)


def _word(name: str, option: str, note: str) -> inspect.Parameter:
    annotation = Annotated[str, typer.Option(option, help=note, rich_help_panel=_HOW, show_default=False)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default="")


def _help(endpoint: Endpoint) -> str:
    lines = [endpoint.about]
    if endpoint.irreversible:
        lines.append(f"{endpoint.irreversible} This cannot be undone, and has to be confirmed by typing.")
    if endpoint.second_operator:
        lines.append(f"A second operator has to approve {endpoint.second_operator}, within 24 hours.")
    lines.append(f"Asks {endpoint.subject}{'.<operator>' if endpoint.is_admin else ''}.")
    return "\n\n".join(line for line in lines if line)
