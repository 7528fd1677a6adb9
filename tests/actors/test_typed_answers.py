"""What a command is answered by stands at the command or its endpoint, and the handler says no other."""

from typing import ClassVar

import msgspec
import pytest

from actors.actor import Actor
from actors.testing import decide
from actors.turn import Turn
from contracts.message import Answered, Command, answer_of
from contracts.payments import CheckPreCheckout, PreCheckoutAnswer, RecordPayment


class Weight(msgspec.Struct, frozen=True):
    grams: int


class Weigh(Answered[Weight], frozen=True, kw_only=True):
    subject: ClassVar[str] = "scales.cmd.{thing}.weigh"
    thing: str
    right: bool = True


class Empty(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "scales.cmd.{thing}.empty"
    thing: str


def _scales() -> Actor:
    actor = Actor("scales")

    @actor.on(Weigh)
    def weigh(command: Weigh, turn: Turn) -> None:
        turn.reply(Weight(7) if command.right else {"grams": 7})

    return actor


def test_a_command_says_what_it_is_answered_by() -> None:
    assert answer_of(Weigh) is Weight
    assert answer_of(CheckPreCheckout) is PreCheckoutAnswer
    assert answer_of(RecordPayment) is None


async def test_a_handler_answers_with_what_is_declared_and_nothing_else() -> None:
    assert (await decide(_scales(), Weigh(thing="apple"))).replies == [Weight(7)]
    with pytest.raises(TypeError, match=r"the answer is a dict; Weight is declared"):
        await decide(_scales(), Weigh(thing="apple", right=False))


async def test_an_endpoint_declares_the_answer_of_its_command_too() -> None:
    actor = Actor("scales")

    @actor.admin("scales", "empty", answer=Weight)
    @actor.on(Empty)
    def empty(command: Empty, turn: Turn) -> None:
        turn.reply("done")

    with pytest.raises(TypeError, match=r"the answer is a str; Weight is declared"):
        await decide(actor, Empty(thing="bowl"))
    with pytest.raises(TypeError, match=r"Empty is answered by .*str.* here"):
        actor.admin("scales", "clear", answer=str)(empty)
