"""ONLY=books: credits and reconciliation with 1,000 and with 1,000,000 purchases stored, on two servers side by side.

A million purchases are five million ledger entries. Those who pay are spread over all who ever bought, others in every
round. Then the run of every 15 minutes: all that was paid just now is read from Telegram's list, and some payments
whose word was lost. It must find those, and no difference; so must the full run.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4

import msgspec

from actors.schedules import Due
from bench import books_fill, crediting
from bench.report import progress
from bench.surroundings import Surroundings, surroundings
from bench.wallet import StandInWallet
from contracts.message import encode, subject_of
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything

_FEW, _MANY = 1_000, 1_000_000
_CUSTOMERS = {_FEW: 1_000, _MANY: 250_000}
_PLAYERS = 1_000
_ROUNDS = 5
_LOST = range(1, 51)
"""Players whose payment Telegram took without a word that arrived, one of each product."""
_READ_AGAIN = 200
"""So far back a run reads Telegram's list again."""
_PATIENCE_SECONDS = 900


async def run() -> dict[str, Any]:
    """Let players pay among few and among many purchases, alternately; then reconcile both."""
    few: list[float] = []
    many: list[float] = []
    async with AsyncExitStack() as opened:
        small, small_wallet = await opened.enter_async_context(_books(_FEW))
        large, large_wallet = await opened.enter_async_context(_books(_MANY))
        for number in range(_ROUNDS):
            progress(f"credits, round {number + 1} of {_ROUNDS}")
            few.append(await crediting.in_turns(small, small_wallet, range(1, _PLAYERS + 1), tag=f"f{number}"))
            spread = range(1 + number, _CUSTOMERS[_MANY] + 1, _CUSTOMERS[_MANY] // _PLAYERS)
            many.append(await crediting.in_turns(large, large_wallet, spread, tag=f"m{number}"))
            progress(f"  {few[-1]:,.0f} and {many[-1]:,.0f} messages/s")
        runs = {
            count: await _reconcile(*one)
            for count, one in ((_FEW, (small, small_wallet)), (_MANY, (large, large_wallet)))
        }
    return {
        "credit_messages_per_s_at_1k": round(median(few)),
        "credit_messages_per_s_at_1m": round(median(many)),
        "credit_slowdown": round(1 - median(m / f for f, m in zip(few, many, strict=True)), 3),
        "reconciliation_seconds_at_1k": runs[_FEW]["changed"]["seconds"],
        "reconciliation_seconds": runs[_MANY]["changed"]["seconds"],
        "reconciliation_charges": runs[_MANY]["changed"]["looked_at"],
        "reconciliation_repaired": runs[_MANY]["changed"]["repaired"],
        "full_reconciliation_seconds": runs[_MANY]["full"]["seconds"],
    }


@asynccontextmanager
async def _books(purchases: int) -> AsyncGenerator[tuple[Surroundings, StandInWallet]]:
    """A server with so many purchases in all books, and Telegram's own book of them."""
    async with surroundings("payments") as around:
        await around.admin.execute("set search_path to payments")
        begun = time.perf_counter()
        progress(f"storing {purchases:,} purchases")
        await books_fill.fill(around.admin, purchases, players=_CUSTOMERS[purchases])
        progress(f"  stored in {time.perf_counter() - begun:.0f} s")
        wallet = await _wallet(around)
        yield around, wallet
        wallet.stop()


async def _wallet(around: Surroundings) -> StandInWallet:
    stored, balance = await around.admin.fetchrow("select count(*), sum(amount)::bigint from charges") or (0, 0)
    wallet = StandInWallet(stored=stored, balance=balance)
    newest = await around.admin.fetch(
        "select id, amount, player_id, payload, paid_at from charges order by paid_at desc limit $1", _READ_AGAIN
    )
    for charge_id, amount, player_id, payload, at in newest:
        wallet.remember(
            charge_id=charge_id, amount=amount, player_id=player_id, payload=payload, at=int(at.timestamp())
        )
    await wallet.start()
    return wallet


# -- reconciliation -------------------------------------------------------------------------------


async def _reconcile(around: Surroundings, wallet: StandInWallet) -> dict[str, dict[str, Any]]:
    """Run over what changed, then over everything; each must find no difference, the first every lost payment."""
    lost = await crediting.open_invoices(around, _LOST, tag="lost")
    for purchase in lost:
        crediting.pay(purchase, wallet, datetime.now(UTC) - timedelta(minutes=1))
    program = around.program("payments-reconciling", **crediting.environment(wallet))
    await program.start()
    try:
        await program.wait_ready(60)
        changed = await _run(around, reconcile_changes.due(run_id=uuid4()))
        full = await _run(around, reconcile_everything.due(run_id=uuid4()))
    finally:
        await program.stop()
    if changed["repaired"] != len(lost):
        raise AssertionError(f"{changed['repaired']} of {len(lost)} lost payments were found")
    return {"changed": changed, "full": full}


async def _run(around: Surroundings, due: Due) -> dict[str, Any]:
    """Let a run fire; returns its seconds and what it came to."""
    progress(f"{type(due).__name__} on {around.database.name}")
    begun = time.perf_counter()
    await around.nc.jetstream().publish(subject_of(due), encode(due))
    sql = (
        "select looked_at, repaired, diff_count, diffs from reconciliation_runs where id = $1 and finished_at <= now()"
    )
    while (row := await around.admin.fetchrow(sql, due.run_id)) is None:
        if time.perf_counter() - begun > _PATIENCE_SECONDS:
            raise RuntimeError(f"a run did not end within {_PATIENCE_SECONDS} s")
        await asyncio.sleep(0.05)
    seconds = round(time.perf_counter() - begun, 1)
    looked_at, repaired, diff_count, diffs = row
    if diff_count:
        raise AssertionError(f"{diff_count} differences: {msgspec.json.decode(diffs)[:3]}")
    progress(f"  {seconds} s, {looked_at:,} charges looked at, {repaired} repaired")
    return {"seconds": seconds, "looked_at": looked_at, "repaired": repaired}
