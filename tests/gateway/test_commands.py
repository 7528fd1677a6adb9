"""The table of commands: who may use which, and what opens the links that may follow one."""

from collections.abc import Mapping

import msgspec
import pytest
from tests.gateway.conftest import Desk

from contracts.gameplay import StopGame
from gateway.domain.chat import Role
from gateway.domain.deep_link import parse_deep_link
from gateway.domain.effects import ShowScreen
from gateway.domain.log import UpdateRow
from gateway.domain.registry import Category, Command, Handler, Registry
from gateway.handlers import game
from gateway.handlers.commands import COMMANDS
from gateway.handlers.visit import Visit

STAFF: Registry[Visit] = Registry(
    [*COMMANDS, Command(name="halt", category=Category.OPERATIONS, role=Role.OPERATOR, handler=game.stop)]
)


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """A desk that has a command for operators."""
    desk.services = msgspec.structs.replace(desk.services, registry=STAFF)
    return desk


async def test_a_command_above_a_players_role_is_unknown_to_them(staffed: Desk) -> None:
    decision = await staffed.say("/halt")
    (screen,) = [one for one in decision.effects if isinstance(one, ShowScreen)]
    assert "🤔" in screen.text
    assert "/halt" not in screen.text
    staffed.chat.role = Role.OPERATOR
    assert (await staffed.say("/halt")).only(StopGame)


async def test_an_argument_is_no_link_where_none_is_opened(desk: Desk) -> None:
    decision = await desk.say("/play shop_ENERGY_10")
    (line,) = decision.records
    assert isinstance(line, UpdateRow)
    assert (line.status, line.command) == ("handled", "/play")


def test_every_link_in_the_table_is_one_that_can_be_read() -> None:
    opened: dict[str, Mapping[str, Handler[Visit]]] = {one.name: one.links for one in COMMANDS if one.links}
    assert opened.keys() == {"start"}
    for kind in opened["start"]:
        link = parse_deep_link(f"{kind}_X")
        assert link is not None
        assert link.kind == kind
