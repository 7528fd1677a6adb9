"""`python -m bench [--only turns|scale|latency|payments|books|promo|referrals|alerts] [--beside TREE --rates 20,99]`"""

import argparse
import asyncio
import importlib
import os
import platform
from pathlib import Path
from typing import Any

from bench import beside
from bench.draining import loop_factory
from bench.report import closing, table

PARTS = {
    "turns": "Exactly-once messages a second (start and answer handlers)",
    "scale": "The same with 1,000 and with 1,000,000 players stored",
    "latency": "From a tap to its rendered answer, through every process",
    "payments": "Purchases beside taps, and what players hear while payments is frozen",
    "books": "Credits and reconciliation with 1,000 and with 1,000,000 purchases stored",
    "referrals": "The dashboard, the review queue and the search for rings over 1,000,000 referrals",
    "alerts": "10,000 alerts in a minute while alerts is killed, and lone ones beside a channel that hangs",
    "promo": "Codes redeemed beside taps, and the dashboard over 5,000,000 attempts",
}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), help="one part instead of all")
    parser.add_argument("--beside", type=Path, help="another checkout with its .venv: taps on both, in turns")
    parser.add_argument("--rates", type=_rates, default=[20, 100, 300, 1_000], help="taps/s, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; compare ratios, not absolutes")
    if arguments.beside:
        found = asyncio.run(beside.run(arguments.beside.resolve(), arguments.rates, arguments.rounds))
        table(f"Beside {arguments.beside}", found)
        closing(found)
        return
    measure(arguments.only)


def measure(chosen: str | None) -> None:
    """Run one part, or all; print their tables and one JSON object last."""
    figures: dict[str, Any] = {}
    for part, title in PARTS.items():
        if chosen in (None, part):
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                found = runner.run(importlib.import_module(f"bench.{part}").run())
            table(title, found)
            figures |= found
    closing(figures)


def _rates(text: str) -> list[int]:
    return [int(rate) for rate in text.split(",")]


if __name__ == "__main__":
    main()
