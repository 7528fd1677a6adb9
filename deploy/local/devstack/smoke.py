"""`make smoke`: two players play through the real processes by script, and every step is told."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import aiohttp
import msgspec

from contracts.gameplay import Mode
from devstack.console import Console
from devstack.stack import Options, Stack
from gateway.buttons import AnswerButton, LanguageButton, PlayButton

FREE_ENERGY = 20
"""Rounds a fresh player can play before the energy is gone (DOMAIN §2)."""
DAILY_QUESTIONS = 7
TAP_SECONDS = 0.21
"""The gateway takes five taps a second of one player and leaves faster ones alone (DOMAIN §11)."""
_DEADLINE_SECONDS = 15
_QUICK_MIX = PlayButton(mode=Mode.QUICK_MIX_A1A2).pack()
_DAILY = PlayButton(mode=Mode.DAILY_CHALLENGE).pack()


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
        self.player_id = player_id
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
        sent = (await self._post("send", {"text": text}))["message_id"]
        return await self._await(f"an answer to {text}", lambda message: message.message_id > sent)

    async def tap(self, message: Message, data: str) -> tuple[str, Message]:
        """Tap a button; return the toast and the message that came or changed next."""
        answer = await self._post("tap", {"message_id": message.message_id, "data": data})
        toast = str(answer.get("text") or "")
        known, seen = message.message_id, message.rev
        changed = await self._await(
            f"something new after the tap on {data}",
            # With buttons: "your result comes at once" is not yet what there is to do next.
            lambda one: one.rev > seen and one.message_id >= known and bool(one.buttons),
        )
        return toast, changed

    async def _post(self, act: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self._path}/{act}", json=body) as answer:
            said = await answer.text()
            if not answer.ok:
                raise SmokeError(f"{self.name} could not {act} {body}: {said}")
            return msgspec.json.decode(said, type=dict[str, Any])

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
    folder = Path(tempfile.mkdtemp(prefix="starquiz-smoke-"))
    console.title("Starquiz, played by script")
    try:
        async with Stack(Options(data_dir=folder, port=0), console) as stack:
            console.line()
            async with aiohttp.ClientSession(stack.address) as session:
                await _play(session, console)
    except SmokeError:
        console.line()
        console.line(f"Logs: {folder / 'logs'}")
        raise
    shutil.rmtree(folder, ignore_errors=True)
    console.line()
    console.line(console.emphasis("Everything a player would do works."))


async def _play(session: aiohttp.ClientSession, console: Console) -> None:
    with console.step("Anna and Ben say /start"):
        anna, ben = await asyncio.gather(Pupil.come(session, "Anna", "de"), Pupil.come(session, "Ben", "en"))
        german, english = await asyncio.gather(anna.ask("/start"), ben.ask("/start"))
        _expect(german.text != english.text, "a German and an English welcome", german.text)
    # Side by side: the bot writes to one chat no faster than Telegram allows, about once a second.
    await asyncio.gather(_anna(anna, german, console), _ben(ben, english, console))
    with console.step("Ben finds Anna on the leaderboard"):
        page = await ben.ask("/top")
        _expect("Anna" in page.text, "Anna's name", page.text)


async def _anna(anna: Pupil, message: Message, console: Console) -> None:
    with console.step("Anna plays Quick Mix until empty"):
        answered = await _play_through(anna, message, _QUICK_MIX)
        _expect(answered == FREE_ENERGY, f"{FREE_ENERGY} rounds", f"{answered} rounds")
    with console.step("without energy no round"):
        _, refusal = await anna.tap(await anna.ask("/play"), _QUICK_MIX)
        _expect(not _options(refusal), "a refusal", refusal.text)
    with console.step("but the daily challenge is free"):
        question = await anna.ask("/daily")
        _expect(len(_options(question)) == 4, "a question", question.text)
    with console.step("Anna's streak and statistics"):
        streak, stats = await anna.ask("/streak"), await anna.ask("/stats")
        _expect(str(FREE_ENERGY) in stats.text, f"{FREE_ENERGY} answers", stats.text)
        _expect(streak.text != stats.text, "two pages", streak.text)


async def _ben(ben: Pupil, message: Message, console: Console) -> None:
    with console.step("Ben plays the daily challenge"):
        answered = await _play_through(ben, message, _DAILY)
        _expect(answered == DAILY_QUESTIONS, f"{DAILY_QUESTIONS} questions", f"{answered} questions")
    with console.step("Ben's settings and help"):
        pages = {(await ben.ask(command)).text for command in ("/settings", "/help")}
        _expect(len(pages) == 2, "two pages", str(pages))
    with console.step("Ben switches to German and back"):
        english = await ben.ask("/streak")
        await ben.tap(await ben.ask("/language"), LanguageButton(language="de").pack())
        german = await ben.ask("/streak")
        _expect(german.text != english.text, "another language", german.text)
        await ben.tap(await ben.ask("/language"), LanguageButton(language="en").pack())


async def _play_through(pupil: Pupil, message: Message, start: str) -> int:
    """Start a game and answer until no question is left; return how many were answered."""
    _, message = await pupil.tap(message, start)
    answered = 0
    while options := _options(message):
        _expect(len(options) == 4, "four options", str(options))
        toast, message = await pupil.tap(message, options[answered % 4])
        _expect(bool(toast), "a word about the answer", "an empty toast")
        answered += 1
        await asyncio.sleep(TAP_SECONDS)
        _expect(answered <= FREE_ENERGY, "an end of the game", f"{answered} questions")
    return answered


def _options(message: Message) -> list[str]:
    prefix = f"{AnswerButton.__prefix__}:"
    return [button.data for row in message.buttons for button in row if button.data.startswith(prefix)]


def _expect(holds: bool, awaited: str, seen: str) -> None:
    if not holds:
        raise SmokeError(f"Awaited {awaited}; seen: {seen}")
