"""Making codes: random characters that nobody misreads, and what a batch must not hold (DOMAIN §7)."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from contracts.promo import CODE_LENGTH_MAX, normalised

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 characters: without I, O, 0 and 1."""
LENGTH: Final = 8
LENGTH_MIN: Final = 6
"""A billion codes: with the throttle, guessing one is hopeless."""
COUNT_MAX: Final = 1_000_000


class BatchError(ValueError):
    """A batch that is not made; the text says why and what to do, and quotes no code."""


class NewCode(msgspec.Struct, frozen=True):
    """A code in clear, on its way into the report and nowhere else."""

    text: str
    """Normalised."""
    player_id: int | None = None
    """Who alone may use it."""


def make(count: int, choice: Callable[[str], str], *, prefix: str = "", length: int = LENGTH) -> list[NewCode]:
    """Return so many different codes: `prefix` and `length` random characters, by a source of secrets such as
    `secrets.choice`. Raises BatchError.
    """
    head = normalised(prefix) if prefix else ""
    if not 1 <= count <= COUNT_MAX:
        raise BatchError(f"count: 1 to {COUNT_MAX}")
    if not LENGTH_MIN <= length <= CODE_LENGTH_MAX - len(head):
        raise BatchError(f"length: {LENGTH_MIN} to {CODE_LENGTH_MAX} characters, together with the prefix")
    if not head.isascii() or (prefix and not head.isalnum()):
        raise BatchError("prefix: letters A-Z and digits only")
    made: dict[str, NewCode] = {}
    while len(made) < count:
        text = head + "".join(choice(ALPHABET) for _ in range(length))
        made[text] = NewCode(text)
    return list(made.values())


def checked(codes: Sequence[tuple[int, NewCode]]) -> list[NewCode]:
    """Return codes that were given line by line; raises BatchError naming the lines of doubles and of what is none."""
    seen: dict[str, int] = {}
    for line, code in codes:
        if not normalised(code.text):
            raise BatchError(f"line {line}: a code has 1 to {CODE_LENGTH_MAX} characters that can be seen")
        first = seen.setdefault(normalised(code.text), line)
        if first != line:
            raise BatchError(f"line {line}: the same code as in line {first}")
    if not 1 <= len(codes) <= COUNT_MAX:
        raise BatchError(f"codes: a batch has 1 to {COUNT_MAX}; split a longer file")
    return [NewCode(normalised(code.text), code.player_id) for _, code in codes]
