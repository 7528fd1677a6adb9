"""One tree's whole stack with a crowd, told by lines on standard input when to play: `RATE SECONDS` (bench.beside).

Runs in another tree's environment too, so it uses nothing that `bench.latency` of that tree need not have.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import latency
from bench.load import Load
from bench.usage import Usage
from devstack.stack import Options, Stack


async def run() -> None:
    """Start everything, say so, and play each step that is asked for; one JSON object a line on standard output."""
    load = Load(secret=latency.SECRET)
    api = await load.start()
    env = {"TELEGRAM_API_URL": api, "BOT_TOKEN": "1:bench", "WEBHOOK_SECRET": latency.SECRET, "LOG_LEVEL": "warning"}
    with tempfile.TemporaryDirectory(prefix="starquiz-beside-", ignore_cleanup_errors=True) as folder:
        async with Stack(Options(data_dir=Path(folder), port=0, env=env)) as stack:
            gateway = stack.services["gateway"][0]
            await load.connect(int(gateway.plan.env["WEBHOOK_PORT"]), "/webhook/telegram")
            await latency.gather(stack, load)
            usage = Usage({name: services[0].pid for name, services in stack.services.items()} | _others(stack))
            await latency.at_rate(load, usage, 100, 5)
            say({"ready": {name: services[0].pid for name, services in stack.services.items()} | _others(stack)})
            async for rate, seconds in orders():
                say(await latency.at_rate(load, usage, rate, seconds))
    load.stop()


def _others(stack: Stack) -> dict[str, int]:
    return {"nats": stack.nats.pid, "postgres": stack.postgres.pid, "load_generator": os.getpid()}


async def orders() -> Any:
    """Yield (taps a second, seconds) until standard input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        rate, seconds = line.split()
        yield int(rate), float(seconds)


def say(figures: dict[str, Any]) -> None:
    """Tell the parent; what else is printed here goes to standard error."""
    _answers.write(json.dumps(figures) + "\n")
    _answers.flush()


if __name__ == "__main__":
    _answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        asyncio.run(run())
