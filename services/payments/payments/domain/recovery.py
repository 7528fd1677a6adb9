"""How long money may be on its way before somebody looks after it (DOMAIN §6, recovery, refunds, orphans)."""

from datetime import timedelta

import msgspec


class RecoverySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The waits, in seconds. The rules' own are the defaults; a drill of failures makes them shorter."""

    uncredited_seconds: float = 120
    """A payment that is not credited for so long is credited again."""
    refund_pending_seconds: float = 600
    """A refund that is pending for so long, with nobody working on it, is asked for again."""
    orphan_seconds: float = 86_400
    """Money without a purchase goes back after so long."""
    in_flight_seconds: float = 120
    """What is younger may be known to the provider and not to us, or the other way round, and nothing is wrong."""
    balance_pause_seconds: float = 2
    """Between two looks at a balance that differs from its list, for the list may lag behind."""
    goods_in_flight_seconds: float = 300
    """What was granted or taken back later than that may be on its way to gameplay."""
    goods_pause_seconds: float = 5
    """Between two looks at what gameplay seems not to have."""

    gift_denied_seconds: float = 1_800
    """So long after its call a gift that Telegram's list, even with the balance, has not was not given."""

    @property
    def gift_denied(self) -> timedelta:
        """`gift_denied_seconds` as a span of time."""
        return timedelta(seconds=self.gift_denied_seconds)

    @property
    def uncredited(self) -> timedelta:
        """`uncredited_seconds` as a span of time."""
        return timedelta(seconds=self.uncredited_seconds)

    @property
    def refund_pending(self) -> timedelta:
        """`refund_pending_seconds` as a span of time."""
        return timedelta(seconds=self.refund_pending_seconds)

    @property
    def orphan(self) -> timedelta:
        """`orphan_seconds` as a span of time."""
        return timedelta(seconds=self.orphan_seconds)

    @property
    def in_flight(self) -> timedelta:
        """`in_flight_seconds` as a span of time."""
        return timedelta(seconds=self.in_flight_seconds)

    @property
    def goods_in_flight(self) -> timedelta:
        """`goods_in_flight_seconds` as a span of time."""
        return timedelta(seconds=self.goods_in_flight_seconds)
