"""An effect that was given up is performed again under its first id, once, and may die again."""

import asyncio
from typing import Any

import pytest
from stage.language import Deposit
from stage.outside import Call, Outside, build, service

from actors.clock import SystemClock
from actors.effects import Attempt, EffectResult
from actors.engine.dead_effects import perform_again
from actors.engine.runtime import running


async def test_a_dead_effect_is_performed_again_under_its_first_id_and_by_one_operator(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.engine.effect_runner.ATTEMPTS_MAX", 1)
    outside = Outside()

    async def fail(call: Call, attempt: Attempt) -> EffectResult:
        raise ConnectionError("the outside is broken")

    async def waits() -> Any:
        return await stage.connection.fetchrow("select * from dead_letters where state = 'waiting'")

    async def noticed() -> bool:
        found = await stage.js.stream_info("STAGE_EVT", subjects_filter="*.evt.*.dead_letter_received")
        return sum((found.state.subjects or {}).values()) == 2

    outside.answer = fail
    async with running(service(outside), stage.settings(), build, clock=SystemClock()) as replica:
        assert replica.engine is not None
        pool = replica.engine._pool
        await stage.send(Deposit(account="kim", amount=1), "d1")
        letter = await stage.until(waits)
        await stage.until(stage.settled)
        operators = [perform_again(pool, letter, f"operator{n}", SystemClock().now()) for n in range(4)]
        assert sorted(map(bool, await asyncio.gather(*operators))) == [False, True, True, True]
        again = await stage.until(waits)
        assert (again["id"], again["resolved_by"]) == (letter["id"], None)
        await stage.until(stage.settled)
        await stage.until(noticed)
    assert len(outside.attempts) == 2
    assert len({attempt.effect_id for attempt in outside.attempts}) == 1
