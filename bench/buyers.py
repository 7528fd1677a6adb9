"""The money side of the crowd: buyers who tap on a price, are asked before they pay, pay, and wait for the receipt.

The lean stand-in for Telegram plays its part of DOMAIN §6: an invoice is a call, then come the pre-checkout query, its
answer, the payment and the receipt. Every stage is timed from the update's posting.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from bench.load import Load
from bench.ticking import ticks

PRODUCTS = ("ENERGY_10", "MEGA_PACK_15")
"""What is bought, in turn: whatever may be bought again and again."""
_C = TypeVar("_C")

Timed = list[tuple[float, float]]
"""(when the update was posted, seconds until it was answered)"""


class _Price(msgspec.Struct):
    amount: int


class _Invoice(msgspec.Struct):
    chat_id: int
    payload: str
    prices: list[_Price]


class _Answer(msgspec.Struct):
    pre_checkout_query_id: str
    ok: bool


class _Chat(msgspec.Struct):
    chat_id: int = 0


class Buyer:
    """One buyer: what they wait for, and since when (0: for nothing)."""

    __slots__ = ("amount", "asked_at", "checked_at", "id", "paid_at", "payload")

    def __init__(self, identifier: int) -> None:
        self.id = identifier
        self.payload = ""
        self.amount = 0
        self.asked_at = 0.0
        self.checked_at = 0.0
        self.paid_at = 0.0


class Buyers(Load):
    """A crowd with buyers in it. A buyer buys again only after the receipt."""

    def __init__(self, *, secret: str) -> None:
        """Send `secret` with every update."""
        super().__init__(secret=secret)
        self.buyers: dict[int, Buyer] = {}
        self.resting: deque[Buyer] = deque()
        self.holding: list[Buyer] = []
        """Those who have an invoice and do not pay it: see `pays`."""
        self.pays = True
        """Whether an invoice is paid as soon as it is there."""
        self.invoices: Timed = []
        self.passed: Timed = []
        """Pre-checkouts answered with yes."""
        self.refusals: Timed = []
        """Those answered with no."""
        self.credits: Timed = []
        self.strays = 0
        """Messages to buyers that were no receipts."""
        self._queries: dict[str, Buyer] = {}
        self._numbers = itertools.count(1)
        self._on_money = {
            "sendInvoice": _heard(_Invoice, self._on_invoice),
            "answerPreCheckoutQuery": _heard(_Answer, self._on_answer),
            "sendMessage": _heard(_Chat, self._on_receipt),
        }

    def let_in(self, count: int, *, first: int) -> None:
        """Add so many buyers, with ids from `first` on."""
        added = [Buyer(first + number) for number in range(count)]
        self.buyers |= {buyer.id: buyer for buyer in added}
        self.resting.extend(added)

    @property
    def buying(self) -> int:
        """How many wait: for an invoice, for the answer to a pre-checkout, for a receipt."""
        return sum(1 for buyer in self.buyers.values() if buyer.asked_at or buyer.checked_at or buyer.paid_at)

    # -- what buyers do -------------------------------------------------------------------------

    async def shop(self, rate: float, seconds: float) -> None:
        """Let resting buyers tap on prices, evenly spread, `rate` times a second; whoever is late is left out."""
        async for _ in ticks(rate, int(rate * seconds)):
            if self.resting:
                self._buy(self.resting.popleft())

    async def check_out(self, rate: float) -> None:
        """Let all who hold an invoice ask to pay it, evenly spread, `rate` a second."""
        holding, self.holding = self.holding, []
        buyers = iter(holding)
        async for _ in ticks(rate, len(holding)):
            self._ask_to_pay(next(buyers))

    def _buy(self, buyer: Buyer) -> None:
        buyer.asked_at = time.perf_counter()
        product = PRODUCTS[next(self._numbers) % len(PRODUCTS)]
        number, sender = next(self._updates), _sender(buyer)
        message = {"message_id": 1, "date": int(time.time()), "chat": _chat(buyer), "text": "…"}
        data = f"b:{product}:shop"
        query = {"id": str(number), "from": sender, "message": message, "chat_instance": "1", "data": data}
        self.post(msgspec.json.encode({"update_id": number, "callback_query": query}))

    def _ask_to_pay(self, buyer: Buyer) -> None:
        buyer.checked_at = time.perf_counter()
        number = next(self._updates)
        self._queries[str(number)] = buyer
        query = {"id": str(number), "from": _sender(buyer), **_money(buyer)}
        self.post(msgspec.json.encode({"update_id": number, "pre_checkout_query": query}))

    def _pay(self, buyer: Buyer) -> None:
        buyer.paid_at = time.perf_counter()
        number = next(self._updates)
        charge = {"telegram_payment_charge_id": f"stx{number}", "provider_payment_charge_id": ""}
        message: dict[str, Any] = {
            "message_id": next(self._messages),
            "date": int(time.time()),
            "from": _sender(buyer),
            "chat": _chat(buyer),
            "successful_payment": _money(buyer) | charge,
        }
        self.post(msgspec.json.encode({"update_id": number, "message": message}))

    # -- the Bot API ----------------------------------------------------------------------------

    def _on_call(self, path: str, body: bytes) -> bytes:
        hear = self._on_money.get(path.rpartition("/")[2])
        if hear is not None:
            hear(body)
        if not path.endswith("/sendInvoice"):
            return super()._on_call(path, body)
        result = {"message_id": next(self._messages), "date": 1, "chat": {"id": 1, "type": "private"}}
        return msgspec.json.encode({"ok": True, "result": result})

    def _on_invoice(self, call: _Invoice) -> None:
        buyer = self.buyers[call.chat_id]
        buyer.payload, buyer.amount = call.payload, call.prices[0].amount
        if not buyer.asked_at:
            # Sent twice, as an effect may be: it is being paid already.
            return
        _note(self.invoices, buyer.asked_at)
        buyer.asked_at = 0.0
        if self.pays:
            # Once the bot has its answer: nobody pays before the invoice is there.
            asyncio.get_running_loop().call_soon(self._ask_to_pay, buyer)
        else:
            self.holding.append(buyer)

    def _on_answer(self, call: _Answer) -> None:
        buyer = self._queries.pop(call.pre_checkout_query_id, None)
        if buyer is None:
            return
        _note(self.passed if call.ok else self.refusals, buyer.checked_at)
        buyer.checked_at = 0.0
        if call.ok:
            asyncio.get_running_loop().call_soon(self._pay, buyer)
        else:
            self.holding.append(buyer)

    def _on_receipt(self, call: _Chat) -> None:
        buyer = self.buyers.get(call.chat_id)
        if buyer is None:
            return
        if not buyer.paid_at:
            self.strays += 1
            return
        _note(self.credits, buyer.paid_at)
        buyer.paid_at = 0.0
        self.resting.append(buyer)


def _heard(kind: type[_C], act: Callable[[_C], None]) -> Callable[[bytes], None]:
    decoder = msgspec.json.Decoder(kind)
    return lambda body: act(decoder.decode(body))


def _note(kept: Timed, since: float) -> None:
    kept.append((since, time.perf_counter() - since))


def _sender(buyer: Buyer) -> dict[str, Any]:
    return {"id": buyer.id, "is_bot": False, "first_name": f"B{buyer.id}", "language_code": "en"}


def _chat(buyer: Buyer) -> dict[str, Any]:
    return {"id": buyer.id, "type": "private", "first_name": f"B{buyer.id}"}


def _money(buyer: Buyer) -> dict[str, Any]:
    return {"currency": "XTR", "total_amount": buyer.amount, "invoice_payload": buyer.payload}
