"""Telegram Stars: every charge taken, the bot's balance, and the transactions the bot may read."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sandbox.world.invoice import Invoice
from sandbox.world.player import Player
from sandbox.world.star_rows import NANOS, Commission, Movement, Programme, star_amount

CHARGE_ID_BYTES = 60
LINKS_KEPT = 10_000


@dataclass(slots=True)
class Charge:
    """One payment that moved `amount` Stars from a player to the bot; times are unix seconds."""

    id: str
    number: int
    player: Player
    payload: str
    amount: int
    currency: str
    title: str
    message_id: int
    at: float
    subscription_period: int | None = None
    refunded_at: float | None = None
    charged_back_at: float | None = None
    commission: Commission | None = None

    @property
    def received(self) -> int:
        """Nanostars that came to the bot: the price less an affiliate's part."""
        return self.amount * NANOS - (0 if self.commission is None else self.commission.nanos)

    @property
    def state(self) -> str:
        """`paid`, `refunded` or `charged_back`."""
        if self.refunded_at is not None:
            return "refunded"
        return "paid" if self.charged_back_at is None else "charged_back"

    def telegram(self) -> dict[str, Any]:
        """The part that SuccessfulPayment and RefundedPayment share."""
        return {
            "currency": self.currency,
            "total_amount": self.amount,
            "invoice_payload": self.payload,
            "telegram_payment_charge_id": self.id,
            "provider_payment_charge_id": f"{self.player.id}_{self.number}",
        }

    def view(self) -> dict[str, Any]:
        """The charge as the JSON API shows it; `message_id` is the invoice's, 0 for a link."""
        return {
            "charge_id": self.id,
            "player_id": self.player.id,
            "amount": self.amount,
            "currency": self.currency,
            "payload": self.payload,
            "title": self.title,
            "message_id": self.message_id,
            "at": self.at,
            "state": self.state,
            "refunded_at": self.refunded_at,
            "charged_back_at": self.charged_back_at,
        }


@dataclass(slots=True, frozen=True)
class Note:
    """What a service message tells: this charge was paid, or given back."""

    charge: Charge
    refunded: bool = False

    def telegram(self) -> dict[str, Any]:
        """The message's own field: `successful_payment` or `refunded_payment`."""
        charge = self.charge
        if self.refunded:
            return {"refunded_payment": charge.telegram()}
        paid = charge.telegram()
        if charge.subscription_period is not None:
            paid |= {"is_recurring": True, "is_first_recurring": True}
            paid["subscription_expiration_date"] = int(charge.at) + charge.subscription_period
        return {"successful_payment": paid}

    def view(self) -> dict[str, Any]:
        """The note for scripts and the chat page."""
        charge, kind = self.charge, "refunded" if self.refunded else "paid"
        return {"kind": kind, "amount": charge.amount, "charge_id": charge.id, "title": charge.title}


@dataclass(slots=True, frozen=True)
class Transaction:
    """One line of the bot's list: Stars that came from a charge, or went back."""

    charge: Charge
    at: float
    refunded: bool

    def telegram(self) -> dict[str, Any]:
        """StarTransaction. A refund has the id of what it gives back; only `source` or `receiver` tells them apart."""
        charge = self.charge
        partner: dict[str, Any] = {
            "type": "user",
            "transaction_type": "invoice_payment",
            "user": charge.player.user,
            "invoice_payload": charge.payload,
        }
        if charge.subscription_period is not None:
            partner["subscription_period"] = charge.subscription_period
        amount = charge.amount * NANOS
        if charge.commission is not None:
            partner["affiliate"] = charge.commission.telegram(refunded=self.refunded)
            amount = charge.commission.listed(charge.amount)
        side = "receiver" if self.refunded else "source"
        return {"id": charge.id, "date": int(self.at), side: partner} | star_amount(amount)


class Stars:
    """The bot's money. Lists only grow; with a seed the same order of charges gives the same ids again."""

    def __init__(self, seed: int | None) -> None:
        self._key = secrets.token_hex(16) if seed is None else str(seed)
        self._made = 0
        self.nanos = 0
        self.programme = Programme()
        self.charges: dict[str, Charge] = {}
        self.transactions: list[Transaction | Movement] = []
        self.gifts: list[dict[str, Any]] = []
        self.links: OrderedDict[str, Invoice] = OrderedDict()

    @property
    def balance(self) -> int:
        """Whole Stars the bot has."""
        return star_amount(self.nanos)["amount"]

    def new_id(self, prefix: str = "stx", length: int = CHARGE_ID_BYTES) -> str:
        """An id nobody used before; charge ids are `stx` and 80 base64url characters, as Telegram's look."""
        self._made += 1
        drawn = hashlib.shake_256(f"{self._key}:{prefix}:{self._made}".encode()).digest(length)
        return prefix + urlsafe_b64encode(drawn).decode().rstrip("=")

    def take(self, invoice: Invoice, player: Player, message_id: int, now: float) -> Charge:
        """Move the price from the player's wallet to the bot's balance; the wallet must hold it."""
        number = len(self.charges) + 1
        charge = Charge(
            self.new_id(),
            number,
            player,
            invoice.payload,
            invoice.amount,
            invoice.currency,
            invoice.title,
            message_id,
            now,
            invoice.subscription_period,
            commission=self.programme.commission(invoice.amount),
        )
        player.stars -= charge.amount
        self.nanos += charge.received
        self.charges[charge.id] = charge
        self.transactions.append(Transaction(charge, now, refunded=False))
        return charge

    def give_back(self, charge: Charge, now: float) -> None:
        """A refund: the Stars return to the wallet, and a row with the charge's own id says so."""
        charge.refunded_at = now
        charge.player.stars += charge.amount
        self.nanos -= charge.received
        self.transactions.append(Transaction(charge, now, refunded=True))

    def charge_back(self, charge: Charge, now: float) -> None:
        """The store took the Stars back, all of them: the balance falls, and nothing tells the bot."""
        charge.charged_back_at = now
        self.nanos -= charge.amount * NANOS

    def move(self, movement: Movement) -> None:
        """Something that is no payment moves the balance, with a row that says so."""
        self.nanos += movement.nanos
        self.transactions.append(movement)

    def fail(self, withdrawal: Movement) -> None:
        """A withdrawal comes to nothing: the Stars are here again, and its own row is all that tells."""
        partner = withdrawal.partner | {"withdrawal_state": {"type": "failed"}}
        failed = Movement(withdrawal.id, withdrawal.at, withdrawal.nanos, partner)
        self.nanos -= withdrawal.nanos
        self.transactions[self.transactions.index(withdrawal)] = failed

    def new_link(self, invoice: Invoice) -> str:
        """Put an invoice behind a link → its slug. The oldest links go when there are too many."""
        slug = self.new_id("", 12)
        self.links[slug] = invoice
        if len(self.links) > LINKS_KEPT:
            self.links.popitem(last=False)
        return slug

    def view(self) -> dict[str, Any]:
        """Balance and counts; costs a walk over all charges."""
        counts = {"paid": 0, "refunded": 0, "charged_back": 0}
        for charge in self.charges.values():
            counts[charge.state] += 1
        nanos = star_amount(self.nanos)
        return {
            "balance": nanos["amount"],
            **({"nanostars": nanos["nanostar_amount"]} if len(nanos) > 1 else {}),
            "charges": len(self.charges),
            **counts,
            "transactions": len(self.transactions),
        }
