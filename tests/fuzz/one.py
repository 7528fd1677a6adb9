"""`python -m fuzz.one TARGET --seconds N --corpus FOLDER --found FOLDER`: one target under atheris, in this process."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

INSTRUMENTED = ("gateway", "gameplay", "actors.foreign_json", "contracts.foreign_text")
INPUT_BYTES_MAX = 16_384


def main() -> None:
    """Fuzz until the time is over or something is found; libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")  # of no use to anything else, and not everywhere to be had

    parser = argparse.ArgumentParser(prog="fuzz.one")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--found", type=Path, required=True)
    given = parser.parse_args()
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        target = importlib.import_module(f"fuzz.{given.target}")
    for number, seed in enumerate(target.seeds()):
        (given.corpus / f"seed-{number}").write_bytes(seed)
    options = (f"-max_total_time={given.seconds}", f"-artifact_prefix={given.found}/", f"-max_len={INPUT_BYTES_MAX}")
    more = ("-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1")
    atheris.Setup([sys.argv[0], *options, *more, str(given.corpus)], target.one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
