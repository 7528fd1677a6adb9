"""What comes after chaos: everything settles, no hand is laid on, and an account is drawn up of every Star."""

import asyncio
import time
from uuid import UUID

import asyncpg

from chaos.account import Account, draw_up
from chaos.codes import let_reservations_end
from chaos.offers import impressions_in, offers_told, offers_wrong, tell_again
from chaos.partners import partners_told, partners_wrong
from chaos.run import Run
from devstack.stack import DEPLOYER

SETTLE_SECONDS_MAX = 240
_LOOK_SECONDS = 3


class Settling:
    """A run that is over, until its books say the same."""

    def __init__(self, run: Run) -> None:
        """Look at what that run left."""
        self._run = run
        self._stack = run.stack

    async def settle(self) -> Account:
        """Stop the faults, hand over what was held back, and wait until nothing is on its way; no hand is laid on."""
        async with self._run.session.delete("/sandbox/api/faults") as answer:
            answer.raise_for_status()
        await self._run.post("/sandbox/api/updates/release", {"age_seconds": 86_400})
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        refunds = {*self._run.refunds, asyncio.ensure_future(asyncio.sleep(0))}
        _, unanswered = await asyncio.wait(refunds, timeout=SETTLE_SECONDS_MAX / 2)
        for one in unanswered:
            one.cancel()
        await tell_again(self._run.operator, self._run.seed)
        await let_reservations_end(self._stack)
        account = await self._draw_up()
        while not account.is_clean and time.monotonic() < deadline:
            left = [*account.lost, *account.doubled, *account.leftovers, *account.uses_wrong, *account.offers_wrong]
            left += account.referrals_wrong + account.partners_wrong
            print(f"{len(left)} not settled yet, for example {left[:1]}", flush=True)
            await asyncio.sleep(_LOOK_SECONDS)
            await let_reservations_end(self._stack)
            account = await self._draw_up()
        return account

    async def reconcile(self) -> list[str]:
        """Compare all books, the providers' and gameplay's, and return the diffs that are found."""
        diffs = await self._compared("admin.payments.reconciliation.run", "query.payments.reconciliation")
        return diffs + await self._compared("admin.payments.goods.compare", "query.payments.goods_comparison")

    async def _compared(self, order: str, look: str) -> list[str]:
        wanted = {"request_id": f"chaos-{self._run.seed}", "full": True}
        run_id = (await self._run.operator.ask(order, wanted))["run_id"]
        while True:
            runs = (await self._run.operator.ask(look, {"run_id": run_id}))["runs"]
            if runs and all(run["finished_at"] for run in runs):
                return [str(diff) for run in runs for diff in run["diffs"]]
            await asyncio.sleep(0.5)

    async def waiting(self) -> list[str]:
        """Return the consumers that have messages left."""
        client = await self._stack.connect_as(DEPLOYER)
        left: list[str] = []
        try:
            for spec in self._stack.specs:
                for feed in spec.consumers():
                    info = await client.jetstream().consumer_info(feed.stream, feed.durable)
                    count = (info.num_pending or 0) + (info.num_ack_pending or 0)
                    left += [f"{feed.stream}/{feed.durable}: {count}"] if count else []
        finally:
            await client.close()
        return left

    async def _draw_up(self) -> Account:
        async with self._run.session.get("/sandbox/api/charges", params={"limit": "100000"}) as answer:
            taken = await answer.json()
        async with self._run.session.get("/sandbox/api/stars/gifts") as answer:
            gifts = await answer.json()
        connection = await asyncpg.connect(self._stack.postgres.dsn("starquiz"))
        try:
            account = await draw_up(connection, taken)
            account.offers_wrong = await offers_wrong(connection, await self._shown())
            account.offers = await offers_told(connection)
            account.partners_wrong = await partners_wrong(connection, gifts)
            account.partners = await partners_told(connection)
        finally:
            await connection.close()
        account.leftovers += await self.waiting()
        unanswered = sum(one.cancelled() for one in self._run.refunds)
        account.leftovers += [f"refunds that nobody answered: {unanswered}"] if unanswered else []
        return account

    async def _shown(self) -> set[UUID]:
        """Return the impressions that stand in the chats."""
        found: set[UUID] = set()
        for player_id in self._run.players:
            async with self._run.session.get(f"/sandbox/api/players/{player_id}/messages") as answer:
                found |= impressions_in(await answer.json())
        return found
