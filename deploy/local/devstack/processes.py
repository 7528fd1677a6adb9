"""Services as child processes: started with their own environment, watched, stopped and killed by their own pid."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from devstack.engine import tail
from devstack.ports import LOOPBACK

STOP_SECONDS = 10
"""How long a process may take to end after SIGTERM; then it is killed."""
_POLL_SECONDS = 0.02
_CHUNK_BYTES = 65536
_HANDED_DOWN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LOG_LEVEL", "VIRTUAL_ENV")

Report = Callable[[str], None]


class ProcessError(RuntimeError):
    """A process did not become ready, or ended by itself; the text carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start a process and how to see that it is ready."""

    name: str
    module: str
    """Run as `python -m <module>`."""
    arguments: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready_port: int
    ready_path: str = "/readyz"


class Program:
    """One running process of a plan."""

    def __init__(self, plan: Plan, report: Report) -> None:
        """`report` gets one line for each error the process logs."""
        self.plan = plan
        self._report = report
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The plan's name."""
        return self.plan.name

    @property
    def pid(self) -> int:
        """The process id; 0 when it does not run."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    @property
    def url(self) -> str:
        """Address of its HTTP port (health and metrics; the sandbox's page)."""
        return f"http://{LOOPBACK}:{self.plan.ready_port}"

    async def start(self) -> None:
        """Start it, with nothing of this process's environment but the harmless part."""
        self._process = await _spawn(self.plan.module, self.plan.arguments, self.plan.env)
        self._pump = asyncio.create_task(self._write_log(cast("asyncio.StreamReader", self._process.stdout)))

    async def wait_ready(self, seconds: float) -> None:
        """Wait until it answers 200; raise ProcessError with its last lines when it ends or takes longer."""
        deadline = time.monotonic() + seconds
        while not await _answers(self.plan.ready_port, self.plan.ready_path):
            if not self.pid:
                raise ProcessError(await self.last_words("ended before it was ready"))
            if time.monotonic() > deadline:
                raise ProcessError(await self.last_words(f"was not ready after {seconds:g} s"))
            await asyncio.sleep(_POLL_SECONDS)

    async def wait(self) -> int:
        """Wait until it ends and return its exit code (negative: the signal)."""
        if self._process is None:
            return 0
        code = await self._process.wait()
        if self._pump is not None:
            await self._pump
        return code

    async def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Ask it to end (SIGTERM), kill it after `seconds`; return its exit code."""
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            self._report(f"{self.name} did not stop within {seconds:g} s and was killed.")
            return await self.kill()

    async def kill(self) -> int:
        """End it at once (SIGKILL)."""
        self.send(signal.SIGKILL)
        return await self.wait()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it does not run."""
        if self.pid and self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def last_words(self, what: str) -> str:
        """Return a sentence about what happened to it, followed by the end of its log."""
        code = self._process.returncode if self._process is not None else None
        if code is not None:
            await self.wait()
            what = f"{what} (exit code {code})"
        return f"{self.name} {what}. The last lines of {self.plan.log}:\n{tail(self.plan.log)}"

    async def _write_log(self, lines: asyncio.StreamReader) -> None:
        rest = b""
        with self.plan.log.open("ab", buffering=0) as log:
            while chunk := await lines.read(_CHUNK_BYTES):
                log.write(chunk)
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    if error := error_in(line):
                        self._report(f"{self.name}: {error}")
                rest = rest[-_CHUNK_BYTES:]


async def run_once(module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """Run `python -m module …` to its end; raise ProcessError with what it said when it fails."""
    process = await _spawn(module, arguments, env)
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    with log.open("ab") as out:
        out.write(said)
    if process.returncode != 0:
        raise ProcessError(f"{module} {' '.join(arguments)}: {said.decode(errors='replace').strip()}")


async def _spawn(module: str, arguments: Sequence[str], env: Mapping[str, str]) -> asyncio.subprocess.Process:
    inherited = {name: os.environ[name] for name in _HANDED_DOWN if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        env={**inherited, "PYTHONUNBUFFERED": "1", **env},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )


def error_in(line: bytes) -> str:
    """Return what a log line says when it is an error's (JSON, level error or critical), else nothing."""
    if b'"error"' not in line and b'"critical"' not in line:
        return ""
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(entry, dict):
        return ""
    fields = cast("dict[str, Any]", entry)
    if fields.get("level") not in {"error", "critical"}:
        return ""
    reason = fields.get("error") or fields.get("reason") or ""
    return f"{fields.get('event', '')} {reason}".strip()


async def _answers(port: int, path: str) -> bool:
    # By hand: an HTTP client's import would take longer than the services' start.
    writer = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), 1)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())
        status = await asyncio.wait_for(reader.readline(), 2)
        return b" 200 " in status
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()
