"""What the bot tells Telegram about itself when it starts: who it is and its commands, and where updates go."""

import asyncio
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from aiogram.methods import SetWebhook
from aiogram.types import BotCommand

from actors.supervision import Supervised
from gateway.domain.chat import LANGUAGES, Role
from gateway.domain.registry import Registry
from gateway.ingress.polling import ALLOWED_UPDATES
from gateway.settings import WEBHOOK_PATH, GatewaySettings
from gateway.texts import Texts

DEFAULT_LANGUAGE = "en"
"""What a client sees whose language has no list of its own."""
WEBHOOK_CONNECTIONS = 40
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0)
RETRY_SECONDS_MAX = 3600.0
"""Of what an answer asks us to wait. Telegram lets its profile texts be changed a few times a day only."""

WEBHOOK_RETRY_SECONDS_MAX = 60.0
"""Until it is told of the webhook, Telegram may be sending nothing: a wrong answer must not cost an hour."""

log = structlog.get_logger()


class BotProfile:
    """Done in the background and repeated until it succeeds: the gateway works without it."""

    def __init__(self, bot: Bot, *, registry: Registry[Any], texts: Texts, settings: GatewaySettings) -> None:
        """Introduce `bot` with the registry's commands."""
        self._bot = bot
        self._registry = registry
        self._texts = texts
        self._settings = settings
        self._telling = Supervised("introduction", self._run)
        self._trouble = "not tried yet"
        self._webhook_due = settings.updates == "webhook" and bool(settings.webhook_url)

    async def start(self) -> None:
        """Tell Telegram in the background; nobody waits for it."""
        self._telling.start()

    async def stop(self) -> None:
        """Give up if it is not done yet."""
        await self._telling.stop()

    def obstacle(self) -> str:
        """Return that Telegram was not told yet where updates go. It works without what the bot says of itself."""
        return f"the webhook is not set: {self._telling.obstacle() or self._trouble}" if self._webhook_due else ""

    async def introduce(self) -> None:
        """Tell Telegram everything; of the webhook, once. Raises TelegramAPIError."""
        if self._webhook_due:
            is_set = await self._bot.set_webhook(
                url=self._settings.webhook_url.rstrip("/") + WEBHOOK_PATH,
                secret_token=self._settings.webhook_secret.get_secret_value(),
                max_connections=WEBHOOK_CONNECTIONS,
                allowed_updates=list(ALLOWED_UPDATES),
            )
            if is_set is not True:
                raise TelegramAPIError(SetWebhook(url=""), "setWebhook: an answer that does not say that it is set")
            self._webhook_due = False
        await self._speak(DEFAULT_LANGUAGE, None)
        for language in LANGUAGES:
            await self._speak(language, language)

    async def _speak(self, language: str, language_code: str | None) -> None:
        """Tell the commands and who the bot is; without a code, for everyone whose language has no texts."""
        voice = self._texts.voice(language)
        await self._bot.set_my_commands(self._commands(language), language_code=language_code)
        await self._bot.set_my_description(voice.plain("bot-description"), language_code)
        await self._bot.set_my_short_description(voice.plain("bot-short-description"), language_code)

    def _commands(self, language: str) -> list[BotCommand]:
        voice = self._texts.voice(language)
        return [
            BotCommand(command=command.name, description=voice.plain(command.description_key))
            for command in self._registry.visible(Role.PLAYER)
        ]

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                await self.introduce()
            except TelegramAPIError as error:
                wait = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
                if isinstance(error, TelegramRetryAfter):
                    wait = min(
                        max(wait, error.retry_after),
                        WEBHOOK_RETRY_SECONDS_MAX if self._webhook_due else RETRY_SECONDS_MAX,
                    )
                self._trouble = str(error)
                log.warning("introduction_waits", error=str(error), seconds=wait)
                attempt += 1
                await asyncio.sleep(wait)
            else:
                log.info("introduced", commands=len(self._registry.visible(Role.PLAYER)))
                return
