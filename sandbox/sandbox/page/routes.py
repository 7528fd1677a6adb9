"""Serves the chat page, its files, uploaded pictures, and its live feed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.bus import Effect
from sandbox.json_api.fields import FieldError, answer
from sandbox.json_api.stream import Line, Outlet, Write, send_events
from sandbox.world.message import message_view
from sandbox.world.state import World

STATIC = Path(__file__).parent / "static"
CHATS_MAX = 12
"""Columns one page can follow."""
ROOMS_MAX = 24
"""Rooms one page can show from the start."""


class PageRoutes:
    """Handlers of / and /sandbox/page…"""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.AbstractRouteDef]:
        """What is served."""
        return [
            web.get("/", self.index),
            web.get("/sandbox/page/bot", self.bot),
            web.get("/sandbox/page/events", self.events),
            web.get("/sandbox/files/{file_id}", self.file),
            web.static("/sandbox/page/static", STATIC),
        ]

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page itself."""
        return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-store"})

    async def bot(self, _request: web.Request) -> web.Response:
        """What the page shows of the bot."""
        settings, texts = self._world.settings, self._world.texts
        found = {language: text for (field, language), text in texts.items() if field == "description"}
        return answer({"username": settings.bot_username, "name": settings.bot_name, "descriptions": found})

    async def file(self, request: web.Request) -> web.Response:
        """An uploaded picture; 404 when it is no longer kept."""
        found = self._world.files.data(request.match_info["file_id"])
        if found is None:
            raise web.HTTPNotFound(text="this picture is no longer kept")
        data, kind = found
        return web.Response(body=data, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events for `?players=1,2`: the newest rooms and each chat as they are, then every change."""
        wanted = _wanted(request)

        def outlet_for(write: Write) -> Outlet:
            outlet = Outlet(_renderer(frozenset(wanted)), write)
            outlet.put({"kind": "hello", "rooms": self._rooms()})
            for player_id in wanted:
                if player_id in self._world.chats:
                    outlet.put(self._snapshot(player_id))
            return outlet

        return await send_events(request, self._world.bus, outlet_for)

    def _rooms(self) -> list[Line]:
        newest = list(self._world.rooms.values())[-ROOMS_MAX:]
        return [{**room.view(), "messages": [message_view(one) for one in room.messages.values()]} for room in newest]

    def _snapshot(self, player_id: int) -> Line:
        chat = self._world.chats[player_id]
        messages = [message_view(message) for message in chat.messages.values()]
        return {"kind": "snapshot", "chat_id": player_id, "player": chat.player.view(), "messages": messages}


def _wanted(request: web.Request) -> list[int]:
    raw = [part for part in request.query.get("players", "").split(",") if part]
    if len(raw) > CHATS_MAX or not all(part.isdigit() for part in raw):
        raise FieldError("players", "not a list of player ids", f"send up to {CHATS_MAX} ids, divided by commas")
    return [int(part) for part in raw]


def _renderer(wanted: frozenset[int]) -> Callable[[Effect], Line | None]:
    """Effects of the watched chats and of all rooms (their ids are below 0), new players, and the bot's own menu."""

    def render(effect: Effect) -> Line | None:
        if effect.chat_id >= 0 and effect.chat_id not in wanted and effect.kind not in ("player", "commands"):
            return None
        line: dict[str, Any] = {"kind": effect.kind, "chat_id": effect.chat_id, "message_id": effect.message_id}
        if effect.extra is not None:
            line["extra"] = effect.extra
        if effect.message is not None:
            line["message"] = message_view(effect.message)
        return line

    return render
