"""Taps over HTTP: below messages of the private chat and of rooms."""

from dataclasses import dataclass

from aiohttp import web

from sandbox.group_actions import GroupActions
from sandbox.json_api.fields import Fields, answer, body_fields
from sandbox.player_actions import PlayerActions
from sandbox.world.callbacks import Tap
from sandbox.world.state import World

WAIT_SECONDS_MAX = 300.0
TAP_DATA_MAX = 64
ID_MAX = 2**53
_KNOWN = ("message_id", "data", "force", "wait", "timeout")


@dataclass(slots=True, frozen=True)
class _Wish:
    """What the caller asks for; `timeout` is seconds."""

    message_id: int
    data: str
    force: bool
    wait: bool
    timeout: float


class TapRoutes:
    """Handlers of /sandbox/api/players/{id}/tap and /sandbox/api/rooms/{id}/tap."""

    def __init__(self, world: World, actions: PlayerActions, rooms: GroupActions) -> None:
        self._world = world
        self._actions = actions
        self._rooms = rooms

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.post(r"/sandbox/api/players/{id:\d+}/tap", self.in_private),
            web.post(r"/sandbox/api/rooms/{id:-\d+}/tap", self.in_room),
        ]

    async def in_private(self, request: web.Request) -> web.Response:
        """{message_id, data} → {text, show_alert, url} as the bot answered; `wait: false` → the ids at once."""
        wish = self._wish(await body_fields(request, *_KNOWN))
        tap, update_id = self._actions.tap(int(request.match_info["id"]), wish.message_id, wish.data, force=wish.force)
        return await self._answered(wish, tap, update_id)

    async def in_room(self, request: web.Request) -> web.Response:
        """{player_id, message_id, data} → as in the private chat."""
        fields = await body_fields(request, "player_id", *_KNOWN)
        player_id, wish = fields.integer("player_id", 1, ID_MAX), self._wish(fields)
        room_id = int(request.match_info["id"])
        tap, update_id = self._rooms.tap(room_id, player_id, wish.message_id, wish.data, force=wish.force)
        return await self._answered(wish, tap, update_id)

    def _wish(self, fields: Fields) -> _Wish:
        return _Wish(
            fields.integer("message_id", 1, ID_MAX),
            fields.text("data", TAP_DATA_MAX),
            fields.flag("force", default=False),
            fields.flag("wait", default=True),
            fields.number("timeout", 0, WAIT_SECONDS_MAX, self._world.callbacks.answer_seconds),
        )

    async def _answered(self, wish: _Wish, tap: Tap, update_id: int) -> web.Response:
        made = {"callback_query_id": tap.id, "update_id": update_id, "at": tap.made_at}
        if not wish.wait:
            return answer(made)
        answered = await self._actions.answer_of(tap, wish.timeout)
        if answered is None:
            error = f"the bot did not answer the tap within {wish.timeout:g} s"
            return answer({"error": error, "remedy": "is the bot running and answering callbacks?", **made}, 504)
        return answer({**answered, **made})
