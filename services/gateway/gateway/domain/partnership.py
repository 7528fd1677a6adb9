"""Whether a player is a partner, as referrals says (DOMAIN §9): the highest revision is the truth."""

from datetime import datetime

import msgspec

from gateway.domain.chat import Chat, Role


class Partnership(msgspec.Struct):
    """One player's."""

    player_id: int
    revision: int = 0
    payout_told_at: datetime | None = None
    """The change of a payout of which the player was told last; None: of none."""

    def hear_payout(self, changed_at: datetime) -> bool:
        """Note a change of a payout; False for one that is no news. One payout is open at a time, so later is newer."""
        if self.payout_told_at is not None and changed_at <= self.payout_told_at:
            return False
        self.payout_told_at = changed_at
        return True

    def hear(self, revision: int, is_partner: bool, chat: Chat) -> bool:
        """Give the chat the role that follows; True when that is another one. An operator stays one."""
        if revision <= self.revision:
            return False
        self.revision = revision
        role = chat.role if chat.role > Role.PARTNER else Role.PARTNER if is_partner else Role.PLAYER
        is_news = role is not chat.role
        chat.role = role
        return is_news
