"""What the gateway wants Telegram to do: kinds of effects, performed at least once, in order within a lane."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from gateway.domain.screen import Keyboard

CHECKOUT_PRIORITY = -1
"""Of its own, so that pre-checkouts that wait for an answer never take the room of answers to taps."""
TAP_PRIORITY = 0
SCREEN_PRIORITY = 1
PUSH_PRIORITY = 9


class AnswerTap(msgspec.Struct, frozen=True, kw_only=True):
    """Answer a callback query. Best effort: a query that Telegram has forgotten counts as answered."""

    query_id: str
    text: str = ""
    alert: bool = False
    tapped_at: datetime | None = None
    """When the tap came in, as far as that is known: how long its answer took is measured from then."""


class ShowScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Edit a message into this screen, or send it as a new one: the answer to something the player did."""

    player_id: int
    chat_id: int
    message_id: int = 0
    """The message to edit; 0 for a new one."""
    thread_id: int = 0
    """The topic that a new message goes to; 0 for none."""
    text: str
    keyboard: Keyboard = ()
    round_id: UUID | None = None
    """The open round on this screen: a new message's id is then kept as the live game message."""
    is_silent: bool = False
    """Whether a new message comes without a sound."""

    @property
    def supersedes(self) -> str:
        """Edits of the same message: only the newest that waits need be sent. Empty for a new message."""
        return f"{self.chat_id}:{self.message_id}" if self.message_id else ""


class CloseBoard(msgspec.Struct, frozen=True, kw_only=True):
    """Change the keyboard of a message that shows a question nobody can answer there any more. Best effort."""

    player_id: int
    """Also the chat: only private chats have games."""
    message_id: int
    keyboard: Keyboard

    @property
    def supersedes(self) -> str:
        """The same board, closed twice."""
        return f"board:{self.player_id}:{self.message_id}"


class PushScreen(msgspec.Struct, frozen=True, kw_only=True):
    """Send a message nobody asked for: a reminder, a gift. Counted against the 28 messages a second (DOMAIN §11)."""

    player_id: int
    text: str
    keyboard: Keyboard = ()


class SendInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """Send an invoice in Stars as a new message: the answer to a tap on a buy button."""

    player_id: int
    purchase_id: UUID
    title: str
    """1-32 characters."""
    description: str
    """1-255 characters."""
    payload: str
    amount: int
    """In Stars."""
    start_parameter: str
    """What a forwarded copy leads to instead of a bill that anyone could pay."""
    expires_at: datetime
    """From then on the invoice cannot be paid, so it need not be sent."""
    thread_id: int = 0
    """The topic that it goes to; 0 for none."""

    @property
    def supersedes(self) -> str:
        """The same invoice, wanted several times: only the newest that waits need be sent."""
        return f"invoice:{self.purchase_id}"


class RemoveMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Take one of the bot's own messages out of a player's chat. What is too old for it loses its buttons."""

    player_id: int
    message_id: int


class SendChart(msgspec.Struct, frozen=True, kw_only=True):
    """Draw what a partner earned by week, and send it as a picture to their private chat."""

    player_id: int
    title: str
    empty: str
    caption: str
    """In Telegram's HTML."""
    weeks: tuple[tuple[date, int, str], ...]
    """The Monday of each week, its Stars, and how they are written; oldest first."""

    @property
    def supersedes(self) -> str:
        """The same picture, wanted several times: only the newest that waits need be sent."""
        return f"chart:{self.player_id}"


class SetCommands(msgspec.Struct, frozen=True, kw_only=True):
    """Show a player the commands of their role in their private chat; those of every player by the bot's own list."""

    player_id: int
    commands: tuple[tuple[str, str], ...]
    """Names and descriptions; none: the bot's own list."""

    @property
    def supersedes(self) -> str:
        """Only the newest that waits counts."""
        return f"commands:{self.player_id}"


class AnswerPreCheckout(msgspec.Struct, frozen=True, kw_only=True):
    """Ask payments whether this may be paid, and tell Telegram, within 10 s of its arrival (DOMAIN §6)."""

    player_id: int
    query_id: str
    payload: str
    amount: int
    currency: str
    language: str
    """Of the refusal, should it be one."""
    received_at: datetime


class AskWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Ask Telegram how the delivery of updates is doing; what is known on this side travels along."""

    taps: int
    unanswered: int
