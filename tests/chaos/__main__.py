"""`python -m chaos`: a thousand purchases while all that can die dies, and an account of every Star at the end."""

import argparse
import asyncio
import contextlib
import itertools
import logging
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from actors.deploying.provision import provision
from chaos.account import Account, draw_up
from chaos.codes import let_reservations_end, made
from chaos.hurry import hurried
from chaos.offers import impressions_in, offers_told, offers_wrong, tell_again
from chaos.operators import Operator
from chaos.partners import FAULTS as GIFT_FAULTS
from chaos.partners import GIFT, WAITS, enrol, partners_told, partners_wrong, pay_out
from chaos.performed import read
from chaos.plan import FAULTS, REPLICAS, SERVICES, wishes
from chaos.players import Player, Tally
from chaos.readiness import Readiness
from chaos.reaper import Reaper
from chaos.referrals import INVITERS, claim_of, give_codes, let_days_pass, start_of
from chaos.report import Report
from contracts.payments import Product
from devstack.console import Console
from devstack.stack import DEPLOYER, Options, Stack

PURCHASES_MIN = 1_000
PLAYERS = 200
STARS = 100_000
SETTLE_SECONDS_MAX = 240
_SAY_SECONDS = 10
_LOOK_SECONDS = 3
_DAYS_SECONDS = 4
_RETOLD_EACH = 4
_DEDUP_SECONDS = 0.1
"""The shortest window that JetStream allows: what is seen to hold holds by the inbox and the natural keys."""
_WAITS = {
    "UNCREDITED_SECONDS": "4",
    "REFUND_PENDING_SECONDS": "8",
    "ORPHAN_SECONDS": "5",
    "IN_FLIGHT_SECONDS": "15",
    "GOODS_IN_FLIGHT_SECONDS": "15",
    "GOODS_PAUSE_SECONDS": "2",
    **WAITS,
}
_TELL_ALL = {"LOG_LEVEL": "debug"}
"""Each performed effect is a line in its service's log: what was performed twice is read there."""


