"""Streams that take nothing though NATS is connected: the disk was full when they wrote, they are gone, or denied.

A stream that met a full disk answers nobody any more, also when there is room again, until its server is restarted;
the other streams of the same server go on. So each is judged by what came of publishing to it.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from actors.publish_errors import MailboxFullError, PublishError, UnsendableError
from contracts.subjects import stream_of_subject

STANDS_AFTER_SECONDS: Final = 5.0
"""Publishing has failed for so long, not just once: a stream may have been without a leader for a moment."""
_FORGOTTEN_AFTER_SECONDS: Final = 60.0
"""Nobody has tried again for so long: nothing is known any more. What waits in an outbox is tried every few seconds."""


class Trouble(msgspec.Struct):
    """A stream that took nothing, from the first time on until now."""

    stream: str
    error: str
    since: float
    last: float


class StreamTroubles:
    """Remembers by stream what came of publishing last, as long as it failed."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        """`timer` counts seconds and never goes back."""
        self._timer = timer
        self._troubles: dict[str, Trouble] = {}

    def __bool__(self) -> bool:
        """Whether any stream's last answer was none, or a refusal."""
        return bool(self._troubles)

    def note(self, subjects: Sequence[str], outcomes: Sequence[PublishError | None]) -> None:
        """Note what came of publishing on these subjects."""
        now = self._timer()
        for subject, error in zip(subjects, outcomes, strict=True):
            stream = stream_of_subject(subject)
            if error is None or isinstance(error, MailboxFullError):
                self._troubles.pop(stream, None)
            elif not isinstance(error, UnsendableError):
                trouble = self._troubles.setdefault(stream, Trouble(stream, "", now, now))
                trouble.error, trouble.last = str(error), now

    def forget(self) -> None:
        """NATS is back after it was away: what it did not answer then says nothing."""
        self._troubles.clear()

    def standing(self) -> list[Trouble]:
        """Return the streams that are taken to be broken, by name."""
        now = self._timer()
        for stream in [name for name, one in self._troubles.items() if now - one.last > _FORGOTTEN_AFTER_SECONDS]:
            del self._troubles[stream]
        lasting = (one for one in self._troubles.values() if one.last - one.since >= STANDS_AFTER_SECONDS)
        return sorted(lasting, key=lambda one: one.stream)
