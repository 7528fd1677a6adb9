"""The whole of Starquiz through its real processes: what a newcomer does, and what a crash must not take away."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import asyncpg

from devstack.console import Console
from devstack.postgres import FAST
from devstack.scripted_player import TAP_SECONDS, Message, ScriptedPlayer
from devstack.smoke import smoke
from devstack.stack import Options, Stack

_QUICK_MIX = "p:QUICK_MIX_A1A2"
_ANSWERS = 12
_TRIES = 8
_PATIENCE_SECONDS = 5


async def test_two_newcomers_play_everything_there_is() -> None:
    await smoke(Console(quiet=True))


async def test_a_game_goes_on_through_crashes_and_with_replicas_coming_and_going(tmp_path: Path) -> None:
    """Every answer counts once, whichever process dies between the tap and its result."""
    options = Options(data_dir=tmp_path, port=0, postgres_settings=FAST)
    async with Stack(options) as stack, aiohttp.ClientSession(stack.address) as session:
        pupils = [await ScriptedPlayer.come(session, f"P{number}", "de") for number in range(4)]
        games = [asyncio.create_task(_game(player)) for player in pupils]
        await stack.add_replica("gameplay")
        await stack.add_replica("gateway")
        # The first gateway listens where the sandbox sends updates: it comes back, as Kubernetes would bring it back.
        for service, number in (("gameplay", 0), ("gateway", 1), ("gateway", 0)):
            program = stack.services[service][number]
            await program.kill()
            await program.start()
            await program.wait_ready(30)
        answered = await asyncio.gather(*games)
        assert answered == [_ANSWERS] * len(pupils)
        rows = await _rounds(stack)
        assert rows == {player.player_id: _ANSWERS for player in pupils}
        program = stack.services["gameplay"][1]
        program.send(signal.SIGTERM)
        assert await program.wait() == 0


async def _game(player: ScriptedPlayer) -> int:
    """Answer twelve questions; a tap that the crash swallowed is tapped again, as a player would."""
    message = await player.ask("/start")
    message = await _insist(player, message, _QUICK_MIX)
    for _ in range(_ANSWERS):
        data = _questions(message)[0]
        message = await _insist(player, message, data)
        await asyncio.sleep(TAP_SECONDS)
    return _ANSWERS


async def _insist(player: ScriptedPlayer, message: Message, data: str) -> Message:
    """Tap until another question shows."""
    before = _questions(message)
    for _ in range(_TRIES):
        await player.post("tap", {"message_id": message.message_id, "data": data, "wait": False})
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await player.wait("another question", lambda one: _questions(one) not in ((), before))
        except TimeoutError:
            continue
    raise AssertionError(f"{player.name} tapped {_TRIES} times and got no further")


def _questions(message: Message) -> tuple[str, ...]:
    """Return the data of the answer buttons, which names the round."""
    return tuple(message.options)


async def _rounds(stack: Stack) -> dict[int, int]:
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    try:
        found = await connection.fetch(
            "select player_id, count(*) from gameplay.rounds where status = 'COMPLETED' group by player_id"
        )
        return {row[0]: row[1] for row in found}
    finally:
        await connection.close()
