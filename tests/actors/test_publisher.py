"""What came of a batch: each message has its own outcome, in order, whatever the others' are."""

import asyncio
from typing import Any

import msgspec
import pytest

from actors.engine.publisher import MAILBOX_FULL_CODE, MailboxFullError, Publisher, PublishError, UnknownOutcomeError

STORED = {"stream": "S", "seq": 1}
FULL = {"error": {"code": 503, "err_code": MAILBOX_FULL_CODE, "description": "maximum messages per subject"}}
WRONG = {"error": {"code": 400, "err_code": 10060, "description": "expected stream does not match"}}


class Answer(msgspec.Struct):
    """What reaches the inbox."""

    subject: str
    data: bytes


class Server:
    """Answers each subject as told, in the order told, once everything has been sent."""

    def __init__(self, answers: list[tuple[str, Any]]) -> None:
        self.answers = answers
        self.inboxes: dict[str, str] = {}
        self.hear: Any = None

    def new_inbox(self) -> str:
        return "_INBOX.x"

    async def subscribe(self, subject: str, cb: Any) -> None:
        assert subject.startswith("_INBOX.x.")
        self.hear = cb

    async def publish(self, subject: str, body: bytes, *, reply: str, headers: dict[str, str]) -> None:
        del body, headers
        if subject == "broken":
            raise ConnectionError("closed")
        self.inboxes[subject] = reply

    async def answer(self) -> None:
        for subject, said in self.answers:
            data = b"" if said is None else msgspec.json.encode(said)
            await self.hear(Answer(self.inboxes[subject], data))


async def publish(server: Server, *subjects: str, timeout_seconds: float = 5.0) -> list[PublishError | None]:
    publisher = Publisher(server, timeout_seconds=timeout_seconds)  # type: ignore[arg-type]
    await publisher.start()
    publishing = asyncio.create_task(publisher.publish([(subject, {}, b"") for subject in subjects]))
    await asyncio.sleep(0)
    await server.answer()
    return await asyncio.wait_for(publishing, 10)


async def test_outcomes_stand_in_the_order_of_the_messages_not_of_the_answers() -> None:
    server = Server([("d", None), ("c", WRONG), ("b", FULL), ("a", STORED)])
    stored, full, wrong, unheard = await publish(server, "a", "b", "c", "d")
    assert stored is None
    assert isinstance(full, MailboxFullError)
    assert type(wrong) is PublishError
    assert "10060" in str(wrong)
    assert "no stream listens" in str(unheard)


async def test_what_is_not_answered_in_time_is_unknown_and_the_others_are_not() -> None:
    first, second = await publish(Server([("b", STORED)]), "a", "b", timeout_seconds=0.05)
    assert isinstance(first, UnknownOutcomeError)
    assert "0.05 s" in str(first)
    assert second is None


async def test_what_could_not_be_sent_is_unknown_and_the_others_go_on() -> None:
    broken, stored = await publish(Server([("a", STORED)]), "broken", "a")
    assert isinstance(broken, UnknownOutcomeError)
    assert stored is None


@pytest.mark.parametrize(("first", "then", "kind"), [(STORED, FULL, type(None)), (FULL, STORED, MailboxFullError)])
async def test_the_first_answer_counts(first: Any, then: Any, kind: type) -> None:
    outcome, _ = await publish(Server([("a", first), ("a", then), ("b", STORED)]), "a", "b")
    assert type(outcome) is kind


async def test_nothing_to_publish_waits_for_nothing() -> None:
    assert await publish(Server([]), timeout_seconds=60) == []


async def test_an_answer_after_the_time_disturbs_nobody() -> None:
    server = Server([])
    assert [type(one) for one in await publish(server, "a", timeout_seconds=0.02)] == [UnknownOutcomeError]
    server.answers = [("a", STORED)]
    await server.answer()
