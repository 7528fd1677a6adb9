"""Every provider that takes money for us, behind one resource."""

from typing import TYPE_CHECKING

from contracts.payments import Provider
from payments.providers import ProviderDeniedError, RefundOutcome
from payments.providers.telegram_stars import StarsProvider

if TYPE_CHECKING:
    from payments.providers.stripe_client import Refunds, StripeProvider


class PaymentProviders:
    """Telegram's always, Stripe's when it is switched on."""

    def __init__(self, stars: StarsProvider, stripe: "StripeProvider | None" = None) -> None:
        """`stripe` is None where the web checkout is off."""
        self.stars = stars
        self.stripe = stripe

    async def refund(self, provider: Provider, charge_id: str, player_id: int, key: str) -> RefundOutcome:
        """Give a charge back; money that is back already is back (DOMAIN §6).

        `key` names the wish: asked for again with it, it is the same refund; a new wish after a failure needs a new
        one. Raises ProviderUnavailableError when it is not known whether it happened (ask again),
        ProviderRefusedError when the provider will not do it, ProviderDeniedError when nobody there was asked.
        """
        if provider is Provider.TELEGRAM:
            return await self.stars.refund_star_payment(player_id, charge_id)
        return await self._stripe().refund(charge_id, key)

    async def refunds_of(self, charge_id: str) -> "Refunds":
        """Return how the refunds of a payment at Stripe stand; raises as `refund` does."""
        return await self._stripe().refunds_of(charge_id)

    def _stripe(self) -> "StripeProvider":
        if self.stripe is None:
            raise ProviderDeniedError("stripe_off", "Stripe is switched off here; set STRIPE_API_KEY")
        return self.stripe
