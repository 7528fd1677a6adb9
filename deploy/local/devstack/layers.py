"""Who may import whom: `python -m devstack.layers` runs import-linter on what pyproject.toml says of the layers.

There `services.*` stands for every service of the checkout, so that a new one is held to the floor plan without a line.
"""

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

from devstack.services import CHECKOUT, rooms

EVERY_SERVICE = "services.*"


def declared(checkout: Path = CHECKOUT) -> dict[str, Any]:
    """Return the table `[tool.importlinter]` of a checkout's pyproject.toml, as it is written there."""
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def configuration(options: dict[str, Any], services: Sequence[str]) -> RawConfigParser:
    """Return import-linter's configuration, with each service's name where `services.*` stands.

    A list that has it gets one entry a service; within one layer (`services.* | sandbox`) they stand side by side.
    """
    written = RawConfigParser()
    written["importlinter"] = _section({key: value for key, value in options.items() if key != "contracts"}, services)
    for number, contract in enumerate(options["contracts"]):
        written[f"importlinter:contract:{number}"] = _section(contract, services)
    return written


def main() -> int:
    """Run import-linter; returns its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "layers.ini"
        with file.open("w", encoding="utf-8") as out:
            configuration(declared(), [room.name for room in rooms()]).write(out)
        linter = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
        return subprocess.run([*linter, "--no-cache", "--config", file], check=False, cwd=CHECKOUT).returncode


def _section(options: dict[str, str | bool | list[str]], services: Sequence[str]) -> dict[str, str]:
    return {key: _value(value, key, services) for key, value in options.items()}


def _value(value: str | bool | list[str], key: str, services: Sequence[str]) -> str:
    if not isinstance(value, list):
        return str(value)
    lines: list[str] = []
    for entry in value:
        if EVERY_SERVICE not in entry:
            lines.append(entry)
        elif key == "layers":
            lines.append(entry.replace(EVERY_SERVICE, " | ".join(services)))
        else:
            lines += [entry.replace(EVERY_SERVICE, service) for service in services]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
