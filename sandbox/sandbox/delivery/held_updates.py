"""Updates that the fault `hold` keeps back until a script asks for them."""

from typing import Any

from sandbox.delivery.update import Update


class HeldUpdates:
    """Held updates, oldest first. They do not expire here: a day late is what they are kept for."""

    def __init__(self) -> None:
        self._held: list[tuple[Update, float]] = []

    def put(self, update: Update, now: float) -> None:
        """Keep an update that a fault holds back; `now` is Unix time in seconds."""
        self._held.append((update, now))

    def take(self, update_id: int | None, topic: str | None) -> list[Update]:
        """Hand out those with this id and this kind or topic; None means any."""
        taken: list[Update] = []
        left: list[tuple[Update, float]] = []
        for update, held_at in self._held:
            if update_id in (None, update.id) and topic in (None, update.kind, update.topic):
                taken.append(update)
            else:
                left.append((update, held_at))
        self._held = left
        return taken

    def view(self) -> list[dict[str, Any]]:
        """What is kept, as JSON."""
        return [{"update_id": update.id, "kind": update.topic, "held_at": at} for update, at in self._held]
