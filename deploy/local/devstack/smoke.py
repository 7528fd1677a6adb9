"""`make smoke`: two players play through the real processes by script, and every step is told."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

import aiohttp
import msgspec

from contracts.gameplay import Mode
from devstack.console import Console
from devstack.stack import Options, Stack
from gateway.buttons import AnswerButton, LanguageButton, PlayButton

FREE_ENERGY = 20
"""Rounds a fresh player can play before the energy is gone (DOMAIN §2)."""
DAILY_QUESTIONS = 7
_DEADLINE_SECONDS = 15


class Button(msgspec.Struct):
    """A button under a message."""

    data: str = ""


class Message(msgspec.Struct, rename={"sender": "from"}):
    """A message as the sandbox's JSON API shows it."""

    message_id: int
    rev: int
    """Rises with every change in the chat."""
    text: str = ""
    sender: str = "bot"
    buttons: list[list[Button]] = msgspec.field(default_factory=list[list[Button]])


class SmokeError(AssertionError):
    """The game did not do what a player would expect; the text says what was awaited and what was seen."""


class Pupil:
    """A player at the sandbox's JSON API."""

    def __init__(self, session: aiohttp.ClientSession, player_id: int, name: str) -> None:
        """`session` has the sandbox as its base address."""
        self._session = session
        self._path = f"/sandbox/api/players/{player_id}"
        self.name = name

    @classmethod
    async def come(cls, session: aiohttp.ClientSession, name: str, language: str) -> Self:
        """Make a new player."""
        body = {"first_name": name, "language_code": language}
        async with session.post("/sandbox/api/players", json=body, raise_for_status=True) as answer:
            return cls(session, (await answer.json())["id"], name)

    async def ask(self, text: str) -> Message:
        """Send a message and return the bot's first message after it."""
        async with self._session.post(f"{self._path}/send", json={"text": text}, raise_for_status=True) as answer:
            sent = (await answer.json())["message_id"]
        return await self._await(f"an answer to {text}", lambda message: message.message_id > sent)

    async def tap(self, message: Message, data: str) -> tuple[str, Message]:
        """Tap a button; return the toast and the message that came or changed next."""
        body = {"message_id": message.message_id, "data": data}
        async with self._session.post(f"{self._path}/tap", json=body, raise_for_status=True) as answer:
            toast = str((await answer.json()).get("text") or "")
        known, seen = message.message_id, message.rev
        changed = await self._await(
            f"something new after the tap on {data}",
            lambda one: one.rev > seen and one.message_id >= known,
        )
        return toast, changed

    async def _await(self, what: str, fits: Callable[[Message], bool]) -> Message:
        """Wait for a message of the bot that fits, the newest first."""
        deadline = asyncio.get_running_loop().time() + _DEADLINE_SECONDS
        since = 0
        messages: dict[int, Message] = {}
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            query = {"since": str(since), "wait": f"{left:.3f}"}
            async with self._session.get(f"{self._path}/messages", params=query, raise_for_status=True) as answer:
                news = msgspec.json.decode(await answer.read(), type=list[Message])
            messages |= {message.message_id: message for message in news}
            since = max([since, *(message.rev for message in news)])
            found = [one for one in messages.values() if one.sender == "bot" and one.text and fits(one)]
            if found:
                return max(found, key=lambda message: message.rev)
        seen = messages[max(messages)].text if messages else "nothing"
        raise SmokeError(f"{self.name} awaited {what}; the last message was: {seen}")


async def smoke(console: Console) -> None:
    """Start everything in a directory of its own, play, and stop. Raises SmokeError or what the start raises."""
    with tempfile.TemporaryDirectory(prefix="starquiz-smoke-") as folder:
        console.title("Starquiz, played by script")
        async with Stack(Options(data_dir=Path(folder), port=0), console) as stack:
            console.line()
            async with aiohttp.ClientSession(stack.address) as session:
                await _play(session, console)
        console.line()
        console.line(console.emphasis("Everything a player would do works."))


async def _play(session: aiohttp.ClientSession, console: Console) -> None:
    with console.step("Anna and Ben say /start"):
        anna, ben = await asyncio.gather(Pupil.come(session, "Anna", "de"), Pupil.come(session, "Ben", "en"))
        german, english = await asyncio.gather(anna.ask("/start"), ben.ask("/start"))
        _expect(german.text != english.text, "a German and an English welcome", german.text)
    with console.step("they play Quick Mix side by side"):
        game, rounds = PlayButton(mode=Mode.QUICK_MIX_A1A2).pack(), FREE_ENERGY
        played = await asyncio.gather(_play_through(anna, german, game), _play_through(ben, english, game))
        _expect(list(played) == [rounds, rounds], f"{rounds} rounds each until the energy is empty", str(played))
    with console.step("no energy, no round"):
        await _refused(anna, german, game)
    with console.step("Anna plays the daily challenge"):
        daily = PlayButton(mode=Mode.DAILY_CHALLENGE).pack()
        answered = await _play_through(anna, await anna.ask("/play"), daily)
        _expect(answered == DAILY_QUESTIONS, f"{DAILY_QUESTIONS} questions", str(answered))
    with console.step("streak, statistics, leaderboards"):
        for command in ("/streak", "/stats", "/top", "/settings", "/help"):
            page = await anna.ask(command)
            _expect(bool(page.text), f"a page for {command}", str(page))
        _expect("Anna" in (await ben.ask("/top")).text, "Anna on Ben's leaderboard", "nobody of that name")
    with console.step("Anna switches to English"):
        before = await anna.ask("/stats")
        await anna.tap(await anna.ask("/language"), LanguageButton(language="en").pack())
        after = await anna.ask("/stats")
        _expect(before.text != after.text, "another language", after.text)


async def _play_through(pupil: Pupil, message: Message, start: str) -> int:
    """Start a game and answer until no question is left; return how many were answered."""
    _, message = await pupil.tap(message, start)
    answered = 0
    while options := _buttons(message, AnswerButton):
        _expect(len(options) == 4, "four options", str(options))
        toast, message = await pupil.tap(message, options[answered % 4])
        _expect(bool(toast), "a word about the answer", "an empty toast")
        answered += 1
        _expect(answered <= FREE_ENERGY, "an end of the game", f"{answered} questions")
    return answered


async def _refused(pupil: Pupil, message: Message, start: str) -> None:
    _, refusal = await pupil.tap(message, start)
    _expect(not _buttons(refusal, AnswerButton), "a refusal", refusal.text)


def _buttons(message: Message, kind: type[AnswerButton]) -> list[str]:
    prefix = f"{kind.__prefix__}:"
    return [button.data for row in message.buttons for button in row if button.data.startswith(prefix)]


def _expect(holds: bool, awaited: str, seen: str) -> None:
    if not holds:
        raise SmokeError(f"Awaited {awaited}; seen: {seen}")
