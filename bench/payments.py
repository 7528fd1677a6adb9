"""ONLY=payments: 50 purchases a second beside 300 taps a second, through every process; and a frozen payments.

A purchase is the whole of it: the tap on a price, the invoice, the pre-checkout and its answer, the payment and the
receipt. The crowd's taps are measured calm and beside the purchases, in turns. Then payments is frozen while players
pay, once by a lock on its tables, once by stopping its process: each gets a polite no in time, and pays afterwards.
"""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg

from bench.buyers import Buyers, Timed
from bench.latency import at_rate
from bench.load import percentile
from bench.report import progress
from bench.usage import Usage
from bench.whole import SECRET, playing
from devstack.roles import DATABASE
from devstack.stack import Stack

_TAPS = 300
_PURCHASES = 50
_ROUNDS = 3
_CALM_SECONDS = 10
_SECONDS = 20
_BUYERS = 1_000
_FIRST_BUYER = 20_000_000
_FROZEN_SECONDS = 14
"""How long payments is frozen: long enough for the last one's 8 s."""
_FROZEN_PAYING_SECONDS = 4
"""How long players go on asking to pay then."""
_PATIENCE_SECONDS = 60
_TABLES = "payments.customers, payments.purchases, payments.charges, payments.ledger_balances"


async def run() -> dict[str, Any]:
    """Start everything, let players come in, measure, freeze, and look whether every payment was credited once."""
    buyers = Buyers(secret=SECRET)
    async with playing(buyers) as (stack, usage):
        buyers.let_in(_BUYERS, first=_FIRST_BUYER)
        await _both(buyers, usage, 5)
        figures = await _in_turns(buyers, usage)
        figures |= await _frozen(stack, buyers, usage)
        figures |= await _check(stack, buyers) | {"peak_mb": usage.peak_mb()}
    return figures


# -- beside taps ----------------------------------------------------------------------------------


async def _in_turns(buyers: Buyers, usage: Usage) -> dict[str, Any]:
    """Return percentiles in ms over all rounds and of each, purchases a second, and how many waited at its end."""
    for timed in (buyers.invoices, buyers.passed, buyers.credits):
        timed.clear()
    calm: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    for number in range(_ROUNDS):
        progress(f"purchases, round {number + 1} of {_ROUNDS}")
        calm.append(await at_rate(buyers, usage, _TAPS, _CALM_SECONDS))
        passed, credited = len(buyers.passed), len(buyers.credits)
        step, rate, waiting = await _both(buyers, usage, _SECONDS)
        beside.append(step)
        rounds.append(
            {
                **_percentiles("precheckout", buyers.passed[passed:]),
                **_percentiles("credit", buyers.credits[credited:]),
                "purchases_per_s": round(rate, 1),
                "purchases_left": waiting,
                "taps_p99_calm_ms": calm[-1]["p99_ms"],
                "taps_p99_beside_ms": step["p99_ms"],
            }
        )
        progress(f"  {len(buyers.credits) - credited:,} purchases; {_said('credit', buyers.credits[credited:])}")
    return {
        **_percentiles("invoice", buyers.invoices),
        **_percentiles("precheckout", buyers.passed),
        **_percentiles("credit", buyers.credits),
        "purchases_per_s": min(one["purchases_per_s"] for one in rounds),
        "purchases_left": max(one["purchases_left"] for one in rounds),
        "taps_p50_calm_ms": _middle(calm, "p50_ms"),
        "taps_p50_beside_ms": _middle(beside, "p50_ms"),
        "taps_p99_calm_ms": _middle(calm, "p99_ms"),
        "taps_p99_beside_ms": _middle(beside, "p99_ms"),
        "cpu_ms_per_purchase": _cost(calm, beside),
        "rounds": {str(number): one for number, one in enumerate(rounds, 1)},
    }


async def _both(buyers: Buyers, usage: Usage, seconds: float) -> tuple[dict[str, Any], float, int]:
    """Let people tap and buy; returns the taps' step, receipts a second, and who waited when the time was over."""
    before = len(buyers.credits)
    shopping = asyncio.create_task(_shop(buyers, seconds))
    step = await at_rate(buyers, usage, _TAPS, seconds)
    done, left = await shopping
    await _until(lambda: not buyers.buying, "every purchase has its receipt")
    return step, (done - before) / seconds, left


async def _shop(buyers: Buyers, seconds: float) -> tuple[int, int]:
    await buyers.shop(_PURCHASES, seconds)
    return len(buyers.credits), buyers.buying


def _cost(calm: list[dict[str, Any]], beside: list[dict[str, Any]]) -> dict[str, float]:
    """Return CPU ms per purchase and process: what the taps cost more beside purchases, of so many taps each."""
    return {
        name: round((_middle_of(beside, name) - _middle_of(calm, name)) * _TAPS / _PURCHASES, 2)
        for name in calm[0]["by_process"]
    }


