"""Where to ask, and as whom: from options, the environment, or the run on this machine.

    STARQUIZ_SERVER    nats://host:4222, or tls://…
    STARQUIZ_KEY       the file with the operator's nkey seed
    STARQUIZ_OPERATOR  the operator's name, as in NATS' configuration

Without a server, the run in DATA_DIR (`.data`) is asked, whose keys are there.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.subjects import check_operator
from starquiz.troubles import MISUSED, UNREACHED, ToolError

_LISTEN: Final = re.compile(r"^listen: (\S+)$", re.MULTILINE)
_LOCAL_OPERATOR: Final = "ops"


@dataclass(frozen=True, slots=True)
class Place:
    """A NATS server and who one is there."""

    server: str
    operator: str
    key: Path | None
    """The file with the operator's seed; None: the server asks for none."""


def find_place(server: str | None, operator: str | None, key: Path | None) -> Place:
    """Return where to ask; raises ToolError naming what is missing."""
    if server is None:
        return _local(Path(os.environ.get("DATA_DIR") or ".data"), operator or _LOCAL_OPERATOR, key)
    if operator is None:
        raise ToolError("who asks? Name yourself: --as NAME, or STARQUIZ_OPERATOR", MISUSED)
    _check(operator)
    if key is not None and not key.is_file():
        raise ToolError(f"key: there is no file {key}; name the one with your seed: --key, or STARQUIZ_KEY", MISUSED)
    return Place(server, operator, key)


def _local(folder: Path, operator: str, key: Path | None) -> Place:
    """Return the run on this machine; raises ToolError when there is none, or no such operator."""
    _check(operator)
    configuration = folder / "nats/nats.conf"
    found = _LISTEN.findall(configuration.read_text(encoding="utf-8")) if configuration.is_file() else []
    if not found:
        text = f"nothing runs in {folder}: `make run` there first, or name a server: --server, or STARQUIZ_SERVER"
        raise ToolError(text, UNREACHED)
    seed = key or folder / f"secrets/operator_{operator}.nk"
    if not seed.is_file():
        raise ToolError(f"there is no operator {operator!r} here: OPERATORS={operator} make run, or --as ops", MISUSED)
    return Place(f"nats://{found[0]}", operator, seed)


def _check(operator: str) -> None:
    try:
        check_operator(operator)
    except ValueError as error:
        raise ToolError(str(error), MISUSED) from None
