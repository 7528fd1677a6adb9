"""What a forger would make Telegram say: payment updates about money that never moved, for attack tests."""

from aiohttp import web

from sandbox.invoice_actions import InvoiceActions
from sandbox.json_api.fields import MISSING, Fields, answer, body_fields
from sandbox.world.invoice import CURRENCY, Invoice
from sandbox.world.stars import Charge, Note
from sandbox.world.state import World

ID_MAX = 2**53
STARS_MAX = 10**12
TEXT_MAX = 256
TIMEOUT_MAX = 60.0


class ForgeRoutes:
    """Handlers of /sandbox/api/forge/…"""

    def __init__(self, world: World, invoices: InvoiceActions) -> None:
        self._world = world
        self._invoices = invoices

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.post("/sandbox/api/forge/pre_checkout_query", self.checkout),
            web.post("/sandbox/api/forge/successful_payment", self.payment),
            web.post("/sandbox/api/forge/refunded_payment", self.refund),
        ]

    async def checkout(self, request: web.Request) -> web.Response:
        """{player_id, payload, amount, currency?, timeout?} → the query and the bot's answer (`ok` null for none)."""
        fields = await body_fields(request, "player_id", "payload", "amount", "currency", "timeout")
        timeout = fields.number("timeout", 0, TIMEOUT_MAX, TIMEOUT_MAX)
        made = await self._invoices.forge_checkout(
            fields.integer("player_id", 1, ID_MAX), _terms(fields, None), timeout
        )
        shown = made.view()
        shown["pre_checkout_query_id"] = shown.pop("id")
        return answer({**shown, "error_message": made.error_message})

    async def payment(self, request: web.Request) -> web.Response:
        """A `successful_payment` → {charge_id, message_id, update_id}; a real charge_id repeats that payment's data."""
        return await self._note(request, refunded=False)

    async def refund(self, request: web.Request) -> web.Response:
        """A `refunded_payment` → {charge_id, message_id, update_id}."""
        return await self._note(request, refunded=True)

    async def _note(self, request: web.Request, *, refunded: bool) -> web.Response:
        fields = await body_fields(request, "player_id", "payload", "amount", "currency", "charge_id")
        charge_id = fields.text("charge_id", TEXT_MAX, None)
        known = self._world.stars.charges.get(charge_id) if charge_id else None
        charge = _charge(self._invoices, fields, charge_id, known)
        settled = self._invoices.forge_note(Note(charge, refunded=refunded))
        return answer({"charge_id": charge.id, "message_id": settled.message_id, "update_id": settled.update_id})


def _charge(invoices: InvoiceActions, fields: Fields, charge_id: str | None, known: Charge | None) -> Charge:
    """The real charge as it is when nothing but its id is given; otherwise one with the given fields."""
    altered = [name for name in ("player_id", "payload", "amount", "currency") if name in fields]
    if known is not None and not altered:
        return known
    player_id: int = fields.integer("player_id", 1, ID_MAX, MISSING if known is None else known.player.id)
    return invoices.forged_charge(player_id, charge_id, _terms(fields, known))


def _terms(fields: Fields, known: Charge | None) -> Invoice:
    """Payload, amount and currency as given, else as the real charge has them."""
    payload = fields.text("payload", TEXT_MAX, MISSING if known is None else known.payload)
    amount = fields.integer("amount", 0, STARS_MAX, MISSING if known is None else known.amount)
    currency = fields.text("currency", 8, CURRENCY if known is None else known.currency)
    return Invoice("forged" if known is None else known.title, "", payload, amount, currency)
