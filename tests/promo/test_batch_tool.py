"""The batch tool as an operator runs it: `python -m promo codes make | import` (DOMAIN §7)."""

import asyncio
import csv
import errno
import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from redeeming_stage import PEPPERS, Stage

from contracts.promo import Peppers, RedeemRefusal
from devstack.databases import Database
from promo.__main__ import main
from promo.domain.code_making import NewCode
from promo.store import batches

pytestmark = pytest.mark.services("promo")

PEPPER = "the pepper of the batch tool"


class Tool:
    """Runs it in this process, in a thread of its own: it has an event loop of its own."""

    def __init__(self, folder: Path) -> None:
        self.report = folder / "report.csv"
        self.file = folder / "codes.csv"

    async def run(self, *arguments: object, report: bool = True) -> int:
        where = ["--report", str(self.report)] if report else []
        words = ["codes", *map(str, arguments), "--campaign", "spring", *where]
        return await asyncio.to_thread(main, words)

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(self.report.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def tool(tmp_path: Path, database: Database, monkeypatch: Any) -> Tool:
    monkeypatch.setenv("POSTGRES_DSN", database.dsn("promo"))
    monkeypatch.setenv("PROMO_SECRET_PEPPERS", PEPPER)
    return Tool(tmp_path)


async def _stored(stage: Stage) -> int:
    async with stage.pool.acquire() as connection:
        return await connection.fetchval("select count(*) from codes")


async def test_codes_are_made_reported_and_redeemed(stage: Stage, tool: Tool, capsys: Any) -> None:
    await stage.campaign()
    assert await tool.run("make", 20, "--prefix", "fr", "--length", 10) == 0
    rows = tool.rows()
    assert {len(row["code"]) for row in rows} == {12}
    assert await _stored(stage) == len({row["promo_code_id"] for row in rows}) == 20
    assert await stage.redeem(7, rows[0]["code"].lower(), peppers=Peppers([PEPPER])) is None
    async with stage.pool.acquire() as connection:
        used = await connection.fetchval("select id::text from codes where used = 1")
    assert used == rows[0]["promo_code_id"]
    said = "".join(capsys.readouterr())
    assert "20 of 20 codes" in said
    assert not any(row["code"] in said for row in rows)


async def test_a_dry_run_writes_nothing(stage: Stage, tool: Tool, capsys: Any) -> None:
    await stage.campaign()
    assert await tool.run("make", 3, "--dry-run") == 0
    assert "nothing was written" in capsys.readouterr().out
    assert (await _stored(stage), tool.report.exists()) == (0, False)


async def test_codes_of_a_file_are_imported_once(stage: Stage, tool: Tool, capsys: Any) -> None:
    await stage.campaign()
    tool.file.write_text("code,player_id\nsommer-26,\nwinter-26,7\n", encoding="utf-8")
    assert await tool.run("import", tool.file) == 0
    assert [(row["code"], row["player_id"]) for row in tool.rows()] == [("SOMMER26", ""), ("WINTER26", "7")]
    tool.report.rename(tool.report.with_suffix(".old"))
    assert await tool.run("import", tool.file) == 1
    assert "2 codes are stored already" in capsys.readouterr().err
    assert (await _stored(stage), tool.report.exists()) == (2, False)
    assert await stage.redeem(8, "WINTER26", peppers=Peppers([PEPPER])) is RedeemRefusal.INVALID


@pytest.mark.parametrize(
    ("arguments", "report", "reason"),
    [
        (("make", 3), False, "--report"),
        (("make", 0), True, "count"),
        (("make", 3, "--length", 3), True, "length"),
        (("import", "/nowhere/codes.csv"), True, "cannot be read"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is_stored(
    stage: Stage, tool: Tool, capsys: Any, arguments: tuple[object, ...], report: bool, reason: str
) -> None:
    await stage.campaign()
    assert await tool.run(*arguments, report=report) == 1
    assert reason in capsys.readouterr().err
    assert (await _stored(stage), tool.report.exists()) == (0, False)


async def test_there_must_be_a_campaign(stage: Stage, tool: Tool, capsys: Any) -> None:
    assert await tool.run("make", 3) == 1
    assert "admin.promo.campaign.create" in capsys.readouterr().err
    assert (await _stored(stage), tool.report.exists()) == (0, False)


async def test_a_report_is_never_written_over_another_file(stage: Stage, tool: Tool, capsys: Any) -> None:
    await stage.campaign()
    tool.report.write_text("mine")
    assert await tool.run("make", 3) == 1
    assert "--report" in capsys.readouterr().err
    assert (await _stored(stage), tool.report.read_text()) == (0, "mine")


async def test_without_a_pepper_worth_the_name_nothing_is_stored(stage: Stage, tool: Tool, monkeypatch: Any) -> None:
    await stage.campaign()
    monkeypatch.setenv("PROMO_SECRET_PEPPERS", "short")
    assert await tool.run("make", 3) == 1
    assert await _stored(stage) == 0


@pytest.mark.parametrize("broken", [asyncio.CancelledError, asyncpg.ConnectionDoesNotExistError, ConnectionResetError])
async def test_whoever_is_interrupted_at_the_commit_keeps_the_report(
    stage: Stage, tool: Tool, monkeypatch: Any, broken: type[BaseException]
) -> None:
    """The commit has happened, and nobody was told: without the report nobody would ever know the codes."""
    campaign, commit = await stage.campaign(), Transaction.commit

    async def interrupted(self: Any) -> None:
        await commit(self)
        raise broken

    monkeypatch.setattr(Transaction, "commit", interrupted)
    async with stage.pool.acquire() as connection:
        with pytest.raises(broken):
            await batches.write(connection, campaign, [NewCode("SOMMER26")], PEPPERS, tool.report, lambda _, __: None)
    monkeypatch.undo()
    assert await _stored(stage) == 1
    assert [row["code"] for row in tool.rows()] == ["SOMMER26"]


async def test_half_a_report_is_none(stage: Stage, tool: Tool, monkeypatch: Any, capsys: Any) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    await stage.campaign()
    monkeypatch.setattr(os, "fsync", full)
    assert await tool.run("make", 3) == 1
    assert "No space left" in capsys.readouterr().err
    assert (await _stored(stage), tool.report.exists()) == (0, False)


async def test_without_postgres_that_is_said(stage: Stage, tool: Tool, monkeypatch: Any, capsys: Any) -> None:
    del stage
    monkeypatch.setenv("POSTGRES_DSN", "postgresql://promo:secret@127.0.0.1:1/starquiz")
    assert await tool.run("make", 3) == 1
    said = capsys.readouterr().err
    assert "POSTGRES_DSN" in said
    assert "secret" not in said


async def test_a_code_that_grows_when_it_is_read_is_refused_by_its_line(stage: Stage, tool: Tool, capsys: Any) -> None:
    await stage.campaign()
    tool.file.write_text("code\n" + "ß" * 33 + "\n", encoding="utf-8")
    assert await tool.run("import", tool.file) == 1
    assert "line 2" in capsys.readouterr().err
    assert (await _stored(stage), tool.report.exists()) == (0, False)
