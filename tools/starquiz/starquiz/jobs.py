"""`starquiz jobs`: the last run of every job of every service, as alerts has heard of it (DOMAIN §12)."""

from typing import Annotated, Any, Final

import typer

from starquiz import tree
from starquiz.endpoints import serving
from starquiz.everybody import ask_all
from starquiz.screen import Screen
from starquiz.troubles import REFUSED, UNREACHED

_COLUMNS: Final = ("service", "job", "result", "started_at", "ended_at", "seconds", "period_seconds", "is_overdue")
_GOOD: Final = ("done", "")


def jobs(
    context: typer.Context,
    service: Annotated[str, typer.Argument(help="Only this service's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False,
) -> None:
    """Last start, end, duration and result of every job; exit code 1 when one has failed or is overdue."""
    screen, place = Screen(), tree.place_of(context)
    if dry_run:
        screen.would_ask_all("jobs", {}, tree.known_now(place), place.operator)
        return
    answers, troubles = screen.run(ask_all(place, lambda known: serving(known, "jobs"), {}))
    told: list[dict[str, Any]] = [job for answer in answers.values() for job in answer["jobs"]]
    rows = [job for job in told if service in ("", job["service"])]
    if as_json:
        screen.json(rows)
    else:
        rows = [row | {"seconds": row["seconds"] if row["started_at"] else None} for row in rows]
        screen.rows(rows, _COLUMNS, empty="no jobs", optional=("period_seconds", "ended_at", "is_overdue"))
    for trouble in troubles:
        screen.trouble(trouble)
    if troubles or any(row["is_overdue"] or row["result"] not in _GOOD for row in rows):
        raise typer.Exit(UNREACHED if troubles else REFUSED)
