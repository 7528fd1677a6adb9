"""One running Starquiz a module: `floor`, for tests marked `asyncio(loop_scope="module")`."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))  # the shop floor
sys.path.insert(0, str(Path(__file__).parents[1]))  # the account of every charge is that of `make chaos`

from shopfloor import Floor, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Floor]:
    """The whole of Starquiz with two processes of payments; what the books call "on its way" is a moment here."""
    async with opened(tmp_path_factory.mktemp("stack")) as made:
        yield made
