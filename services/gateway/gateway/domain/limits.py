"""How fast one player may tap and command, and what one over the limit is told (DOMAIN §11)."""

from enum import Enum

from actors.token_bucket import Rate


class Verdict(Enum):
    """What a limit says to one update."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOTICE = "notice"
    """Over the limit, and the player has not been told for a minute."""
    SILENCE = "silence"


TAPS = Rate(per_second=5, burst=10)
COMMANDS = Rate(per_second=10 / 60, burst=10)
NOTICE_SECONDS = 60
