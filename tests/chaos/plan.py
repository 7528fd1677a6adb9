"""What is going to happen, drawn from a seed: the same seed draws the same purchases, faults and kills."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.payments import Product

SERVICES = ("gateway", "payments", "gameplay", "promo", "referrals")
REPLICAS = 2
"""Processes of each service."""
VICTIMS = (*SERVICES, "nats", "postgres")
PRODUCTS = {
    Product.ENERGY_10: 40,
    Product.MEGA_PACK_15: 20,
    Product.DUEL_TICKET_5: 20,
    Product.STREAK_SAVER_20: 8,
    Product.PREMIUM_STARTER: 4,
    Product.PREMIUM_MONTH: 4,
    Product.PREMIUM_SEASON: 2,
    Product.PREMIUM_YEAR: 2,
}

CODES = {"": 75, "days": 5, "half": 10, "own": 8, "guess": 2}
"""What a player types before buying, by how often: none; for premium; for everybody; of few; a guess."""

FAULTS: list[dict[str, Any]] = [
    {"on": "update", "kind": "message.successful_payment", "do": "drop", "probability": 0.04},
    {"on": "update", "kind": "message.successful_payment", "do": "repeat", "probability": 0.06, "delay_ms": 300},
    {"on": "update", "kind": "message.successful_payment", "do": "hold", "probability": 0.03},
    {"on": "update", "kind": "message.refunded_payment", "do": "drop", "probability": 0.2},
    {"on": "update", "kind": "*", "do": "duplicate", "probability": 0.06, "delay_ms": 5_000},
    {"on": "update", "kind": "*", "do": "reorder", "probability": 0.05},
    {"on": "update", "kind": "callback_query", "do": "drop", "probability": 0.01},
    {"on": "payment", "do": "early", "probability": 0.04},
    {"on": "payment", "do": "unasked", "probability": 0.02},
    {"on": "method", "method": "refundStarPayment", "do": "timeout_after", "seconds": 1, "probability": 0.3},
    {"on": "method", "method": "refundStarPayment", "do": "503_after", "probability": 0.2},
    {"on": "method", "method": "refundStarPayment", "do": "503", "probability": 0.1},
    {"on": "method", "method": "getStarTransactions", "do": "503", "probability": 0.1},
    {"on": "method", "method": "sendInvoice", "do": "502_after", "probability": 0.02},
    {"on": "method", "method": "sendMessage", "do": "429", "retry_after": 1, "probability": 0.01},
]


@dataclass(frozen=True, slots=True)
class Wish:
    """One purchase that a player is going to try."""

    product: Product
    stray: bool
    """Paid with a payload that is none of ours, so that the money belongs to no purchase."""
    again: bool
    """The invoice is paid twice, at the same time."""
    refund: bool
    """An operator gives it back."""
    code: str
    """Which of CODES is typed before."""
    rounds: int
    """Played afterwards."""
    pause_seconds: float
    wanders: bool
    """Looks into a locked mode first, and buys what is offered there."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that dies."""

    victim: str
    replica: int
    """Which process of a service, from 0; without meaning for a server."""
    after_seconds: float
    """After the one before is up again."""
    down_seconds: float


def wishes(seed: int, player: int) -> Iterator[Wish]:
    """Yield what one player is going to buy, without end."""
    dice = random.Random(f"{seed}/player/{player}")
    products, weights = list(PRODUCTS), list(PRODUCTS.values())
    codes, how_often = list(CODES), list(CODES.values())
    while True:
        (product,) = dice.choices(products, weights)
        yield Wish(
            product,
            stray=dice.random() < 0.02,
            again=dice.random() < 0.02,
            refund=dice.random() < 0.06,
            code=dice.choices(codes, how_often)[0],
            rounds=dice.randint(1, 6),
            pause_seconds=dice.uniform(0.5, 8),
            wanders=dice.random() < 0.15,
        )


def kills(seed: int) -> Iterator[Kill]:
    """Yield who dies when, without end; everyone's turn comes before anyone's second."""
    dice = random.Random(f"{seed}/kills")
    while True:
        for victim in dice.sample(VICTIMS, len(VICTIMS)):
            yield Kill(victim, dice.randrange(REPLICAS), dice.uniform(1.0, 4.0), dice.uniform(0.1, 1.5))
