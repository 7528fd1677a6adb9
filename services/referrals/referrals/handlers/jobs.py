"""What is due by the clock (DOMAIN §9, §12)."""

from actors.jobs import Job
from contracts.message import Contract
from referrals.domain.internal_commands import LapseReferral, OpenSlots
from referrals.domain.months import counted_on, first_of
from referrals.domain.progress import LATE_WORDS, QUALIFYING_WITHIN
from referrals.domain.rewards import HELD_FOR
from referrals.handlers.table import actor
from referrals.store.members import SQL as MEMBERS
from referrals.store.rewards import SQL as REWARDS


@actor.every(600)
async def qualification_sweep(job: Job) -> None:
    """Every 10 minutes: end referrals whose 14 days are over, and some time for words that are late."""
    before = job.now - QUALIFYING_WITHIN - LATE_WORDS
    async for players in job.pages(MEMBERS["lapsed"], before):
        await job.take([LapseReferral(player_id=player_id) for player_id in players])


@actor.every(900)
async def reward_slots(job: Job) -> None:
    """Every 15 minutes: open what was held for 48 hours, and what an earlier month deferred."""
    began = first_of(counted_on(job.now))
    async for players in job.pages(REWARDS["slots_due"], job.now - HELD_FOR, began):
        await job.take(_opening(players))


@actor.cron("0 5 0 1 * *")
async def deferred_rewards(job: Job) -> None:
    """00:05 Berlin on day 1: look again at what the last month deferred."""
    async for players in job.pages(REWARDS["slots_deferred"]):
        await job.take(_opening(players))


def _opening(players: list[int]) -> list[Contract]:
    return [OpenSlots(player_id=player_id) for player_id in players]


@actor.every(3600, name="retention")
async def forget_old(job: Job) -> None:
    """Hourly: delete the inbox's lines of 30 days ago. Who brought whom, slots and gifts are books and stay."""
    await job.forget_inbox()
