"""What players do with invoices: pay them, close them, and what a forger would send to the bot."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.faults.rules import Faults
from sandbox.player_actions import ActionError, PlayerActions
from sandbox.settlement import Settled, take, tell_wallet
from sandbox.world.chat import Chat
from sandbox.world.checkouts import Checkout
from sandbox.world.invoice import Invoice
from sandbox.world.message import Message
from sandbox.world.player import Player
from sandbox.world.stars import Charge, Note
from sandbox.world.state import World

Outcome = dict[str, Any]
"""`{"paid": true, charge_id, …}` or `{"paid": false, reason, error, …}`, as the JSON API answers it."""


@dataclass(slots=True, frozen=True)
class Bill:
    """An invoice somebody looks at: `terms` is what they will pay, which a forger may have altered."""

    invoice: Invoice
    terms: Invoice
    chat: Chat | None = None
    message: Message | None = None

    @property
    def message_id(self) -> int:
        """The invoice's message; 0 for an invoice behind a link."""
        return 0 if self.message is None else self.message.id

    def altered(self, payload: str | None, amount: int | None, currency: str | None) -> "Bill":
        """The bill as a forged client shows it to Telegram."""
        changed = {"payload": payload, "amount": amount, "currency": currency}
        given: dict[str, Any] = {name: value for name, value in changed.items() if value is not None}
        return replace(self, terms=replace(self.terms, **given)) if given else self


class InvoiceActions:
    """Players' hands on the pay button. A payment once begun runs to its end, whoever stops waiting for it."""

    def __init__(self, world: World, updates: UpdateQueue, faults: Faults, actions: PlayerActions) -> None:
        self._world = world
        self._updates = updates
        self._faults = faults
        self._actions = actions
        self._running: set[asyncio.Task[Outcome]] = set()

    def bill(self, player_id: int, message_id: int) -> Bill:
        """The invoice in a player's message; 404 without the message, 400 when it is no invoice."""
        chat = self._actions.chat(player_id)
        message = chat.messages.get(message_id)
        if message is None:
            remedy = "GET …/messages lists those there are"
            raise ActionError(404, f"there is no message {message_id} in this chat", remedy)
        if message.invoice is None:
            raise ActionError(
                400, f'field "message_id": message {message_id} is no invoice', "take one with an invoice"
            )
        return Bill(message.invoice, message.invoice, chat, message)

    def bill_behind(self, link: str) -> Bill:
        """The invoice behind a link of createInvoiceLink; 404 for any other link."""
        invoice = self._world.stars.links.get(link.rpartition("$")[2])
        if invoice is None:
            raise ActionError(404, "there is no invoice behind this link", "send what createInvoiceLink gave")
        return Bill(invoice, invoice)

    def begin(self, payer_id: int, bill: Bill) -> asyncio.Task[Outcome]:
        """Start paying; 404 or 409 when this player cannot act. The task ends with the outcome."""
        payer = self._actions.present(payer_id).player
        task = asyncio.get_running_loop().create_task(self._pay(payer, bill))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def cancel(self, payer_id: int) -> Outcome:
        """The player closes the sheet: Telegram tells the bot nothing."""
        self._actions.present(payer_id)
        return self._failed("cancelled", "the player closed the payment sheet", None)

    async def close(self) -> None:
        """The sandbox stops: payments under way are dropped."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def forge_checkout(self, player_id: int, terms: Invoice, seconds: float) -> Checkout:
        """A pre-checkout query with no invoice and no money behind it; waits for the bot's answer up to `seconds`."""
        checkout = self._ask(self._actions.chat(player_id).player, terms, 0)
        await self._world.checkouts.wait(checkout, min(seconds, self._world.checkouts.answer_seconds))
        return checkout

    def forge_note(self, note: Note) -> Settled:
        """A service message about money that never moved: only the update is made, the chat shows nothing."""
        world, charge = self._world, note.charge
        chat = self._actions.chat(charge.player.id)
        message = Message(chat.next_id(), int(world.clock.now()), note.refunded, "", note=note)
        update_id = self._updates.make("message", chat.player.id, world.message_object(chat, message))
        return Settled(charge, message.id, update_id, world.clock.now())

    def forged_charge(self, player_id: int, charge_id: str | None, terms: Invoice) -> Charge:
        """A charge in no book, under a given id or one of the usual shape."""
        player, stars = self._actions.chat(player_id).player, self._world.stars
        number, now = len(stars.charges), self._world.clock.now()
        made = charge_id or stars.new_id()
        return Charge(made, number, player, terms.payload, terms.amount, terms.currency, terms.title, 0, now)

    async def _pay(self, payer: Player, bill: Bill) -> Outcome:
        terms = bill.terms
        if payer.stars - payer.held < terms.amount:
            return self._failed("balance_too_low", "BALANCE_TOO_LOW: the wallet has not enough Stars", None)
        fault = self._faults.for_payment(payer.id)
        payer.held += terms.amount
        checkout = None
        try:
            if fault is None or fault.do != "unasked":
                checkout = self._ask(payer, terms, bill.message_id)
            if checkout is not None and fault is None:
                await self._world.checkouts.wait(checkout)
        finally:
            payer.held -= terms.amount
        if checkout is None or checkout.ok or fault is not None:
            return self._paid(payer, bill, checkout)
        if checkout.ok is None:
            error = f"the bot did not answer the pre-checkout within {self._world.checkouts.answer_seconds:g} s"
            return self._failed("no_answer", error, checkout)
        return self._failed("refused", checkout.error_message or "", checkout)

    def _ask(self, payer: Player, terms: Invoice, message_id: int) -> Checkout:
        checkout = self._world.checkouts.open(payer.id, message_id)
        query = {
            "id": checkout.id,
            "from": payer.user,
            "currency": terms.currency,
            "total_amount": terms.amount,
            "invoice_payload": terms.payload,
        }
        checkout.update_id = self._updates.make("pre_checkout_query", payer.id, query)
        return checkout

    def _paid(self, payer: Player, bill: Bill, checkout: Checkout | None) -> Outcome:
        settled = take(self._world, self._updates, payer, bill.terms, bill.message_id)
        self._mark_paid(bill)
        return {
            "paid": True,
            "charge_id": settled.charge.id,
            "amount": settled.charge.amount,
            "message_id": settled.message_id,
            "update_id": settled.update_id,
            "at": settled.at,
            "pre_checkout": None if checkout is None else checkout.view(),
        }

    def _mark_paid(self, bill: Bill) -> None:
        """The invoice shows as paid from now on, and can be paid again all the same."""
        bill.invoice.paid = True
        chat, message = bill.chat, bill.message
        if chat is None or message is None or chat.messages.get(message.id) is not message:
            return
        chat.touch(message)
        self._world.emit("invoice", chat.player.id, message.id, message)

    def _failed(self, reason: str, error: str, checkout: Checkout | None) -> Outcome:
        if reason in ("cancelled", "balance_too_low"):
            self._world.stats.payments[reason] += 1
        shown = None if checkout is None else checkout.view()
        return {"paid": False, "reason": reason, "error": error, "pre_checkout": shown}


def wallet_changed(world: World, player: Player, stars: int) -> None:
    """Set a wallet and show it; 409 when Stars are promised to payments under way."""
    if stars < player.held:
        raise ActionError(409, f"{player.held} Stars are held by payments under way", "wait for their outcome")
    player.stars = stars
    tell_wallet(world, player)
