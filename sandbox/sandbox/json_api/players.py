"""Players over HTTP: make them, let them write, tap and block, and read their chats."""

import re
from typing import Any

from aiohttp import web

from sandbox.json_api.fields import FieldError, answer, body_fields, query_number
from sandbox.player_actions import PlayerActions
from sandbox.world.chat import Chat
from sandbox.world.message import message_view
from sandbox.world.state import World

PLAYERS_AT_ONCE_MAX = 100_000
WAIT_SECONDS_MAX = 60.0
TEXT_LENGTH_MAX = 4096
MESSAGE_ID_MAX = 2**53
STARS_MAX = 10**12
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class PlayerRoutes:
    """Handlers of /sandbox/api/players…"""

    def __init__(self, world: World, actions: PlayerActions) -> None:
        self._world = world
        self._actions = actions

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        one = r"/sandbox/api/players/{id:\d+}"
        return [
            web.post("/sandbox/api/players", self.add),
            web.get("/sandbox/api/players", self.list),
            web.post(one + "/send", self.send),
            web.get(one + "/messages", self.messages),
            web.get(one + "/commands", self.commands),
            web.post(one + "/block", self.block),
            web.post(one + "/unblock", self.unblock),
            web.post(one + "/deactivate", self.deactivate),
        ]

    async def add(self, request: web.Request) -> web.Response:
        """Make one player → {id}, or with `count` that many → {ids}; `started` lets the bot write to them at once."""
        fields = await body_fields(request, "first_name", "language_code", "started", "count", "stars")
        name = fields.text("first_name", 64)
        language = fields.text("language_code", 35, "en")
        if not _LANGUAGE.fullmatch(language):
            raise FieldError("language_code", f"not a language tag: {language!r}", 'send one as "de" or "en"')
        started = fields.flag("started", default=False)
        stars: int | None = fields.integer("stars", 0, STARS_MAX, None)
        if "count" not in fields:
            return answer({"id": self._world.add_player(name, language, started=started, stars=stars).id})
        count: int = fields.integer("count", 1, PLAYERS_AT_ONCE_MAX)
        names = [f"{name} {n + 1}" for n in range(count)]
        made = [self._world.add_player(one, language, started=started, stars=stars).id for one in names]
        return answer({"ids": made})

    async def list(self, request: web.Request) -> web.Response:
        """All players, in the order they came; `?limit=` and `?offset=` cut the list."""
        offset = int(query_number(request, "offset", 0, PLAYERS_AT_ONCE_MAX * 100))
        limit = int(query_number(request, "limit", PLAYERS_AT_ONCE_MAX, PLAYERS_AT_ONCE_MAX))
        chats = list(self._world.chats.values())[offset : offset + limit]
        return answer([chat.player.view() for chat in chats])

    async def send(self, request: web.Request) -> web.Response:
        """{text} → {message_id, update_id, at}."""
        fields = await body_fields(request, "text")
        text = fields.text("text", TEXT_LENGTH_MAX).strip()
        if not text:
            raise FieldError("text", "nothing but white space", "send at least one visible character")
        sent = self._actions.say(_player_id(request), text)
        return answer({"message_id": sent.message_id, "update_id": sent.update_id, "at": sent.at})

    async def messages(self, request: web.Request) -> web.Response:
        """Messages with an id above `after` (and a revision above `since`); `wait` seconds until there is one."""
        chat = self._actions.chat(_player_id(request))
        after, since = (int(query_number(request, name, 0, MESSAGE_ID_MAX)) for name in ("after", "since"))
        wait = query_number(request, "wait", 0, WAIT_SECONDS_MAX)
        deadline = self._world.clock.now() + wait
        while not (found := _changed(chat, after, since)):
            left = deadline - self._world.clock.now()
            if left <= 0 or not await chat.changed(left):
                break
        return answer(found or _changed(chat, after, since))

    async def commands(self, request: web.Request) -> web.Response:
        """The command menu this player sees."""
        return answer(self._world.commands.seen_by(self._actions.chat(_player_id(request)).player))

    async def block(self, request: web.Request) -> web.Response:
        """Block the bot → {blocked, update_id}."""
        return answer({"blocked": True, "update_id": self._actions.block(_player_id(request), blocked=True)})

    async def unblock(self, request: web.Request) -> web.Response:
        """Unblock the bot → {blocked, update_id}."""
        return answer({"blocked": False, "update_id": self._actions.block(_player_id(request), blocked=False)})

    async def deactivate(self, request: web.Request) -> web.Response:
        """Delete the player's account: from now on 403 `user is deactivated`."""
        self._actions.deactivate(_player_id(request))
        return answer({"deactivated": True})


def _player_id(request: web.Request) -> int:
    return int(request.match_info["id"])


def _changed(chat: Chat, after: int, since: int) -> list[dict[str, Any]]:
    """Messages that are new or changed; with `since` also those deleted, as `{message_id, deleted, rev}`."""
    found = [message_view(one) for one in chat.messages.values() if one.id > after and one.rev > since]
    if since:
        gone = ((message_id, rev) for message_id, rev in chat.gone.items() if message_id > after and rev > since)
        found += [{"message_id": message_id, "deleted": True, "rev": rev} for message_id, rev in gone]
    return found
