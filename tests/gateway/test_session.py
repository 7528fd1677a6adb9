"""The lean session: aiogram's Bot works through it, and importing aiogram leanly breaks none of its models."""

import subprocess
import sys

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter
from aiogram.types import BotCommand
from tests.gateway.conftest import PLAYER, TOKEN, FakeApi

from gateway.domain.chat import Role
from gateway.handlers.commands import COMMANDS
from gateway.ingress.bot_profile import BotProfile
from gateway.settings import GatewaySettings
from gateway.telegram.session import LeanSession
from gateway.texts import Texts


async def test_aiograms_bot_sends_json_and_reads_models(session: LeanSession, fake_api: FakeApi) -> None:
    bot = Bot(TOKEN, session=session)
    message = await bot.send_message(PLAYER, "hi", disable_notification=True)
    assert message.chat.id == PLAYER
    assert fake_api.calls == [("sendMessage", {"chat_id": PLAYER, "text": "hi", "disable_notification": True})]
    assert await bot.set_my_commands([BotCommand(command="play", description="x")])
    assert fake_api.calls[-1][1] == {"commands": [{"command": "play", "description": "x"}]}


async def test_aiograms_errors_come_through(session: LeanSession, fake_api: FakeApi) -> None:
    bot = Bot(TOKEN, session=session)
    fake_api.reply(400, "Bad Request: chat not found")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(PLAYER, "hi")
    fake_api.reply(429, "Too Many Requests", retry_after=3)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(PLAYER, "hi")
    assert caught.value.retry_after == 3
    nowhere = LeanSession(TOKEN, TelegramAPIServer.from_base("http://127.0.0.1:9"))
    with pytest.raises(TelegramNetworkError):
        await Bot(TOKEN, session=nowhere).get_me()
    await nowhere.close()


async def test_the_bot_introduces_itself_in_every_language(
    session: LeanSession, fake_api: FakeApi, texts: Texts
) -> None:
    settings = GatewaySettings.model_validate(
        {
            "nats_url": "nats://x", "postgres_dsn": "postgres://x", "bot_token": TOKEN, "bot_username": "b",
            "updates": "webhook", "promo_secret_peppers": "pepper of every test",
            "webhook_secret": "Good", "webhook_url": "https://example.org/",
        }
    )  # fmt: skip
    bot_profile = BotProfile(Bot(TOKEN, session=session), registry=COMMANDS, texts=texts, settings=settings)
    await bot_profile.introduce()
    (webhook,) = fake_api.called("setWebhook")
    assert webhook["url"] == "https://example.org/webhook/telegram"
    assert webhook["secret_token"] == "Good"
    assert {"callback_query", "pre_checkout_query", "my_chat_member"} <= set(webhook["allowed_updates"])
    commands = {body.get("language_code", ""): body["commands"] for body in fake_api.called("setMyCommands")}
    assert commands.keys() == {"", "de", "en"}
    assert [one["command"] for one in commands["de"]] == [command.name for command in COMMANDS.visible(Role.PLAYER)]
    assert commands["de"] != commands["en"] == commands[""]
    described = {body.get("language_code", ""): body["description"] for body in fake_api.called("setMyDescription")}
    assert "Deutsch üben" in described["de"]
    assert "Practise German" in described["en"] == described[""]
    assert all(len(text) <= 512 for text in described.values())
    short = [body["short_description"] for body in fake_api.called("setMyShortDescription")]
    assert len(short) == 3
    assert all(0 < len(text) <= 120 for text in short)


def test_every_type_of_aiogram_can_still_be_built() -> None:
    """In a process of its own: what is deferred by the lean import must resolve at first use."""
    program = """
import gateway, sys
from aiogram import types, methods
from pydantic import BaseModel
built = 0
for package in (types, methods):
    for name in package.__all__:
        model = getattr(package, name)
        if isinstance(model, type) and issubclass(model, BaseModel) and not model.__abstractmethods__:
            model.model_rebuild(force=True)
            assert model.__pydantic_complete__, name
            built += 1
print(built)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 400
