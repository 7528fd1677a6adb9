"""The way to the Bot API: aiohttp's client with kept connections, and JSON bodies.

`call` is for the few methods that every tap needs: a struct in, the bare answer out. Everything else goes through
aiogram's `Bot`. Nobody is followed elsewhere, and no error says the address: the token is in it.
"""

import time
from collections.abc import AsyncGenerator
from functools import lru_cache
from typing import Any, cast

import aiohttp
import msgspec
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import InputFile
from yarl import URL

from actors.bounded_body import read_bounded
from actors.foreign_json import plain_json
from contracts.foreign_text import as_said
from gateway import metrics
from gateway.domain.update import MONEY_IDS

TIMEOUT_SECONDS = 10.0
PHOTO_SECONDS = 30.0
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 50.0
"""A connection unused for so long is not used again: the server may be closing it at this very moment."""
DNS_SECONDS = 300
ANSWER_BYTES_MAX = 1024 * 1024
"""An answer about one message is a few KiB. Lists of updates may be longer, see `polling`."""
ERROR_CODE_MIN = 400
_HEADERS = {"Content-Type": "application/json"}
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_encoder = msgspec.json.Encoder()


class UnreachableError(Exception):
    """The Bot API did not answer: no connection, no answer in time, or one that is none of its own (a proxy's page).

    Whether the call took effect is unknown, but where the request never left (`was_sent`).
    """

    def __init__(self, what: str, *, was_sent: bool = True) -> None:
        """Say what happened instead of an answer."""
        super().__init__(what)
        self.was_sent = was_sent


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


class LeanSession(BaseSession):
    """aiogram's session with JSON bodies and a short way for hot calls."""

    def __init__(self, token: str, api: TelegramAPIServer = PRODUCTION) -> None:
        """Speak to `api` as the bot with this token."""
        super().__init__(api=api, timeout=TIMEOUT_SECONDS)
        self._token = token
        self._urls: dict[str, URL] = {}
        self._client: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        body: msgspec.Struct,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Reply:
        """Call a method of the Bot API; errors of Telegram come back as replies. Raises UnreachableError."""
        started = time.perf_counter()
        status, content = await self._post(method, _encoder.encode(body), timeout_seconds, bytes_max)
        return self._answer(method, status, content, started)

    def _answer(self, method: str, status: int, content: bytes, started: float) -> Reply:
        """Return what a call was answered, and measure it. Raises UnreachableError for what is no answer."""
        metrics.api_seconds(method).observe(time.perf_counter() - started)
        try:
            reply = self._read(content)
        except ValueError as error:
            raise _unreadable(method, status) from error
        metrics.api_calls(method, "200" if reply.ok else metrics.code_label(reply.error_code)).inc()
        return reply

    async def send_photo(self, chat_id: int, caption: str, picture: bytes) -> Reply:
        """Call sendPhoto with a PNG and a caption in HTML; as `call` otherwise."""
        form = aiohttp.FormData({"chat_id": str(chat_id), "caption": caption, "parse_mode": "HTML"})
        form.add_field("photo", picture, filename="chart.png", content_type="image/png")
        started = time.perf_counter()
        status, content = await self._post("sendPhoto", form, PHOTO_SECONDS)
        return self._answer("sendPhoto", status, content, started)

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Do what aiogram's `Bot` asks for; it sends no files. Raises aiogram's exceptions."""
        files: dict[str, InputFile] = {}
        fields = self.prepare_value(method.model_dump(warnings=False), bot=bot, files=files, _dumps_json=False)
        if files:
            raise ValueError("a file takes a form, which nothing here sends")
        try:
            status, content = await self._post(
                method.__api_method__, _encoder.encode(fields), float(timeout or self.timeout)
            )
        except UnreachableError as error:
            raise TelegramNetworkError(method=method, message=str(error)) from error
        try:
            reply = self._read(content)
            # Of an error aiogram is told what we read of it: it has a text, and none that quotes the token.
            told = content if reply.ok else _encoder.encode(reply)
            response = self.check_response(bot=bot, method=method, status_code=status, content=told.decode())
        except (ClientDecodeError, ValueError):
            # Without its cause, which holds the whole answer.
            unreadable = _unreadable(method.__api_method__, status)
            raise TelegramNetworkError(method=method, message=str(unreadable)) from None
        return cast("TelegramType", response.result)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes]:
        """Download nothing: the gateway has no use for files."""
        raise ValueError("nothing here downloads files")
        yield b""  # makes it the generator that aiogram expects

    def as_said(self, text: str) -> str:
        """Return what Telegram says of an error, fit for logs and rows, and without the token."""
        return as_said(text, secret=self._token)

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _read(self, content: bytes) -> Reply:
        """Return an answer; raises ValueError for what is none: no JSON, no object, an error without its code.

        One character in it that msgspec refuses, in whatever name, must not cost all of it.
        """
        try:
            reply = _reply.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            reply = _reply.decode(plain_json(content, keys=MONEY_IDS))
        if not reply.ok:
            if reply.error_code < ERROR_CODE_MIN:
                raise ValueError("an error without a code")
            reply.description = self.as_said(reply.description)
        return reply

    async def _post(
        self, method: str, body: bytes | aiohttp.FormData, timeout_seconds: float, bytes_max: int = ANSWER_BYTES_MAX
    ) -> tuple[int, bytes]:
        """Return HTTP status and body of an answer, whatever they are. Raises UnreachableError when there is none."""
        url = self._urls.get(method)
        if url is None:
            url = self._urls[method] = URL(self.api.api_url(token=self._token, method=method), encoded=True)
        timeout = _timeout(timeout_seconds)
        client = self._client or self._connect()
        try:
            kind = _HEADERS if isinstance(body, bytes) else None
            async with client.post(url, data=body, headers=kind, timeout=timeout, allow_redirects=False) as response:
                return response.status, await read_bounded(response.content, bytes_max)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            metrics.api_calls(method, "unreachable").inc()
            # Without its cause, whose text may hold the address.
            failed = UnreachableError(f"{method}: {type(error).__name__}", was_sent=not isinstance(error, _NOT_SENT))
            raise failed from None

    def _connect(self) -> aiohttp.ClientSession:
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=DNS_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            auto_decompress=False,
        )
        return self._client


@lru_cache(maxsize=16)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)


def _unreadable(method: str, status: int) -> UnreachableError:
    metrics.api_calls(method, "unreadable").inc()
    return UnreachableError(f"{method}: HTTP {status} with a body that is no answer")
