"""A running Starquiz whose payments are attacked: players, the sandbox's levers, the operator, and all the books."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import asyncpg
from chaos.account import Account, draw_up

from contracts.payments import Product
from devstack.operator_client import OperatorClient, operator_client
from devstack.postgres import FAST
from devstack.scripted_player import Message, ScriptedPlayer
from devstack.stack import Options, Stack
from gateway.buttons import BuyButton
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen

_IN_FLIGHT_SECONDS = 0.2
"""What is younger is on its way: a moment here, so that the books can be compared at once."""
_DEADLINE_SECONDS = 60
"""What a killed process had in hand JetStream hands out again after 30 seconds."""
_LOOK_SECONDS = 0.05
_SHOP = ButtonOrigin(ButtonScreen.SHOP).encode()

T = TypeVar("T")


class Floor:
    """What a test needs at hand."""

    def __init__(
        self,
        stack: Stack,
        session: aiohttp.ClientSession,
        operator: OperatorClient,
        database: "asyncpg.Connection[Any]",
    ) -> None:
        self.stack = stack
        self.session = session
        self.operator = operator
        self.database = database

    # -- players --------------------------------------------------------------------------------

    async def come(self, name: str = "Kim", language: str = "en") -> ScriptedPlayer:
        player = await ScriptedPlayer.come(self.session, name, language)
        player.patience_seconds = _DEADLINE_SECONDS
        await player.ask("/start")
        return player

    async def order(self, player: ScriptedPlayer, product: Product = Product.ENERGY_10) -> Message:
        """Tap on a price, whichever screen stands there, and return the invoice."""
        anchor = max(message.message_id for message in await player.messages())
        await player.post("tap", {"message_id": anchor, "data": price_tag(product), "force": True})
        return await player.wait("an invoice", lambda one: one.invoice is not None and not one.invoice.paid)

    async def refused(self, player: ScriptedPlayer, invoice: Message, **altered: Any) -> str:
        """Pay an invoice that must not be taken; return what the player is told."""
        outcome = await player.pay(invoice, **altered)
        assert not outcome["paid"], outcome
        assert outcome["reason"] == "refused", outcome
        return str(outcome["error"])

    # -- the sandbox ----------------------------------------------------------------------------

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        async with self.session.request(method, f"/sandbox/api/{path}", json=body, params=query) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()

    async def fault(self, on: str, do: str, **more: Any) -> None:
        """Let the next one go wrong."""
        await self.call("POST", "faults", {"faults": [{"on": on, "do": do, "count": 1, **more}]})

    async def charges(self, player: ScriptedPlayer | None = None) -> list[Any]:
        query = {} if player is None else {"player": str(player.player_id)}
        return await self.call("GET", "charges", limit="10000", **query)

    # -- the books ------------------------------------------------------------------------------

    async def purchases(self, player: ScriptedPlayer) -> list[Any]:
        sql = "select * from payments.purchases where player_id = $1 order by created_at, id"
        return await self.database.fetch(sql, player.player_id)

    async def charge(self, charge_id: str) -> Any:
        return await self.database.fetchrow("select * from payments.charges where id = $1", charge_id)

    async def kinds(self, player: ScriptedPlayer) -> list[str]:
        """The kinds of a player's transactions in the ledger, in order."""
        sql = "select kind from payments.ledger_transactions where player_id = $1 order by at, kind"
        return [row[0] for row in await self.database.fetch(sql, player.player_id)]

    async def has(self, account: str) -> dict[str, int]:
        """What an account of the ledger has; nothing that is 0."""
        found = await self.operator.ask("query.payments.ledger_balance", account=account)
        return {asset: amount for asset, amount in found["balances"].items() if amount}

    async def balanced(self) -> Account:
        """Wait until every charge is credited once or refunded and nothing is on its way; return the account.

        Ledger: each transaction adds up to zero, each balance to its journal. Gameplay: what a player has is what the
        journal says and what payments gave. The account is that of `make chaos`.
        """
        drawn = Account()

        async def clean() -> bool:
            nonlocal drawn
            drawn = await draw_up(self.database, await self.charges())
            return drawn.is_clean

        await until(clean, lambda: drawn)
        return drawn

    async def reconciled(self, *, full: bool = False) -> Any:
        """Have an operator compare the books, and return the run once it is done."""
        run_id = (await self.operator.ask("admin.payments.reconciliation.run", full=full))["run_id"]

        async def run() -> Any:
            runs = (await self.operator.ask("query.payments.reconciliation", run_id=run_id))["runs"]
            return next((one for one in runs if one["finished_at"]), None)

        return await until(run)

    async def compared(self) -> Any:
        """Have an operator compare all goods with what gameplay holds, and return the run once it is done."""
        run_id = (await self.operator.ask("admin.payments.goods.compare", full=True))["run_id"]

        async def run() -> Any:
            runs = (await self.operator.ask("query.payments.goods_comparison", run_id=run_id))["runs"]
            return next((one for one in runs if one["finished_at"]), None)

        return await until(run)


def price_tag(product: Product) -> str:
    """What the shop's button for a product carries."""
    return BuyButton(product=product, surface=_SHOP).pack()


async def until(
    look: Callable[[], Awaitable[T]],
    told: Callable[[], Any] = lambda: "nothing came of it",
    *,
    seconds: float = _DEADLINE_SECONDS,
) -> T:
    """Look until there is something; `told` says what there was instead."""
    deadline = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < deadline, told()
        await asyncio.sleep(_LOOK_SECONDS)
    return found


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Floor]:
    """Start everything, with two processes of payments."""
    env = {name: str(_IN_FLIGHT_SECONDS) for name in ("IN_FLIGHT_SECONDS", "GOODS_IN_FLIGHT_SECONDS")}
    env["GOODS_PAUSE_SECONDS"] = str(_IN_FLIGHT_SECONDS)
    options = Options(data_dir=folder, port=0, postgres_settings=FAST, env=env)
    async with Stack(options) as stack, operator_client(stack) as operator:
        await stack.add_replica("payments")
        database = await asyncpg.connect(stack.postgres.dsn("starquiz"))
        try:
            async with aiohttp.ClientSession(stack.address) as session:
                yield Floor(stack, session, operator, database)
        finally:
            await database.close()
