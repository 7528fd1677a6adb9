"""The web's counter: what it asks of the shop and of Stripe for a buyer (DOMAIN §5 quotes, §6 Stripe)."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from actors.asking import Asker
from actors.clock import Clock
from contracts.payments import (
    BuyAnswer,
    BuyProduct,
    BuyRefusal,
    Currency,
    Product,
    Provider,
    PurchaseState,
    QuoteAnswer,
    QuoteProduct,
    ShowPurchase,
)
from payments.domain import quote as quoting
from payments.providers.stripe_client import CheckoutOrder, StripeProvider
from payments.store.catalogue import read_catalogue
from payments.web.forms import Order, Wish
from payments.web.texts import Language, voice

ANSWER_SECONDS: Final = 5.0
SESSION_OUTLIVES_INVOICE: Final = timedelta(minutes=31)
"""Stripe wants 30 minutes at least from the moment it is asked, and we may ask up to the invoice's last."""
MINIMUM: Final = {Currency.EUR: 50, Currency.USD: 50, Currency.GBP: 30}
"""What Stripe takes at least, in minor units."""
_SURFACE: Final = "web-"


class PricedProduct(msgspec.Struct, frozen=True):
    """A product with its price of this moment, in minor units."""

    product: Product
    amount: int


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """How a purchase stands, as far as whoever has its address may know."""

    found: bool
    product: str = ""
    provider: str = ""
    state: str = ""
    amount: int = 0
    currency: str = ""

    @property
    def is_of_the_web(self) -> bool:
        """Whether it is one of ours to show."""
        return self.found and self.provider == Provider.STRIPE

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be waited for on a page."""
        return PurchaseState(self.state) in _SETTLED


_SETTLED: Final = frozenset(
    {PurchaseState.CREDITED, PurchaseState.REVIEW, PurchaseState.REFUND_PENDING, PurchaseState.REFUNDED}
)


class Storefront:
    """Serves one buyer after the other. Every method raises what the asker, Postgres and the provider raise."""

    def __init__(
        self,
        asker: Asker,
        pool: "asyncpg.Pool[asyncpg.Record]",
        clock: Clock,
        stripe: StripeProvider,
        web_url: str,
    ) -> None:
        self._asker = asker
        self._pool = pool
        self._clock = clock
        self._stripe = stripe
        self._web_url = web_url.rstrip("/")

    async def shelf(self, currency: Currency) -> tuple[PricedProduct, ...]:
        """Return what can be bought with a currency; what Stripe would not take the money for is left out."""
        async with asyncio.timeout(ANSWER_SECONDS), self._pool.acquire() as connection:
            catalogue = await read_catalogue(connection)
        now, offers = self._clock.now(), list[PricedProduct]()
        for product in catalogue.on_sale():
            priced = quoting.price(catalogue, product=product, currency=currency, now=now)
            if not isinstance(priced, BuyRefusal) and priced.amount >= MINIMUM[currency]:
                offers.append(PricedProduct(product, priced.amount))
        return tuple(offers)

    async def quote(self, wish: Wish) -> QuoteAnswer:
        """Freeze the price for 15 minutes."""
        command = QuoteProduct(player_id=wish.player_id, product=wish.product, currency=wish.currency)
        return await self._asker.ask(command, timeout_seconds=ANSWER_SECONDS)

    async def buy(self, order: Order, language: Language) -> BuyAnswer:
        """Open the invoice; the same quote is the same order, however often its button is pressed."""
        command = BuyProduct(
            player_id=order.wish.player_id,
            product=order.wish.product,
            currency=order.wish.currency,
            quote_id=order.quote_id,
            surface=f"{_SURFACE}{language}",
        )
        identifier = f"web-buy:{order.quote_id}"
        return await self._asker.ask(command, timeout_seconds=ANSWER_SECONDS, identifier=identifier)

    async def session(self, wish: Wish, purchase_id: UUID, answer: BuyAnswer, expires_at: datetime) -> str:
        """Return the address of Stripe's page for an invoice.

        All that Stripe is told follows from the purchase as it was made, its language too: then asking again, in
        whatever browser, is the same session, and there are not two that could both be paid.
        """
        spoken = answer.surface.removeprefix(_SURFACE)
        language: Language = "en" if spoken == "en" else "de"
        page = f"{self._web_url}/order?purchase={purchase_id}"
        session = await self._stripe.create_session(
            CheckoutOrder(
                purchase_id=str(purchase_id),
                player_id=wish.player_id,
                title=voice(language).product(wish.product),
                amount_minor=answer.amount,
                currency=wish.currency,
                success_url=page,
                cancel_url=f"{page}&back=1",
                expires_at=expires_at + SESSION_OUTLIVES_INVOICE,
                language=language,
            )
        )
        return session.url

    async def bought(self, purchase_id: UUID) -> Bought:
        """Return how a purchase stands."""
        command = ShowPurchase(purchase_id=purchase_id)
        shown = await self._asker.ask(command, timeout_seconds=ANSWER_SECONDS)
        return msgspec.convert(shown, Bought, from_attributes=True)
