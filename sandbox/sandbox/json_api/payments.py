"""Payments over HTTP: players pay, wallets, the charges taken, refunds and chargebacks by hand."""

import asyncio
from itertools import islice

from aiohttp import web

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.invoice_actions import Bill, InvoiceActions, Outcome, wallet_changed
from sandbox.json_api.fields import FieldError, Fields, answer, body_fields, query_number
from sandbox.player_actions import ActionError, PlayerActions
from sandbox.settlement import give_back
from sandbox.world.stars import Charge
from sandbox.world.state import World

ID_MAX = 2**53
STARS_MAX = 10**12
LINK_MAX = 256
ALTERED_MAX = 256
CHARGES_AT_ONCE_MAX = 1_000_000
PAY_FIELDS = ("message_id", "link", "cancel", "payload", "amount", "currency", "as", "force")


async def outcome_of(invoices: InvoiceActions, player_id: int, fields: Fields) -> Outcome:
    """Do what the fields of a `pay` ask for, to its end."""
    bill = _bill(invoices, player_id, fields)
    payer_id: int = fields.integer("as", 1, ID_MAX, player_id)
    if payer_id != player_id and bill.invoice.start_parameter and not fields.flag("force", default=False):
        problem = "a forwarded copy of this invoice is a link to the bot, not a bill: it has a start_parameter"
        raise ActionError(409, problem, 'send "force": true to pay it with a forged client')
    if fields.flag("cancel", default=False):
        return invoices.cancel(payer_id)
    # Shielded: a caller who hangs up does not stop a payment.
    return await asyncio.shield(invoices.begin(payer_id, bill))


class PaymentRoutes:
    """Handlers of /sandbox/api/players/{id}/pay, …/wallet, /sandbox/api/charges… and /sandbox/api/stars."""

    def __init__(self, world: World, updates: UpdateQueue, actions: PlayerActions, invoices: InvoiceActions) -> None:
        self._world = world
        self._updates = updates
        self._actions = actions
        self._invoices = invoices

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        player, charge = r"/sandbox/api/players/{id:\d+}", r"/sandbox/api/charges/{charge_id:[\w-]+}"
        return [
            web.post(player + "/pay", self.pay),
            web.get(player + "/wallet", self.wallet),
            web.post(player + "/wallet", self.fill_wallet),
            web.get("/sandbox/api/stars", self.stars),
            web.get("/sandbox/api/charges", self.charges),
            web.post(charge + "/refund", self.refund),
            web.post(charge + "/chargeback", self.charge_back),
        ]

    async def pay(self, request: web.Request) -> web.Response:
        """{message_id | link, …} → the whole outcome: {paid: true, charge_id, …} or {paid: false, reason, error, …}."""
        fields = await body_fields(request, *PAY_FIELDS)
        return answer(await outcome_of(self._invoices, _player_id(request), fields))

    async def wallet(self, request: web.Request) -> web.Response:
        """The player's wallet → {stars}."""
        return answer({"stars": self._actions.chat(_player_id(request)).player.stars})

    async def fill_wallet(self, request: web.Request) -> web.Response:
        """{add} or {stars} → {stars}: top the wallet up, or set it."""
        fields = await body_fields(request, "add", "stars")
        player = self._actions.chat(_player_id(request)).player
        if ("add" in fields) == ("stars" in fields):
            raise FieldError("stars", "neither or both of add and stars", 'send {"add": 500} or {"stars": 0}')
        added: int = fields.integer("add", 0, STARS_MAX, 0)
        wallet_changed(self._world, player, fields.integer("stars", 0, STARS_MAX, player.stars + added))
        return answer({"stars": player.stars})

    async def stars(self, _request: web.Request) -> web.Response:
        """The bot's side → {balance, charges, paid, refunded, charged_back, transactions}."""
        return answer(self._world.stars.view())

    async def charges(self, request: web.Request) -> web.Response:
        """Every charge ever taken, oldest first; `?player=`, `?offset=` and `?limit=` cut the list."""
        offset, limit = (
            int(query_number(request, name, default, CHARGES_AT_ONCE_MAX))
            for name, default in (("offset", 0), ("limit", CHARGES_AT_ONCE_MAX))
        )
        player_id = int(query_number(request, "player", 0, ID_MAX))
        found = (one for one in self._world.stars.charges.values() if player_id in (0, one.player.id))
        return answer([charge.view() for charge in islice(found, offset, offset + limit)])

    async def refund(self, request: web.Request) -> web.Response:
        """As if Telegram's support had refunded it: row, update, message → {charge_id, update_id, message_id}."""
        settled = give_back(self._world, self._updates, self._paid_charge(request))
        return answer(
            {"charge_id": settled.charge.id, "update_id": settled.update_id, "message_id": settled.message_id}
        )

    async def charge_back(self, request: web.Request) -> web.Response:
        """The store takes the Stars back: only the bot's balance falls → the charge."""
        charge = self._paid_charge(request)
        self._world.stars.charge_back(charge, self._world.clock.now())
        self._world.stats.payments["charged_back"] += 1
        return answer(charge.view())

    def _paid_charge(self, request: web.Request) -> Charge:
        charge_id = request.match_info["charge_id"]
        charge = self._world.stars.charges.get(charge_id)
        if charge is None:
            raise ActionError(404, f"there is no charge {charge_id}", "GET /sandbox/api/charges lists them")
        if charge.state != "paid":
            raise ActionError(409, f"this charge is {charge.state} already", "take one whose state is paid")
        return charge


def _bill(invoices: InvoiceActions, player_id: int, fields: Fields) -> Bill:
    if ("message_id" in fields) == ("link" in fields):
        raise FieldError("message_id", "neither or both of message_id and link", "send the invoice's message_id")
    if "link" in fields:
        bill = invoices.bill_behind(fields.text("link", LINK_MAX))
    else:
        bill = invoices.bill(player_id, fields.integer("message_id", 1, ID_MAX))
    return bill.altered(
        fields.text("payload", ALTERED_MAX, None),
        fields.integer("amount", 1, STARS_MAX, None),
        fields.text("currency", 8, None),
    )


def _player_id(request: web.Request) -> int:
    return int(request.match_info["id"])
