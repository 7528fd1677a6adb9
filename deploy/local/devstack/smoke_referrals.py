"""The referrals' part of `make smoke`: friends come by a link, stay, and both rewards are claimed.

Days pass for the rows, not for the clocks (`days`): what is stored of the friends is made a day older, the reward's
hold two days, and what was claimed a month. What follows from it goes the way it always goes.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import asyncpg

from contracts.gameplay import Mode
from contracts.referrals import RewardChoice
from devstack.console import Console
from devstack.days import let_pass
from devstack.hurry import hurry
from devstack.operator_client import OperatorClient, Standing
from devstack.roles import DATABASE
from devstack.scripted_player import Message, ScriptedPlayer, SmokeError, expect
from devstack.stack import Stack
from gateway.buttons import PlayButton, RewardButton
from gateway.texts import load_texts

_QUICK_MIX: Final = PlayButton(mode=Mode.QUICK_MIX_A1A2).pack()
_FRIENDS: Final = 9
_BONUS_ANSWERS: Final = 5
_LOOKS_MAX, _LOOK_SECONDS = 150, 0.1


async def referring(session: aiohttp.ClientSession, stack: Stack, operator: OperatorClient, console: Console) -> None:
    """Have somebody bring nine friends, who stay, and claim what that earns: two rewards, and one a month later."""
    mia = await ScriptedPlayer.come(session, "Mia", "de")
    await mia.ask("/start")
    with console.step("Mia's link, to share and to copy"):
        page = await mia.ask("/invite")
        link = next((word for word in page.text.split() if "?start=ref_" in word), "")
        expect(bool(link), "a link", page.text)
    code = link.rpartition("_")[2]
    friends = await asyncio.gather(*(_bring(session, number, code) for number in range(_FRIENDS)))
    with console.step("nine friends come and answer five times"):
        await asyncio.gather(*(_play(friend) for friend in friends))
    with console.step("each is told of 10 energy"):
        gift = load_texts().voice("en").plain("invite-bonus", energy="10").partition("\n")[0]
        for friend in friends:
            await friend.wait("word of the gift", lambda one: gift.replace("<b>", "").replace("</b>", "") in one.text)
            await operator.see(friend, "10 paid energy", lambda has: has.paid_energy == 10)
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    try:
        with console.step("a day and 20 answers later they count"):
            await _stay(connection, mia, friends)
        await _claim(mia, connection, operator, console)
        await _wait_for_next_month(mia, stack, connection, console)
    finally:
        await connection.close()


async def _bring(session: aiohttp.ClientSession, number: int, code: str) -> ScriptedPlayer:
    friend = await ScriptedPlayer.come(session, f"Friend {number}", "en")
    await friend.ask(f"/start ref_{code}")
    return friend


async def _play(friend: ScriptedPlayer, answers: int = _BONUS_ANSWERS) -> None:
    """Answer so often, in one game."""
    _, message = await friend.tap(await friend.ask("/play"), _QUICK_MIX)
    for place in range(answers):
        expect(len(message.options) == 4, "a question", message.text)
        _, message = await friend.tap(message, message.options[place % 4])
        await asyncio.sleep(0.21)


async def _stay(
    connection: "asyncpg.Connection[asyncpg.Record]", mia: ScriptedPlayer, friends: list[ScriptedPlayer]
) -> None:
    """Make what is known a day older and 14 answers more, then have each answer once: the 20th, on a second day."""
    ids = [friend.player_id for friend in friends]
    await connection.execute("update gameplay.players set answered = 19 where id = any($1)", ids)
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=5)
    await connection.execute(
        """update referrals.referrals set touched_at = touched_at - interval '1 day',
        progress_days = format('[{"on":"%s","at":"%s"}]', $2::date, $3::text) where player_id = any($1)""",
        ids,
        yesterday.date(),
        yesterday.isoformat(),
    )
    await asyncio.gather(*(_play(friend, 1) for friend in friends))
    sql = "select count(*) from referrals.slots where player_id = $1"
    for _ in range(_LOOKS_MAX):
        if await connection.fetchval(sql, mia.player_id) == _FRIENDS // 3:
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise SmokeError(f"awaited {_FRIENDS // 3} rewards; there are {await connection.fetchval(sql, mia.player_id)}")


async def _claim(
    mia: ScriptedPlayer,
    connection: "asyncpg.Connection[asyncpg.Record]",
    operator: OperatorClient,
    console: Console,
) -> None:
    voice = load_texts().voice("de")
    with console.step("Mia is too early"):
        page = await _with_reward(mia)
        told = await mia.post("tap", {"message_id": page.message_id, "data": _choice(1, RewardChoice.MEGA_PACK_15)})
        early = voice.plain("reward-TOO_EARLY", until="").partition("!")[0]
        expect(early in str(told.get("text")), "a word about when", str(told))
    await connection.execute(
        """update referrals.slots set qualified_at = qualified_at - interval '48 hours' where player_id = $1""",
        mia.player_id,
    )
    with console.step("two days later: a mega pack"):
        _, given = await mia.tap(page, _choice(1, RewardChoice.MEGA_PACK_15))
        expect("Mega-Pack" in given.text, "the mega pack", given.text)
        await operator.see(mia, "15 energy and all modes", _has_mega_pack)
    with console.step("and 7 days of premium"):
        page = await _with_reward(mia)
        _, given = await mia.tap(page, _choice(2, RewardChoice.PREMIUM_STARTER))
        expect("7 Tage Premium" in given.text, "premium", given.text)
        await operator.see(mia, "premium", lambda has: has.endless)
    with console.step("the dashboard has what became of it"):
        board = await operator.ask("query.referrals.dashboard", hours=48)
        seen = (board["starts"] >= _FRIENDS, board["qualified"] >= _FRIENDS, board["slots_claimed"] >= 2)
        expect(all(seen), "six starts and two rewards", str(board))


async def _wait_for_next_month(
    mia: ScriptedPlayer, stack: Stack, connection: "asyncpg.Connection[asyncpg.Record]", console: Console
) -> None:
    voice = load_texts().voice("de")
    with console.step("a third this month: not yet"):
        page = await _with_reward(mia)
        told = await mia.post("tap", {"message_id": page.message_id, "data": _choice(3, RewardChoice.MEGA_PACK_15)})
        capped = voice.plain("reward-MONTHLY_CAP", until="").partition(".")[0]
        expect(capped in str(told.get("text")), "a word about the month", str(told))
        waiting = voice.plain("reward-deferred", rewards=1)
        expect(waiting in (await mia.ask("/invite")).text, "a reward that waits", page.text)
    with console.step("a month later it is told, and had"):
        await let_pass(connection, 31, mia.player_id)
        await hurry(stack, "reward_slots")
        told = await mia.wait("word of the reward", lambda one: "Drei Freunde" in one.text)
        _, given = await mia.tap(told, _choice(3, RewardChoice.MEGA_PACK_15))
        expect("Mega-Pack" in given.text, "the mega pack", given.text)


def _has_mega_pack(has: Standing) -> bool:
    return has.paid_energy == 15 and len(has.open_modes) == len(Mode)


async def _with_reward(mia: ScriptedPlayer) -> Message:
    page = await mia.ask("/invite")
    has_choice = any(data.startswith(f"{RewardButton.__prefix__}:") for data in page.data)
    expect(has_choice, "a reward to choose", page.text)
    return page


def _choice(number: int, choice: RewardChoice) -> str:
    return RewardButton(number=number, choice=choice).pack()
