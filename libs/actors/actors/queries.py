"""Named SQL: every query lives in a .sql file under a line `-- name: <name>`."""

import re
from collections.abc import Mapping
from importlib import resources

_NAME = re.compile(r"^-- name: ([a-z0-9_]+)\s*$", re.MULTILINE)


def parse(text: str, *, where: str) -> Mapping[str, str]:
    """Return name → SQL of one file's text; `where` names the file in errors.

    Raises ValueError for a query without a body or a name used twice.
    """
    parts = _NAME.split(text)
    found: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        sql = body.strip().rstrip(";")
        if not sql or name in found:
            raise ValueError(f"{where}: query {name!r} is {'empty' if not sql else 'named twice'}")
        found[name] = sql
    return found


def load(package: str, filename: str) -> Mapping[str, str]:
    """Return name → SQL of a .sql file inside `package`."""
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    return parse(text, where=f"{package}/{filename}")
