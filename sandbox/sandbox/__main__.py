"""`python -m sandbox`: serve until SIGTERM or SIGINT, then exit 0."""

import asyncio
import gc
import json
import logging
import signal
import sys

from sandbox.app import serve
from sandbox.settings import Settings

try:
    from uvloop import run
except ImportError:
    from asyncio import run


def _say_ready(port: int) -> None:
    """The one line on stdout: who started this process reads the port from it."""
    # What is here now lives for ever: a collection need not walk it each time.
    gc.collect()
    gc.freeze()
    print(json.dumps({"ready": True, "port": port}), flush=True)


async def _main(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(settings, stop, _say_ready)


def main() -> None:
    """Entry point. Exit code 1 with a plain sentence when the port is taken."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings()
    try:
        run(_main(settings))
    except OSError as problem:
        sys.exit(f"sandbox: cannot listen on {settings.host}:{settings.port}: {problem.strerror or problem}")


if __name__ == "__main__":
    main()
