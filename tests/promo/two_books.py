"""Promo and payments in memory, with every word between them in a bag: delivered in any order, repeated, some lost.

Both run their real handlers; promo's states are put together here as its stores do it.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.payments.shop import NOON, Shop, payment, refund

from actors.engine.state_keys import key_of
from actors.turn import Turn
from contracts.envelope import Envelope
from contracts.message import Command, Contract, shape_of
from contracts.payments import (
    BuyProduct,
    CheckPreCheckout,
    DiscountReleased,
    HoldDiscount,
    InvoiceOpened,
    LapseInvoice,
    PreCheckoutPassed,
    Product,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefunded,
    PurchaseState,
    ReleaseDiscount,
)
from contracts.promo import CampaignType, DiscountAppliedLate, ExpireReservation, RedeemCode, RedemptionState
from payments.domain.purchase import Purchase
from promo.app import SPEC
from promo.domain.campaign import Campaign
from promo.domain.code import Batch, Code, FoundCode
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import Redemption, Use

ACTOR = SPEC.actor
USES = 2
CODE, BATCH, TYPED = UUID(int=1), UUID(int=2), ("00" * 32,)
USED = (RedemptionState.APPLIED, RedemptionState.APPLIED_LATE, RedemptionState.REVOKED)
TO_PROMO = (InvoiceOpened, PreCheckoutPassed, PurchaseFailed, PurchaseCredited, PurchaseRefunded, DiscountReleased)
MAY_BE_LOST = (InvoiceOpened, PreCheckoutPassed, PurchaseFailed, DiscountReleased, HoldDiscount, ReleaseDiscount)

Word = tuple[str, Contract, datetime]


class Payments(Shop):
    """The shop, with what it says to promo kept with its id and time."""

    def __init__(self, bag: list[Word]) -> None:
        super().__init__()
        self.bag = bag
        self.failed: set[UUID] = set()

    def _leave(self, turn: Turn) -> None:
        super()._leave(turn)
        said = [(one.envelope.id, one.message, one.envelope.time) for one in turn.emitted]
        self.bag += [word for word in said if isinstance(word[1], TO_PROMO)]
        self.failed |= {word[1].purchase_id for word in said if isinstance(word[1], PurchaseFailed)}


class Promo:
    """Promo's handlers on states in dictionaries: one campaign of two uses, one code for all."""

    def __init__(self, bag: list[Word]) -> None:
        self.bag, self.now, self.inbox, self.late = bag, NOON, set[str](), 0
        self.handlers = ACTOR.handlers()
        campaign = Campaign(
            name="spring", type=CampaignType.PERCENT_DISCOUNT, percent=50, valid_from=NOON, created_at=NOON,
            uses_max=USES, uses_per_code_max=None,
        )  # fmt: skip
        self.states: dict[Any, dict[Any, Any]] = {store: {} for store in ACTOR.stores.values()}
        self._of(Campaign)["spring"] = campaign
        self._of(Batch)[BATCH] = Batch(BATCH, "spring", 1, NOON)
        self._of(Code)[CODE] = Code(CODE, "spring", BATCH)
        self._of(FoundCode)[TYPED] = FoundCode(CODE, "spring", BATCH)

    def _of(self, kind: type) -> dict[Any, Any]:
        return self.states[ACTOR.stores[kind]]

    @property
    def campaign(self) -> Campaign:
        return self._of(Campaign)["spring"]

    @property
    def redemptions(self) -> dict[UUID, Redemption]:
        return self._of(Redemption)

    def hear(self, identifier: str, message: Contract, said_at: datetime) -> None:
        if identifier in self.inbox:
            return
        self.inbox.add(identifier)
        envelope = Envelope(id=identifier, type_name=shape_of(type(message)).type_name, time=said_at, source="test")
        turn = Turn(envelope, self.now, service="promo")
        handler = self.handlers[type(message)]
        handler.function(message, *(turn if need is None else self._state(need, message) for need in handler.needs))
        self.redemptions.update({made.id: made for made in turn.created if isinstance(made, Redemption)})
        for one in turn.emitted:
            self.late += isinstance(one.message, DiscountAppliedLate)
            if isinstance(one.message, Command):
                self.bag.append((one.envelope.id, one.message, one.envelope.time))

    def _state(self, need: Any, message: Contract) -> Any:
        key, states = key_of(need, message, self.states), self.states[need.store]
        if key is not None and key not in states and not need.optional:
            states[key] = need.store.blank(key)
        if need.store.state is Redeemer:
            self._see_uses(states[key])
        return states.get(key)

    def _see_uses(self, redeemer: Redeemer) -> None:
        """Do what loading one does: read what they used off the redemptions."""
        redeemer.uses = tuple(
            Use(one.id, one.code_id, one.batch_id, one.reserved_until, one.is_reserved)
            for one in self.redemptions.values()
            if one.player_id == redeemer.player_id and one.state is not RedemptionState.EXPIRED
        )


