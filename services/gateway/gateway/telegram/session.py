"""The way to the Bot API: keep-alive connections and JSON bodies.

`call` is for the few methods that every tap needs: a struct in, the bare answer out, over the connections of
`gateway.telegram.wire`. Everything else goes through aiogram's `Bot` and aiohttp's client; only a call with a file
takes aiogram's own way (a form).
"""

import time
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import InputFile
from yarl import URL

from actors.foreign_json import plain_json
from gateway import metrics
from gateway.domain.update import MONEY_IDS
from gateway.telegram.wire import Wire

TIMEOUT_SECONDS = 10.0
CONNECTIONS_MAX = 100
ERROR_CODE_MIN = 400
_HEADERS = {"Content-Type": "application/json"}
_encoder = msgspec.json.Encoder()


class UnreachableError(Exception):
    """The Bot API did not answer: no connection, no answer in time, or one that is none of its own (a proxy's page).

    Whether the call took effect is unknown.
    """


class Parameters(msgspec.Struct, frozen=True):
    """What an error says beyond its text."""

    retry_after: int = 0
    migrate_to_chat_id: int = 0
    """The supergroup that the group which was called has become."""


class Reply(msgspec.Struct):
    """The Bot API's answer to a call, its result not looked into."""

    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()


_reply = msgspec.json.Decoder(Reply)


class LeanSession(AiohttpSession):
    """aiogram's session with JSON bodies and a short way for hot calls."""

    def __init__(self, token: str, api: TelegramAPIServer = PRODUCTION) -> None:
        """Speak to `api` as the bot with this token."""
        super().__init__(api=api, limit=CONNECTIONS_MAX)
        self._token = token
        self._paths: dict[str, str] = {}
        self._wire = Wire(api.base)
        self._lean: aiohttp.ClientSession | None = None

    async def call(self, method: str, body: msgspec.Struct, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Reply:
        """Call a method of the Bot API; errors of Telegram come back as replies. Raises UnreachableError."""
        started = time.perf_counter()
        path = self._paths.get(method)
        if path is None:
            path = self._paths[method] = urlsplit(self.api.api_url(token=self._token, method=method)).path
        try:
            status, content = await self._wire.post(path, _encoder.encode(body), timeout_seconds=timeout_seconds)
        except OSError as error:
            raise _unreachable(method, error) from error
        metrics.api_seconds(method).observe(time.perf_counter() - started)
        try:
            reply = _read(content)
        except ValueError as error:
            raise _unreadable(method, status) from error
        metrics.api_calls(method, "200" if reply.ok else str(reply.error_code)).inc()
        return reply

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Do what aiogram's `Bot` asks for. Raises aiogram's exceptions."""
        files: dict[str, InputFile] = {}
        fields = self.prepare_value(method.model_dump(warnings=False), bot=bot, files=files, _dumps_json=False)
        if files:
            return await super().make_request(bot, method, timeout)
        try:
            status, content = await self._post(
                method.__api_method__, _encoder.encode(fields), float(timeout or self.timeout)
            )
        except UnreachableError as error:
            raise TelegramNetworkError(method=method, message=str(error)) from error
        try:
            _read(content)
            response = self.check_response(bot=bot, method=method, status_code=status, content=content.decode())
        except (ClientDecodeError, ValueError, TypeError):
            # TypeError: aiogram looks into the text of an error that has none. The cause holds the whole answer.
            unreadable = _unreadable(method.__api_method__, status)
            raise TelegramNetworkError(method=method, message=str(unreadable)) from None
        return cast("TelegramType", response.result)

    async def close(self) -> None:
        """Close all connections."""
        self._wire.close()
        if self._lean is not None:
            await self._lean.close()
            self._lean = None
        await super().close()

    async def _post(self, method: str, body: bytes, timeout_seconds: float) -> tuple[int, bytes]:
        url = URL(self.api.api_url(token=self._token, method=method), encoded=True)
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        try:
            async with self._client().post(
                url, data=body, headers=_HEADERS, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _unreachable(method, error) from error

    def _client(self) -> aiohttp.ClientSession:
        if self._lean is None:
            self._lean = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(**self._connector_init, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
                auto_decompress=False,
            )
        return self._lean


def _unreachable(method: str, error: Exception) -> UnreachableError:
    metrics.api_calls(method, "unreachable").inc()
    return UnreachableError(f"{method}: {type(error).__name__}")


def _unreadable(method: str, status: int) -> UnreachableError:
    metrics.api_calls(method, "unreadable").inc()
    return UnreachableError(f"{method}: HTTP {status} with a body that is no answer")


def _read(content: bytes) -> Reply:
    """Return an answer; raises ValueError for what is none: no JSON, no object, an error without its code.

    One character in it that msgspec refuses, in whatever name, must not cost all of it.
    """
    try:
        reply = _reply.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reply = _reply.decode(plain_json(content, keys=MONEY_IDS))
    if not reply.ok and reply.error_code < ERROR_CODE_MIN:
        raise ValueError("an error without a code")
    return reply