class Run:
    """One run of chaos against one stack."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, seconds: int, seed: int) -> None:
        """Nothing has happened yet."""
        self.stack = stack
        self.session = session
        self.seconds = seconds
        self.seed = seed
        self.tally = Tally()
        self.readiness = Readiness(stack)
        self.reaper = Reaper(stack, seed, paid=lambda: self.tally.paid, readiness=self.readiness)
        self.operator = Operator(stack)
        self._began = time.monotonic()
        self._refunds: set[asyncio.Task[None]] = set()
        self._players: list[int] = []

    async def play(self) -> None:
        """Buy and die until both the time and the number of purchases are reached."""
        await self._shorten_schedules()
        # It ships off the shelf; what it gives is of a kind of its own in the books.
        ticket = {"request_id": f"ticket-{self.seed}", "product": str(Product.DUEL_TICKET_5)}
        await self.operator.ask("admin.payments.catalogue.enable", ticket)
        await asyncio.gather(*(self.stack.add_replica(name) for name in SERVICES for _ in range(REPLICAS - 1)))
        crowd_of = {"first_name": "Kim", "language_code": "de", "count": PLAYERS, "stars": STARS}
        come = await self._post("/sandbox/api/players", crowd_of)
        faults = {"seed": self.seed, "clear": True, "flood_limits": False, "faults": FAULTS + GIFT_FAULTS}
        await self._post("/sandbox/api/faults", faults)
        self._players = come["ids"]
        codes = await made(self.stack, self.operator, self.seed)
        await self._with_database(lambda connection: give_codes(connection, self._players))
        await enrol(self.operator, self._players[:INVITERS], self.seed)
        players = [
            Player(
                self.session,
                number,
                self.tally,
                lambda kind, place=place: codes.of(kind, place),
                start=start_of(place),
                claims=(claim_of(place), GIFT) if place < INVITERS else (),
            )
            for place, number in enumerate(come["ids"])
        ]
        stop = asyncio.Event()
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reaper.run(stop))
            group.create_task(self._tell(stop))
            group.create_task(self._let_days_pass(stop))
            crowd = [
                group.create_task(player.go(wishes(self.seed, place), self._enough))
                for place, player in enumerate(players)
            ]
            while not all(one.done() for one in crowd):
                self._start_refunds()
                await asyncio.wait(crowd, timeout=1)
            stop.set()
        self._start_refunds()

    async def settle(self) -> Account:
        """Stop the faults, hand over what was held back, and wait until nothing is on its way; no hand is laid on."""
        async with self.session.delete("/sandbox/api/faults") as answer:
            answer.raise_for_status()
        await self._post("/sandbox/api/updates/release", {"age_seconds": 86_400})
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        refunds = {*self._refunds, asyncio.ensure_future(asyncio.sleep(0))}
        _, unanswered = await asyncio.wait(refunds, timeout=SETTLE_SECONDS_MAX / 2)
        for one in unanswered:
            one.cancel()
        await tell_again(self.operator, self.seed)
        await let_reservations_end(self.stack)
        account = await self._draw_up()
        while not account.is_clean and time.monotonic() < deadline:
            left = [*account.lost, *account.doubled, *account.leftovers, *account.uses_wrong, *account.offers_wrong]
            left += account.referrals_wrong + account.partners_wrong
            print(f"{len(left)} not settled yet, for example {left[:1]}", flush=True)
            await asyncio.sleep(_LOOK_SECONDS)
            await let_reservations_end(self.stack)
            account = await self._draw_up()
        return account

    async def reconcile(self) -> list[str]:
        """Compare all books, the providers' and gameplay's, and return the diffs that are found."""
        diffs = await self._compared("admin.payments.reconciliation.run", "query.payments.reconciliation")
        return diffs + await self._compared("admin.payments.goods.compare", "query.payments.goods_comparison")

    async def _compared(self, order: str, look: str) -> list[str]:
        wanted = {"request_id": f"chaos-{self.seed}", "full": True}
        run_id = (await self.operator.ask(order, wanted))["run_id"]
        while True:
            runs = (await self.operator.ask(look, {"run_id": run_id}))["runs"]
            if runs and all(run["finished_at"] for run in runs):
                return [str(diff) for run in runs for diff in run["diffs"]]
            await asyncio.sleep(0.5)

    async def waiting(self) -> list[str]:
        """Return the consumers that have messages left."""
        client = await self.stack.connect_as(DEPLOYER)
        left: list[str] = []
        try:
            for spec in self.stack.specs:
                for feed in spec.consumers():
                    info = await client.jetstream().consumer_info(feed.stream, feed.durable)
                    count = (info.num_pending or 0) + (info.num_ack_pending or 0)
                    left += [f"{feed.stream}/{feed.durable}: {count}"] if count else []
        finally:
            await client.close()
        return left

    def _enough(self) -> bool:
        return time.monotonic() - self._began > self.seconds and self.tally.paid >= PURCHASES_MIN

    def _start_refunds(self) -> None:
        while self.tally.to_refund:
            self._refunds.add(asyncio.ensure_future(self.operator.refund(*self.tally.to_refund.pop())))

    async def _tell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SAY_SECONDS)
            done = sum(one.done() for one in self._refunds)
            deaths = ", ".join(f"{name} {count}" for name, count in self.reaper.killed.items())
            print(
                f"{time.monotonic() - self._began:5.0f} s  {self.tally.paid} paid, {self.tally.refused} refused,"
                f" {self.tally.given_up} given up, {self.tally.taps} taps, {done} of {len(self._refunds)} refunds"
                f"  killed: {deaths or 'nobody yet'}",
                flush=True,
            )

    async def _let_days_pass(self, stop: asyncio.Event) -> None:
        """Every few seconds: days pass for referrals. While Postgres is away they do not.

        Gameplay says little of who plays on; that days have passed referrals hears when it is told of players again.
        """
        for number in itertools.count():
            if stop.is_set():
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _DAYS_SECONDS)
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._with_database(let_days_pass)
                await pay_out(self.stack, self.operator)
            if number % _RETOLD_EACH == 0:
                wanted = {"request_id": f"days-{self.seed}-{number}", "hearer": "referrals", "what": "players"}
                await self.operator.ask("admin.gameplay.restate.start", wanted)

    async def _with_database(self, act: Callable[["asyncpg.Connection[Any]"], Awaitable[None]]) -> None:
        connection = await asyncpg.connect(self.stack.postgres.dsn("starquiz"), timeout=5)
        try:
            await act(connection)
        finally:
            await connection.close(timeout=5)

    async def _shorten_schedules(self) -> None:
        client = await self.stack.connect_as(DEPLOYER)
        try:
            specs = [one for spec in self.stack.specs if (one := hurried(spec)) is not None]
            await provision(client, specs, dedup_seconds=_DEDUP_SECONDS)
        finally:
            await client.close()

    async def _draw_up(self) -> Account:
        async with self.session.get("/sandbox/api/charges", params={"limit": "100000"}) as answer:
            taken = await answer.json()
        async with self.session.get("/sandbox/api/stars/gifts") as answer:
            gifts = await answer.json()
        connection = await asyncpg.connect(self.stack.postgres.dsn("starquiz"))
        try:
            account = await draw_up(connection, taken)
            account.offers_wrong = await offers_wrong(connection, await self._shown())
            account.offers = await offers_told(connection)
            account.partners_wrong = await partners_wrong(connection, gifts)
            account.partners = await partners_told(connection)
        finally:
            await connection.close()
        account.leftovers += await self.waiting()
        unanswered = sum(one.cancelled() for one in self._refunds)
        account.leftovers += [f"refunds that nobody answered: {unanswered}"] if unanswered else []
        return account

    async def _shown(self) -> set[UUID]:
        """Return the impressions that stand in the chats."""
        found: set[UUID] = set()
        for player_id in self._players:
            async with self.session.get(f"/sandbox/api/players/{player_id}/messages") as answer:
                found |= impressions_in(await answer.json())
        return found

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()


async def run(seconds: int, seed: int) -> bool:
    """Run chaos and print the account; returns whether it is clean."""
    this = asyncio.current_task()
    if this is not None:
        # Told to end, it ends what it started: the stack is left like after an error.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    folder = Path(tempfile.mkdtemp(prefix="starquiz-chaos-"))
    print(f"chaos: at least {seconds} s and {PURCHASES_MIN} purchases by {PLAYERS} players, seed {seed}")
    options = Options(data_dir=folder, port=0, env=_WAITS | _TELL_ALL, dedup_seconds=_DEDUP_SECONDS)
    async with Stack(options, Console(quiet=True)) as stack:
        timeout = aiohttp.ClientTimeout(total=60)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(stack.address, timeout=timeout, connector=connector) as session:
            chaos = Run(stack, session, seconds, seed)
            watching = asyncio.create_task(chaos.readiness.run())
            await chaos.play()
            print("everything is up again; waiting until nothing is on its way", flush=True)
            account = await chaos.settle()
            diffs = await chaos.reconcile()
            watching.cancel()
            await chaos.operator.stop()
    performed = read(folder / "logs", chaos.reaper.deaths)
    report = Report(account, diffs, performed, chaos.reaper, chaos.readiness)
    report.show(seed=seed, taps=chaos.tally.taps)
    if report.is_clean:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"logs and data: {folder}")
    return report.is_clean


def main() -> int:
    """Read the command line; exit code 0 when every Star is accounted for."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=int, default=150, help="at least")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    # A client whose server was just killed says so at length.
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    return 0 if asyncio.run(run(given.seconds, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
