"""Performs what the gateway wants Telegram to do, within Telegram's limits, and reads its errors.

Edits and messages that answer a player are not under the limit for unasked messages, but each chat has its pace and
every `retry_after` is obeyed. A call whose outcome is unknown is repeated: rather a message twice than none.
"""

import time
from datetime import datetime, timedelta

import msgspec
import structlog

from actors.effects import Again, Attempt, Done, EffectResult, Failed
from actors.engine.outage import is_outage
from contracts.gateway import MoveRoom
from gateway.domain.effects import AnswerTap, AskWebhook, PushScreen, SendInvoice, ShowScreen
from gateway.domain.internal_commands import RecordHealth, RecordInvoice, RecordScreen, RecordUnreachable, RecordUntold
from gateway.store import MovedRooms, PushPace
from gateway.telegram.bodies import (
    InvoiceMessage,
    Message,
    Nothing,
    Price,
    TapAnswer,
    WebhookInfo,
    message,
    sent_id,
    webhook_info,
)
from gateway.telegram.chat_limits import ChatPace
from gateway.telegram.refusals import (
    OUTAGE_SECONDS,
    is_never_let_in,
    is_not_to_edit,
    is_topic_gone,
    is_unchanged,
    is_unreachable,
    put_off,
)
from gateway.telegram.saying import MessageSender
from gateway.telegram.session import LeanSession, Reply, UnreachableError
from gateway.telegram.taps import tap_took
from gateway.telegram.watch import TapWatch

TAP_SECONDS_MAX = 150
"""Telegram forgets a callback query about then."""
PUSH_SECONDS_MAX = 12 * 3600
"""A reminder that could not be sent for so long is about yesterday."""
WAITING_MAX = 100
"""Screens of one chat that may wait. Of more the oldest are dropped: a flood of one chat, which is answered at the pace
of a chat, must not fill the memory that the screens of all others wait in."""
HEALTH_SECONDS = 300
"""An error of Telegram's side older than this was told of by an earlier check."""

log = structlog.get_logger()


