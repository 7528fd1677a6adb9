"""Codes made as operators make them: by the batch tool, whose report is read and removed."""

import asyncio
import csv
import os
import secrets
import sys
from pathlib import Path
from uuid import UUID

import asyncpg

from contracts.promo import Peppers
from devstack.stack import Stack
from promo.domain.code_making import make
from promo.store import batches

SECRET = "promo_pepper"  # noqa: S105 - the name of one, in services/*/local.env


async def made_by_the_tool(stack: Stack, count: int, campaign: str) -> list[str]:
    """Make `count` codes of a campaign; returns them. Raises RuntimeError with what the tool says."""
    report = _report(stack, campaign)
    peppers = {"PROMO_SECRET_PEPPERS": stack.vault.shared(SECRET), "POSTGRES_DSN": stack.service_dsn("promo")}
    tool = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "promo", "codes", "make", str(count), "--campaign", campaign, "--report", str(report),
        env={**os.environ, **peppers}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await tool.communicate()
    if tool.returncode != 0:
        raise RuntimeError(f"the batch tool: {said.decode()}")
    return _read_and_remove(report)


async def made_at_once(stack: Stack, campaign: str) -> tuple[str, UUID]:
    """Make one code and its batch without a process of the tool's own, which takes its time."""
    made, report = make(1, secrets.choice), _report(stack, campaign)
    connection = await asyncpg.connect(stack.service_dsn("promo"))
    try:
        peppers = Peppers.parse(stack.vault.shared(SECRET))
        batch_id = await batches.write(connection, campaign, made, peppers, report, _say_nothing)
    finally:
        await connection.close()
    return _read_and_remove(report)[0], batch_id


def _report(stack: Stack, campaign: str) -> Path:
    return stack.folder / f"codes-{campaign}.csv"


def _say_nothing(done: int, of: int) -> None:
    del done, of


def _read_and_remove(report: Path) -> list[str]:
    rows = list(csv.DictReader(report.read_text(encoding="utf-8").splitlines()))
    report.unlink()
    return [row["code"] for row in rows]
