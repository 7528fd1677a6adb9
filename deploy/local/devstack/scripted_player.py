"""A player at the sandbox's JSON API, who waits for what the bot says as a person would."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Self

import aiohttp
import msgspec

from contracts.gameplay import Mode
from contracts.payments import Product
from gateway.buttons import AnswerButton, BuyButton, OfferAwayButton, OfferButton, PlayOnButton

TAP_SECONDS = 0.21
"""The gateway takes five taps a second of one player and leaves faster ones alone (DOMAIN §11)."""
_PATIENCE_SECONDS = 15


class Button(msgspec.Struct):
    """A button under a message."""

    text: str = ""
    data: str | None = None
    """None on the button that pays."""


class Invoice(msgspec.Struct):
    """What a message asks to be paid."""

    title: str
    amount: int
    """In Stars."""
    paid: bool


class Payment(msgspec.Struct):
    """What a service message tells."""

    kind: str
    """`paid` or `refunded`."""
    charge_id: str


class Message(msgspec.Struct, rename={"sender": "from"}):
    """A message as the sandbox's JSON API shows it."""

    message_id: int
    rev: int
    """Rises with every change in the chat."""
    text: str = ""
    sender: str = "bot"
    deleted: bool = False
    buttons: list[list[Button]] = msgspec.field(default_factory=list[list[Button]])
    invoice: Invoice | None = None
    payment: Payment | None = None

    @property
    def data(self) -> list[str]:
        """What its buttons carry, in order."""
        return [button.data for row in self.buttons for button in row if button.data is not None]

    @property
    def options(self) -> list[str]:
        """The buttons that answer its question; none when it asks nothing."""
        return [data for data in self.data if data.startswith(f"{AnswerButton.__prefix__}:")]

    @property
    def is_offer(self) -> bool:
        """Whether it is an offer: it may come after any answer, and is none."""
        return any(data.startswith(f"{OfferAwayButton.__prefix__}:") for data in self.data)

    @property
    def modes_to_go_on(self) -> list[Mode]:
        """What a receipt offers to play."""
        return [PlayOnButton.unpack(data).mode for data in self.data if data.startswith(f"{PlayOnButton.__prefix__}:")]

    def price_tag(self, product: Product) -> str:
        """Return the button that buys a product; raises SmokeError when there is none."""
        kind = OfferButton if self.is_offer else BuyButton
        tags = [data for data in self.data if data.startswith(f"{kind.__prefix__}:{product}:")]
        expect(bool(tags), f"a button for {product}", f"{self.text} {self.data}")
        return tags[0]

    def sells(self, product: Product) -> bool:
        """Whether it has a button that buys a product."""
        return any(data.startswith(f"{BuyButton.__prefix__}:{product}:") for data in self.data)


class SmokeError(AssertionError):
    """The bot did not do what a player would expect; the text says what was awaited and what was seen."""


