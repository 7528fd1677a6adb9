"""Who loads a read model: itself, or a resource that is handed in."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import pytest
from stage.language import Deposit

from actors.actor import Actor
from actors.clock import SystemClock
from actors.engine.delivery import local
from actors.engine.turns import Turns
from actors.store import Connection, Key, ReadModel
from actors.turn import Turn
from contracts.envelope import first_envelope


class Weather(msgspec.Struct, frozen=True):
    place: str
    degrees: int


class Thermometer:
    def __init__(self, degrees: int) -> None:
        self.degrees = degrees

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Weather]:
        return {key: Weather(key, self.degrees) for key in keys}


class Measured(ReadModel[str, Weather]):
    state = Weather
    key_field = "account"
    loaded_by = Thermometer


class Unloaded(ReadModel[str, Weather]):
    state = Weather
    key_field = "account"


class LoadedTwice(Measured):
    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Weather]:
        return {}


def _actor(*kept: ReadModel[Any, Any]) -> Actor:
    actor = Actor("stage")
    actor.keep(*kept)

    @actor.on(Deposit)
    def deposit(command: Deposit, weather: Annotated[Weather, Key("account")], turn: Turn) -> None:
        turn.reply({"degrees": weather.degrees})

    return actor


async def test_a_resource_loads_what_a_read_model_names_it_for(pool: Any):
    actor = _actor(Measured())
    for degrees in (21, -4):  # of two services in one process, each has its own
        turns = Turns(actor, pool=pool, clock=SystemClock(), resources={Thermometer: Thermometer(degrees)})
        command = Deposit(account="anna", amount=1)
        envelope = first_envelope(
            command, identifier=f"weather{degrees}", time=SystemClock().now(), source="test", reply_to="inbox"
        )
        taken = await turns.take([local(command, envelope)])
        assert [msgspec.json.decode(answer) for _, answer in taken.replies] == [{"degrees": degrees}]


def test_a_missing_resource_is_noticed_at_the_start(pool: Any):
    actor = _actor(Measured())
    assert actor.resources() == {Thermometer}
    with pytest.raises(TypeError, match="Measured is loaded by Thermometer, which nobody provided"):
        Turns(actor, pool=pool, clock=SystemClock())


@pytest.mark.parametrize("model", [Unloaded(), LoadedTwice()])
def test_a_read_model_is_loaded_in_one_way(model: ReadModel[Any, Any]):
    with pytest.raises(TypeError, match="either a load of its own or a resource"):
        Actor("stage").keep(model)
