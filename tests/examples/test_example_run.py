"""`make example`: the service as a process on servers of its own, what is typed to it, and what it says."""

import asyncio
import importlib
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devstack.example import names

ROOT = Path(__file__).resolve().parents[2]
SAYS = {
    "greeter": [["greeter.evt.Ann.greeted"]],
    "kitchen": [
        ["kitchen.evt.Anna.boiling_began", "kitchen.evt.Anna.egg_served"],
        ["kitchen.evt.Anna.boiling_began"],
        ['answer {"seconds_left": 2'],
    ],
}
"""What is said to each line that the example proposes to type."""


def test_there_is_a_story_for_each_example() -> None:
    assert names() == sorted(SAYS)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", SAYS)
async def test_what_an_example_proposes_works(name: str) -> None:
    proposed = re.findall(
        r"^    (\S+ \{.*\})$", importlib.import_module(f"examples.{name}").__doc__ or "", re.MULTILINE
    )
    async with _started(name) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, answers in zip(proposed, SAYS[name], strict=True):
            process.stdin.write(f"{line}\n".encode())
            for answer in answers:
                await _until(process.stdout, answer)
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 60) == 0


@pytest.mark.timeout(180)
async def test_a_signal_ends_all_that_an_example_started() -> None:
    async with _started("kitchen") as process:
        assert process.stdout is not None
        await _until(process.stdout, "kitchen.cmd.")
        begun = _children(process.pid)
        assert begun != []
        process.terminate()
        await _until(process.stdout, "stopped")
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert [pid for pid in begun if _lives(pid)] == []


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def _lives(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()


@asynccontextmanager
async def _started(name: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "devstack", "example", name),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)


async def _until(out: asyncio.StreamReader, text: str) -> None:
    while line := await asyncio.wait_for(out.readline(), 60):
        if text in line.decode():
            return
    raise AssertionError(f"it ended without saying {text}")
