"""One run per data directory, and an end to what a lost run left behind."""

import fcntl
import json
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import psutil

from devstack.engine import wait_gone

_GRACE_SECONDS = 10


class AlreadyRunningError(RuntimeError):
    """Another run uses this data directory; the text says how to reach it."""


class RunRecord:
    """Who runs in a data directory: a lock that ends with its holder, and the processes it started."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the data directory; it must exist."""
        self._folder = folder
        self._lock = (folder / "lock").open("a")
        self._path = folder / "run.json"
        self._record: dict[str, Any] = {"address": "", "processes": []}

    def claim(self) -> int:
        """Take the directory; return how many processes of a lost run had to be ended.

        Raises AlreadyRunningError when a run is alive here.
        """
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            address = self._read().get("address") or "an address not known yet"
            raise AlreadyRunningError(
                f"Starquiz already runs from {self._folder}: {address}\nStop it first, or choose another DATA_DIR."
            ) from None
        ended = _end([_same_process(pid, born) for pid, born in self._read().get("processes", [])])
        self._write()
        return ended

    def add(self, pid: int) -> None:
        """Note a process that must not outlive this run."""
        with suppress(psutil.NoSuchProcess):
            self._record["processes"].append([pid, psutil.Process(pid).create_time()])
            self._write()

    def say_where(self, address: str) -> None:
        """Note the address for whoever starts a second run here."""
        self._record["address"] = address
        self._write()

    def release(self) -> None:
        """Give the directory free; everything has been stopped."""
        self._path.unlink(missing_ok=True)
        self._lock.close()

    def _read(self) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _write(self) -> None:
        self._path.write_text(json.dumps(self._record))


def _same_process(pid: int, born: float) -> psutil.Process | None:
    """Return the process of that id if it is still the one that was noted: ids are used again."""
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - born) < 1 and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _end(found: list[psutil.Process | None]) -> int:
    alive = [process for process in found if process is not None]
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            # Postgres waits for its clients on SIGTERM; on SIGINT it sends them away.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    for process in wait_gone(alive, _GRACE_SECONDS):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    return len(alive)
