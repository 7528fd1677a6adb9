"""A page's terminal recording, played again: each `$ starquiz …` of it is run, and what comes is compared by its shape.

Ids, times and durations are others at every run. Which id of the page is which of this run is learnt where it is
printed first, and put into the commands below. A command that ends in `&` is answered below the next one.
"""

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

COLUMNS = 100
_FENCE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b\d{10,12}\b|\bstx[\w-]{6,}|\bsq-[0-9a-f]{20}"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|\b\d\d:\d\d:\d\d\b")
_VARIES = re.compile(r"nats://[\d.]+:\d+|\b\d+\.\d+\b|\b(?:done|running|never)\b|–")
_RULE = re.compile(r"─+|\s+")


class Step(msgspec.Struct):
    """A command, and what is printed below it."""

    command: str
    output: str

    @property
    def is_background(self) -> bool:
        return self.command.endswith(" &")


def steps(page: str) -> list[Step]:
    """Return the commands of a page with their outputs, in order."""
    found: list[Step] = []
    for block in _FENCE.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            while command.endswith("\\"):
                more, _, output = output.partition("\n")
                command = f"{command[:-1].rstrip()} {more.strip()}"
            found.append(Step(command, output.rstrip("\n")))
    return found


class Played:
    """A page under way: what it calls its ids by is known here under this run's."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment, "COLUMNS": str(COLUMNS), "TERM": "dumb", "NO_COLOR": "1"}
        self._ids: dict[str, str] = {}
        self._waiting: asyncio.Task[str] | None = None

    def meet(self, written: str, real: str) -> None:
        """Say which of this run's ids a page's id stands for."""
        self._ids[written] = real

    def as_written(self, printed: str) -> str:
        """Return an output with the page's ids in place of this run's, where it has names for them."""
        names = {real: written for written, real in self._ids.items()}
        return _ID.sub(lambda found: names.get(found[0], found[0]), printed)

    async def play(self, step: Step) -> str:
        """Run a step's command; returns what it printed, after what waited in the background."""
        command = _ID.sub(lambda found: self._ids.get(found[0], found[0]), step.command)
        if step.is_background:
            process = await self._started(command.removesuffix(" &"))
            first = await asyncio.wait_for(_line(process), 30)  # it says so when it listens
            self._waiting = asyncio.create_task(_rest(process, first))
            return ""
        printed = await self._run(command)
        if self._waiting is not None:
            printed, self._waiting = f"{printed.rstrip()}\n{await self._waiting}", None
        return printed.rstrip("\n")

    def learn(self, step: Step, printed: str) -> None:
        """Match the ids of the page's output with those of this run's, in order."""
        written, real = _ID.findall(step.output), _ID.findall(printed)
        if len(written) == len(real):
            self._ids.update(zip(written, real, strict=True))

    async def _run(self, command: str) -> str:
        return await _rest(await self._started(command), b"")

    async def _started(self, command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_shell(
            re.sub(r"^starquiz\b", f"{Path(sys.executable).parent}/starquiz", command),
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


async def _rest(process: asyncio.subprocess.Process, before: bytes) -> str:
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    return "\n".join(line.rstrip() for line in (before + printed).decode().splitlines())


def shape(output: str) -> list[str]:
    """Return what is the same at every run: the words and their order, without ids, times, and widths of columns."""
    text = _TIME.sub("·", _ID.sub("<id>", output))
    lines = (_RULE.sub(" ", _VARIES.sub("·", line)).strip() for line in text.splitlines())
    return [line for line in lines if line]


def rewritten(page: str, outputs: list[str]) -> str:
    """Return the page with these outputs in place of its own."""
    left = iter(outputs)

    def block(found: re.Match[str]) -> str:
        parts = re.split(r"^\$ ", found[1], flags=re.MULTILINE)[1:]
        made: list[str] = []
        for part in parts:
            lines = part.split("\n")
            last = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
            command = "\n".join(lines[: last + 1])
            output = next(left)
            made.append(f"$ {command}\n{output}\n" if output else f"$ {command}\n")
        return f"```console\n{''.join(made)}```"

    return _FENCE.sub(block, page)
