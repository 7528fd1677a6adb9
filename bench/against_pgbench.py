"""pgbench committing the same statements one transaction each, over 16 connections, on the same server."""

import asyncio
import re

from bench.surroundings import Surroundings
from devstack.postgres import program

_CONNECTIONS = 16
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


async def run(
    around: Surroundings, scripts: tuple[str, str], *, players: int, seconds: int, answers_per_start: int
) -> float:
    """Return transactions per second of the two scripts, mixed as the commands are."""
    start, answer = around.folder / "start.pgbench", around.folder / "answer.pgbench"
    start.write_text(scripts[0])
    answer.write_text(scripts[1])
    process = await asyncio.create_subprocess_exec(
        program("pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={_CONNECTIONS}", "--jobs=2",
        f"--time={seconds}", f"--define=players={players}", "--define=unique=1",
        f"--file={start}@1", f"--file={answer}@{answers_per_start}", around.database.dsn("gameplay"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    found = _TPS.search(out.decode())
    if process.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {err.decode()[-2000:]}")
    return float(found[1])
