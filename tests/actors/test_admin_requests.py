"""An operator's request is made of its command: what is narrower there, fixed, or asked for the audit alone."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

import msgspec
import pytest

from actors.actor import Actor
from actors.endpoints import EndpointError
from actors.testing import asked
from actors.turn import Turn
from contracts.message import Command

Few = Annotated[int, msgspec.Meta(ge=1, le=3)]
Why = Annotated[str, msgspec.Meta(min_length=1)]


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Paint(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "painter.cmd.{wall}.paint"
    wall: str
    colour: Colour
    coats: int = 2
    why: str = ""
    operator: str = ""


def _painter(**terms: Any) -> Actor:
    actor = Actor("painter")

    @actor.admin("wall", "paint", answer=dict[str, bool], **terms)
    @actor.on(Paint)
    def paint(command: Paint, turn: Turn) -> None:
        turn.reply({"painted": True})

    return actor


def test_the_request_is_the_command_and_who_asks_is_no_field_of_it() -> None:
    request, command = asked(_painter(), "wall", "paint", wall="north", colour="RED")
    assert command == Paint(wall="north", colour=Colour.RED, coats=2)
    assert set(request.__struct_fields__) == {"request_id", "wall", "colour", "coats", "why"}
    with pytest.raises(EndpointError, match="operator: leave it out"):
        asked(_painter(), "wall", "paint", wall="north", colour="RED", operator="ben")
    with pytest.raises(ValueError, match=r"^colour: there is no 'PINK'; use one of RED, BLUE$"):
        asked(_painter(), "wall", "paint", wall="north", colour="PINK")


def test_a_limit_narrows_and_takes_away_a_default_that_does_not_fit_it() -> None:
    actor = _painter(limits={"coats": Few, "why": Why})
    with pytest.raises(EndpointError, match="required field `why`"):
        asked(actor, "wall", "paint", wall="north", colour="RED")
    with pytest.raises(EndpointError, match="coats"):
        asked(actor, "wall", "paint", wall="north", colour="RED", why="damp", coats=4)
    assert asked(actor, "wall", "paint", wall="n", colour="RED", why="damp")[1] == Paint(
        wall="n", colour=Colour.RED, coats=2, why="damp"
    )


def test_what_is_fixed_is_not_sent_and_what_is_audited_goes_no_further() -> None:
    actor = _painter(fixed={"colour": Colour.BLUE}, audited={"ticket": str})
    request, command = asked(actor, "wall", "paint", wall="north", ticket="T-1")
    assert (command, getattr(request, "ticket")) == (Paint(wall="north", colour=Colour.BLUE), "T-1")  # noqa: B009
    with pytest.raises(EndpointError, match="unknown field `colour`"):
        asked(actor, "wall", "paint", wall="north", colour="RED", ticket="T-1")


def test_a_check_refuses_with_its_words() -> None:
    actor = _painter(check=lambda command: "coats: more than one" if command.coats < 2 else "")
    with pytest.raises(ValueError, match=r"^coats: more than one$"):
        asked(actor, "wall", "paint", wall="north", colour="RED", coats=1)


@pytest.mark.parametrize("terms", [{"limits": {"coat": Few}}, {"fixed": {"coat": 1}}, {"audited": {"coats": int}}])
def test_terms_that_name_no_field_or_one_twice_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"coats? does not fit the fields of Paint"):
        _painter(**terms)


def test_an_endpoint_stands_above_the_handler_of_its_command() -> None:
    actor = Actor("painter")

    @actor.on(Paint)
    def paint(command: Paint, turn: Turn) -> None: ...

    with pytest.raises(TypeError, match=r"other: put @actor.admin above its @actor.on"):

        @actor.admin("wall", "paint", answer=dict[str, bool])
        def other(command: Paint, turn: Turn) -> None: ...
