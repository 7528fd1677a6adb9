"""Stripe, by its official SDK: hosted checkout, refunds, and the balance's own book (DOMAIN §6, Stripe).

The SDK is imported when a client is made and not before: a process with Stripe off does not pay for it (0.13 s, 9 MB).
"""

import contextlib
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

import aiohttp
import msgspec
import structlog

from contracts.foreign_text import as_said
from payments.providers import (
    ProviderDeniedError,
    ProviderRefusedError,
    ProviderTransaction,
    ProviderUnavailableError,
    RefundOutcome,
)
from payments.providers.stripe_http import http_client
from payments.providers.stripe_objects import KINDS, UNDER_WAY, Charge, Movement, Refund, Source, transaction

if TYPE_CHECKING:
    import stripe
    from stripe.params import BalanceTransactionListParams, RefundListParams
    from stripe.params.checkout import SessionCreateParams

TIMEOUT_SECONDS: Final = 20.0
_PAGE: Final = 100
_KEY: Final = "key"
"""Where a refund says which asking made it: Stripe forgets an idempotency key after a day, and this never."""
_SETTLED_WITHIN: Final = timedelta(days=30)
"""A bank has taken or refused a refund by then."""

_OF_ANOTHER_KIND: Final = (AttributeError, KeyError, TypeError)
"""What the SDK makes of an answer that is an object, but none of those that were asked for."""

log = structlog.get_logger()


class CheckoutOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer is sent to Stripe for. `expires_at` must be 30 minutes to 24 hours ahead: Stripe's rule.

    The same purchase must always be asked for with the same words: Stripe refuses its key with others.
    """

    purchase_id: str
    player_id: int
    title: str
    amount_minor: int
    currency: str
    success_url: str
    """Where the buyer comes back to; `{CHECKOUT_SESSION_ID}` in it is filled in by Stripe."""
    cancel_url: str
    expires_at: datetime
    language: Literal["de", "en"] = "de"


class CheckoutSession(msgspec.Struct, frozen=True):
    """A checkout that waits for its buyer at `url`."""

    id: str
    url: str


class Refunds(msgspec.Struct, frozen=True, kw_only=True):
    """How the refunds of one payment stand, in minor units."""

    taken: int
    returned: int
    """What has gone back for good."""
    pending: int
    """What a bank has not taken yet; it may still come back."""
    failure: str = ""
    """Why the newest one failed; empty when it did not."""
    returned_at: datetime | None = None


class StripeProvider:
    """One Stripe account. Every method raises ProviderUnavailableError and ProviderRefusedError."""

    def __init__(
        self,
        api_key: str,
        session: aiohttp.ClientSession,
        api_base: str = "https://api.stripe.com",
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Call by `session`, which stays the caller's to close. Nothing is retried here: effects have their own way."""
        self._key = api_key
        sdk = self._sdk = _sdk()
        self._client: stripe.StripeClient = sdk.StripeClient(
            api_key,
            base_addresses={"api": api_base.rstrip("/")},
            http_client=http_client(sdk, session, timeout_seconds),
            max_network_retries=0,
        )

    async def create_session(self, order: CheckoutOrder) -> CheckoutSession:
        """Open the hosted checkout of a purchase; asked for again within a day, it is the same one."""
        with self._clearly():
            session = await self._client.v1.checkout.sessions.create_async(
                _params(order), {"idempotency_key": f"checkout:{order.purchase_id}"}
            )
            if session.url is None:
                raise ProviderRefusedError("session_over", f"the checkout {session.id} is {session.status} already")
            return CheckoutSession(session.id, session.url)

    async def refund(self, payment_intent: str, idempotency_key: str) -> RefundOutcome:
        """Give all the money of a payment back. The same key is the same refund, however late it is asked for again.

        PENDING: a bank takes its time; ask again with this key. ProviderRefusedError also when the bank sent it back.
        """
        try:
            with self._clearly():
                known = await self._refunds(payment_intent)
                made = next((one for one in known if one.metadata.get(_KEY) == idempotency_key), None)
                if made is None:
                    created = await self._client.v1.refunds.create_async(
                        {"payment_intent": payment_intent, "metadata": {_KEY: idempotency_key}},
                        {"idempotency_key": idempotency_key},
                    )
                    made = msgspec.convert(created.to_dict(), Refund)
        except ProviderRefusedError as error:
            if error.code == "charge_already_refunded":
                return await self._outcome_of_others(payment_intent)
            raise
        if made.status == "succeeded":
            return RefundOutcome.REFUNDED
        if made.status in UNDER_WAY:
            return RefundOutcome.PENDING
        why = made.failure_reason or made.status
        raise ProviderRefusedError(f"refund_{made.status}", f"the refund {made.id} is {made.status}: {why}")

    async def refunds_of(self, payment_intent: str) -> Refunds:
        """Return how much of a payment is back, whoever asked for it."""
        with self._clearly():
            paid = await self._client.v1.payment_intents.retrieve_async(payment_intent)
            known = await self._refunds(payment_intent)
        back = [one for one in known if one.status == "succeeded"]
        failed = known[0] if known and known[0].status in ("failed", "canceled") else None
        return Refunds(
            taken=paid.amount_received,
            returned=sum(one.amount for one in back),
            pending=sum(one.amount for one in known if one.status in UNDER_WAY),
            failure="" if failed is None else failed.failure_reason or failed.status,
            returned_at=datetime.fromtimestamp(max(one.created for one in back), UTC) if back else None,
        )

    async def _outcome_of_others(self, payment_intent: str) -> RefundOutcome:
        """Nothing is left to refund: what was there is back, or on its way."""
        found = await self.refunds_of(payment_intent)
        if found.pending:
            return RefundOutcome.PENDING
        if found.returned < found.taken:
            raise ProviderUnavailableError(f"Stripe: a refund of {payment_intent} has just failed")
        return RefundOutcome.ALREADY_REFUNDED

    async def _refunds(self, payment_intent: str) -> list[Refund]:
        """A payment's refunds, the newest first."""
        found = await self._client.v1.refunds.list_async({"payment_intent": payment_intent, "limit": _PAGE})
        return [msgspec.convert(one.to_dict(), Refund) for one in found.data]

    async def transactions_since(self, since: datetime | None) -> AsyncGenerator[ProviderTransaction]:
        """Yield every movement of money from `since` on (None: from the beginning), the newest first.

        A refund is told of once it is settled, so those of the 30 days before `since` are told again. Read to the
        end before a cursor moves on. Movements of the same second as the newest may still be to come.
        """
        asked: BalanceTransactionListParams = {"limit": _PAGE, "expand": ["data.source"]}
        if since is not None:
            asked["created"] = {"gte": int(since.timestamp())}
        charges: dict[str, Charge] = {}
        with self._clearly():
            page = await self._client.v1.balance_transactions.list_async(asked)
            async for found in page.auto_paging_iter():
                row = await self._row(found.to_dict(), charges)
                if row is not None:
                    yield row
            if since is not None:
                async for found in self._settled_since(since):
                    yield found

    async def _settled_since(self, since: datetime) -> AsyncGenerator[ProviderTransaction]:
        """Refunds that were made before `since` and may have been settled after it."""
        asked: RefundListParams = {
            "limit": _PAGE,
            "created": {"gte": int((since - _SETTLED_WITHIN).timestamp()), "lt": int(since.timestamp())},
            "expand": ["data.balance_transaction"],
        }
        charges: dict[str, Charge] = {}
        page = await self._client.v1.refunds.list_async(asked)
        async for found in page.auto_paging_iter():
            row = await self._settled_row(found.to_dict(), charges)
            if row is not None:
                yield row

    async def _row(self, found: dict[str, Any], charges: dict[str, Charge]) -> ProviderTransaction | None:
        """Return a movement on the balance; None for one that is not about a purchase, or that cannot be read."""
        try:
            movement = msgspec.convert(found, Movement)
            if movement.reporting_category not in KINDS or movement.source is None:
                return None
            source = msgspec.convert(movement.source, Source)
            return transaction(movement, source, await self._charge(source, charges)) if source.is_settled else None
        except (ValueError, OverflowError) as error:
            return _passed_over(found, error)

    async def _settled_row(self, found: dict[str, Any], charges: dict[str, Charge]) -> ProviderTransaction | None:
        """Return the movement of a refund that is settled; None for one that is not, or that cannot be read."""
        try:
            refund = msgspec.convert(found, Refund)
            if refund.status in UNDER_WAY or refund.balance_transaction is None:
                return None
            movement = msgspec.convert(refund.balance_transaction, Movement)
            source = msgspec.convert(found, Source)
            return transaction(movement, source, await self._charge(source, charges))
        except (ValueError, OverflowError) as error:
            return _passed_over(found, error)

    async def _charge(self, source: Source, known: dict[str, Charge]) -> Charge:
        """The charge behind a movement: the purchase's own notes are on it, not on its refunds and disputes."""
        if source.charge is None:
            return Charge(source.id, source.payment_intent, source.metadata)
        charge = known.get(source.charge)
        if charge is None:
            found = await self._client.v1.charges.retrieve_async(source.charge)
            charge = known[source.charge] = msgspec.convert(found.to_dict(), Charge)
        return charge

    @contextlib.contextmanager
    def _clearly(self) -> Generator[None]:
        """The SDK's errors as ours: unknown outcome, or no."""
        sdk = self._sdk
        try:
            yield
        except (sdk.APIConnectionError, sdk.RateLimitError, sdk.APIError) as error:
            raise ProviderUnavailableError(f"Stripe: {self._said(_words(error))}") from None
        except sdk.StripeError as error:
            said = error.code or (error.error.type if error.error is not None else None) or type(error).__name__
            code, words = self._said(str(said)), self._said(str(error.user_message or said))
            # The request's id is for Stripe's support; a refusal that is repeated has the same words.
            log.warning("stripe_refused", code=code, request_id=self._said(str(error.request_id)))
            is_denied = isinstance(error, sdk.AuthenticationError | sdk.PermissionError)
            kind = ProviderDeniedError if is_denied else ProviderRefusedError
            raise kind(code, f"Stripe: {words}") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, OverflowError, *_OF_ANOTHER_KIND) as error:
            # The SDK reads the body outside its own net.
            raise ProviderUnavailableError(f"Stripe: {type(error).__name__}") from error

    def _said(self, text: str) -> str:
        """Return words of an error without our key. The error itself is nobody's cause: it holds the whole answer."""
        return as_said(text, secret=self._key)


def _sdk() -> ModuleType:
    """The SDK, imported late. Its telemetry is off: it would keep an id of this machine in the home directory."""
    import stripe

    stripe.enable_telemetry = False
    return stripe


def _passed_over(found: dict[str, Any], error: Exception) -> None:
    """Say that a row of the list cannot be read. It must not keep the others back."""
    log.error("stripe_row_unreadable", row=str(found.get("id")), error=f"{type(error).__name__}: {error}")


def _params(order: CheckoutOrder) -> "SessionCreateParams":
    metadata = {"purchase_id": order.purchase_id, "player_id": str(order.player_id)}
    return {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": order.amount_minor,
                    "product_data": {"name": order.title},
                },
                "quantity": 1,
            }
        ],
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "client_reference_id": order.purchase_id,
        "expires_at": int(order.expires_at.timestamp()),
        "locale": order.language,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }


def _words(error: "stripe.StripeError") -> str:
    return f"{error.user_message or type(error).__name__} (request {error.request_id})"
