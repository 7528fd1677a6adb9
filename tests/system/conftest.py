"""Whole Starquizzes, `floor` and `stack`, each shared by all tests that ask for it.

Those are marked `asyncio(loop_scope="session")`; their files are in `together.py`, so that one process runs them.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))  # the shop floor
sys.path.insert(0, str(Path(__file__).parents[1]))  # the account of every charge is that of `make chaos`

from shopfloor import Floor, opened

from devstack.postgres import FAST
from devstack.stack import Options, Stack


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(infra_folder: Path) -> AsyncIterator[Stack]:
    """The whole of Starquiz as it is, for tests that put nothing aside; marked like those that ask for `floor`."""
    async with Stack(Options(data_dir=infra_folder / "stack", port=0, postgres_settings=FAST)) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def floor(infra_folder: Path) -> AsyncIterator[Floor]:
    """The whole of Starquiz with two processes of payments; what the books call "on its way" is a moment here.

    A test has players of its own and leaves everything running, no fault set, and all books even.
    """
    async with opened(infra_folder / "floor") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def own_floor(infra_folder: Path) -> AsyncIterator[Floor]:
    """A Starquiz for one test, which leaves books that differ."""
    async with opened(infra_folder / "own_floor") as made:
        yield made
