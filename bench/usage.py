"""CPU time and peak memory by process, read from the system, for the processes named."""

import os
from collections.abc import Mapping
from pathlib import Path

import psutil


class Usage:
    """Watches groups of processes, each with its children (Postgres is many)."""

    def __init__(self, groups: Mapping[str, int]) -> None:
        """`groups` names what is watched: name → process id."""
        self._groups = groups

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU seconds used so far, by group."""
        found: dict[str, float] = {}
        for name, pid in self._groups.items():
            total = 0.0
            for process in self._family(pid):
                times = process.cpu_times()
                total += times.user + times.system
            found[name] = total
        return found

    def peak_mb(self) -> dict[str, int]:
        """Return the peak resident memory of each group's first process, in MB (10^6 bytes)."""
        found: dict[str, int] = {}
        for name, pid in self._groups.items():
            status = Path(f"/proc/{pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            found[name] = int(line.split()[1]) * 1024 // 1_000_000
        return found

    def _family(self, pid: int) -> list[psutil.Process]:
        try:
            parent = psutil.Process(pid)
            # This very process is everybody's parent: of it, only its own time counts.
            return [parent] if pid == os.getpid() else [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
