"""What the gateway hears and says (DOMAIN §11): Telegram updates made durable, and players' reachability."""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.message import Command, Contract, Event


class TelegramUpdate(Contract, frozen=True, kw_only=True):
    """One Telegram update as it came in, addressed by kind and player. Its id is `tg:<update_id>`."""

    subject: ClassVar[str] = "gateway.update.{kind}.{player_id}"
    update_id: int
    player_id: int
    """Telegram user id of whoever acted; below 0 the id of a group or channel that acted itself; 0 when nobody did."""
    kind: str
    """The field that carries it: `message`, `callback_query`, `my_chat_member`, …"""
    update: msgspec.Raw
    """The update's JSON: byte for byte, unless it had something in it that nobody here could read or keep."""
    received_at: datetime


class TelegramPaymentUpdate(Contract, frozen=True, kw_only=True):
    """An update about money (pre-checkout, successful or refunded payment): never behind taps, never limited."""

    subject: ClassVar[str] = "gateway.payment.{kind}.{player_id}"
    update_id: int
    player_id: int
    kind: str
    update: msgspec.Raw
    received_at: datetime


class MeetRoom(Command, frozen=True, kw_only=True):
    """To itself: somebody who speaks in a group's or channel's name wants something and is to write in private."""

    subject: ClassVar[str] = "gateway.cmd.{chat_id}.meet_room"
    chat_id: int
    thread_id: int = 0
    """The topic they are in; 0 for none."""


class MoveRoom(Command, frozen=True, kw_only=True):
    """To itself: a group became a supergroup and has another id."""

    subject: ClassVar[str] = "gateway.cmd.{chat_id}.move_room"
    chat_id: int
    moved_to: int


class PlayerReachabilityChanged(Event, frozen=True, kw_only=True):
    """A player blocked the bot or came back."""

    subject: ClassVar[str] = "gateway.evt.{player_id}.player_reachability_changed"
    player_id: int
    reachable: bool
    at: datetime


class TelegramUpdatesDegraded(Event, frozen=True, kw_only=True):
    """Updates are late, fail, or go unanswered (DOMAIN §10 `telegram_updates_degraded`)."""

    subject: ClassVar[str] = "gateway.evt.{bot}.telegram_updates_degraded"
    bot: str
    pending: int
    answered_ratio: float
    last_error: str
    at: datetime
