"""Idempotency keys: the first answer is kept for a day and given again; other parameters are refused."""

from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.stripe.errors import StripeError

KEPT_SECONDS = 24 * 3600
KEY_LENGTH_MAX = 255


@dataclass(slots=True, frozen=True)
class Kept:
    """An answer, and what was asked."""

    asked: tuple[str, bytes]
    status: int
    body: bytes
    until: float


class Keys:
    """Answers by key, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Kept] = {}

    def answer(self, key: str, path: str, body: bytes) -> Kept | None:
        """The answer this key got before; a StripeError `idempotency_error` when it asked something else."""
        if len(key) > KEY_LENGTH_MAX:
            raise StripeError(f"Idempotency-Key must be at most {KEY_LENGTH_MAX} characters", kind="idempotency_error")
        self._forget()
        kept = self._kept.get(key)
        if kept is not None and kept.asked != (path, body):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return kept

    def keep(self, key: str, path: str, asked: bytes, status: int, body: bytes) -> None:
        """Remember what a key was answered, and to what: other parameters under it are refused."""
        self._kept[key] = Kept((path, asked), status, body, self._clock.now() + KEPT_SECONDS)

    def _forget(self) -> None:
        now = self._clock.now()
        while self._kept and next(iter(self._kept.values())).until <= now:
            del self._kept[next(iter(self._kept))]
