"""docs/adding_a_service.md, followed to the letter in a copy of the tree: the new service is checked, and it runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from guards.copies import Copy

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/adding_a_service.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`([^`\n]+)`\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = dict(_FILE.findall(PAGE))
_OWN = (
    "services/guestbook/",
    "tests/guestbook/",
    "tests/contracts/guestbook_",
    "libs/contracts/contracts/guestbook.py",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy of the tree with the page's files in it, and with what is generated from them."""
    before = Copy(ROOT, tmp_path_factory.mktemp("added") / "tree", FILES)
    yield before
    before.close()


def test_a_new_service_is_its_folder_its_contracts_and_its_tests() -> None:
    assert [name for name in FILES if not name.startswith(_OWN)] == []
    assert [name for name in FILES if (ROOT / name).exists()] == []


@pytest.mark.timeout(300)
def test_the_page_makes_a_service_that_is_checked_and_runs(copy: Copy) -> None:
    own = ("services/guestbook", "tests/guestbook", "libs/contracts")
    tested = [f"tests/{place}" for place in ("guestbook", "contracts", "architecture")]
    for step in (
        ["devstack.generate"],
        ["devstack.generate", "--check"],
        ["devstack.layers"],
        ["ruff", "check", *own],
        ["ruff", "format", "--check", *own],
        ["pytest", "-q", "-p", "no:cacheprovider", *tested, "-k", "guestbook or Greet or greeting"],
    ):
        code, said = copy.run(step)
        assert code == 0, f"{' '.join(step)}:\n{said[-4000:]}"
    architecture = (copy.root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert "`GUESTBOOK_CMD`" in architecture
    assert "`guests`" in architecture
    assert "`greeted`" in (copy.root / "services/guestbook/README.md").read_text(encoding="utf-8")
