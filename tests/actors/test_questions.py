"""A question of one service to another: answered at once, or an error that names what went wrong."""

from typing import Any, ClassVar

import msgspec
import pytest
from stage.app import SPEC

from actors.actor import Actor
from actors.asking import Asker, QueryError
from actors.clock import SystemClock
from actors.deploying.permissions import permissions
from actors.engine.publisher import Publisher
from actors.spec import ServiceSpec
from contracts.message import Query
from contracts.subjects import query_subject


class BalanceAnswer(msgspec.Struct, frozen=True):
    balance: int


class BalanceQuestion(Query[BalanceAnswer], frozen=True, kw_only=True):
    subject: ClassVar[str] = query_subject("stage", "balance")
    account: str | int


class WordsAnswer(msgspec.Struct, frozen=True):
    words: str


class Strange(Query[WordsAnswer], frozen=True, kw_only=True):
    subject: ClassVar[str] = query_subject("stage", "balance")
    account: str


@pytest.fixture
async def asker(stage: Any) -> Asker:
    return Asker(stage.nc, Publisher(stage.nc), clock=SystemClock(), service="other")


async def test_a_question_is_answered_with_what_its_answer_is(stage: Any, asker: Asker) -> None:
    await stage.start()
    assert await asker.query(BalanceQuestion(account="ann"), timeout_seconds=5) == BalanceAnswer(0)


async def test_without_an_answer_it_is_an_error_that_names_the_subject(stage: Any, asker: Asker) -> None:
    with pytest.raises(QueryError, match=r"query\.stage\.balance: NoRespondersError"):
        await asker.query(BalanceQuestion(account="ann"), timeout_seconds=5)
    await stage.start()
    with pytest.raises(QueryError, match=r"query\.stage\.balance: 400 .*account"):
        await asker.query(BalanceQuestion(account=7), timeout_seconds=5)
    with pytest.raises(QueryError, match=r"query\.stage\.balance: the answer does not fit: .*words"):
        await asker.query(Strange(account="ann"), timeout_seconds=5)


async def test_an_answer_that_does_not_come_is_an_error_in_time(stage: Any, asker: Asker) -> None:
    heard = await stage.nc.subscribe("query.stage.balance")
    with pytest.raises(QueryError, match=r"TimeoutError within 0\.05 s"):
        await asker.query(BalanceQuestion(account="ann"), timeout_seconds=0.05)
    await heard.unsubscribe()


def test_a_service_may_put_the_questions_that_it_declares() -> None:
    curious = ServiceSpec(name="curious", actor=Actor("curious"), asks=(BalanceQuestion,))
    asked = {subject for subject in permissions(curious, [SPEC, curious]).publish if subject.startswith("query.")}
    assert asked == {"query.stage.balance"}
    assert not [subject for subject in permissions(SPEC, [SPEC, curious]).publish if subject.startswith("query.")]
