"""What the tests of payments share: an invoice in a chat, a bot that answers, and what came in."""

import asyncio
from typing import Any, ClassVar

from aiogram.types import LabeledPrice, PreCheckoutQuery, SuccessfulPayment, Update
from telegram_stage import DEADLINE_SECONDS, Stage, until

PRICES = [LabeledPrice(label="Energie", amount=10)]
FIELDS: dict[str, Any] = {
    "title": "10 Energie",
    "description": "Sofort 10 Energie mehr",
    "payload": "p:1:abc",
    "currency": "XTR",
    "prices": [{"label": "Energie", "amount": 10}],
}
Outcome = dict[str, Any]


async def invoice(stage: Stage, player_id: int, *, payload: str = "p:1:abc", start_parameter: str = "shop") -> int:
    """An invoice over 10 Stars in the player's chat → its message id."""
    stage.sandbox.world.chats[player_id].player.started = True
    sent = await stage.bot.send_invoice(
        player_id,
        title="10 Energie",
        description="Sofort 10 Energie mehr",
        payload=payload,
        currency="XTR",
        prices=PRICES,
        start_parameter=start_parameter,
    )
    return sent.message_id


async def pay(stage: Stage, player_id: int, message_id: int, **more: Any) -> Outcome:
    """The player pays, and waits for the outcome."""
    return await stage.api("POST", f"players/{player_id}/pay", {"message_id": message_id, **more})


class Bot:
    """The bot's side: reads updates as aiogram does and answers every pre-checkout the same way.

    It confirms nothing, so that every reader of a test sees all updates from the first on.
    """

    answered: ClassVar[set[str]] = set()

    def __init__(self, stage: Stage, refusal: str | None = None) -> None:
        self._stage = stage
        self._refusal = refusal
        self.updates: list[Update] = []
        self.raw: list[dict[str, Any]] = []

    async def take(self) -> None:
        """Read what is new, once."""
        for raw in (await self._stage.updates())[len(self.raw) :]:
            update = Update.model_validate(raw, context={"bot": self._stage.bot})
            self.raw.append(raw)
            self.updates.append(update)
            query = update.pre_checkout_query
            if query is not None and query.id not in self.answered:
                self.answered.add(query.id)
                await query.answer(ok=self._refusal is None, error_message=self._refusal)

    @property
    def queries(self) -> list[PreCheckoutQuery]:
        """Pre-checkout queries so far."""
        return [one.pre_checkout_query for one in self.updates if one.pre_checkout_query is not None]

    @property
    def payments(self) -> list[SuccessfulPayment]:
        """Successful payments so far."""
        found = (one.message.successful_payment for one in self.updates if one.message is not None)
        return [payment for payment in found if payment is not None]


async def paid(stage: Stage, player_id: int, message_id: int, bot: Bot | None = None, **more: Any) -> Outcome:
    """The player pays while the bot answers its pre-checkout."""
    bot = bot or Bot(stage)
    outcome = asyncio.create_task(pay(stage, player_id, message_id, **more))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not outcome.done():
            await bot.take()
            await asyncio.sleep(0.002)
    return await outcome


async def bought(stage: Stage, player_id: int) -> Outcome:
    """A new invoice in the player's chat, paid."""
    outcome = await paid(stage, player_id, await invoice(stage, player_id))
    assert outcome["paid"], outcome
    return outcome


async def asked(stage: Stage) -> dict[str, Any]:
    """The pre-checkout query that waits for an answer, as the bot got it."""
    await until(lambda: any(one.kind == "pre_checkout_query" for one in stage.sandbox.updates.pending.all()))
    return next(one["pre_checkout_query"] for one in await stage.updates() if "pre_checkout_query" in one)


async def wallet(stage: Stage, player_id: int) -> int:
    """Stars in the player's wallet."""
    return (await stage.api("GET", f"players/{player_id}/wallet"))["stars"]


async def balance(stage: Stage) -> int:
    """The bot's Stars, by its own method."""
    return (await stage.bot.get_my_star_balance()).amount
