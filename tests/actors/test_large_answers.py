"""Answers that are larger than what NATS carries: pages end before that, and what is too large all the same says so."""

import json
from typing import Any

import pytest
from stage import app

from actors.endpoints import Endpoint

LETTERS = 60


async def _ask(stage: Any, subject: str, **request: Any) -> Any:
    answer = await stage.nc.request(subject, json.dumps(request).encode(), timeout=10)
    return json.loads(answer.data)


async def _put_aside(stage: Any, body: bytes, count: int) -> None:
    await stage.connection.execute(
        "insert into dead_letters (message_id, type_name, subject, headers, body, error, attempts, received_at, state)"
        " select 'm' || n, 'stage.cmd.deposit', 's', '', $1, 'e', 5, now(), 'waiting' from generate_series(1, $2) as n",
        body, count,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"x" * 60_000, b"\xff" * 60_000, b"\x01" * 60_000, b"\x01" * 400_000],
    ids=["text", "no text", "text that JSON escapes", "larger than an answer"],
)
async def test_dead_letters_of_any_size_are_listed_page_by_page(stage: Any, body: bytes) -> None:
    await stage.start()
    await _put_aside(stage, body, LETTERS)
    seen: list[int] = []
    while page := (await _ask(stage, "admin.stage.dead_letter.list.mira", after=max(seen, default=0)))["letters"]:
        seen += [letter["id"] for letter in page]
        assert len(page[0]["body"]) > 1_000
    assert len(seen) == len(set(seen)) == LETTERS


async def test_an_answer_that_nats_does_not_carry_is_an_error_that_says_so(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def huge(request: app.BalanceQuery, endpoint: Endpoint) -> dict[str, str]:
        return {"text": "x" * stage.nc.max_payload}

    service = await stage.start()
    for query in service.engine._endpoints._actor.queries:
        monkeypatch.setattr(type(query), "function", property(lambda _: huge), raising=False)
    answer = await _ask(stage, "query.stage.balance", account="ann")
    assert answer["code"] == 500
    assert "larger than NATS carries" in answer["error"]
    assert "ask for less" in answer["error"]
