"""`python -m mutated`: updates spoilt in every way, through the webhook of a whole Starquiz on this machine."""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path

import msgspec

from devstack.stack import Options, Stack
from mutated.run import Report, Run, bot_api

SECRET = "mutated"
FIRST_ID = 10**9


async def mutated(count: int, seed: int, folder: Path) -> Report:
    """Start everything, send, account, stop."""
    this = asyncio.current_task()
    if this is not None:
        # Told to end, it ends what it started, like after an error.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    server, api = await bot_api()
    env = {"TELEGRAM_API_URL": api, "BOT_TOKEN": "1:mutated", "WEBHOOK_SECRET": SECRET, "LOG_LEVEL": "critical"}
    try:
        async with Stack(Options(data_dir=folder, port=0, env=env)) as stack:
            run = Run(stack, SECRET, seed, lambda line: print(line, flush=True))
            return await run.send(count, first=FIRST_ID)
    finally:
        server.close()


def main() -> int:
    """Run; the last line is one JSON object. Exit code 1 when one was lost or put aside, or a 5xx was no 503."""
    parser = argparse.ArgumentParser(prog="mutated", description=__doc__)
    parser.add_argument("--updates", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="starquiz-mutated-", ignore_cleanup_errors=True) as folder:
        report = asyncio.run(mutated(chosen.updates, chosen.seed, Path(folder)))
    print(msgspec.json.encode(report).decode())
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
