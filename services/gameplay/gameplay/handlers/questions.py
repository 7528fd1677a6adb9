"""Taking a question out of play and putting it back: `admin.gameplay.question.disable` and `.enable` (DOMAIN §3)."""

from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from contracts.gameplay import DisableQuestion, EnableQuestion, QuestionSwitched
from gameplay.domain.bank import QuestionSwitch
from gameplay.handlers import actor

LIMITS: Final = {
    "question_id": Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?!\n)$")],
    "reason": Annotated[str, msgspec.Meta(min_length=1, max_length=200)],
}


class QuestionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How the question stands now; `found` is False when the bank has no such question."""

    question_id: str
    found: bool
    enabled: bool = False


@actor.admin("question", "disable", answer=QuestionAnswer, limits=LIMITS)
@actor.on(DisableQuestion)
def disable_question(command: DisableQuestion, switch: QuestionSwitch | None, turn: Turn) -> None:
    """Ask a question no more; rounds that had it still show it. Processes follow within half a minute."""
    _turn_switch(command, switch, turn, enabled=False)


@actor.admin("question", "enable", answer=QuestionAnswer, limits=LIMITS)
@actor.on(EnableQuestion)
def enable_question(command: EnableQuestion, switch: QuestionSwitch | None, turn: Turn) -> None:
    """Undo `disable_question`. A question that ships as disabled stays so."""
    _turn_switch(command, switch, turn, enabled=True)


def _turn_switch(
    command: DisableQuestion | EnableQuestion, switch: QuestionSwitch | None, turn: Turn, *, enabled: bool
) -> None:
    if switch is None:
        turn.reply(QuestionAnswer(question_id=command.question_id, found=False))
        return
    if switch.enabled is not enabled:
        switch.enabled = enabled
        turn.emit(QuestionSwitched(question_id=command.question_id, enabled=enabled, operator=turn.operator))
    turn.reply(QuestionAnswer(question_id=command.question_id, found=True, enabled=enabled))
