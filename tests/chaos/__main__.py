"""`python -m chaos`: a thousand purchases while all that can die dies, and an account of every Star at the end."""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from chaos.partners import WAITS
from chaos.performed import read
from chaos.report import Report
from chaos.run import DEDUP_SECONDS, PLAYERS, PURCHASES_MIN, Run
from chaos.settling import Settling
from devstack.console import Console
from devstack.stack import Options, Stack

_WAITS = {
    "UNCREDITED_SECONDS": "4",
    "REFUND_PENDING_SECONDS": "8",
    "ORPHAN_SECONDS": "5",
    "IN_FLIGHT_SECONDS": "15",
    "GOODS_IN_FLIGHT_SECONDS": "15",
    "GOODS_PAUSE_SECONDS": "2",
    **WAITS,
}
_TELL_ALL = {"LOG_LEVEL": "debug"}
"""Each performed effect is a line in its service's log: what was performed twice is read there."""


async def run(seconds: int, seed: int) -> bool:
    """Run chaos and print the account; returns whether it is clean."""
    this = asyncio.current_task()
    if this is not None:
        # Told to end, it ends what it started: the stack is left like after an error.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    folder = Path(tempfile.mkdtemp(prefix="starquiz-chaos-"))
    print(f"chaos: at least {seconds} s and {PURCHASES_MIN} purchases by {PLAYERS} players, seed {seed}")
    options = Options(data_dir=folder, port=0, env=_WAITS | _TELL_ALL, dedup_seconds=DEDUP_SECONDS)
    async with Stack(options, Console(quiet=True)) as stack:
        timeout = aiohttp.ClientTimeout(total=60)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(stack.address, timeout=timeout, connector=connector) as session:
            chaos = Run(stack, session, seconds, seed)
            watching = asyncio.create_task(chaos.readiness.run())
            await chaos.play()
            print("everything is up again; waiting until nothing is on its way", flush=True)
            settling = Settling(chaos)
            account = await settling.settle()
            diffs = await settling.reconcile()
            watching.cancel()
            await chaos.operator.stop()
    performed = read(folder / "logs", chaos.reaper.deaths)
    report = Report(account, diffs, performed, chaos.reaper, chaos.readiness)
    report.show(seed=seed, taps=chaos.tally.taps)
    if report.is_clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"logs and data: {folder}")
    return report.is_clean


def main() -> int:
    """Read the command line; exit code 0 when every Star is accounted for."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=int, default=150, help="at least")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    # A client whose server was just killed says so at length.
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    return 0 if asyncio.run(run(given.seconds, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
