"""Stars over HTTP that no player pays: the affiliate programme, gifts, fees, withdrawals, and kinds nobody knows."""

from aiohttp import web

from sandbox.json_api.fields import FieldError, answer, body_fields
from sandbox.player_actions import ActionError
from sandbox.world.star_rows import NANOS, Movement, Programme
from sandbox.world.state import World

STARS_MAX = 9_000_000_000
ID_MAX = 256


class StarRoutes:
    """Handlers of /sandbox/api/stars/…"""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.post("/sandbox/api/stars/programme", self.programme),
            web.post("/sandbox/api/stars/rows", self.row),
            web.get("/sandbox/api/stars/gifts", self.gifts),
            web.post(r"/sandbox/api/stars/rows/{id:[\w-]+}/fail", self.fail),
        ]

    async def programme(self, request: web.Request) -> web.Response:
        """{per_mille, gross?} → the same: payments from now on bring an affiliate so much; 0 ends it."""
        fields = await body_fields(request, "per_mille", "gross")
        per_mille: int = fields.integer("per_mille", 0, 999)
        self._world.stars.programme = Programme(per_mille, fields.flag("gross", default=False))
        return answer(self._world.stars.programme.view())

    async def row(self, request: web.Request) -> web.Response:
        """{way: "in" | "out", partner, amount?, nanostar_amount?, id?} → {id}: the balance moves, a row says so."""
        fields = await body_fields(request, "way", "partner", "amount", "nanostar_amount", "id")
        way = fields.choice("way", ("in", "out"))
        amount: int = fields.integer("amount", 0, STARS_MAX, 0)
        nanos = amount * NANOS + fields.integer("nanostar_amount", 0, NANOS - 1, 0)
        if not nanos:
            raise FieldError("amount", "nothing would move", "send amount, nanostar_amount or both")
        stars = self._world.stars
        made = fields.text("id", ID_MAX, None) or stars.new_id()
        signed = nanos if way == "in" else -nanos
        stars.move(Movement(made, self._world.clock.now(), signed, fields.thing("partner")))
        return answer({"id": made})

    async def gifts(self, _request: web.Request) -> web.Response:
        """Premium that the bot gave, oldest first → [{id, player_id, months, stars, text}]."""
        return answer(self._world.stars.gifts)

    async def fail(self, request: web.Request) -> web.Response:
        """A withdrawal comes to nothing → {id}: its Stars are here again, and only its own row says so."""
        row_id, stars = request.match_info["id"], self._world.stars
        found = [one for one in stars.transactions if isinstance(one, Movement) and one.id == row_id and one.nanos < 0]
        if not found or found[0].partner.get("type") != "fragment":
            raise ActionError(404, f"there is no withdrawal {row_id}", "take one whose partner is {type: fragment}")
        if found[0].partner.get("withdrawal_state") == {"type": "failed"}:
            raise ActionError(409, "it has failed already", "take one that has not")
        stars.fail(found[0])
        return answer({"id": row_id})
