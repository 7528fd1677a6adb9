"""What tests of the sender say to it, and hear of it."""

from datetime import datetime, timedelta
from typing import Any

from tests.gateway.conftest import NOW, PLAYER

from actors.effects import Again, Attempt, EffectResult, Failed
from gateway.domain.effects import ShowScreen
from gateway.domain.screen import Button

KEYBOARD = ((Button(text="A", callback_data="a"), Button(text="B", url="https://t.me/x")),)


def attempt(*, now: datetime = NOW, age: float = 0, superseded: bool = False, behind: int = 0) -> Attempt:
    created = now - timedelta(seconds=age)
    return Attempt(
        effect_id="e", number=1, ordering_key="l", created_at=created, now=now, superseded=superseded, behind=behind
    )


def screen(**more: Any) -> ShowScreen:
    given: dict[str, Any] = {"player_id": PLAYER, "chat_id": PLAYER, "text": "<b>x</b>", "keyboard": KEYBOARD, **more}
    return ShowScreen(**given)


def again(result: EffectResult) -> Again:
    assert isinstance(result, Again)
    return result


def failed(result: EffectResult) -> Failed:
    assert isinstance(result, Failed)
    return result
