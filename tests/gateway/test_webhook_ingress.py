"""The webhook's door: nothing gets in without the secret, nothing is acknowledged that is not durable."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from hmac import compare_digest

import aiohttp
import msgspec
import pytest
from prometheus_client import REGISTRY
from tests.gateway.conftest import TOKEN

from actors.clock import SystemClock
from actors.engine.publisher import MailboxFullError, PublishError, UnknownOutcomeError
from contracts.gateway import TelegramPaymentUpdate, TelegramUpdate
from contracts.message import decode
from gateway import metrics
from gateway.ingress.gathering import Gathering
from gateway.ingress.intake import GATHER_MAX, Intake, NotDurableError, Taken
from gateway.ingress.webhook import BODY_BYTES_MAX, SECRET_HEADER, WebhookIngress
from gateway.settings import WEBHOOK_PATH, GatewaySettings

SECRET = "a-secret_of-this-test"
MESSAGE = {"update_id": 5, "message": {"message_id": 1, "from": {"id": 7, "first_name": "ü"}, "text": "hi"}}
Published = tuple[str, dict[str, str], bytes]


class FakePublisher:
    """A stream that stores, refuses, or does not answer."""

    def __init__(self) -> None:
        self.stored: list[Published] = []
        self.batches: list[int] = []
        self.error: PublishError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def publish(self, messages: Sequence[Published]) -> list[PublishError | None]:
        self.batches.append(len(messages))
        await self.gate.wait()
        if self.error is None:
            self.stored += messages
        return [self.error] * len(messages)


@pytest.fixture
def stream() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
async def door(stream: FakePublisher) -> AsyncIterator[aiohttp.ClientSession]:
    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]
    webhook = WebhookIngress(intake, secret=SECRET, host="127.0.0.1", port=0)
    await webhook.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{webhook.port}") as client:
        yield client
    await webhook.stop()


async def knock(
    client: aiohttp.ClientSession, body: bytes, *, secret: str | None = SECRET, path: str = WEBHOOK_PATH
) -> aiohttp.ClientResponse:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with client.post(path, data=body, headers=headers) as response:
        return response


def counted(outcome: int) -> float:
    return REGISTRY.get_sample_value("gateway_webhook_seconds_count", {"outcome": str(outcome)}) or 0


async def test_an_update_is_stored_byte_for_byte_before_it_is_acknowledged(
    door: aiohttp.ClientSession, stream: FakePublisher
) -> None:
    raw = b' {"update_id" : 5,\n"message":{"from":{"id":7},"text":"\\u00fc", "unknown":[1,{}]}} '
    stream.gate.clear()
    waiting = asyncio.create_task(knock(door, raw))
    await asyncio.wait({waiting}, timeout=0.2)
    assert not waiting.done()
    stream.gate.set()
    assert (await waiting).status == 200
    ((subject, headers, body),) = stream.stored
    assert subject == "gateway.update.message.7"
    assert headers["ce-id"] == headers["Nats-Msg-Id"] == "tg:5"
    assert (
        bytes(decode(TelegramUpdate, body).update) == raw.strip() or bytes(decode(TelegramUpdate, body).update) == raw
    )


@pytest.mark.parametrize("secret", ["wrong", "", None, SECRET[:-1], SECRET + "x", "sécret", "ключ", SECRET.upper()])
async def test_a_wrong_missing_or_non_ascii_secret_is_401(
    door: aiohttp.ClientSession, stream: FakePublisher, secret: str | None
) -> None:
    before = counted(401)
    response = await knock(door, msgspec.json.encode(MESSAGE), secret=secret)
    assert response.status == 401
    assert counted(401) == before + 1
    assert stream.stored == []


async def test_the_secret_is_compared_in_constant_time(
    door: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, known: bytes) -> bool:
        compared.append((given, known))
        return compare_digest(given, known)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert (await knock(door, msgspec.json.encode(MESSAGE), secret="b")).status == 401
    assert compared == [(b"b", SECRET.encode())]


async def test_raw_bytes_in_the_secret_are_401(door: aiohttp.ClientSession) -> None:
    host = door._base_url
    assert host is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", host.port)
    writer.write(
        f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{SECRET_HEADER}: ".encode()
        + b"\xff\xfe\x80\r\n\r\n{}"
    )
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert status.split()[1] == b"401"


@pytest.mark.parametrize("declared", [True, False])
async def test_more_than_one_mebibyte_is_413(
    door: aiohttp.ClientSession, stream: FakePublisher, declared: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES_MAX // 65536):
            yield b" " * 65536
        yield b" "

    body = b" " * (BODY_BYTES_MAX + 1) if declared else pieces()
    async with door.post(WEBHOOK_PATH, data=body, headers={SECRET_HEADER: SECRET}) as response:
        assert response.status == 413
    assert stream.stored == []


async def test_exactly_one_mebibyte_is_let_in(door: aiohttp.ClientSession, stream: FakePublisher) -> None:
    body = msgspec.json.encode(MESSAGE)
    assert (await knock(door, body + b" " * (BODY_BYTES_MAX - len(body)))).status == 200
    assert len(stream.stored) == 1


GARBAGE = [
    b"", b"null", b"[]", b"42", b'"x"', b"{}", b"{", b"\xff\xfe", b'{"update_id":"1","message":{}}',
    b'{"update_id":-1,"message":{}}', b'{"update_id":1.5,"message":{}}', b'{"update_id":1e400,"message":{}}',
    b'{"message":{"from":{"id":1}}}', b'{"update_id":99999999999999999999999999,"message":{}}', b'{"update_id":1',
]  # fmt: skip


ODD = [
    b'{"update_id":1}', b'{"update_id":1,"message":[]}', b'{"update_id":1,"message":null}',
    b'{"update_id":1,"message":{"from":{"id":"x"}}}', b'{"update_id":1,"message":{"from":{"id":-5}}}',
    b'{"update_id":1,"a.b.>":{}}', b'{"update_id":1,"":{}}', b'{"update_id":1,"message":{}} trailing',
    b'{"update_id":1,"message":{"from":{"id":1}}',
    b'{"update_id":1,"message":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", ODD)
async def test_what_has_an_update_id_is_kept_whatever_else_it_has(
    door: aiohttp.ClientSession, stream: FakePublisher, body: bytes
) -> None:
    assert (await knock(door, body)).status == 200
    ((subject, headers, _),) = stream.stored
    assert subject in ("gateway.update.message.0", "gateway.update.unknown.0")
    assert headers["ce-id"] == "tg:1"


@pytest.mark.parametrize("body", GARBAGE)
async def test_what_is_no_update_is_200_and_counted(
    door: aiohttp.ClientSession, stream: FakePublisher, body: bytes
) -> None:
    refused = metrics.UPDATES_REFUSED.labels("not_an_update")._value
    before = refused.get()
    assert (await knock(door, body)).status == 200
    assert refused.get() == before + 1
    assert stream.stored == []


async def test_other_paths_and_methods(door: aiohttp.ClientSession) -> None:
    assert (await knock(door, b"{}", path="/")).status == 404
    async with door.get(WEBHOOK_PATH, headers={SECRET_HEADER: SECRET}) as response:
        assert response.status == 405


@pytest.mark.parametrize("error", [UnknownOutcomeError("no answer"), PublishError("no stream listens")])
async def test_what_is_not_durable_is_503_with_retry_after(
    door: aiohttp.ClientSession, stream: FakePublisher, error: PublishError
) -> None:
    stream.error = error
    response = await knock(door, msgspec.json.encode(MESSAGE))
    assert response.status == 503
    assert int(response.headers["Retry-After"]) >= 1
    stream.error = None
    assert (await knock(door, msgspec.json.encode(MESSAGE))).status == 200


async def test_a_full_mailbox_is_200_and_counted(door: aiohttp.ClientSession, stream: FakePublisher) -> None:
    refused = metrics.UPDATES_REFUSED.labels("mailbox_full")._value
    before = refused.get()
    stream.error = MailboxFullError("full")
    assert (await knock(door, msgspec.json.encode(MESSAGE))).status == 200
    assert refused.get() == before + 1


async def test_updates_that_arrive_together_leave_together(door: aiohttp.ClientSession, stream: FakePublisher) -> None:
    stream.gate.clear()
    bodies = [msgspec.json.encode({**MESSAGE, "update_id": number}) for number in range(30)]
    waiting = [asyncio.create_task(knock(door, body)) for body in bodies]
    await asyncio.wait(waiting, timeout=0.5)
    stream.gate.set()
    assert {(await one).status for one in waiting} == {200}
    assert len(stream.stored) == 30
    assert len(stream.batches) <= 3


async def test_while_few_come_none_waits(stream: FakePublisher) -> None:
    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]
    for number in range(5):
        assert await intake.take(msgspec.json.encode({**MESSAGE, "update_id": number})) is Taken.STORED
    assert stream.batches == [1] * 5


async def test_the_first_after_a_quiet_time_leaves_at_once_and_the_next_ones_gather(
    stream: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gathering, "seconds", lambda *_: 0.2)
    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]

    def take(number: int) -> asyncio.Task[Taken]:
        return asyncio.create_task(intake.take(msgspec.json.encode({**MESSAGE, "update_id": number})))

    started = time.monotonic()
    assert await take(0) is Taken.STORED
    assert time.monotonic() - started < 0.1
    assert await asyncio.gather(*(take(number) for number in range(1, 6))) == [Taken.STORED] * 5
    assert time.monotonic() - started >= 0.2
    assert stream.batches == [1, 5]


async def test_enough_updates_do_not_wait_for_more(stream: FakePublisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gathering, "seconds", lambda *_: 60.0)
    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]
    bodies = [msgspec.json.encode({**MESSAGE, "update_id": number}) for number in range(1 + GATHER_MAX)]
    assert await intake.take(bodies[0]) is Taken.STORED
    gathering = asyncio.gather(*(intake.take(body) for body in bodies[1:]))
    assert await asyncio.wait_for(gathering, 10) == [Taken.STORED] * GATHER_MAX
    assert stream.batches == [1, GATHER_MAX]


async def test_one_failed_batch_fails_all_its_updates_and_no_other(stream: FakePublisher) -> None:
    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]

    async def broken(messages: Sequence[Published]) -> list[PublishError | None]:
        raise RuntimeError("connection closed")

    stream.publish, working = broken, stream.publish
    with pytest.raises(NotDurableError, match="connection closed"):
        await intake.take(msgspec.json.encode(MESSAGE))
    stream.publish = working
    assert await intake.take(msgspec.json.encode(MESSAGE)) is Taken.STORED


async def test_payments_travel_on_a_subject_of_their_own(door: aiohttp.ClientSession, stream: FakePublisher) -> None:
    update = {"update_id": 8, "pre_checkout_query": {"id": "1", "from": {"id": 9}}}
    assert (await knock(door, msgspec.json.encode(update))).status == 200
    subject, _, body = stream.stored[0]
    assert subject == "gateway.payment.pre_checkout_query.9"
    assert decode(TelegramPaymentUpdate, body).player_id == 9


def _settings(**more: str) -> GatewaySettings:
    given = {
        "nats_url": "nats://x", "postgres_dsn": "postgres://x", "bot_token": TOKEN, "bot_username": "b",
        "promo_secret_peppers": "pepper of every test", **more,
    }  # fmt: skip
    return GatewaySettings.model_validate(given)


def test_a_webhook_without_a_secret_does_not_start(stream: FakePublisher) -> None:
    with pytest.raises(ValueError, match="WEBHOOK_SECRET"):
        _settings(updates="webhook")
    with pytest.raises(ValueError, match="A-Z a-z 0-9"):
        _settings(updates="webhook", webhook_secret="with blank")
    assert _settings(updates="webhook", webhook_secret="Good-1_x").updates == "webhook"
    assert _settings(updates="polling").webhook_secret.get_secret_value() == ""
    with pytest.raises(ValueError, match="without a secret"):
        WebhookIngress(Intake(stream, SystemClock()), secret="", host="127.0.0.1", port=0)  # type: ignore[arg-type]
