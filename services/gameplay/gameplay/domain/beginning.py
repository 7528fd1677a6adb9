"""How a player began: what others wait for (DOMAIN §9) and may have missed, so it is kept to be told again."""

from datetime import datetime
from typing import Final

import msgspec

TWENTIETH: Final = 20


class Beginning(msgspec.Struct, frozen=True, gc=False):
    """An answer that may belong to a player's beginning: the first of a Berlin day, or the 20th of all."""

    player_id: int
    at: datetime
    is_first_of_day: bool
    is_twentieth: bool
