"""What kitchen does: a timer, an effect, an admin endpoint."""

from datetime import timedelta

import msgspec

from actors.actor import Actor
from actors.effects import Done, EffectResult
from actors.turn import Turn
from examples.kitchen.bell import Bell
from examples.kitchen.domain import Pot
from examples.kitchen.language import Boil, BoilingBegan, EggServed, EggTakenOut, FinishEgg, ServeEgg, TakeOut

actor = Actor("kitchen")


class RingBell(msgspec.Struct, frozen=True):
    """Effect: ring the bell for a cook."""

    cook: str


@actor.on(Boil)
def boil(command: Boil, pot: Pot, turn: Turn) -> None:
    """Put an egg in. A timer of the same name is replaced, so that a cook has one at most."""
    pot.egg, pot.done_at = turn.new_id(), turn.now + timedelta(seconds=command.seconds)
    turn.at(pot.done_at, FinishEgg(cook=pot.cook, egg=pot.egg), name=f"egg-{pot.cook}")
    turn.emit(BoilingBegan(cook=pot.cook, done_at=pot.done_at))


@actor.on(FinishEgg)
def finish_egg(command: FinishEgg, pot: Pot, turn: Turn) -> None:
    """Have the bell rung after the commit. A timer comes at least once, and may come for an egg that is gone."""
    if command.egg == pot.egg:
        pot.empty()
        turn.perform(RingBell(pot.cook), ordering_key=pot.cook)


@actor.effect(RingBell)
async def ring_bell(effect: RingBell, bell: Bell) -> EffectResult:
    """Ring, at least once, in order for each cook. An exception here is tried again by itself."""
    await bell.ring(effect.cook)
    return Done(ServeEgg(cook=effect.cook))


@actor.on(ServeEgg)
def serve_egg(command: ServeEgg, turn: Turn) -> None:
    """Tell of the egg, in the transaction that forgets the effect."""
    turn.emit(EggServed(cook=command.cook))


@actor.admin("egg", "take_out", answer=EggTakenOut)
@actor.on(TakeOut)
def take_out(_: TakeOut, pot: Pot, turn: Turn) -> None:
    """Take the egg out for an operator, who is answered after the commit; request and answer are audited."""
    turn.reply(EggTakenOut(pot.seconds_left(turn.now)))
    pot.empty()
