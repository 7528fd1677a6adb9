"""Which effects were performed more than once, read from the services' own logs."""

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from actors.engine.partitions import LEASE_SECONDS

_LINE = b'"effect_performed"'


@dataclass(frozen=True, slots=True)
class Death:
    """A process or a server that was killed."""

    name: str
    """The replica's name, `nats` or `postgres`."""
    at: datetime
    """When it was gone."""

    def explains(self, replica: str, first: datetime, again: datetime) -> bool:
        """Whether what `replica` performed at `first` could not be written down before it was performed again.

        A process that does not know yet that Postgres is gone goes on performing for as long as its lease lasts.
        """
        if self.name == "postgres":
            return first - timedelta(seconds=LEASE_SECONDS) <= self.at <= again
        return self.name == replica and first <= self.at <= again


_DECODER = json.JSONDecoder()


@dataclass
class Performed:
    """What was performed, and what of it twice."""

    effects: int = 0
    unknown: list[str] = field(default_factory=list)
    """Performed again because nobody could know: who had performed it, or Postgres, died before it was written down."""
    doubled: list[str] = field(default_factory=list)
    """Performed again without such a reason."""


def read(folder: Path, deaths: Sequence[Death]) -> Performed:
    """Return what the logs in `folder` say, given who died when."""
    times: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for log in folder.glob("*.log"):
        for entry in _entries(log):
            effect = (entry["service"], entry["effect_id"])
            times[effect].append((datetime.fromisoformat(entry["at"]), entry["replica"]))
    found = Performed(effects=len(times))
    for (service, effect_id), performed in times.items():
        performed.sort()
        for (first, replica), (again, _) in pairwise(performed):
            excused = any(death.explains(replica, first, again) for death in deaths)
            (found.unknown if excused else found.doubled).append(f"{service} {effect_id}: {replica} {first}, {again}")
    return found


def _entries(log: Path) -> Iterator[dict[str, str]]:
    with log.open("rb") as lines:
        for line in lines:
            if _LINE in line:
                yield from (one for one in _whole(line.decode(errors="replace")) if "effect_id" in one)


def _whole(line: str) -> Iterator[dict[str, str]]:
    """Yield what a line has: whoever is killed before its end is followed there by the next process's first word."""
    place = 0
    with contextlib.suppress(ValueError):  # the rest is torn, or the line's end
        while True:
            entry, place = _DECODER.raw_decode(line, place)
            yield entry