class Sender:
    """Calls the Bot API for the effects."""

    def __init__(
        self, session: LeanSession, *, pushes: PushPace, rooms: MovedRooms, watch: TapWatch, bot_username: str
    ) -> None:
        """Send through `session`.

        `pushes` paces unasked messages, `rooms` knows where groups have moved, `watch` hears of answered taps.
        """
        self._bot_username = bot_username
        self._session = session
        self._speaker = MessageSender(session)
        self._pushes = pushes
        self._rooms = rooms
        self._watch = watch
        self._pace = ChatPace()
        self._push_due_at: datetime | None = None

    async def answer_tap(self, effect: AnswerTap, attempt: Attempt) -> EffectResult:
        """Answer a callback query once; too late is late."""
        self._watch.answered(effect.query_id)
        begun = time.monotonic()
        if (attempt.now - attempt.created_at).total_seconds() > TAP_SECONDS_MAX:
            tap_took(effect, attempt, begun)
            return Failed("too_late")
        body = TapAnswer(effect.query_id, effect.text, effect.alert)
        try:
            reply = await self._session.call("answerCallbackQuery", body)
        except UnreachableError:
            return Again(after_seconds=OUTAGE_SECONDS)
        if (later := put_off(reply)) is not None:
            return later
        tap_took(effect, attempt, begun)
        return self._over(reply, attempt)

    async def show(self, effect: ShowScreen, attempt: Attempt) -> EffectResult:
        """Edit, or send anew where the message cannot be edited (any more)."""
        if attempt.superseded:
            return Done()
        if attempt.behind >= WAITING_MAX:
            return Failed("flood")
        try:
            chat_id = await self._rooms.home(effect.chat_id)
        except Exception as error:
            return _once_postgres_is_back(error)
        # Messages of a group stay behind in it when it moves: they have no ids in the supergroup.
        message_id = effect.message_id if chat_id == effect.chat_id else 0
        wait = self._pace.take(chat_id, attempt.now, edit=message_id != 0)
        if wait > 0:
            return Again(after_seconds=wait)
        try:
            return await self._show(effect, attempt, message(chat_id, effect.text, effect.keyboard, message_id))
        except UnreachableError as error:
            return _once_more(error, attempt)

    async def _show(self, effect: ShowScreen, attempt: Attempt, body: Message) -> EffectResult:
        if body.message_id:
            reply = await self._speaker.say("editMessageText", body)
            if reply.ok or is_unchanged(reply):
                return Done()
            if not (is_not_to_edit(reply) or is_topic_gone(reply) or reply.parameters.migrate_to_chat_id):
                return self._unshown(effect, reply, attempt, body.chat_id)
            body.message_id = 0
        body.message_thread_id = effect.thread_id
        body.disable_notification = effect.is_silent
        reply, moved = await self._post("sendMessage", body)
        if not reply.ok:
            return self._unshown(effect, reply, attempt, body.chat_id)
        return Done(*moved, *_live(effect, reply))

    async def push(self, effect: PushScreen, attempt: Attempt) -> EffectResult:
        """Send an unasked message when its slot has come."""
        if (attempt.now - attempt.created_at).total_seconds() > PUSH_SECONDS_MAX:
            return Failed("too_late")
        try:
            wait = await self._push_wait(attempt.now)
        except Exception as error:
            return msgspec.structs.replace(_once_postgres_is_back(error), pause="all")
        if wait > 0:
            return Again(after_seconds=wait, pause="all")
        body = message(effect.player_id, effect.text, effect.keyboard)
        try:
            reply = await self._speaker.say("sendMessage", body)
        except UnreachableError as error:
            return _once_more(error, attempt)
        if reply.ok:
            return Done()
        result = self._refused(reply, attempt, chat_id=effect.player_id, player_id=effect.player_id)
        return Again(after_seconds=result.after_seconds, pause="all") if isinstance(result, Again) else result

    async def send_invoice(self, effect: SendInvoice, attempt: Attempt) -> EffectResult:
        """Send an invoice in Stars, unless it cannot be paid any more or the same one is to follow."""
        if attempt.superseded:
            return Done()
        if attempt.now >= effect.expires_at:
            return Failed("too_late")
        wait = self._pace.take(effect.player_id, attempt.now)
        if wait > 0:
            return Again(after_seconds=wait)
        body = InvoiceMessage(
            chat_id=effect.player_id,
            title=effect.title,
            description=effect.description,
            payload=effect.payload,
            prices=(Price(effect.title, effect.amount),),
            start_parameter=effect.start_parameter,
            currency="XTR",
            provider_token="",
            message_thread_id=effect.thread_id,
        )
        try:
            reply, _ = await self._post("sendInvoice", body)
        except UnreachableError as error:
            return _once_more(error, attempt)
        if not reply.ok:
            return self._refused(reply, attempt, chat_id=effect.player_id, player_id=effect.player_id)
        message_id = sent_id(reply.result)
        if message_id is None:
            return Done()
        note = RecordInvoice(
            player_id=effect.player_id,
            purchase_id=effect.purchase_id,
            message_id=message_id,
            sent_at=attempt.now,
            thread_id=body.message_thread_id,
        )
        return Done(note)

    async def ask_webhook(self, effect: AskWebhook, attempt: Attempt) -> EffectResult:
        """Ask for the delivery's state; Telegram that cannot be reached is a finding too."""
        pending, problem = 0, ""
        try:
            reply = await self._session.call("getWebhookInfo", Nothing())
            if reply.ok:
                info = webhook_info(reply.result)
                pending, problem = info.pending_update_count, self._recent_error(info, attempt)
            else:
                problem = f"getWebhookInfo: {reply.error_code} {reply.description}"
        except UnreachableError as error:
            problem = str(error)
        except ValueError:
            problem = "getWebhookInfo: a result that is no WebhookInfo"
        note = RecordHealth(
            bot=self._bot_username,
            pending=pending,
            taps=effect.taps,
            unanswered=effect.unanswered,
            last_error=problem,
        )
        return Done(note)

    def _recent_error(self, info: WebhookInfo, attempt: Attempt) -> str:
        """Return what went wrong of late on Telegram's side; empty for nothing."""
        if attempt.now.timestamp() - info.last_error_date > HEALTH_SECONDS:
            return ""
        return self._session.as_said(info.last_error_message) or "getWebhookInfo: an error of which nothing is said"

    async def _push_wait(self, now: datetime) -> float:
        """Return 0 when this process and the others together may send one more, else the seconds to wait."""
        interval = self._pushes.interval_seconds
        if self._push_due_at is not None:
            wait = (self._push_due_at - now).total_seconds()
            if 0 < wait <= interval:
                return wait
        # Taken before the database is asked: the other pushes of this process wait without asking.
        self._push_due_at = now + timedelta(seconds=interval)
        return 0.0 if await self._pushes.take() else interval

    async def _post(self, method: str, body: Message | InvoiceMessage) -> tuple[Reply, tuple[MoveRoom, ...]]:
        """Send a message; return the answer, and that the chat has moved if that came out. Raises UnreachableError.

        A group that became a supergroup is followed there. What a player awaits in a topic that is gone comes outside
        of it. `body` says afterwards where the message went.
        """
        reply = await self._speaker.say(method, body)
        moved: tuple[MoveRoom, ...] = ()
        if body.chat_id < 0 > reply.parameters.migrate_to_chat_id:
            moved = (MoveRoom(chat_id=body.chat_id, moved_to=reply.parameters.migrate_to_chat_id),)
            body.chat_id, body.message_thread_id = reply.parameters.migrate_to_chat_id, 0
            reply = await self._speaker.say(method, body)
        if body.message_thread_id and body.chat_id > 0 and is_topic_gone(reply):
            body.message_thread_id = 0
            reply = await self._speaker.say(method, body)
        return reply, moved

    def _over(self, reply: Reply, attempt: Attempt) -> EffectResult:
        """What a call came to that may come too late, whereupon there is nothing left to do (400)."""
        return Done() if reply.ok or reply.error_code == 400 else self._refused(reply, attempt)

    def _unshown(self, effect: ShowScreen, reply: Reply, attempt: Attempt, chat_id: int) -> EffectResult:
        """What becomes of a screen that was refused in this chat; what nobody asked for was a room's telling."""
        result = self._refused(reply, attempt, chat_id=effect.chat_id, player_id=effect.player_id)
        if effect.player_id == 0 and isinstance(result, Failed):
            return Failed(result.reason, RecordUntold(chat_id=chat_id))
        return result

    def _refused(self, reply: Reply, attempt: Attempt, *, chat_id: int = 0, player_id: int = 0) -> EffectResult:
        """Turn an error of Telegram into what is to be done about it; without a chat for a call that went to none.

        Only the private chat says whether a player can be reached: what a group refuses concerns the group alone. Who
        never opened theirs has not left it: a later first message there finds them as they were.
        """
        if (later := put_off(reply)) is not None:
            return later
        if is_unreachable(reply, chat_id):
            is_private = chat_id == player_id != 0 and not is_never_let_in(reply)
            told = (RecordUnreachable(player_id=player_id, at=attempt.now),) if is_private else ()
            return Failed("unreachable", *told)
        if is_topic_gone(reply):
            # A group's: what was asked in a topic is nothing for all the others.
            return Failed("topic_gone")
        log.error("telegram_refused", code=reply.error_code, description=reply.description, chat_id=chat_id)
        return Failed("refused")


def _live(effect: ShowScreen, reply: Reply) -> tuple[RecordScreen, ...]:
    """Return that a new message with an open round stands in the private chat; the live message is nowhere else."""
    if effect.round_id is None or effect.chat_id != effect.player_id or (sent := sent_id(reply.result)) is None:
        return ()
    return (RecordScreen(player_id=effect.player_id, message_id=sent, round_id=effect.round_id),)


def _once_postgres_is_back(error: Exception) -> Again:
    """Wait for the database, which is asked before Telegram is called: no try is used up. Raises what is no outage."""
    if not is_outage(error):
        raise error
    log.warning("effect_waits_for_postgres", error=f"{type(error).__name__}: {error}")
    return Again(after_seconds=OUTAGE_SECONDS)


def _once_more(error: UnreachableError, attempt: Attempt) -> EffectResult:
    """Repeat a call that nobody answered: rather a message twice than none, but not every two seconds.

    Where it may have taken effect each time (a proxy spoils all answers, say), it is repeated ever more seldom.
    """
    age = (attempt.now - attempt.created_at).total_seconds()
    return Again(after_seconds=max(OUTAGE_SECONDS, age if error.was_sent else 0.0))
