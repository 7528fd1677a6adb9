"""What the documents say of the services, from what these declare: consumers, schedules, endpoints, tables, messages.

A document has it between `<!-- generated: name -->` and `<!-- end -->`; the rest of it is written by hand. Where the
name is a Python file's path, the file is quoted.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from actors.deploying.permissions import operator
from actors.schedules import Every
from actors.spec import ConsumerSpec, ServiceSpec
from contracts.message import Contract, shape_of
from contracts.subjects import admin_subject
from devstack.services import CHECKOUT

_BLOCK = re.compile(r"(<!-- generated: ([\w/.]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_TABLE = re.compile(r"^create table (?:if not exists )?(\w+)", re.MULTILINE | re.IGNORECASE)
_DAILY = re.compile(r"0 (\d+) (\d+) \* \* \*")


class UnknownBlockError(LookupError):
    """A document asks for a block that nothing writes."""


def documents(specs: Sequence[ServiceSpec], checkout: Path = CHECKOUT) -> dict[Path, str]:
    """Return the text of each document that has something generated in it, by its path."""
    readme, architecture = checkout / "README.md", checkout / "ARCHITECTURE.md"
    found = {readme: _filled(readme, _quotes(checkout)), architecture: _filled(architecture, _of_all(specs, checkout))}
    runbooks = checkout / "docs/runbooks/README.md"
    found[runbooks] = _filled(runbooks, {"operator": lambda: _operator("mira", specs)})
    for spec in specs:
        page = checkout / "services" / spec.name / "README.md"
        found[page] = _filled(page, {"service": lambda spec=spec: _of_one(spec)})
    return found


def _quotes(checkout: Path) -> dict[str, Callable[[], str]]:
    """Return a block for every Python file of the examples, by its path: its text."""
    files = (checkout / "examples").glob("*/*.py")
    return {str(file.relative_to(checkout)): lambda file=file: _python(file) for file in files}


def _python(file: Path) -> str:
    return f"```python\n{file.read_text(encoding='utf-8')}```\n"


def _filled(page: Path, blocks: dict[str, Callable[[], str]]) -> str:
    def fill(block: re.Match[str]) -> str:
        if block[2] not in blocks:
            raise UnknownBlockError(f"{page}: nothing generates {block[2]}; there are {', '.join(blocks)}")
        return f"{block[1]}{blocks[block[2]]()}{block[4]}"

    return _BLOCK.sub(fill, page.read_text(encoding="utf-8"))


def _of_all(specs: Sequence[ServiceSpec], checkout: Path) -> dict[str, Callable[[], str]]:
    return {
        "consumers": lambda: _table(
            ("service", "consumer", "on stream", "hears"),
            ((s.name, _code(f.durable), _code(f.stream), _heard(s, f)) for s in specs for f in s.consumers()),
        ),
        "owns": lambda: _table(
            ("service", "tables of its schema", "publishes besides its events"),
            ((s.name, _codes(_tables(checkout, s.name)), _codes(_names(s.publishes)) or "–") for s in specs),
        ),
        "schedules": lambda: _table(
            ("service", "due", "when"),
            (
                (s.name, _code(name), _when(job.schedule))
                for s in specs
                for name, job in sorted(s.actor.schedules.items())
            ),
        ),
        "endpoints": lambda: _table(("service", "queries", "admin commands"), map(_endpoints, specs)),
    }


def _of_one(spec: ServiceSpec) -> str:
    """Return what one service hears and says, as a list."""
    own = [c for c in spec.subscribes() if shape_of(c).owner == spec.name and shape_of(c).kind != "due"]
    others = {c: shape_of(c).owner or "anybody" for c in spec.subscribes() if shape_of(c).owner != spec.name}
    _, queries, admins = _endpoints(spec)
    schedules = [f"`{name}` {_when(job.schedule)}" for name, job in sorted(spec.actor.schedules.items())]
    lines = {
        "Hears": _codes(_names(own)),
        **{
            f"Hears of {one}": _codes(_names(c for c in others if others[c] == one))
            for one in sorted({*others.values()})
        },
        "Does when it is due": ", ".join(schedules),
        "Answers": queries,
        "Does for operators": admins,
        "Asks others": _codes(query.subject for query in spec.asks),
        "Asks for persons": _codes(spec.vouches),
        "Says": _codes(_names(spec.events())),
        "Publishes besides its events": _codes(_names(spec.publishes)),
    }
    return "".join(f"- **{title}:** {text}\n" for title, text in lines.items() if text and text != "–")


def _operator(name: str, specs: Sequence[ServiceSpec]) -> str:
    """Return the user in NATS' configuration of an operator who may do all that operators may."""
    rights = operator(name, specs)
    lines = [
        "```",
        f"{{ nkey: UD…{name.upper()}, permissions {{",
        "    publish { allow: [",
        *(f"      {_quoted(some)}" for _, some in groupby(rights.publish, lambda subject: subject.partition(".")[0])),
        "    ] }",
        f"    subscribe {{ allow: [{_quoted(rights.subscribe)}] }} }} }}",
        "```",
    ]
    return "".join(f"{line}\n" for line in lines)


def _quoted(subjects: Iterable[str]) -> str:
    return ", ".join(f'"{subject}"' for subject in subjects)


def _heard(spec: ServiceSpec, consumer: ConsumerSpec) -> str:
    own = f"{spec.name}."
    if all(pattern.endswith(".>") for pattern in consumer.filters):
        return "its schedules and timers" if f"{own}due.>" in consumer.filters else "its commands"
    return _codes(
        pattern.removeprefix(own) if pattern.endswith("*") else pattern.rpartition(".")[2]
        for pattern in consumer.filters
    )


def _endpoints(spec: ServiceSpec) -> tuple[str, str, str]:
    queries = [query.subject for query in spec.actor.queries]
    admins = [admin_subject(spec.name, a.noun, a.verb).removesuffix(".*") for a in spec.actor.admins]
    return spec.name, _codes(sorted(queries)) or "–", _codes(sorted(admins)) or "–"


def _when(schedule: object) -> str:
    if isinstance(schedule, Every):
        whole, odd = divmod(schedule.seconds, 60)
        return f"every {schedule.seconds} s" if odd else "hourly" if whole == 60 else f"every {whole} min"
    pattern, zone = str(getattr(schedule, "pattern", schedule)), str(getattr(schedule, "time_zone", ""))
    daily = _DAILY.fullmatch(pattern)
    told = f"{int(daily[2]):02}:{int(daily[1]):02}" if daily else f"`{pattern}`"
    return f"{told} {zone.rpartition('/')[2]}"


def _tables(checkout: Path, service: str) -> list[str]:
    files = sorted((checkout / "services" / service / service / "migrations").rglob("*.sql"))
    return [name for file in files for name in _TABLE.findall(file.read_text(encoding="utf-8"))]


def _names(contracts: Iterable[type[Contract]]) -> list[str]:
    return sorted(shape_of(contract).name for contract in contracts)


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(_code, dict.fromkeys(texts)))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("|" + "|".join(cell if cell == "---" else f" {cell} " for cell in line) + "|\n" for line in lines)
