"""What a service is told in a local run besides what every service is: its own file, `services/<name>/local.env`.

    # of every local run
    RATES_URL=${sandbox}/rates
    [stripe]
    # only where the web checkout is on
    STRIPE_API_KEY=sk_test_${secret:stripe_api}

A line in brackets opens what holds only where that is on: `sandbox` or `telegram` (the real one), `stripe`. In values:
    ${secret:name}      a secret made at first use and kept; services that name the same one share it
    ${sandbox}          the sandbox's address
    ${port:name}        a free port of this replica
    ${first_port:name}  the same port of the service's first replica
    ${telegram:token}, ${telegram:username}   the bot's
    ${env:NAME}         a variable of the environment in which the run was started, empty when it is not set
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from devstack.engine import EngineError
from devstack.services import CHECKOUT

SWITCHES: Final = ("sandbox", "telegram", "stripe")
_SECTION: Final = re.compile(r"\[([a-z]+)\]")
_LINE: Final = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
_PLACE: Final = re.compile(r"\$\{([a-z_]+)(?::([A-Za-z0-9_]+))?\}")

Source = Callable[[str], str]
"""From what stands behind the colon to the value."""


class LocalEnvError(EngineError):
    """A `local.env` cannot be understood; the text names the file, the line and what is wrong with it."""


def path_of(service: str) -> Path:
    """Return where the file of a service is; a service that needs nothing has none."""
    return CHECKOUT / "services" / service / "local.env"


def from_environment(name: str) -> str:
    """Return a variable of this process's environment, empty when it is not set: the source `env`."""
    return os.environ.get(name, "")


def read(path: Path, switched_on: set[str], sources: Mapping[str, Source]) -> dict[str, str]:
    """Return the settings that a file gives where these switches are on; none when there is no such file.

    Raises LocalEnvError.
    """
    if not path.exists():
        return {}
    return {name: _filled(value, where, sources) for name, value, where in _lines(path, switched_on)}


def _lines(path: Path, switched_on: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and place of each setting that holds."""
    holds = True
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where, text = f"{path}:{number}", line.strip()
        if not text or text.startswith("#"):
            continue
        if section := _SECTION.fullmatch(text):
            if section[1] not in SWITCHES:
                raise LocalEnvError(f"{where}: [{section[1]}] is none of {', '.join(SWITCHES)}")
            holds = section[1] in switched_on
        elif setting := _LINE.fullmatch(text):
            if holds:
                yield setting[1], setting[2], where
        else:
            raise LocalEnvError(f"{where}: expected NAME=value, [switch] or # a comment")


def _filled(value: str, where: str, sources: Mapping[str, Source]) -> str:
    def fill(place: re.Match[str]) -> str:
        source = sources.get(place[1])
        if source is None:
            raise LocalEnvError(f"{where}: {place[0]} is none of {', '.join(sorted(sources))}")
        return source(place[2] or "")

    filled = _PLACE.sub(fill, value)
    if "${" in _PLACE.sub("", value):
        raise LocalEnvError(f"{where}: a ${{…}} that is not closed, or has no name")
    return filled
