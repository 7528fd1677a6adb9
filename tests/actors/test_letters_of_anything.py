"""Dead letters hold whatever a message may hold, and the log can say it."""

import asyncio
import json
from typing import Any

import pytest

from actors.clock import SystemClock
from actors.engine import settlement
from actors.engine.delivery import Delivery
from actors.engine.logs import _render
from actors.storable import headers_of, storable, storable_headers
from contracts.envelope import Envelope
from contracts.message import type_name_of_subject


async def test_dead_letters_hold_whatever_there_is_and_a_refused_one_holds_up_no_other(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways_out = settlement.Settlement("stage", pool, SystemClock())
    strange = "a\x00b\ud800c"
    letters = [
        (_delivery(strange, headers={"x": strange}), ValueError(strange)),
        (_delivery("fine"), _UnsayableError()),
    ]
    keep = ways_out._keep

    async def refusing(some: Any) -> Any:
        if any(delivery.envelope.id == "refused" for delivery, _, _ in some):
            raise ValueError("not this one")
        return await keep(some)

    monkeypatch.setattr(ways_out, "_keep", refusing)
    again: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(settlement, "_UNKEPT_SECONDS", 0.0)
    refused = _delivery("refused")
    notices = await ways_out.unreadable([*letters, (refused, ValueError())], again.set_result)
    assert await asyncio.wait_for(again, 5) is refused
    assert len(notices) == 2
    rows = await pool.fetch("select * from dead_letters order by id")
    assert [row["message_id"] for row in rows] == ["a\ufffdb\ufffdc", "fine"]
    assert rows[0]["subject"] == rows[0]["type_name"] == "a\ufffdb\ufffdc"
    assert headers_of(rows[0]["headers"]) == {"x": strange}
    assert rows[0]["error"] == "ValueError: a\ufffdb\ufffdc"
    assert rows[1]["error"].startswith("_UnsayableError: ")


async def test_a_long_error_is_cut(pool: Any) -> None:
    ways_out = settlement.Settlement("stage", pool, SystemClock())
    await ways_out.unreadable([(_delivery("long"), ValueError("x" * 100_000))], lambda _: None)
    assert await pool.fetchval("select length(error) from dead_letters") == settlement._ERROR_LENGTH_MAX


def test_text_is_made_storable_and_headers_are_kept_as_they_are() -> None:
    assert storable("ä\x00\udcff\U0001f600") == "ä\ufffd\ufffd\U0001f600"
    assert storable("abc", length_max=2) == "ab"
    assert headers_of(storable_headers({"a": "\x00\udcff"})) == {"a": "\x00\udcff"}


def test_a_strange_message_can_be_logged() -> None:
    assert json.loads(_render({"id": "a\udcff"})) == {"id": "a\udcff"}


class _UnsayableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def _delivery(
    text: str, *, headers: dict[str, str] | None = None, body: bytes = b"{", identifier: str = ""
) -> Delivery:
    envelope = Envelope(id=identifier or text, type_name=type_name_of_subject(text), time=SystemClock().now())
    return Delivery(text, headers or {}, body, envelope)
