"""Whatever answers in the Bot API's place, the bot hears again afterwards, and readiness says so meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from tests.gateway.conftest import FakeApi, Homes
from tests.gateway.sender_stage import attempt, screen
from tests.gateway.test_polling import Lock, Stream, poll
from tests.sandbox.telegram_stage import Stage, open_stage

from actors import supervision
from actors.clock import SystemClock
from actors.effects import Again, Done
from gateway.domain.effects import AskWebhook, ShowScreen
from gateway.handlers.commands import COMMANDS
from gateway.ingress import bot_profile, polling
from gateway.ingress.bot_profile import BotProfile
from gateway.ingress.intake import Intake
from gateway.ingress.polling import Polling
from gateway.settings import GatewaySettings
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession
from gateway.texts import Texts

ODD: dict[str, dict[str, Any]] = {
    "a proxy's page": {"do": "raw"},
    "a page that says 200": {"do": "raw", "status": 200},
    "an empty body": {"do": "raw", "status": 200, "body": ""},
    "JSON, but no object": {"do": "raw", "status": 200, "body": "[1]"},
    "an error without a code": {"do": "raw", "body": '{"ok":false}'},
    "a proxy's own JSON": {"do": "raw", "status": 403, "body": '{"ok":false,"error":"forbidden"}'},
    "wrong types": {"do": "raw", "status": 200, "body": '{"ok":1,"result":true}'},
    "another result": {"do": "raw", "status": 200, "body": '{"ok":true,"result":{"a":"b"}}'},
    "an odd error": {"do": "raw", "status": 400, "body": '{"ok":false,"error_code":"x","description":7}'},
    "an error without a description": {"do": "raw", "status": 500, "body": '{"ok":false,"error_code":500}'},
    "a long wait": {
        "do": "raw", "status": 429,
        "body": '{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":1000000}}',
    },
    "no UTF-8": {"do": "raw", "status": 200, "body": "\ud83d"},
    "JSON that breaks off": {"do": "raw", "status": 200, "body": '{"ok":true,"result":[{"upd'},
    "an answer that breaks off": {"do": "cut"},
    "a redirect": {"do": "raw", "status": 302, "body": "", "location": "/elsewhere"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RIVAL_SECONDS", "TROUBLE_SECONDS", "LOCK_RETRY_SECONDS", "RETRY_SECONDS_MAX"):
        monkeypatch.setattr(polling, name, 0.01)
    monkeypatch.setattr(bot_profile, "BACKOFF_SECONDS", (0.01,))
    monkeypatch.setattr(bot_profile, "RETRY_SECONDS_MAX", 0.01)
    monkeypatch.setattr(bot_profile, "WEBHOOK_RETRY_SECONDS_MAX", 0.01)
    monkeypatch.setattr(supervision, "BACKOFF_SECONDS", (0.01,))


@pytest.fixture
async def telegram() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


@pytest.fixture
async def session(telegram: Stage) -> AsyncIterator[LeanSession]:
    lazy_aiogram = LeanSession(telegram.sandbox.settings.bot_token, TelegramAPIServer.from_base(telegram.url))
    yield lazy_aiogram
    await lazy_aiogram.close()


def hits(telegram: Stage) -> list[int]:
    return [fault.hits for fault in telegram.sandbox.faults.all()]


@pytest.mark.parametrize("odd", ODD)
async def test_polling_goes_on(
    telegram: Stage, session: LeanSession, wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    monkeypatch.setattr(polling, "TROUBLE_TOLD_SECONDS", 0.0)
    told: list[str] = []
    for method in ("deleteWebhook", "getUpdates"):
        await telegram.faults({"on": "method", "method": method, "count": 2, **ODD[odd]})
    stream = Stream()
    one = poll(session, stream, Lock())
    await one.start()

    def heard() -> bool:
        told.append(one.obstacle())
        return hits(telegram) == [2, 2]

    await wait_until(heard, "four odd answers")
    await telegram.send(telegram.anna)
    await wait_until(lambda: stream.stored, "an update after them")
    await wait_until(lambda: not one.obstacle(), "no obstacle any more")
    await one.stop()
    assert any(said.startswith("no updates from Telegram: ") for said in told)
    assert telegram.sandbox.settings.bot_token not in "".join(told)


async def test_a_replica_that_waits_for_another_one_has_no_obstacle(
    session: LeanSession, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., Any]
) -> None:
    monkeypatch.setattr(polling, "TROUBLE_TOLD_SECONDS", 0.0)
    lock = Lock(free=False)
    one = poll(session, Stream(), lock)
    await one.start()
    await wait_until(lambda: lock.asked > 2, "the lock asked for")
    assert one.obstacle() == ""
    await one.stop()


async def test_trouble_is_told_when_it_lasts(
    telegram: Stage, session: LeanSession, wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await telegram.faults({"on": "method", "method": "getUpdates", "do": "raw"})
    one = poll(session, Stream(), Lock())
    await one.start()
    await wait_until(lambda: hits(telegram)[0] > 2, "trouble")
    assert one.obstacle() == ""
    monkeypatch.setattr(polling, "TROUBLE_TOLD_SECONDS", 0.0)
    assert one.obstacle() == "no updates from Telegram: getUpdates: HTTP 502 with a body that is no answer"
    await one.stop()


async def test_polling_that_fails_of_a_bug_begins_again(
    telegram: Stage, session: LeanSession, wait_until: Callable[..., Any]
) -> None:
    stream, failures = Stream(), [KeyError("a bug"), RecursionError("another")]

    async def connect() -> Any:
        if failures:
            raise failures.pop()
        return Lock()

    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]
    one = Polling(
        intake, bot=Bot(telegram.sandbox.settings.bot_token, session=session), session=session, connect=connect
    )
    await one.start()
    await wait_until(lambda: one.obstacle() == "polling failed: KeyError", "the second failure")
    await telegram.send(telegram.anna)
    await wait_until(lambda: stream.stored, "an update after the failures")
    await one.stop()


UNSAID = {
    "no result": {"do": "raw", "status": 200, "body": '{"ok":true}'},
    "a result that is false": {"do": "raw", "status": 200, "body": '{"ok":true,"result":false}'},
}


@pytest.mark.parametrize("odd", ODD | UNSAID)
async def test_the_webhook_is_set_in_the_end(
    telegram: Stage, session: LeanSession, texts: Texts, wait_until: Callable[..., Any], odd: str
) -> None:
    token = telegram.sandbox.settings.bot_token
    settings = GatewaySettings.model_validate(
        {
            "nats_url": "nats://x", "postgres_dsn": "postgres://x", "bot_token": token, "bot_username": "b",
            "updates": "webhook", "promo_secret_peppers": "pepper of every test",
            "webhook_secret": "s", "webhook_url": "http://127.0.0.1:9",
        }
    )  # fmt: skip
    faults = (ODD | UNSAID)[odd]
    methods = ("setWebhook", "setMyCommands", "setMyDescription") if odd in ODD else ("setWebhook",)
    for method in methods:
        await telegram.faults({"on": "method", "method": method, "count": 2, **faults})
    one = BotProfile(Bot(token, session=session), registry=COMMANDS, texts=texts, settings=settings)
    assert one.obstacle() == "the webhook is not set: not tried yet"
    told: list[str] = []
    await one.start()

    def done() -> bool:
        told.append(one.obstacle())
        return hits(telegram) == [2] * len(methods) and one._telling._task is not None and one._telling._task.done()

    await wait_until(done, "everything told")
    await one.stop()
    assert telegram.sandbox.updates.webhook.config is not None
    assert told[-1] == ""
    assert token not in "".join(told)
    assert await telegram.call("getMyCommands")


@pytest.mark.parametrize("odd", ODD)
async def test_aiograms_bot_hears_of_a_network_error_without_the_token(
    telegram: Stage, session: LeanSession, odd: str
) -> None:
    token = telegram.sandbox.settings.bot_token
    await telegram.faults({"on": "method", "method": "deleteWebhook", **ODD[odd]})
    if 'error_code":5' in str(ODD[odd].get("body")) or odd == "a long wait":
        return  # the Bot API's own words
    with pytest.raises(TelegramNetworkError) as raised:
        await Bot(token, session=session).delete_webhook()
    assert token not in str(raised.value)


async def test_nobody_elsewhere_is_called(telegram: Stage, session: LeanSession, fake_api: FakeApi) -> None:
    for status in (301, 302, 303, 307, 308):
        where = f"{fake_api.address}/elsewhere"
        await telegram.faults(
            {"on": "method", "do": "raw", "status": status, "location": where, "body": ""}, clear=True
        )
        with pytest.raises(TelegramNetworkError):
            await Bot(telegram.sandbox.settings.bot_token, session=session).delete_webhook()
        assert isinstance(await _sender(session).show(screen(), attempt()), Again)
    assert fake_api.calls == []


def _sender(session: LeanSession) -> Sender:
    nobody: Any = None
    homes: Any = Homes()
    return Sender(session, pushes=nobody, rooms=homes, watch=nobody, bot_username="b")


async def _shown(telegram: Stage, session: LeanSession, *, round_id: Any = None) -> list[Any]:
    """Show a screen until it is done; returns what each try came to."""
    sender, tries = _sender(session), []
    effect: ShowScreen = screen(player_id=telegram.anna, chat_id=telegram.anna, round_id=round_id)
    while not tries or isinstance(tries[-1], Again):
        tries.append(await sender.show(effect, attempt()))
        assert len(tries) < 5
        await asyncio.sleep(0)
    return tries


async def _sent(telegram: Stage) -> int:
    return len([one for one in await telegram.messages(telegram.anna) if one["text"] == "x"])


@pytest.mark.parametrize(("do", "messages"), [("raw", 1), ("cut", 1), ("raw_after", 2), ("cut_after", 2)])
async def test_a_message_whose_answer_is_none_is_sent_again(
    telegram: Stage, session: LeanSession, do: str, messages: int
) -> None:
    await telegram.send(telegram.anna)
    await telegram.faults({"on": "method", "method": "sendMessage", "do": do, "count": 1})
    assert [type(one) for one in await _shown(telegram, session)] == [Again, Done]
    assert await _sent(telegram) == messages, "rather twice than not at all"


@pytest.mark.parametrize("result", ["true", "{}", '{"message_id":"x"}', "null", "[]"])
async def test_a_message_that_was_sent_is_not_sent_again_for_an_odd_result(
    telegram: Stage, session: LeanSession, result: str
) -> None:
    await telegram.send(telegram.anna)
    body = f'{{"ok":true,"result":{result}}}'
    await telegram.faults({"on": "method", "method": "sendMessage", "do": "raw_after", "status": 200, "body": body})
    (shown,) = await _shown(telegram, session, round_id="r")
    assert shown.messages == ()
    assert await _sent(telegram) == 1


@pytest.mark.parametrize("odd", ["a proxy's page", "another result", "wrong types"])
async def test_the_state_of_the_delivery_that_cannot_be_read_is_a_finding(
    telegram: Stage, session: LeanSession, odd: str
) -> None:
    rule = {**ODD[odd], "body": ODD[odd].get("body", "").replace('{"a":"b"}', "[]") or "<html>"}
    await telegram.faults({"on": "method", "method": "getWebhookInfo", **rule})
    found = await _sender(session).ask_webhook(AskWebhook(taps=0, unanswered=0), attempt())
    assert isinstance(found, Done)
    assert found.messages[0].last_error.startswith("getWebhookInfo: ")  # type: ignore[attr-defined]
