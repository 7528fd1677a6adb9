"""Rooms for tests: making one, and what was last said in it."""

from typing import Any

from telegram_stage import Stage


async def room(stage: Stage, kind: str = "supergroup", **more: Any) -> int:
    return (await stage.api("POST", "rooms", {"title": "Klasse", "type": kind, **more}))["id"]


async def last(stage: Stage) -> dict[str, Any]:
    return (await stage.updates())[-1]
