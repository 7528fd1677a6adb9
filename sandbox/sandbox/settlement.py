"""Money moves: a payment taken or given back, with the service message in the chat and the update for the bot."""

from dataclasses import dataclass

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.world.invoice import Invoice
from sandbox.world.message import Message
from sandbox.world.player import Player
from sandbox.world.stars import Charge, Note
from sandbox.world.state import World


@dataclass(slots=True, frozen=True)
class Settled:
    """Ids of what a move of Stars made; `at` is unix seconds."""

    charge: Charge
    message_id: int
    update_id: int
    at: float


def take(world: World, updates: UpdateQueue, payer: Player, invoice: Invoice, message_id: int) -> Settled:
    """Charge the payer for the invoice and tell the bot by `successful_payment`; the wallet must hold the price."""
    charge = world.stars.take(invoice, payer, message_id, world.clock.now())
    world.stats.payments["paid"] += 1
    return _told(world, updates, Note(charge), "paid")


def give_back(world: World, updates: UpdateQueue, charge: Charge) -> Settled:
    """Refund a charge that is still paid, and tell the bot by `refunded_payment`."""
    world.stars.give_back(charge, world.clock.now())
    world.stats.payments["refunded"] += 1
    return _told(world, updates, Note(charge, refunded=True), "refund")


def tell_wallet(world: World, player: Player) -> None:
    """Let the chat page show the new balance."""
    world.emit("wallet", player.id, 0, extra={"stars": player.stars})


def _told(world: World, updates: UpdateQueue, note: Note, kind: str) -> Settled:
    """The service message. A payment's sender is the player, a refund's the bot itself, as in Telegram."""
    charge = note.charge
    chat = world.chats[charge.player.id]
    message = Message(chat.next_id(), int(world.clock.now()), note.refunded, "", note=note)
    chat.add(message)
    update_id = updates.make("message", chat.player.id, world.message_object(chat, message))
    extra = {"charge_id": charge.id, "amount": charge.amount, "payload": charge.payload, "update_id": update_id}
    at = world.emit(kind, chat.player.id, message.id, message, extra)
    tell_wallet(world, charge.player)
    return Settled(charge, message.id, update_id, at)
