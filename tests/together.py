"""Which tests one process runs, one after the other, where several run them (`make test`).

The unit is a file: its tests may build on each other, and on what the file has made. Files that share a Starquiz are
one unit. xdist's own mark for that, `xdist_group`, does nothing under pytest 9.2: it sets a name that nobody reads.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

_SHARED = {
    "goods": "floor",
    "offers": "floor",
    "partners": "floor",
    "payments_attacks": "floor",
    "payments_doors": "floor",
    "payments_outages": "floor",
    "promo_races": "floor",
    "referrals": "floor",
    "groups": "stack",
    "internal_api": "stack",
    "odd_messages": "stack",
    "promo_leaks": "stack",
}
"""The shared Starquiz by file, `tests/system/test_<file>.py`: the fixture of that name."""


class _Together(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder, _, name = file.rpartition("/test_")
        return _SHARED.get(name.removesuffix(".py"), file) if folder.endswith("system") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together | None:
    """Hand out files, and those that share a Starquiz together."""
    return _Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the units that take longest, so that no processor has nothing to do in the end."""
    items.sort(key=lambda item: item.path.parent.name != "system")
