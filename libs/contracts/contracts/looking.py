"""What any service may answer of what it has: `query.<service>.find` and `query.<service>.story` (DOMAIN §13).

Whoever has something to be found, or a part in a player's money, offers them; a tool asks all who do.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec

FOUND_MAX: Final = 20
"""So many findings at most of one service."""
LINES_MAX: Final = 200
"""So many lines of a story at most of one service, the latest ones."""

PlayerId = Annotated[int, msgspec.Meta(gt=0, le=2**53)]


class FindQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to look for, as a person has it: a name, a player's id, a charge, a purchase, a code, a campaign."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """As it is written; of a name its beginning is enough."""

    @property
    def player_id(self) -> int | None:
        """The text as a player's id; None when it is none."""
        found = int(self.text) if self.text.isascii() and self.text.isdigit() and len(self.text) <= 16 else 0
        return found if 0 < found <= 2**53 else None

    @property
    def uuid(self) -> UUID | None:
        """The text as an id of ours; None when it is none."""
        try:
            return UUID(self.text)
        except ValueError:
            return None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that fits."""

    kind: str
    """`player`, `charge`, `purchase`, `code`, `campaign`, …"""
    id: str
    """What it is known by, at the endpoints too."""
    player_id: int | None = None
    """Whose it is."""
    state: str = ""
    details: str = ""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What one service found; empty when nothing fits."""

    found: tuple[Finding, ...]


class StoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose story to tell: a player's, or that of one payment of theirs."""

    player_id: PlayerId
    purchase_id: UUID | None = None
    """Only what belongs to this purchase; None: all that the service has of the player's money and goods."""
    charge_id: str | None = None
    """Only what belongs to this charge, where it has no purchase."""


class StoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, as the service wrote it down."""

    at: datetime
    what: str
    """A few words: `invoice made`, `money came in`, `goods given`."""
    id: str = ""
    """Of what it happened to: a purchase, a charge, a grant, a redemption."""
    details: str = ""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One service's part, in order of time."""

    lines: tuple[StoryLine, ...]


def told(lines: list[StoryLine]) -> Story:
    """Return a story in order of time, the latest lines where they are too many."""
    return Story(lines=tuple(sorted(lines, key=lambda line: line.at)[-LINES_MAX:]))