def _middle_of(steps: list[dict[str, Any]], name: str) -> float:
    return sorted(step["by_process"][name] for step in steps)[len(steps) // 2]


def _middle(steps: list[dict[str, Any]], name: str) -> float:
    return sorted(step[name] for step in steps)[len(steps) // 2]


def _percentiles(name: str, timed: Timed) -> dict[str, float]:
    seconds = [one for _, one in timed]
    return {f"{name}_p{share}_ms": round(percentile(seconds, share / 100) * 1000, 1) for share in (50, 99)}


def _said(name: str, timed: Timed) -> str:
    return ", ".join(f"{key} {value:,}" for key, value in _percentiles(name, timed).items())


# -- frozen ---------------------------------------------------------------------------------------


async def _frozen(stack: Stack, buyers: Buyers, usage: Usage) -> dict[str, Any]:
    """Freeze payments in both ways; returns the longest wait for the polite no, and how the taps went meanwhile."""
    found: dict[str, Any] = {}
    ways = {"database": lambda: _database_locked(stack), "process": lambda: _process_stopped(stack)}
    for way, frozen in ways.items():
        found[way] = await _one_freeze(way, frozen, buyers, usage)
    return {
        "refusal_seconds_frozen": max(one["refusal_seconds"] for one in found.values()),
        "taps_p99_frozen_ms": max(one["taps_p99_ms"] for one in found.values()),
        "frozen": found,
    }


async def _one_freeze(
    way: str, frozen: Callable[[], AbstractAsyncContextManager[None]], buyers: Buyers, usage: Usage
) -> dict[str, Any]:
    await _hand_out_invoices(buyers, _PURCHASES * _FROZEN_PAYING_SECONDS)
    held = len(buyers.holding)
    progress(f"payments' {way} frozen while {held} players ask to pay")
    buyers.refusals.clear()
    buyers.passed.clear()
    async with frozen():
        asking = asyncio.create_task(buyers.check_out(_PURCHASES))
        step = await at_rate(buyers, usage, _TAPS, _FROZEN_SECONDS)
        await asking
        await _until(lambda: not buyers.buying, "every player has an answer")
    refused, slowest = len(buyers.refusals), max((seconds for _, seconds in buyers.refusals), default=0.0)
    if refused != held or buyers.passed:
        raise AssertionError(f"{refused} of {held} pre-checkouts were refused, {len(buyers.passed)} passed")
    progress(f"  {refused} refused, the slowest after {slowest:.2f} s; thawed, all pay")
    thawed = time.perf_counter()
    await buyers.check_out(_PURCHASES)
    await _until(lambda: not buyers.buying, "every player has paid")
    buyers.pays = True
    return {
        "refusal_seconds": round(slowest, 2),
        "taps_p99_ms": step["p99_ms"],
        "refused": refused,
        "paid_afterwards": held - len(buyers.holding),
        "all_paid_after_seconds": round(time.perf_counter() - thawed, 1),
    }


async def _hand_out_invoices(buyers: Buyers, count: int) -> None:
    buyers.pays = False
    await buyers.shop(_PURCHASES, count / _PURCHASES)
    await _until(lambda: not buyers.buying, "every invoice is there")


@asynccontextmanager
async def _database_locked(stack: Stack) -> AsyncGenerator[None]:
    """Nobody else gets at payments' tables; the same Postgres serves the others as ever."""
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    try:
        async with connection.transaction():
            await connection.execute(f"lock table {_TABLES} in access exclusive mode")
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def _process_stopped(stack: Stack) -> AsyncGenerator[None]:
    program = stack.services["payments"][0]
    program.send(signal.SIGSTOP)
    try:
        yield
    finally:
        program.send(signal.SIGCONT)


# -- the end --------------------------------------------------------------------------------------


async def _check(stack: Stack, buyers: Buyers) -> dict[str, Any]:
    """See that every receipt is one credited purchase, one sale and one grant, or the figures mean nothing."""
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    try:
        row = await connection.fetchrow(
            "select (select count(*) from payments.charges) as charges,"
            " (select count(*) from payments.purchases where state = 'CREDITED') as credited,"
            " (select count(*) from payments.ledger_transactions where kind = 'SALE') as sales,"
            " (select count(*) from gameplay.grants) as grants,"
            " (select count(*) from payments.dead_letters) + (select count(*) from gateway.dead_letters) as dead"
        )
    finally:
        await connection.close()
    counts = dict(row or {})
    if len({counts["charges"], counts["credited"], counts["sales"], counts["grants"]}) != 1 or counts["dead"]:
        raise AssertionError(f"not every charge was credited once: {counts}")
    if buyers.strays or buyers.refused:
        raise AssertionError(f"{buyers.strays} messages were no receipts, {buyers.refused} updates were not taken")
    return {"credited": counts["credited"]}


async def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"awaited for {_PATIENCE_SECONDS} s: {what}")
        await asyncio.sleep(0.05)
