"""What promo hears of players (DOMAIN §7)."""

from typing import ClassVar

from contracts.message import Command


class RedeemCode(Command, frozen=True, kw_only=True):
    """A player has typed a code; answered by `PremiumRedeemed` or `CodeRefused`.

    The code itself never travels: only what it may be stored under (`contracts.promo.codes`).
    """

    subject: ClassVar[str] = "promo.cmd.{player_id}.redeem_code"
    player_id: int
    fingerprints: tuple[str, ...]
    """One a pepper, the newest first, each 64 hexadecimal digits; none for what was no code at all."""
