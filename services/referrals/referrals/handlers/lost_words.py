"""Every 10 minutes: what referrals say to themselves is said again, for a stream that is lost takes it along.

Whatever is repeated has its effect once: a link that is decided, a ring that is known, slots that stand as they should.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from actors.jobs import Job
from actors.turn import Turn
from contracts.message import Contract
from contracts.referrals import BindPlayer, CheckRing, EndGift, LinkKind, ReferralState, RefusedLink, SettleRewards
from referrals.domain.comparison import IN_FLIGHT, OVERLAP, REFERRALS
from referrals.domain.internal_commands import LookAgain, NoteCompared
from referrals.domain.link import KnownLink
from referrals.domain.member import Member
from referrals.domain.referral import Referral
from referrals.handlers.binding import decide
from referrals.handlers.table import actor
from referrals.store.comparison import compared_until
from referrals.store.members import SQL as MEMBERS
from referrals.store.rewards import SQL as REWARDS

_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first referral there was."""
MADE_WITHIN: Final = timedelta(days=30)
"""A link that was opened longer before it was made binds nobody."""


@actor.every(600, name="lost_words")
async def say_again(job: Job) -> None:
    """Repeat bindings that were not decided, and what follows of all that changed since the last look."""
    before = job.now - IN_FLIGHT
    async for rows in job.pages_of_rows(MEMBERS["undecided"], before):
        await job.take([BindPlayer(player_id=row[0], referrer_id=row[1]) for row in rows])
    async for rows in job.pages_of_rows(MEMBERS["made_since"], job.now - MADE_WITHIN):
        await job.take([LookAgain(player_id=row[0], kind=LinkKind.CAMPAIGN, value=row[1]) for row in rows])
    async for gifts in job.pages(REWARDS["standing_gifts"], before):
        await job.take([EndGift(gift_id=gift_id) for gift_id in gifts])
    async with job.connection() as connection:
        until = await compared_until(connection, REFERRALS)
    since = _EVER if until is None else until - OVERLAP
    async for rows in job.pages_of_rows(MEMBERS["changed"], since, before, after=(_EVER, 0)):
        rings: list[Contract] = [CheckRing(player_id=row[1], referrer_id=row[2]) for row in rows]
        await job.take([*rings, *(SettleRewards(player_id=referrer) for referrer in sorted({row[2] for row in rows}))])
    await job.take([NoteCompared(name=REFERRALS, until=before)], idempotency_key=f"looked:{job.firing}")


@actor.on(LookAgain)
def look_again(
    command: LookAgain, member: Member, referral: Referral | None, link: KnownLink | None, turn: Turn
) -> None:
    """Decide anew about a link that was refused because nobody had made it."""
    del command
    if link is None or referral is None or referral.refused is not RefusedLink.UNKNOWN_LINK:
        return
    referral.state, referral.refused, referral.changed_at = ReferralState.WAITING, None, turn.now
    referral.referrer_id, referral.is_known = link.referrer_id, True
    decide(member, referral, turn)
