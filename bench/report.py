"""How benchmarks speak: progress while they run, a table and one JSON object at the end."""

import json
import sys
from collections.abc import Mapping
from typing import Any, cast


def progress(text: str) -> None:
    """Say what is being measured now."""
    print(f"… {text}", flush=True)


def table(title: str, figures: Mapping[str, Any]) -> None:
    """Print figures under each other."""
    print(f"\n{title}")
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        if not isinstance(value, Mapping):
            print(
                f"  {name:<{width}}  {value:>12,}" if isinstance(value, int | float) else f"  {name:<{width}}  {value}"
            )
    for name, value in figures.items():
        if isinstance(value, Mapping):
            table(f"  {name}", cast("Mapping[str, Any]", value))


def closing(figures: Mapping[str, Any]) -> None:
    """Print the one JSON object that machines read, as the last line."""
    print()
    sys.stdout.write(json.dumps(figures, separators=(",", ":")) + "\n")
