"""`python -m bench [--only turns|scale|latency|payments|books]`."""

import argparse
import asyncio
import importlib
import os
import platform
from typing import Any

from bench.draining import loop_factory
from bench.report import closing, table

PARTS = {
    "turns": "Exactly-once messages a second (start and answer handlers)",
    "scale": "The same with 1,000 and with 1,000,000 players stored",
    "latency": "From a tap to its rendered answer, through every process",
    "payments": "Purchases beside taps, and what players hear while payments is frozen",
    "books": "Credits and reconciliation with 1,000 and with 1,000,000 purchases stored",
}


def main() -> None:
    """Run the chosen parts, print a table of each and one JSON object last."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), help="one part instead of all")
    chosen = parser.parse_args().only
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; compare ratios, not absolutes")
    figures: dict[str, Any] = {}
    for part, title in PARTS.items():
        if chosen in (None, part):
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                found = runner.run(importlib.import_module(f"bench.{part}").run())
            table(title, found)
            figures |= found
    closing(figures)


if __name__ == "__main__":
    main()