class World:
    """Both of them, Telegram, a clock, and the bag of words between them."""

    def __init__(self) -> None:
        self.bag: list[Word] = []
        self.payments, self.promo = Payments(self.bag), Promo(self.bag)
        self.allowed: list[UUID] = []
        """Purchases whose pre-checkout got a yes: Telegram takes the money."""
        self.charges: list[str] = []
        self._count = 0

    def step(self, word: str, number: int) -> None:
        """Let one of these things happen, to whom or what a number from 0 to 9 names."""
        player, product = 1 + number % 3, (Product.ENERGY_10, Product.MEGA_PACK_15)[number % 2]
        if word in ("sweep", "expire", "credit"):
            getattr(self, word)()
        elif word in ("buy", "visit"):
            getattr(self, word)(player, product)
        elif word == "redeem":
            self.redeem(player)
        elif word == "wait":
            self.wait((1, 5, 14, 31, 61)[number % 5])
        else:
            getattr(self, word)(number)

    # -- what players do ------------------------------------------------------------------------

    def redeem(self, player: int) -> None:
        self._hear(RedeemCode(player_id=player, fingerprints=TYPED))

    def buy(self, player: int, product: Product) -> None:
        """With the discount they were given last, if any."""
        mine = [one.id for one in self.promo.redemptions.values() if one.player_id == player]
        self.payments.send(BuyProduct(player_id=player, product=product, redemption_id=mine[-1] if mine else None))

    def check(self, number: int) -> None:
        if purchase := self._purchase(number):
            amount, query = purchase.amount, self._id()
            asked = CheckPreCheckout(
                player_id=purchase.player_id, payload=purchase.payload, amount=amount, currency="XTR", query_id=query
            )
            answer = self.payments.answers[self.payments.send(asked)]
            self.allowed += [purchase.purchase_id] if answer.ok else []

    def visit(self, player: int, product: Product) -> None:
        """Go from the code to the till, with all that promo says heard on the way."""
        self.redeem(player)
        for word in [word for word in self.bag if isinstance(word[1], HoldDiscount)]:
            self.deliver(self.bag.index(word))
        self.buy(player, product)
        self.check(0)

    def pay(self, number: int) -> None:
        """Telegram takes the money of an invoice that got a yes, perhaps long after; once a purchase."""
        if self.allowed:
            purchase = self.payments.purchases[self.allowed.pop(number % len(self.allowed))]
            self.charges.append(self._id())
            self.payments.send(payment(purchase, self.charges[-1], self.payments.now))

    def credit(self) -> None:
        """Hear what payments said to itself; until then money that is here is not credited."""
        self.payments.settle()

    def give_back(self, number: int) -> None:
        if self.charges:
            self.payments.send(refund(self.charges[number % len(self.charges)]))

    # -- what happens by itself -----------------------------------------------------------------

    def wait(self, minutes: int) -> None:
        self.payments.wait(minutes=minutes)
        self.promo.now = self.payments.now

    def sweep(self) -> None:
        for one in list(self.payments.purchases.values()):
            self.payments.send(LapseInvoice(player_id=one.player_id, purchase_id=one.purchase_id))

    def expire(self) -> None:
        for one in list(self.promo.redemptions.values()):
            self._hear(ExpireReservation(player_id=one.player_id, redemption_id=one.id))

    def deliver(self, number: int) -> None:
        if self.bag:
            identifier, message, said_at = self.bag.pop(number % len(self.bag))
            if isinstance(message, HoldDiscount | ReleaseDiscount):
                self.payments.send(message, identifier, said_at=said_at)
            else:
                self.promo.hear(identifier, message, said_at)

    def lose(self, number: int) -> None:
        """Lose a word without which all must end well; the ends of purchases are asked for until they are known."""
        if self.bag and isinstance(self.bag[number % len(self.bag)][1], MAY_BE_LOST):
            self.bag.pop(number % len(self.bag))

    def settle(self) -> None:
        """Let all end: every word is heard, every invoice lapses, every reservation is asked for."""
        self.credit()
        for _ in range(3):
            while self.bag:
                self.deliver(0)
            self.wait(200)
            self.sweep()
            self.expire()
        while self.bag:
            self.deliver(0)

    # -- what must hold -------------------------------------------------------------------------

    def audit(self) -> None:
        promo, campaign = self.promo.redemptions, self.promo.campaign
        states = Counter(one.state for one in promo.values())
        used, reserved = sum(states[one] for one in USED), states[RedemptionState.RESERVED]
        assert (campaign.used, campaign.reserved) == (used, reserved)
        assert used + reserved <= USES + campaign.overrun
        assert self.promo.late == campaign.overrun
        for purchase in self.payments.purchases.values():
            mine = promo.get(purchase.redemption_id) if purchase.redemption_id else None
            if mine is not None and purchase.state is PurchaseState.PRECHECKOUT_OK:
                assert mine.state is not RedemptionState.EXPIRED, "free and at the till"
            if (
                mine is not None
                and mine.state is RedemptionState.APPLIED_LATE
                and mine.purchase_id == purchase.purchase_id
            ):
                assert purchase.purchase_id in self.payments.failed, "late, though its purchase had not failed"

    def audit_end(self) -> None:
        self.audit()
        bought = {
            one.redemption_id for one in self.payments.purchases.values() if one.credited_at and one.redemption_id
        }
        assert bought == {one.id for one in self.promo.redemptions.values() if one.state in USED}
        assert self.promo.campaign.reserved == 0

    # -------------------------------------------------------------------------------------------

    def _purchase(self, number: int) -> Purchase | None:
        made = list(self.payments.purchases.values())
        return made[-1 - number % len(made)] if made else None

    def _id(self) -> str:
        self._count += 1
        return f"w{self._count}"

    def _hear(self, message: Contract) -> None:
        self.promo.hear(self._id(), message, self.promo.now)
