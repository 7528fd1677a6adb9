"""`python -m fuzzed_api`: a whole Starquiz, its internal API fuzzed by schemathesis; the last line is one JSON object.

Schemathesis has an environment of its own (`.venv/schemathesis`), which `make fuzz-api` makes: it needs some thirty
packages that nothing else here does.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

import aiohttp
import structlog

from devstack.internal_api import address_of, token_of
from devstack.operator_client import operator_client
from devstack.postgres import FAST
from devstack.services import CHECKOUT
from devstack.smoke_refusals import made_codes
from devstack.stack import Options, Stack

TOOL: Final = CHECKOUT / ".venv/schemathesis/bin/schemathesis"
CHECKS: Final = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
    "ignored_auth", "use_after_free",
)  # fmt: skip
MISSING: Final = "schemathesis is not installed in .venv/schemathesis: `make fuzz-api` does it."
_GRACE_SECONDS: Final = 120
_SHOWN: Final = 12_000


async def fuzz(seconds: int, seed: int) -> dict[str, Any]:
    """Start everything, give the API something to show, and have it fuzzed for so many seconds at most."""
    with tempfile.TemporaryDirectory(prefix="starquiz-api-") as folder:
        options = Options(data_dir=Path(folder) / "data", port=0, postgres_settings=FAST)
        async with Stack(options) as stack:
            async with operator_client(stack) as operator:
                await made_codes(stack, operator, 2, "fuzzed", type="PERCENT_DISCOUNT", percent=50)
            report = Path(folder) / "report.ndjson"
            code, said = await asyncio.to_thread(_run, stack, report, seconds, seed)
            statuses = _statuses(report)
            alive = await _is_alive(stack)
    if code:
        print(said[-_SHOWN:])
    server_errors = sum(count for status, count in statuses.items() if int(status) >= 500)
    return {
        "seed": seed,
        "requests": sum(statuses.values()),
        "statuses": dict(sorted(statuses.items())),
        "server_errors": server_errors,
        "answers_afterwards": alive,
        "exit_code": code,
    }


def _run(stack: Stack, report: Path, seconds: int, seed: int) -> tuple[int, str]:
    document = f"{address_of(stack)}/internal/openapi.json"
    header = f"X-Internal-Token: {token_of(stack)}"
    command = [
        str(TOOL), "run", document, "--header", header, "--checks", ",".join(CHECKS), "--max-time", str(seconds),
        "--workers", "2", "--seed", str(seed), "--continue-on-failure", "--generation-database", "none",
        "--request-timeout", "15", "--report", "ndjson", "--report-ndjson-path", str(report), "--no-color",
        "--suppress-health-check", "all",
    ]  # fmt: skip
    ran = subprocess.run(
        command,
        cwd=report.parent,  # where it writes what it remembers
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds + _GRACE_SECONDS,
        check=False,
    )
    return ran.returncode, ran.stdout.decode(errors="replace")


def _statuses(report: Path) -> Counter[str]:
    """Return status → how many answers had it, from the report's recorded interactions."""
    found: Counter[str] = Counter()
    if report.exists():
        for line in report.read_text(encoding="utf-8").splitlines():
            _count(json.loads(line), found)
    return found


def _count(value: Any, found: Counter[str]) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("status_code"), int) and "headers" in value:
            found[str(value["status_code"])] += 1
        for part in value.values():
            _count(part, found)
    elif isinstance(value, list):
        for part in value:
            _count(part, found)


async def _is_alive(stack: Stack) -> bool:
    headers = {"X-Internal-Token": token_of(stack)}
    async with aiohttp.ClientSession(address_of(stack), headers=headers) as session:
        answers = [await session.get(f"/internal/{owner}/dashboard") for owner in ("promo", "offers", "referrals")]
        return all(answer.status == 200 for answer in answers)


def main() -> int:
    """Fuzz; exit code 1 when something was found, 2 where schemathesis is not to be had."""
    parser = argparse.ArgumentParser(prog="fuzzed_api", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if not TOOL.exists():
        print(MISSING, file=sys.stderr)
        print(json.dumps({"missing": "schemathesis"}))
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    outcome = asyncio.run(fuzz(given.seconds, given.seed))
    print(json.dumps(outcome))
    is_clean = outcome["exit_code"] == 0 and not outcome["server_errors"] and outcome["requests"]
    return 0 if is_clean and outcome["answers_afterwards"] else 1


if __name__ == "__main__":
    sys.exit(main())
