"""Codes made as operators make them: by the batch tool, whose report is read and removed."""

import asyncio
import csv
import os
import sys
from pathlib import Path

from devstack.stack import Stack

_SECRET = "promo_pepper"  # noqa: S105 - the name of one, in services/*/local.env


async def made_by_the_tool(stack: Stack, count: int, campaign: str) -> list[str]:
    """Make `count` codes of a campaign; returns them. Raises RuntimeError with what the tool says."""
    report: Path = stack.folder / f"{campaign}.csv"
    peppers = {"PROMO_SECRET_PEPPERS": stack.vault.shared(_SECRET), "POSTGRES_DSN": stack.service_dsn("promo")}
    tool = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "promo", "codes", "make", str(count), "--campaign", campaign, "--report", str(report),
        env={**os.environ, **peppers}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await tool.communicate()
    if tool.returncode != 0:
        raise RuntimeError(f"the batch tool: {said.decode()}")
    return _read_and_remove(report)


def _read_and_remove(report: Path) -> list[str]:
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    report.unlink()
    return [row["code"] for row in rows]
