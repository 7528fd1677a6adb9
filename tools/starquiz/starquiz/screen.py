"""What an operator sees: answers on standard output, all else on standard error."""

import asyncio
import json
import shlex
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from starquiz.endpoints import Endpoint
from starquiz.inert import escaped, inert
from starquiz.layout import fitting, laid_out, table
from starquiz.places import Place

T = TypeVar("T")


def plain(subject: str, body: Any) -> str:
    """Return a call as the plain NATS command line makes it."""
    return f"nats req {subject} {shlex.quote(escaped(json.dumps(body, ensure_ascii=False)))}"


class Screen:
    """Two consoles: one for answers, one for words to the operator."""

    def __init__(self) -> None:
        """Standard output and standard error."""
        self._out = Console(highlight=False, soft_wrap=False, emoji=False)
        self._err = Console(stderr=True, highlight=False, emoji=False)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what takes a moment."""
        return asyncio.run(work)

    def answer(self, answer: Any, *, as_json: bool) -> None:
        """Show an answer as tables, or as it came."""
        if as_json:
            self.json(answer)
            return
        for part in laid_out(answer, self._out.width):
            self._out.print(part)

    def json(self, answer: Any) -> None:
        """Print one JSON document, not cut to the screen's width."""
        self._out.file.write(escaped(json.dumps(answer, indent=2, ensure_ascii=False)) + "\n")

    def raw(self, line: str) -> None:
        """Print a line as it is, at once: whoever reads it may be a program."""
        self._out.file.write(f"{line}\n")
        self._out.file.flush()

    def rows(
        self, rows: Sequence[dict[str, Any]], columns: Sequence[str], *, empty: str, optional: Sequence[str] = ()
    ) -> None:
        """Show rows as a table; `empty` is said when there are none. Optional columns go where room is scarce."""
        if not rows:
            self.note(empty)
            return
        self._out.print(table(rows, fitting(rows, columns, optional, self._out.width)))

    def listed(self, rows: Sequence[dict[str, Any]], *, empty: str) -> None:
        """Show rows as a table, or one below the other where they are too wide for that."""
        if rows:
            self.answer(list(rows), as_json=False)
        else:
            self.note(empty)

    def line(self, text: str | Text) -> None:
        """Print a line of an answer, however long it is."""
        self._out.print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Say something besides the answer."""
        self._err.print(Text(inert(text), style="dim"))

    def trouble(self, text: str) -> None:
        """Say what went wrong and what to do."""
        self._err.print(Text(inert(text), style="bold red"))

    def would_send(self, endpoint: Endpoint, place: Place, subject: str, body: Any) -> None:
        """Show what would be sent to whom, and how the plain NATS command line does the same. Nothing is sent."""
        effect = "reads" if endpoint.reads else "changes"
        lines = {
            "to": f"{endpoint.service} at {place.server}",
            "as": place.operator,
            "effect": f"{effect}; cannot be undone: {endpoint.irreversible}" if endpoint.irreversible else effect,
            "subject": subject,
            "body": msgspec.json.encode(body).decode(),
        }
        for name, text in lines.items():
            self._out.print(Text.assemble((f"{name:<8}", "dim"), text), soft_wrap=True)
        self._out.file.write(f"\n{plain(subject, body)}\n")

    def would_ask_all(self, name: str, body: Any, endpoints: Iterable[Endpoint], operator: str) -> None:
        """Show what would be sent to each service that offers something; nothing is sent."""
        for one in endpoints:
            if " ".join(one.words[1:]) == name:
                self._out.file.write(f"{plain(one.addressed(operator), body)}\n")

    def asked_to_type(self, endpoint: Endpoint, body: Any, word: str) -> str:
        """Say what cannot be undone and have a word typed; returns what was typed."""
        self._err.print(Text.assemble((f"{endpoint.irreversible} This cannot be undone.", "bold yellow")))
        self._err.print(Text(f"{endpoint.subject} {msgspec.json.encode(body).decode()}"))
        return self._err.input(f"Type [bold]{escape(word)}[/bold] to go on: ").strip()
