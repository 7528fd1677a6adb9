"""How fast payments are written down and credited: RecordPayment and CreditPurchase, in turns, by the real process."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bench.commands import Message
from bench.draining import publish, until_acknowledged, until_handled
from bench.surroundings import Surroundings
from bench.wallet import StandInWallet
from contracts.envelope import first_envelope
from contracts.ids import new_entity_id
from contracts.message import encode, subject_of
from contracts.payments import Currency, Product, Provider, PurchaseState, QuoteStep, RecordPayment
from payments.domain.purchase import INVOICE_LASTS, Purchase
from payments.store.purchases import PurchaseStore

_PRICES = {Product.ENERGY_10: 10, Product.MEGA_PACK_15: 15, Product.DUEL_TICKET_5: 5}
_SAVED_AT_ONCE = 500
_MESSAGES = 2
"""A purchase takes two: its payment is written down, then credited."""


async def in_turns(around: Surroundings, wallet: StandInWallet, players: Sequence[int], *, tag: str) -> float:
    """Return messages a second of one payments process that has the payments of three purchases a player before it.

    Timed from when a tenth is done to the last acknowledgement.
    """
    purchases = await open_invoices(around, players, tag=tag)
    await publish(around, _payments(purchases, wallet, tag))
    count = _MESSAGES * len(purchases)
    await around.admin.execute("checkpoint")
    program = around.program(f"payments-{tag}", **environment(wallet))
    await program.start()
    try:
        first, begun = await until_handled(around, tag, count // 10), time.perf_counter()
        await until_acknowledged(around, "PAYMENTS_MONEY", "payments_money")
        rate = (count - first) / (time.perf_counter() - begun)
    finally:
        await program.stop()
    await _check(around, tag, count)
    return rate


def environment(wallet: StandInWallet) -> dict[str, str]:
    """Return what payments needs besides; what is older than a second has to be in all books."""
    return {
        "BOT_TOKEN": "1:bench",
        "TELEGRAM_API_URL": wallet.address,
        "RATES_URL": f"{wallet.address}/rates",
        "IN_FLIGHT_SECONDS": "1",
    }


async def open_invoices(around: Surroundings, players: Sequence[int], *, tag: str) -> list[Purchase]:
    """Store invoices that are about to be paid: one of each of three products for every player."""
    now = datetime.now(UTC)
    purchases = [_invoice(player_id, product, now, tag) for player_id in players for product in _PRICES]
    for begin in range(0, len(purchases), _SAVED_AT_ONCE):
        await PurchaseStore().save(around.admin, purchases[begin : begin + _SAVED_AT_ONCE])
    return purchases


def charge_of(purchase: Purchase) -> str:
    """Return a charge id as long as Telegram's, in no order."""
    return f"stx{purchase.purchase_id.hex[::-1]}{purchase.purchase_id.hex}"


def pay(purchase: Purchase, wallet: StandInWallet, at: datetime) -> RecordPayment:
    """Let Telegram take the money; returns its word of it."""
    charge_id = charge_of(purchase)
    wallet.take(
        charge_id=charge_id,
        amount=purchase.amount,
        player_id=purchase.player_id,
        payload=purchase.payload,
        at=int(at.timestamp()),
    )
    return RecordPayment(
        player_id=purchase.player_id,
        provider=Provider.TELEGRAM,
        charge_id=charge_id,
        payload=purchase.payload,
        amount=purchase.amount,
        currency=str(purchase.currency),
        paid_at=at,
    )


def _payments(purchases: Sequence[Purchase], wallet: StandInWallet, tag: str) -> Iterator[Message]:
    now = datetime.now(UTC)
    for number, purchase in enumerate(purchases):
        message = pay(purchase, wallet, now)
        envelope = first_envelope(message, identifier=f"{tag}:{number}", time=now, source="bench")
        yield subject_of(message), envelope.headers(), encode(message)


def _invoice(player_id: int, product: Product, now: datetime, tag: str) -> Purchase:
    amount = _PRICES[product]
    return Purchase(
        purchase_id=new_entity_id(f"{tag}:{player_id}:{product}", 1, now),
        player_id=player_id,
        product=product,
        provider=Provider.TELEGRAM,
        currency=Currency.XTR,
        amount=amount,
        base_amount=amount,
        price_version=1,
        steps=(QuoteStep(name="base", detail="", amount=amount),),
        redemption_id=None,
        surface="shop",
        state=PurchaseState.PRECHECKOUT_OK,
        created_at=now,
        expires_at=now + INVOICE_LASTS,
        changed_at=now,
        prechecked_at=now,
    )


async def _check(around: Surroundings, tag: str, count: int) -> None:
    """Every message had its effect and every purchase is credited, or the figure means nothing."""
    handled = await until_handled(around, tag, 0)
    waiting = await around.admin.fetchval("select count(*) from purchases where state = 'PAID_UNCREDITED'")
    dead = await around.admin.fetchval("select count(*) from dead_letters")
    if handled != count or waiting or dead:
        raise AssertionError(f"{handled} of {count} messages had their effect, {waiting} uncredited, {dead} dead")
