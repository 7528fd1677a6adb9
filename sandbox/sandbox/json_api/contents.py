"""Messages that are more than text, over HTTP: albums, service messages, any fields at all."""

from dataclasses import asdict

from aiohttp import web

from sandbox.contents import SERVICE_KINDS, Contents
from sandbox.json_api.fields import answer, body_fields

ALBUM_MAX = 10
CAPTION_LENGTH_MAX = 1024


class ContentRoutes:
    """Handlers of /sandbox/api/players/{id}/album, /service and /message."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        one = r"/sandbox/api/players/{id:\d+}"
        return [
            web.post(one + "/album", self.album),
            web.post(one + "/service", self.service),
            web.post(one + "/message", self.message),
        ]

    async def album(self, request: web.Request) -> web.Response:
        """{count, caption?, captioned?} → {media_group_id, messages}."""
        fields = await body_fields(request, "count", "caption", "captioned")
        count = fields.integer("count", 2, ALBUM_MAX)
        caption = fields.text("caption", CAPTION_LENGTH_MAX, "")
        captioned = fields.integer("captioned", 1, count, 1)
        group, sent = self._contents.album(_player_id(request), count, caption, captioned)
        return answer({"media_group_id": group, "messages": [asdict(one) for one in sent]})

    async def service(self, request: web.Request) -> web.Response:
        """{what} → {message_id, update_id, at}."""
        fields = await body_fields(request, "what")
        return answer(asdict(self._contents.tell(_player_id(request), fields.choice("what", SERVICE_KINDS))))

    async def message(self, request: web.Request) -> web.Response:
        """{fields} → {message_id, update_id, at}."""
        fields = await body_fields(request, "fields")
        return answer(asdict(self._contents.send(_player_id(request), fields.thing("fields"))))


def _player_id(request: web.Request) -> int:
    return int(request.match_info["id"])
