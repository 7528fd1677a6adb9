"""What happened, told once: each event holds its object as it was at that moment."""

import copy
import json
from typing import Protocol

from sandbox.stripe.book import Book, Json, new_id

API_VERSION = "2026-10-28.endive"


class EventDelivery(Protocol):
    """Who brings events to the webhook."""

    def enter(self, event: Json) -> None:
        """Take an event for delivery."""
        ...


def shown(entry: Json) -> Json:
    """The object without what this stand-in notes for itself."""
    return {name: value for name, value in entry.items() if not name.startswith("_")}


def body_of(event: Json) -> bytes:
    """The event as it is posted: indented, as Stripe's are, and the same bytes each time."""
    return json.dumps(shown(event), indent=2, ensure_ascii=False).encode()


class Events:
    """Writes events down and hands them to whoever delivers."""

    def __init__(self, book: Book, delivery: EventDelivery) -> None:
        self._book = book
        self._delivery = delivery

    def record(self, kind: str, entry: Json, before: Json | None = None) -> None:
        """Tell that `kind` happened to this object; `before` holds the old values of what changed."""
        data: Json = {"object": copy.deepcopy(shown(entry))}
        if before is not None:
            data["previous_attributes"] = before
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self._book.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self._book.add("events", event)
        self._delivery.enter(event)