class ScriptedPlayer:
    """A player at the sandbox's JSON API."""

    def __init__(self, session: aiohttp.ClientSession, player_id: int, name: str) -> None:
        """`session` has the sandbox as its base address."""
        self._session = session
        self.player_id = player_id
        self._path = f"/sandbox/api/players/{player_id}"
        self.name = name
        self.patience_seconds = _PATIENCE_SECONDS

    @classmethod
    async def come(cls, session: aiohttp.ClientSession, name: str, language: str) -> Self:
        """Make a new player."""
        body = {"first_name": name, "language_code": language}
        async with session.post("/sandbox/api/players", json=body, raise_for_status=True) as answer:
            return cls(session, (await answer.json())["id"], name)

    async def ask(self, text: str) -> Message:
        """Send a message and return the bot's first message after it."""
        sent = (await self.post("send", {"text": text}))["message_id"]
        return await self.wait(f"an answer to {text}", lambda message: message.message_id > sent)

    async def tap(self, message: Message, data: str, **options: Any) -> tuple[str, Message]:
        """Tap a button; return the toast and the message that came or changed next; `options` as of the sandbox's."""
        seen = max([message.rev, *(one.rev for one in await self.messages())])
        answer = await self.post("tap", {"message_id": message.message_id, "data": data, **options})
        toast = str(answer.get("text") or "")
        known = message.message_id
        changed = await self.wait(
            f"something new after the tap on {data}",
            # With buttons: "your result comes at once" is not yet what there is to do next.
            lambda one: one.rev > seen and one.message_id >= known and bool(one.buttons),
        )
        return toast, changed

    async def order(self, message: Message, product: Product) -> Message:
        """Tap on a product's price and return the invoice."""
        _, invoice = await self.tap(message, message.price_tag(product))
        expect(invoice.invoice is not None, f"an invoice for {product}", invoice.text)
        return invoice

    async def pay(self, invoice: Message, **options: Any) -> dict[str, Any]:
        """Pay an invoice and return the outcome, a refusal too; `options` as of the sandbox's `pay`."""
        return await self.post("pay", {"message_id": invoice.message_id, **options})

    async def buy(self, message: Message, product: Product) -> Message:
        """Tap on a product's price, pay, and return the receipt."""
        return await self.settle(await self.order(message, product))

    async def settle(self, invoice: Message) -> Message:
        """Pay an invoice and return the receipt."""
        outcome = await self.pay(invoice)
        expect(outcome["paid"], f"{self.name}'s payment to be taken", str(outcome))
        return await self.wait("a receipt", lambda one: one.message_id > outcome["message_id"])

    async def messages(self) -> list[Message]:
        """Return what stands in the chat."""
        async with self._session.get(f"{self._path}/messages", raise_for_status=True) as answer:
            return msgspec.json.decode(await answer.read(), type=list[Message])

    async def post(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do something in the chat; raises SmokeError when it cannot be done."""
        async with self._session.post(f"{self._path}/{act}", json=body) as answer:
            said = await answer.text()
            if not answer.ok:
                raise SmokeError(f"{self.name} could not {act} {body}: {said}")
            return msgspec.json.decode(said, type=dict[str, Any])

    async def see_offer(self, after: int = 0) -> Message:
        """Wait for an offer in a message later than `after`."""
        return await self.wait("an offer", lambda one: one.message_id > after, is_offer=True)

    async def wait(self, what: str, fits: Callable[[Message], bool], *, is_offer: bool = False) -> Message:
        """Wait for a message of the bot that fits, the newest first; raises SmokeError saying `what` did not come.

        Offers are looked past, for they come on their own: `is_offer` looks at them alone.
        """
        messages: Mapping[int, Message] = {}
        async for messages in self._changes():
            said = (one for one in messages.values() if _is_said(one) and not one.deleted)
            found = [one for one in said if one.is_offer is is_offer and fits(one)]
            if found:
                return max(found, key=lambda message: message.rev)
        raise SmokeError(f"{self.name} awaited {what}; the last message was: {_last_text(messages)}")

    async def see_gone(self, message: Message) -> None:
        """Wait until the bot has taken a message back; raises SmokeError when it stays."""
        async for messages in self._changes():
            if message.message_id not in messages or messages[message.message_id].deleted:
                return
        raise SmokeError(f"{self.name} still sees: {message.text or message.invoice}")

    async def _changes(self) -> AsyncGenerator[Mapping[int, Message]]:
        """Yield the chat, now and at every change, until time is up."""
        deadline = asyncio.get_running_loop().time() + self.patience_seconds
        since = 0
        messages: dict[int, Message] = {}
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            query = {"since": str(since), "wait": f"{left:.3f}"}
            async with self._session.get(f"{self._path}/messages", params=query, raise_for_status=True) as answer:
                news = msgspec.json.decode(await answer.read(), type=list[Message])
            messages |= {message.message_id: message for message in news}
            since = max([since, *(message.rev for message in news)])
            yield messages


async def play_through(player: ScriptedPlayer, message: Message, start: str, rounds_max: int) -> int:
    """Start a game and answer until no question is left; return how many were answered."""
    _, message = await player.tap(message, start)
    answered = 0
    while options := message.options:
        expect(len(options) == 4, "four options", str(options))
        toast, message = await player.tap(message, options[answered % 4])
        expect(bool(toast), "a word about the answer", "an empty toast")
        answered += 1
        await asyncio.sleep(TAP_SECONDS)
        expect(answered <= rounds_max, "an end of the game", f"{answered} questions")
    return answered


def expect(holds: bool, awaited: str, seen: str) -> None:
    """Raise SmokeError unless it holds."""
    if not holds:
        raise SmokeError(f"Awaited {awaited}; seen: {seen}")


async def side_by_side(*scenes: Awaitable[None]) -> None:
    """Run scenes at once; the first that fails ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for scene in scenes:
                group.create_task(_run(scene))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _run(scene: Awaitable[None]) -> None:
    await scene


def _last_text(messages: Mapping[int, Message]) -> str:
    return messages[max(messages)].text if messages else "nothing"


def _is_said(message: Message) -> bool:
    """Whether the bot wrote it: a text or an invoice, and no service message."""
    return message.sender == "bot" and bool(message.text or message.invoice)
