"""The catalogue: one TOML file a part of the tree, one table a guard.

    [[guard]]
    name = "row lock of purchases"
    why = "two replicas would decide on the same row, and the second would overwrite the first"
    file = "services/payments/payments/store/purchases.sql"
    remove = " order by id for no key update"
    tests = ["tests/payments/test_locks.py::test_two_turns_do_not_decide_on_one_purchase"]

`remove` is exact text that stands once in the file, `instead` what takes its place (nothing, by default): a table
that does not fit its file any more is an error. `tests` are node ids, all of which pass with the guard and at least
one of which fails without it; the fewer and the faster, the better. `seconds` is what they may take (see judging.py).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
SECONDS = 30


class CatalogueError(Exception):
    """A table of the catalogue that cannot be meant; the text names it, the field and the remedy."""


class Guard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One guard: where it stands, and who must notice when it does not."""

    name: str
    why: str
    """What breaks without it, in a line."""
    file: str
    """Path from the top of the checkout."""
    remove: str
    """Exact text that stands once in the file."""
    instead: str = ""
    tests: tuple[str, ...]
    """Node ids, from the top of the checkout."""
    seconds: int = SECONDS
    """A test that takes longer without the guard has failed, unless it takes long with the guard too."""

    def removed_from(self, text: str) -> str:
        """Return the file's text without the guard; raises CatalogueError when it does not stand there once."""
        count = text.count(self.remove) if self.remove else 0
        if count != 1:
            raise CatalogueError(
                f"{self.name}: `remove` stands {count} times in {self.file}; quote text that stands once"
            )
        return text.replace(self.remove, self.instead)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    guard: tuple[Guard, ...]


def catalogue(only: str = "") -> list[Guard]:
    """Return the guards, by file and in its order; `only` keeps those with that in their name, part or file.

    Raises CatalogueError for a table that does not fit the tree, or a name that stands twice.
    """
    guards = list(_read())
    twice = [name for name, count in Counter(guard.name for guard in guards).items() if count > 1]
    if twice:
        raise CatalogueError(f"name: {', '.join(twice)} stands twice; a guard has a name of its own")
    for guard in guards:
        fits(guard, ROOT)
    return [guard for guard in guards if only.lower() in f"{guard.name} {guard.file}".lower()]


def fits(guard: Guard, root: Path) -> str:
    """Return the guard's file without it; raises CatalogueError when there is no such file, text or test file."""
    path = root / guard.file
    if not path.is_file():
        raise CatalogueError(f"{guard.name}: `file` {guard.file} does not exist; name where the guard stands now")
    if not guard.tests:
        raise CatalogueError(f"{guard.name}: `tests` is empty; name a test that fails without the guard")
    for test in guard.tests:
        if not (root / test.partition("::")[0]).is_file():
            raise CatalogueError(f"{guard.name}: `tests` names {test}, which does not exist; name where it stands now")
    return guard.removed_from(path.read_text())


def _read() -> Iterator[Guard]:
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            yield from msgspec.toml.decode(path.read_bytes(), type=_File).guard
        except msgspec.MsgspecError as error:
            raise CatalogueError(f"{path.name}: {error}") from None
