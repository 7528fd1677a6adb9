"""The players: they look at the shop, buy, pay and play, and try again when nobody answers."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from chaos.plan import Wish
from contracts.gameplay import Mode
from contracts.payments import Product
from gateway.buttons import AnswerButton, BuyButton, DiscountButton, OfferButton, PlayButton
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen

_PATIENCE_SECONDS = 8.0
_DISCOUNT_SECONDS = 3.0
_OFFER_SECONDS = 2.0
"""How long a player looks for what a code takes off; refused ones see nothing to tap."""
_TRIES_MAX = 12
_ANSWER_PREFIX = f"{AnswerButton.__prefix__}:"
_DISCOUNT_PREFIX = f"{DiscountButton.__prefix__}:"
_OFFER_PREFIX = f"{OfferButton.__prefix__}:"
_SHOP = ButtonOrigin(ButtonScreen.SHOP).encode()
_RANKS = {
    Product.PREMIUM_STARTER: 1,
    Product.PREMIUM_MONTH: 2,
    Product.PREMIUM_SEASON: 3,
    Product.PREMIUM_YEAR: 4,
}


@dataclass
class Tally:
    """What the crowd has done so far."""

    paid: int = 0
    refused: int = 0
    taps: int = 0
    given_up: int = 0
    to_refund: list[tuple[int, str]] = field(default_factory=list)
    """(player, charge) that an operator is going to give back."""


class Player:
    """One player at the sandbox's JSON API."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        player_id: int,
        tally: Tally,
        code: Callable[[str], str],
        *,
        start: str = "/start",
        claims: Sequence[str] = (),
    ) -> None:
        """`session` has the sandbox as its base address; `claims` are buttons that are tapped again and again."""
        self.player_id = player_id
        self._session = session
        self._path = f"/sandbox/api/players/{player_id}"
        self._tally = tally
        self._code = code
        self._start = start
        self._claims = claims
        self._discounts: dict[Product, tuple[int, str]] = {}
        """By product, the button of a discount: its message and what it says."""
        self._since = 0
        self._messages: dict[int, Any] = {}
        self._rank = 0
        self._has_saver = False

    async def go(self, wishes: Iterator[Wish], enough: Callable[[], bool]) -> None:
        """Buy and play until it is enough."""
        await self._say(self._start)
        while not enough():
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                wish = next(wishes)
                if wish.code:
                    await self._redeem(wish.code)
                if wish.wanders:
                    await self._wander(wish)
                await self._buy(wish)
                await self._play(wish.rounds)
                for claim in self._claims:
                    await self._tap(self._anchor(), claim)
                await asyncio.sleep(wish.pause_seconds)

    async def _redeem(self, kind: str) -> None:
        """Type a code; what it takes off is bought with as soon as something that it fits is wished for."""
        newest = max(self._messages, default=0)
        await self._post("send", {"text": f"/promo {self._code(kind)}"}, 10)
        if kind == "days":
            self._rank = max(self._rank, _RANKS[Product.PREMIUM_STARTER])
        told = await self._look(lambda one: one["message_id"] > newest and bool(_discounts(one)), _DISCOUNT_SECONDS)
        if told is not None:
            self._discounts = {product: (told["message_id"], data) for product, data in _discounts(told)}

    async def _buy(self, wish: Wish) -> None:
        """Tap until an invoice comes. Nobody answers while something is down, so it may take a few taps."""
        if self._has_enough(wish.product):
            return
        discount = self._discounts.pop(wish.product, None)
        for _ in range(_TRIES_MAX):
            plain = self._anchor(), BuyButton(product=wish.product, surface=_SHOP).pack()
            await self._tap(*(discount or plain))
            discount = None
            invoice = await self._look(_is_open_invoice, _PATIENCE_SECONDS)
            if invoice is not None:
                await self._pay(invoice["message_id"], wish)
                return
        self._tally.given_up += 1

    async def _wander(self, wish: Wish) -> None:
        """Look into a locked mode; what is offered there is bought."""
        newest = max(self._messages, default=0)
        await self._tap(self._anchor(), PlayButton(mode=Mode.WORD_ORDER).pack())
        told = await self._look(lambda one: one["message_id"] > newest and bool(_offers(one)), _OFFER_SECONDS)
        if told is None or self._has_enough(OfferButton.unpack(_offers(told)[0]).product):
            return
        await self._tap(told["message_id"], _offers(told)[0])
        invoice = await self._look(_is_open_invoice, _PATIENCE_SECONDS)
        if invoice is not None:
            await self._pay(invoice["message_id"], wish)

    def _has_enough(self, product: Product) -> bool:
        """One saver a week, and premium of a higher rank only: the rest would be refused, which is another test's."""
        rank = _RANKS.get(product, 0)
        enough = rank <= self._rank if rank else product is Product.STREAK_SAVER_20 and self._has_saver
        self._rank = max(rank, self._rank)
        self._has_saver = self._has_saver or product is Product.STREAK_SAVER_20
        return enough

    async def _pay(self, message_id: int, wish: Wish) -> None:
        body: dict[str, Any] = {"message_id": message_id}
        if wish.stray:
            body["payload"] = f"stray-{message_id}"
        times = 2 if wish.again else 1
        for outcome in await asyncio.gather(*(self._post("pay", body, 30) for _ in range(times))):
            if outcome.get("paid"):
                self._tally.paid += 1
                # An orphan goes back by itself; of two payments one may.
                if wish.refund and not wish.stray and not wish.again:
                    self._tally.to_refund.append((self.player_id, outcome["charge_id"]))
            else:
                self._tally.refused += 1
        for one in self._messages.values():
            one.pop("invoice", None)

    async def _play(self, rounds: int) -> None:
        await self._tap(self._anchor(), PlayButton(mode=Mode.QUICK_MIX_A1A2).pack())
        for _ in range(rounds):
            question = await self._look(lambda one: bool(_options(one)), 1.5)
            if question is None:
                return
            await self._tap(question["message_id"], _options(question)[0])
            question["buttons"] = []

    # -- the JSON API ---------------------------------------------------------------------------

    def _anchor(self) -> int:
        """Return a message of the bot to tap on; any will do but an offer, which a game would take the place of."""
        said = (key for key, one in self._messages.items() if one.get("from") == "bot" and one.get("text"))
        return max((key for key in said if not _offers(self._messages[key])), default=0)

    async def _say(self, text: str) -> None:
        for _ in range(_TRIES_MAX):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                await self._post("send", {"text": text}, 10)
                if await self._look(lambda one: one.get("from") == "bot", _PATIENCE_SECONDS) is not None:
                    return

    async def _tap(self, message_id: int, data: str) -> None:
        self._tally.taps += 1
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await self._post("tap", {"message_id": message_id, "data": data, "force": True, "timeout": 2}, 4)

    async def _look(self, fits: Callable[[Any], bool], seconds: float) -> Any | None:
        """Return the newest message that fits, as soon as there is one; None when none comes."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            found = [one for one in self._messages.values() if fits(one)]
            if found:
                return max(found, key=lambda one: one["rev"])
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            query = {"since": str(self._since), "wait": f"{min(left, 5):.2f}"}
            async with self._session.get(f"{self._path}/messages", params=query) as answer:
                for one in await answer.json():
                    self._messages[one["message_id"]] = one
                    self._since = max(self._since, one["rev"])

    async def _post(self, act: str, body: dict[str, Any], seconds: float) -> Any:
        timeout = aiohttp.ClientTimeout(total=seconds)
        async with self._session.post(f"{self._path}/{act}", json=body, timeout=timeout) as answer:
            return await answer.json()


def _is_open_invoice(message: Any) -> bool:
    return bool(message.get("invoice")) and not message["invoice"]["paid"]


def _options(message: Any) -> list[str]:
    return [data for data in _buttons(message) if data.startswith(_ANSWER_PREFIX)]


def _offers(message: Any) -> list[str]:
    return [data for data in _buttons(message) if data.startswith(_OFFER_PREFIX)]


def _discounts(message: Any) -> list[tuple[Product, str]]:
    found = (data for data in _buttons(message) if data.startswith(_DISCOUNT_PREFIX))
    return [(DiscountButton.unpack(data).product, data) for data in found]


def _buttons(message: Any) -> list[str]:
    return [button.get("data") or "" for row in message.get("buttons") or [] for button in row]
