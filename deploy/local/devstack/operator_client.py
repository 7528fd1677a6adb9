"""An operator at the endpoints: looks at players, gives money back, has the books compared."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import msgspec
from nats.aio.client import Client

from contracts.gameplay import Mode
from contracts.payments import Product
from devstack.scripted_player import ScriptedPlayer, SmokeError
from devstack.stack import OPERATOR, SECOND_OPERATOR, Stack

_ASK_SECONDS = 5
_DEADLINE_SECONDS = 15
_LOOK_SECONDS = 0.05


class Standing(msgspec.Struct):
    """What a player has in the game."""

    paid_energy: int
    endless: bool
    """Premium: energy without end."""
    saver_tokens: int
    duel_tickets: int
    premium_until: str | None
    open_modes: frozenset[Mode]


class OperatorClient:
    """An operator, signed in as one."""

    def __init__(self, client: Client, operator: str = OPERATOR) -> None:
        """`client` is signed in as this operator."""
        self._client = client
        self.operator = operator

    async def ask(self, subject: str, /, **request: Any) -> dict[str, Any]:
        """Return what an endpoint answers, an error too; `admin.` ones hear the operator's name, and an id each."""
        if subject.startswith("admin."):
            subject, request = f"{subject}.{self.operator}", {"request_id": uuid4().hex, **request}
        answer = await self._client.request(subject, msgspec.json.encode(request), timeout=_ASK_SECONDS)
        return msgspec.json.decode(answer.data, type=dict[str, Any])

    async def standing(self, player: ScriptedPlayer) -> Standing:
        """Return what a player has in the game; raises SmokeError when nobody knows them."""
        found = await self.ask("query.gameplay.player", player_id=player.player_id)
        if "error" in found:
            raise SmokeError(f"{player.name}: {found['error']}")
        return Standing(
            paid_energy=found["energy"]["paid"],
            endless=found["energy"]["premium"],
            saver_tokens=found["saver_tokens"],
            duel_tickets=found["duel_tickets"],
            premium_until=found["premium_until"],
            open_modes=frozenset(Mode(one["mode"]) for one in found["modes"] if one["open"]),
        )

    async def see(self, player: ScriptedPlayer, what: str, fits: Callable[[Standing], bool]) -> Standing:
        """Wait until a player has something in the game; raises SmokeError saying `what` did not come."""
        deadline = asyncio.get_running_loop().time() + _DEADLINE_SECONDS
        while not fits(standing := await self.standing(player)):
            if asyncio.get_running_loop().time() > deadline:
                raise SmokeError(f"{player.name} awaited {what}; there is {standing}")
            await asyncio.sleep(_LOOK_SECONDS)
        return standing

    async def purchase_of(self, player: ScriptedPlayer, product: Product) -> UUID:
        """Look up a player's latest purchase of a product in their journal, as the runbook says."""
        found = await self.ask("admin.payments.ledger.account", account=f"player:{player.player_id}")
        bought = [one["purchase_id"] for one in found["entries"] if one["reason"] == product and one["amount"] > 0]
        if not bought:
            raise SmokeError(f"{player.name}'s journal has no {product}: {found}")
        return UUID(bought[0])

    async def refund(self, player: ScriptedPlayer, product: Product) -> dict[str, Any]:
        """Give a player's latest purchase of a product back; returns the endpoint's answer."""
        return await self.ask(
            "admin.payments.refund.start",
            player_id=player.player_id,
            purchase_id=str(await self.purchase_of(player, product)),
            note="the player asked for it",
        )


async def approved(stack: Stack, service: str, held: dict[str, Any]) -> dict[str, Any]:
    """Approve as the second operator what waits for one; returns what its endpoint answers. Else `held` as it is."""
    if not held.get("waits_for_approval"):
        return held
    async with operator_client(stack, SECOND_OPERATOR) as second:
        answer = await second.ask(f"admin.{service}.approval.approve", approval_id=held["approval_id"])
    return answer.get("answer", answer)


@asynccontextmanager
async def operator_client(stack: Stack, operator: str = OPERATOR) -> AsyncGenerator[OperatorClient]:
    """Sign in as an operator of the stack's, and out again."""
    client = await stack.connect_as(operator)
    try:
        yield OperatorClient(client, operator)
    finally:
        await client.close()
