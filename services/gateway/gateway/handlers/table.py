"""The gateway's table of handlers, and what they share."""

from typing import Any

import msgspec

from actors.actor import Actor
from contracts.promo import Peppers
from gateway.domain.chat import Chat
from gateway.domain.registry import Registry
from gateway.domain.room import RoomsMet
from gateway.store import ChatStore, InvoiceStore, PartnershipStore, RoomStore, UpdateLog
from gateway.telegram.watch import TapWatch
from gateway.texts import Texts, Voice

actor = Actor("gateway")
actor.keep(ChatStore(), InvoiceStore(), PartnershipStore(), RoomStore(), UpdateLog())


class UpdateServices(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to understand a player and to answer."""

    bot_username: str
    registry: Registry[Any]
    texts: Texts
    watch: TapWatch
    peppers: Peppers
    """Turn what a player types as a code into what may go on of it."""
    rooms: RoomsMet = msgspec.field(default_factory=RoomsMet)
    support_contact: str = ""
    """How players reach a person about a purchase; empty: in this chat."""

    def voice(self, chat: Chat) -> Voice:
        """Return the texts in a player's language."""
        return self.texts.voice(chat.language)
