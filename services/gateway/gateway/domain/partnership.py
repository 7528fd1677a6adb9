"""Whether a player is a partner, as referrals says (DOMAIN §9): the highest revision is the truth."""

import msgspec

from gateway.domain.chat import Chat, Role


class Partnership(msgspec.Struct):
    """One player's."""

    player_id: int
    revision: int = 0

    def hear(self, revision: int, is_partner: bool, chat: Chat) -> bool:
        """Give the chat the role that follows; True when that is another one. An operator stays one."""
        if revision <= self.revision:
            return False
        self.revision = revision
        role = chat.role if chat.role > Role.PARTNER else Role.PARTNER if is_partner else Role.PLAYER
        is_news = role is not chat.role
        chat.role = role
        return is_news
