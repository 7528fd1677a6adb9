"""Tells watchers (chat page, load generators) what happened in a chat. Costs nothing while nobody watches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.world.message import Message

BOT_KINDS = frozenset({"message", "edit", "delete", "answer", "action", "checkout", "paid", "refund"})
"""Effects of Bot API calls. The others (`sent`, `tap`, `player`, `room`, `wallet`, …) come from players."""


@dataclass(slots=True, frozen=True)
class Effect:
    """One visible change: `at` is unix seconds, `message` the message as it is now, `extra` what the kind adds."""

    kind: str
    chat_id: int
    message_id: int
    at: float
    message: Message | None = None
    extra: dict[str, Any] | None = None


class Bus:
    """Synchronous fan-out to the watchers of this process."""

    def __init__(self) -> None:
        self._watchers: list[Callable[[Effect], None]] = []

    def watch(self, watcher: Callable[[Effect], None]) -> Callable[[], None]:
        """Call `watcher` with every effect from now on; the returned function ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def emit(self, effect: Effect) -> None:
        """Hand one effect to every watcher."""
        for watcher in self._watchers:
            watcher(effect)
