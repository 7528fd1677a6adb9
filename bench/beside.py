"""`make bench BESIDE=/other/tree`: this tree and another one, both up at once and played in turns, in the same minutes.

Machines are noisy and differ by a factor of 1.6, so figures of two hours cannot be compared; these can. Each round
plays every rate on every tree, first one then the other first; of the rounds the median is told. While one tree plays,
the other idles. The load generator does the same work for both: where its own figures differ, the minutes did.
"""

import asyncio
import json
import os
import signal
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import progress

HERE = Path(__file__).resolve().parents[1]
STEP_SECONDS = 8
_START_SECONDS = 300
_STEP_SECONDS_MAX = 120
_TOLD = ("p50_ms", "p99_ms", "answered_per_s", "cpu_ms_per_tap")


class Tree:
    """One checkout's stack, in its own environment."""

    def __init__(self, name: str, folder: Path) -> None:
        """Call it `name` in what is told."""
        self.name = name
        self.folder = folder
        self.steps: dict[int, list[dict[str, Any]]] = {}
        self._process: asyncio.subprocess.Process
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the tree

    async def start(self) -> None:
        """Return when its crowd has come in. Raises RuntimeError when it does not start."""
        python = self.folder / ".venv" / "bin" / "python"
        if not python.exists():
            raise RuntimeError(f"BESIDE: {self.folder} has no environment; run `make setup` there")
        self._process = await asyncio.create_subprocess_exec(
            python,
            "-P",  # or the folder of the script is searched first, and `payments` is found in it
            HERE / "bench" / "beside_child.py",
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        progress(f"{self.name}: {(await self._answer(_START_SECONDS))['ready']}")

    async def play(self, rate: int) -> None:
        """Play `rate` taps/s for STEP_SECONDS."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rate} {STEP_SECONDS}\n".encode())
        step = await self._answer(STEP_SECONDS + _STEP_SECONDS_MAX)
        self.steps.setdefault(rate, []).append(step)
        figures = ", ".join(f"{name} {step[name]}" for name in _TOLD)
        progress(f"{self.name:>8} {rate:>5}/s: {figures}, {step['by_process']}")

    async def stop(self) -> None:
        """End it and all that it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(60):
                await self._process.wait()
        except TimeoutError:
            os.killpg(self._process.pid, signal.SIGKILL)

    def medians(self, rate: int) -> dict[str, Any]:
        """Return the medians over the rounds at one rate."""
        steps = self.steps[rate]
        found: dict[str, Any] = {name: round(median(step[name] for step in steps), 3) for name in _TOLD}
        processes = {name: round(median(s["by_process"][name] for s in steps), 3) for name in steps[0]["by_process"]}
        return found | {"cpu_ms_per_tap_by_process": processes}

    async def _answer(self, seconds_max: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds_max):
            line = await self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            said = self._log.read()[-2_000:].decode(errors="replace")
            raise RuntimeError(f"{self.name} ended with {await self._process.wait()}:\n{said}")
        return json.loads(line)


async def run(other: Path, rates: list[int], rounds: int) -> dict[str, Any]:
    """Compare; returns by rate the figures of both trees, and this tree's CPU per tap as a share of the other's."""
    trees = [Tree("this", HERE), Tree("other", other)]
    started: list[Tree] = []
    try:
        for tree in trees:
            started.append(tree)
            await tree.start()
        for number in range(rounds):
            for rate in rates:
                for tree in trees if number % 2 == 0 else reversed(trees):
                    await tree.play(rate)
    finally:
        for tree in started:
            await tree.stop()
    return {f"at_{rate}": _compared(trees, rate) for rate in rates}


def _compared(trees: list[Tree], rate: int) -> dict[str, Any]:
    this, other = (tree.medians(rate) for tree in trees)
    share = round(this["cpu_ms_per_tap"] / other["cpu_ms_per_tap"], 3) if other["cpu_ms_per_tap"] else 0.0
    return {"cpu_share": share, "this": this, "other": other}
