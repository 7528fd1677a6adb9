"""A simulated population (DOMAIN §9): rings, reverse pairs and bursts are caught, honest families are not."""

import pytest
from population import BEGIN, Invitation, judge, population
from referring_stage import Stage

from contracts.gameplay import PlayerJoined
from contracts.referrals import FraudRule, LinkKind, TouchLink
from referrals.domain.link import ALPHABET, CODE_LENGTH

pytestmark = pytest.mark.services("referrals")

BATCH = 100
BURST_ALLOWED = 10
"""So many of a burst are what the rule allows on a day."""


def code_of(player_id: int) -> str:
    """Return a code of their own for each."""
    digits = []
    for _ in range(CODE_LENGTH):
        player_id, digit = divmod(player_id, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


async def play(stage: Stage, invitations: list[Invitation]) -> dict[int, FraudRule]:
    """Have all of them come, many in one turn; returns who was rejected, and by what."""
    everybody = {one.player_id for one in invitations} | {one.referrer_id for one in invitations}
    await stage.pool.execute(
        "insert into members (player_id, code, starts) select *, '[]' from unnest($1::bigint[], $2::text[])",
        list(everybody),
        [code_of(one) for one in everybody],
    )
    stage.clock.set(BEGIN)
    for first in range(0, len(invitations), BATCH):
        words = invitations[first : first + BATCH]
        stage.clock.set(words[-1].at)
        await stage.take(*(word for one in words for word in _came(one)))
    rows = await stage.pool.fetch("select player_id, rule from referrals where state = 'REJECTED_FRAUD'")
    return {row[0]: FraudRule(row[1]) for row in rows}


def _came(one: Invitation) -> tuple[TouchLink, PlayerJoined]:
    touch = TouchLink(player_id=one.player_id, kind=LinkKind.REF, value=code_of(one.referrer_id), touched_at=one.at)
    return touch, PlayerJoined(player_id=one.player_id, at=one.at)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_rings_pairs_and_bursts_are_caught_and_families_are_not(stage: Stage, seed: int) -> None:
    invitations = population(seed).invitations
    found = judge(invitations, await play(stage, invitations))
    print(
        f"seed {seed}: {len(invitations)} invitations, precision {found.precision:.3f}, recall {found.recall:.3f}, "
        f"{found.by_rule}"
    )
    assert found.wronged_groups == ()
    assert found.missed_groups == ()
    assert found.precision == 1.0
    in_bursts = sum(one.group.startswith("burst") for one in invitations)
    bursts = len({one.group for one in invitations if one.group.startswith("burst")})
    fraud = sum(one.is_fraud for one in invitations)
    # Of a burst what is beyond ten is rejected; of rings and pairs everything.
    assert found.by_rule[FraudRule.VELOCITY] == in_bursts - BURST_ALLOWED * bursts
    assert found.recall == (fraud - BURST_ALLOWED * bursts) / fraud
