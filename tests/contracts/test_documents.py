"""What the documents point at is there: files, functions, tests, numbers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.spec import ServiceSpec
from contracts.subjects import admin_subject
from devstack.declared import documents
from devstack.services import rooms
from devstack.stack import load_specs

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "ARCHITECTURE.md",
        *(ROOT / "libs").glob("*/README.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "services").glob("*/README.md"),
        *(ROOT / name / "README.md" for name in ("examples", "sandbox", "deploy/local", "bench")),
    ]
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CALLED = re.compile(r"`([a-z_]\w*)\(\)`")
_NUMBER = re.compile(r"\d[\d_]*(?:\.\d+)?")
_every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def _linked(document: Path, text: str) -> list[Path]:
    targets = [link.partition("#")[0] for link in _LINK.findall(text) if "://" not in link]
    return [document.parent / target for target in targets if target]


@_every_document
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [str(path) for path in _linked(document, text) if not path.exists()] == []


@_every_document
def test_a_link_that_names_a_file_leads_to_that_one(document: Path) -> None:
    named = re.findall(r"\[`?(?:[\w./]+/)?(\w+\.py)`?\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    assert [(name, target) for name, target in named if Path(target.partition("#")[0]).name != name] == []


@_every_document
def test_links_into_a_page_meet_a_heading(document: Path) -> None:
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        if anchor and "://" not in link:
            page = document.parent / file if file else document
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@_every_document
def test_a_function_named_beside_a_file_is_in_it(document: Path) -> None:
    """On a line that links source files, `name()` is a function of one of them."""
    for line in document.read_text(encoding="utf-8").splitlines():
        sources = [
            path.read_text(encoding="utf-8")
            for path in _linked(document, line)
            if path.suffix == ".py" and path.exists()
        ]
        for name in _CALLED.findall(line) if sources else ():
            assert any(f"def {name}(" in source for source in sources), f"{name}() in: {line[:120]}"


def _numbers() -> list[Any]:
    """Return (document, number column, line) for each row of a table whose last column is a link and a `name`."""
    found: list[Any] = []
    for document in DOCUMENTS:
        for line in document.read_text(encoding="utf-8").splitlines():
            row = re.match(r"^\| ([^|]+) \| ([^|]*\d[^|]*) \| \[`[^`]+`\]\([^)]+\) `(\w+)` \|$", line)
            if row:
                found.append(pytest.param(document, row[2], row[3], line, id=row[3]))
    return found


@pytest.mark.parametrize(("document", "stated", "name", "line"), _numbers())
def test_a_number_is_what_the_code_says(document: Path, stated: str, name: str, line: str) -> None:
    (source,) = _linked(document, line)
    assigned = list(_assigned(name, ast.parse(source.read_text(encoding="utf-8"))))
    assert len(assigned) == 1, f"{name} is not assigned once in {source}"
    there = {float(number) for number in _NUMBER.findall(assigned[0])}
    assert {float(number) for number in _NUMBER.findall(stated)} <= there


def _assigned(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.expr) and any(isinstance(t, ast.Name) and t.id == name for t in targets):
            yield ast.unparse(value)


def test_the_table_of_numbers_is_read() -> None:
    assert len(_numbers()) > 20


@pytest.mark.parametrize("library", ["actors", "contracts"])
def test_a_library_s_page_names_every_file_of_it(library: str) -> None:
    folder = ROOT / "libs" / library
    linked = {path.resolve() for path in _linked(folder / "README.md", (folder / "README.md").read_text("utf-8"))}
    files = [path for path in (folder / library).iterdir() if not path.name.startswith(("_", ".", "py.typed"))]
    contracts_of = {room.name for room in rooms()}
    assert sorted(path.name for path in files if path.resolve() not in linked and path.stem not in contracts_of) == []


def _is_named(what: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(what)}(?![\w])", text) is not None


def test_what_the_documents_say_of_the_services_is_what_these_declare() -> None:
    assert [str(page) for page, text in documents(load_specs()).items() if page.read_text("utf-8") != text] == []


@pytest.mark.parametrize("spec", load_specs(), ids=lambda spec: spec.name)
def test_the_architecture_names_what_a_service_has(spec: ServiceSpec) -> None:
    """Every stream, consumer, schedule, door and table; a new one that nobody wrote down fails here."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    wanted = {feed.stream for feed in spec.consumers()} | {feed.durable for feed in spec.consumers()}
    wanted |= set(spec.actor.schedules)
    wanted |= {query.subject for query in spec.actor.queries}
    wanted |= {admin_subject(spec.name, a.noun, a.verb).removesuffix(".*") for a in spec.actor.admins}
    for file in (ROOT / "services" / spec.name).rglob("*.sql"):
        wanted |= set(re.findall(r"^create table (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    assert sorted(name for name in wanted if not _is_named(name, text)) == []
