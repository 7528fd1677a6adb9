"""What fuzzing once found, and the seeds it starts from, are inputs like any other from then on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz import importer, narrow, presenter

TARGETS = {"narrow": narrow, "importer": importer, "presenter": presenter}
FOUND = sorted(path for path in (Path(__file__).parent / "found").glob("*/*"))


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_the_seeds_go_through(target: object) -> None:
    seeds: Callable[[], list[bytes]] = target.seeds  # type: ignore[attr-defined]
    for seed in seeds():
        target.one_input(seed)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_goes_through(path: Path) -> None:
    TARGETS[path.parent.name].one_input(path.read_bytes())
