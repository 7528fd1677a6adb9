"""Pre-checkouts: payments decides, Telegram is told in time, whatever breaks on the way (DOMAIN §6)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, TOKEN, FakeApi

from actors.asking import AskTimeoutError
from actors.effects import Attempt, Done, EffectResult, Failed
from actors.engine.publisher import PublishError
from contracts.message import A, Answered, answer_of
from contracts.payments import CheckoutRefusal, CheckPreCheckout
from gateway.domain.effects import AnswerPreCheckout
from gateway.handlers import performing
from gateway.presenter import checkout
from gateway.telegram import precheckout
from gateway.telegram.precheckout import PreCheckoutAnswerer
from gateway.telegram.session import LeanSession
from gateway.texts import Texts, Voice

EFFECT = AnswerPreCheckout(
    player_id=PLAYER, query_id="pc1", payload="sq1:0a", amount=10, currency="XTR", language="en", received_at=NOW
)


class FakeAsker:
    """Payments, as far away as a test likes."""

    def __init__(self) -> None:
        self.answer: Any = {"ok": True}
        self.error: Exception | None = None
        self.silent = False
        self.asked: list[tuple[CheckPreCheckout, float, str | None]] = []

    async def ask(
        self, command: Answered[A], *, timeout_seconds: float, identifier: str | None = None, origin: str = ""
    ) -> A:
        assert isinstance(command, CheckPreCheckout)
        self.asked.append((command, timeout_seconds, identifier))
        if self.silent:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return msgspec.convert(self.answer, answer_of(type(command)))


@pytest.fixture
def asker() -> FakeAsker:
    return FakeAsker()


@pytest.fixture
def desk(session: LeanSession, asker: FakeAsker) -> PreCheckoutAnswerer:
    return PreCheckoutAnswerer(session, asker)


@pytest.fixture
def perform(desk: PreCheckoutAnswerer, texts: Texts) -> Callable[..., Any]:
    voice = texts.voice("en")

    async def performing_it(age: float = 0.0) -> EffectResult:
        now = NOW + timedelta(seconds=age)
        attempt = Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=now, superseded=False)
        return await desk.answer(EFFECT, attempt, lambda reason: checkout.refusal(reason, voice))

    return performing_it


def told(fake_api: FakeApi) -> dict[str, Any]:
    assert fake_api.methods == ["answerPreCheckoutQuery"]
    return fake_api.calls[0][1]


@pytest.fixture
def voice(texts: Texts) -> Voice:
    return texts.voice("en")


async def test_payments_is_asked_what_telegram_asks(
    perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi
) -> None:
    assert isinstance(await perform(age=0.5), Done)
    ((question, seconds, identifier),) = asker.asked
    assert question == CheckPreCheckout(player_id=PLAYER, query_id="pc1", payload="sq1:0a", amount=10, currency="XTR")
    assert identifier == "precheckout:pc1"
    assert 7.0 < seconds <= 7.5
    assert told(fake_api) == {"pre_checkout_query_id": "pc1", "ok": True}


@pytest.mark.parametrize("refusal", list(CheckoutRefusal))
async def test_a_refusal_is_told_in_the_players_words(
    refusal: CheckoutRefusal, perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi, voice: Voice
) -> None:
    asker.answer = {"ok": False, "refusal": refusal.value}
    assert isinstance(await perform(), Done)
    text = voice.plain(f"precheckout-{refusal.value}")
    assert told(fake_api) == {"pre_checkout_query_id": "pc1", "ok": False, "error_message": text}


@pytest.mark.parametrize(
    "error", [PublishError("no stream"), AskTimeoutError("late"), ConnectionError("gone"), RuntimeError("a bug")]
)
async def test_without_an_answer_it_is_no_for_now(
    error: Exception, perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi, voice: Voice
) -> None:
    asker.error = error
    assert isinstance(await perform(), Done)
    assert told(fake_api)["error_message"] == voice.plain("precheckout-later")
    assert told(fake_api)["ok"] is False


@pytest.mark.parametrize("answer", [None, {}, {"ok": "yes"}, ["ok"]])
async def test_an_answer_that_is_none_is_no(
    answer: Any, perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi
) -> None:
    asker.answer = answer
    await perform()
    assert told(fake_api)["ok"] is False


async def test_a_stuck_payments_is_waited_for_until_8_s_after_the_query_came_in(
    perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.silent = True
    monkeypatch.setattr(precheckout, "DECISION_SECONDS", 1.2)
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert isinstance(await perform(age=1.0), Done)
    assert 0.2 <= loop.time() - started < 1.0
    assert told(fake_api)["ok"] is False


async def test_what_comes_up_after_8_s_is_refused_without_asking(
    perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi
) -> None:
    assert isinstance(await perform(age=8.5), Done)
    assert (asker.asked, told(fake_api)["ok"]) == ([], False)


async def test_a_query_that_telegram_has_forgotten_is_left_alone(
    perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi
) -> None:
    result = await perform(age=10.0)
    assert isinstance(result, Failed)
    assert (result.reason, asker.asked, fake_api.calls) == ("too_late", [], [])


async def test_an_answer_that_may_not_have_arrived_is_repeated_as_it_was(
    perform: Callable[..., Any], asker: FakeAsker, fake_api: FakeApi
) -> None:
    fake_api.reply(502, "Bad Gateway")
    fake_api.reply(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert isinstance(await perform(), Done)
    assert len(asker.asked) == 1
    first, second = fake_api.called("answerPreCheckoutQuery")
    assert first == second == {"pre_checkout_query_id": "pc1", "ok": True}


async def test_nothing_is_repeated_after_the_query_is_dead(asker: FakeAsker, monkeypatch: pytest.MonkeyPatch) -> None:
    from aiogram.client.telegram import TelegramAPIServer

    monkeypatch.setattr(precheckout, "QUERY_SECONDS", 0.6)
    nowhere = LeanSession(TOKEN, TelegramAPIServer.from_base("http://127.0.0.1:9"))
    attempt = Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=NOW, superseded=False)
    loop = asyncio.get_running_loop()
    started = loop.time()
    result = await PreCheckoutAnswerer(nowhere, asker).answer(EFFECT, attempt, lambda reason: reason)
    assert isinstance(result, Failed)
    assert result.reason == "too_late"
    assert 0.5 <= loop.time() - started < 2.0
    await nowhere.close()


async def test_the_effect_speaks_the_players_language(
    desk: PreCheckoutAnswerer, asker: FakeAsker, fake_api: FakeApi, texts: Texts
) -> None:
    from tests.gateway.conftest import Desk

    asker.answer = {"ok": False, "refusal": "lapsed"}
    attempt = Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=NOW, superseded=False)
    await performing.perform_answer_pre_checkout(EFFECT, desk, Desk(texts).services, attempt)
    assert told(fake_api)["error_message"] == texts.voice("en").plain("precheckout-lapsed")


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_refusal_has_words_and_silence_has_its_own(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    words = {checkout.refusal(refusal.value, voice) for refusal in CheckoutRefusal}
    assert len(words) == len(CheckoutRefusal)
    later = checkout.refusal("", voice)
    assert later not in words
    assert checkout.refusal("a reason of next year", voice) == later
