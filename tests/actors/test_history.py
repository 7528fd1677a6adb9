"""What a service may look up of what went through it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from stage.language import Deposit, Move

from actors.history import (
    CAUSE_LENGTH_MAX,
    SQL,
    answered,
    count_waiting_effects,
    lanes_with_effects,
    waiting_dead_letters,
)
from contracts.ids import derived_id

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def _heard(stage: Any, *identifiers: str) -> None:
    await stage.connection.execute(
        "insert into inbox (id, handled_at) select id, $2 from unnest($1::text[]) as t (id)", identifiers, NOON
    )


@pytest.mark.parametrize("command", [1, 2, 3, 4, 17])
@pytest.mark.parametrize("event", [1, 4, 5, 12, 250])
async def test_an_answer_is_found_whatever_its_number(stage: Any, command: int, event: int) -> None:
    await _heard(stage, derived_id(derived_id("tg:5", command), event))
    assert await answered(stage.connection, ["tg:4", "tg:5", "tg:50"]) == {"tg:5"}


async def test_what_a_message_led_to_here_is_no_answer_to_it(stage: Any) -> None:
    await _heard(stage, "tg:5", derived_id("tg:5", 1), derived_id(derived_id("tg:51", 1), 1), "tg:5.1/1/1", "tg:50/1")
    assert await answered(stage.connection, ["tg:5", "tg:50", "", "tg:%"]) == set()


async def test_the_longest_cause_still_has_its_answer_found_and_a_longer_one_is_refused(stage: Any) -> None:
    longest = "x" * CAUSE_LENGTH_MAX
    await _heard(stage, derived_id(derived_id(longest, 999_999), 1))
    assert await answered(stage.connection, [longest]) == {longest}
    with pytest.raises(ValueError, match="56 characters"):
        await answered(stage.connection, [longest + "x"])


async def test_answers_are_found_by_the_key_alone(stage: Any) -> None:
    """Taps that wait are asked after four times a second: the inbox of 30 days must not be read for it."""
    await _heard(stage, *(f"tg:{number}/1/1" for number in range(20_000)))
    await stage.connection.execute("analyze inbox")
    plan = await stage.connection.fetch(f"explain {SQL['answered']}", ["tg:5", "tg:6"])
    assert any("Index Cond: ((id >= " in row[0] and "(id < " in row[0] for row in plan), plan


async def test_answers_are_found_whatever_the_database_sorts_by(stage: Any) -> None:
    collation = await stage.connection.fetchval(
        "select collname from pg_attribute join pg_collation on pg_collation.oid = attcollation"
        " where attrelid = 'inbox'::regclass and attname = 'id'"
    )
    assert collation == "C"


async def test_dead_letters_come_page_by_page_as_they_are(stage: Any) -> None:
    for number, (kind, state) in enumerate([("deposit", "waiting"), ("deposit", "replayed"), ("move", "waiting")]):
        await stage.connection.execute(
            "insert into dead_letters"
            " (message_id, type_name, subject, headers, body, error, attempts, received_at, state)"
            " values ($1, $2, 's', '', $3, 'KeyError: boom', 5, $4, $5)",
            f"m{number}", f"stage.cmd.{kind}", b"\xff", NOON, state,
        )  # fmt: skip
    (first,) = await waiting_dead_letters(stage.connection, [Deposit])
    assert (first.message_id, first.body, first.error, first.received_at) == ("m0", b"\xff", "KeyError: boom", NOON)
    both = await waiting_dead_letters(stage.connection, [Deposit, Move])
    assert [letter.message_id for letter in both] == ["m0", "m2"]
    assert await waiting_dead_letters(stage.connection, [Deposit, Move], limit=1) == both[:1]
    assert await waiting_dead_letters(stage.connection, [Deposit, Move], after=first.number) == both[1:]


class Ring(msgspec.Struct):
    """An effect."""


async def _wanted(stage: Any, *effects: tuple[str, str, int]) -> None:
    """Effects of a kind in a lane, so many seconds after noon."""
    for position, (kind, lane, seconds) in enumerate(effects):
        await stage.connection.execute(
            "insert into effects (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at)"
            " values (0, 1, $1, 0, $2, $3, '', '', $4, $4)",
            position, lane, kind, NOON + timedelta(seconds=seconds),
        )  # fmt: skip


async def test_effects_that_wait_are_counted_by_kind_and_time(stage: Any) -> None:
    await _wanted(stage, ("Ring", "l", 0), ("Ring", "l", 5), ("Ring", "l", 10), ("Wring", "l", 5))
    span = {"since": NOON, "before": NOON + timedelta(seconds=10)}
    assert await count_waiting_effects(stage.connection, Ring, **span) == 2


async def test_lanes_in_which_effects_wait_are_told_from_empty_ones(stage: Any) -> None:
    await _wanted(stage, ("Ring", "ann", 0), ("Wring", "ann", 5), ("Ring", "bob", 10))
    assert await lanes_with_effects(stage.connection, ["ann", "kim", "an"]) == {"ann"}
    assert await lanes_with_effects(stage.connection, []) == set()
