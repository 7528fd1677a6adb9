"""Referrals through the real processes: who is bound, and rewards while what gives them is killed (DOMAIN §9)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from reaping import killing
from shopfloor import Floor, until

from contracts.envelope import first_envelope
from contracts.gameplay import WelcomePlayer
from contracts.message import Contract, encode, subject_of
from contracts.referrals import ClaimReward, LinkKind, RewardChoice, TouchLink
from devstack.scripted_player import ScriptedPlayer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_CROWD = 120
_FIRST_PLAYER = 7_100_000_000
_LONG_SECONDS = 120
_TAPS = 30


async def _link(floor: Floor, name: str) -> tuple[int, str]:
    """Return a player's id and the code of their link, as the chat shows it."""
    player = await floor.come(name)
    page = await player.ask("/invite")
    (link,) = [word for word in page.text.split() if "?start=ref_" in word]
    return player.player_id, link.rpartition("_")[2]


async def _row(floor: Floor, player_id: int) -> Any:
    sql = "select referrer_id, state, refused from referrals.referrals where player_id = $1"
    rows = await floor.database.fetch(sql, player_id)
    return tuple(rows[0]) if rows and rows[0]["state"] != "WAITING" else None


async def test_of_two_starts_under_two_links_the_first_binds(floor: Floor) -> None:
    (ann, of_ann), (_, of_cas) = await _link(floor, "Ann"), await _link(floor, "Cas")
    ben = await ScriptedPlayer.come(floor.session, "Ben", "de")
    for code in (of_ann, of_cas, of_ann):
        await ben.post("send", {"text": f"/start ref_{code}"})
    assert await until(lambda: _row(floor, ben.player_id)) == (ann, "STARTED", None)


async def test_a_link_that_does_not_bind_starts_the_bot_all_the_same(floor: Floor) -> None:
    unknown = await ScriptedPlayer.come(floor.session, "Dora", "en")
    assert "Dora" in (await unknown.ask("/start ref_ZZZZZZ")).text
    assert await until(lambda: _row(floor, unknown.player_id)) == (None, "REFUSED", "unknown_link")
    _, code = await _link(floor, "Emil")
    known = await floor.come("Fritz")
    assert (await known.ask(f"/start ref_{code}")).text
    assert await _row(floor, known.player_id) is None


async def test_a_crowd_that_comes_under_sigkill_is_bound_once_each(floor: Floor) -> None:
    """Whoever is told of twice, by two links, in any order, is bound by the earlier one."""
    links = [await _link(floor, name) for name in ("Gina", "Hans")]
    now = datetime.now(UTC)
    players = range(_FIRST_PLAYER, _FIRST_PLAYER + _CROWD)
    words: list[Contract] = []
    for player_id in players:
        for place, (_, code) in enumerate(links):
            at = now + timedelta(seconds=place)
            words.append(TouchLink(player_id=player_id, kind=LinkKind.REF, value=code, touched_at=at))
    touched = "select count(*) = $2 from referrals.referrals where player_id = any($1)"
    async with killing(floor, "referrals", "gameplay"):
        await _say(floor, *words)
        await until(lambda: floor.database.fetchval(touched, list(players), _CROWD), seconds=_LONG_SECONDS)
        await _join(floor, players)
        bound = f"{touched} and started_on is not null"
        await until(lambda: floor.database.fetchval(bound, list(players), _CROWD), seconds=_LONG_SECONDS)
    first = links[0][0]
    sql = """select count(*) from referrals.referrals as r join referrals.members as m using (player_id)
        where player_id = any($1) and r.referrer_id = $2 and m.invited_by = $2"""
    assert await floor.database.fetchval(sql, list(players), first) == _CROWD
    starts = """select sum((one ->> 'count')::int)
        from referrals.members, json_array_elements(starts::json) as one where player_id = $1"""
    assert await floor.database.fetchval(starts, first) == _CROWD


async def test_taps_on_a_reward_under_sigkill_are_one_reward_given_once(floor: Floor) -> None:
    ida, _ = await _link(floor, "Ida")
    await _earn(floor, ida)
    wishes = [ClaimReward(player_id=ida, number=1, choice=choice) for choice in RewardChoice for _ in range(_TAPS // 2)]
    async with killing(floor, "referrals", "payments"):
        for start in range(0, _TAPS, 10):
            await _say(floor, *wishes[start : start + 10])
            await asyncio.sleep(0.5)
        handled = "select count(*) from referrals.gifts where player_id = $1 and number = 1"
        await until(lambda: floor.database.fetchval(handled, ida), seconds=_LONG_SECONDS)
    assert await floor.database.fetchval(handled, ida) == 1
    booked = """select count(*) = 1 from payments.ledger_transactions
        where id in (select id from referrals.gifts where player_id = $1)"""
    await until(lambda: floor.database.fetchval(booked, ida), seconds=_LONG_SECONDS)
    await floor.balanced()


# -- what is said ------------------------------------------------------------------------------------


async def _say(floor: Floor, *words: Contract) -> None:
    """Say something to referrals, each a wish of its own, as the gateway hands it on."""
    gateway = await floor.stack.connect_as("gateway")
    try:
        await asyncio.gather(*(gateway.jetstream().publish(**_letter(word)) for word in words))
    finally:
        await gateway.close()


def _letter(word: Contract) -> dict[str, Any]:
    envelope = first_envelope(word, identifier=uuid4().hex, time=datetime.now(UTC), source="gateway")
    return {"subject": subject_of(word), "payload": encode(word), "headers": envelope.headers()}


async def _join(floor: Floor, players: range) -> None:
    """Have gameplay make them players."""
    await _say(floor, *(WelcomePlayer(player_id=player_id, name="Kim") for player_id in players))


async def _earn(floor: Floor, player_id: int) -> None:
    """Write a slot into the books whose hold is over, with the referrals that it is for."""
    ago = datetime.now(UTC) - timedelta(days=5)
    for statement in _EARNED:
        await floor.database.execute(statement, player_id, ago)


_EARNED = (
    """insert into referrals.referrals
        select $1::bigint * 10 + n, 'ref', 'AAAAAA', $1, true, at, 'QUALIFIED', null, at::date, at, 0, null, null,
            false, null, null, 20, at, '[]', at, at, false, false, false
        from generate_series(1, 3) as n, cast($2 as timestamptz) as at""",
    """insert into referrals.members
        select $1::bigint * 10 + n, at, $1, null, '[]'
        from generate_series(1, 3) as n, cast($2 as timestamptz) as at""",
    """update referrals.members set starts = format('[{"on":"%s","count":3}]', cast($2 as timestamptz)::date)
        where player_id = $1""",
    """insert into referrals.slots
        select $1, 1, 'AVAILABLE', at, at, null, null, null, null from cast($2 as timestamptz) as at""",
)
