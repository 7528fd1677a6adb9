"""What was offered a moment ago, for completion: asking all services at each press of a key would be slow."""

import hashlib
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from starquiz.endpoints import Endpoint
from starquiz.places import Place

_FRESH_SECONDS: Final = 600


def remember(place: Place, endpoints: list[Endpoint]) -> None:
    """Keep what is offered; where that cannot be written, nothing is kept."""
    try:
        file = _file(place)
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{os.getpid()}")
        beside.write_bytes(msgspec.json.encode(endpoints))
        beside.replace(file)
    except OSError:
        return


def remembered(place: Place) -> list[Endpoint] | None:
    """Return what was offered there within the last ten minutes; None when that is not known."""
    try:
        file = _file(place)
        if time.time() - file.stat().st_mtime > _FRESH_SECONDS:
            return None
        return msgspec.json.decode(file.read_bytes(), type=list[Endpoint])
    except (OSError, msgspec.DecodeError):
        return None


def _file(place: Place) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(f"{place.server} {place.operator}".encode()).hexdigest()[:16]
    return Path(base) / "starquiz" / f"endpoints-{name}.json"
