"""Groups and channels as such: one that speaks in its own name, and one that becomes a supergroup (decision 31)."""

from typing import Annotated

from actors.store import Key
from actors.turn import Turn
from contracts.gateway import MeetRoom, MoveRoom
from gateway.domain.chat import LANGUAGES
from gateway.domain.effects import SCREEN_PRIORITY, ShowScreen
from gateway.domain.internal_commands import RecordUntold
from gateway.domain.log import Outcome
from gateway.domain.room import Room
from gateway.domain.update import IncomingMessage
from gateway.handlers.table import UpdateServices, actor
from gateway.handlers.visit import Visit
from gateway.presenter import answers


def hear_room(note: IncomingMessage, visit: Visit) -> Outcome:
    """Hand on that an anonymous admin or a channel wants something of us; of a flood, one a minute."""
    if not visit.services.rooms.is_new(note.chat.id, visit.turn.message.id, visit.turn.now):
        return Outcome(status="limited", command="room")
    visit.turn.emit(MeetRoom(chat_id=note.chat.id, thread_id=note.thread_id), origin="")
    return Outcome(command="room")


def hear_move(note: IncomingMessage, visit: Visit) -> Outcome:
    """Hand on that a group is a supergroup from now on. Telegram tells of it twice: in the old chat and in the new."""
    old, new = note.migrate_from_chat_id or note.chat.id, note.migrate_to_chat_id or note.chat.id
    visit.turn.emit(MoveRoom(chat_id=old, moved_to=new), origin="")
    return Outcome(command="moved")


@actor.on(MeetRoom)
def meet_room(meet: MeetRoom, room: Room, services: UpdateServices, turn: Turn) -> None:
    """Show the way to the private chat, once a chat. Nobody has a language there: it is the product's own.

    Told is noted before it is: the effect is of the same transaction, waits out every outage, and takes the note back
    where Telegram refuses it (`note_untold`). Noted afterwards, a flood would be told again and again meanwhile.
    """
    if not room.tell(turn.now):
        return
    screen = answers.room(services.bot_username, services.texts.voice(LANGUAGES[0]))
    turn.perform(
        ShowScreen(
            player_id=0, chat_id=meet.chat_id, thread_id=meet.thread_id, text=screen.text, keyboard=screen.keyboard
        ),
        ordering_key=f"chat:{meet.chat_id}",
        priority=SCREEN_PRIORITY,
    )


@actor.on(RecordUntold)
def note_untold(note: RecordUntold, room: Room) -> None:
    """Let it be told another time: the bot may have the right to write there by then, or the topic be open."""
    del note
    room.untell()


@actor.on(MoveRoom)
def move_room(move: MoveRoom, room: Room, home: Annotated[Room, Key("moved_to")]) -> None:
    """Keep where the group is now, so that what was meant for it goes there."""
    del move  # it names the two
    room.move_to(home)
