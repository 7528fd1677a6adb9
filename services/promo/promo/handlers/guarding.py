"""The brute-force guard and the end of campaigns (DOMAIN §7, §12): what a job finds, the actor looks at again."""

from typing import Final

from actors.jobs import Job
from actors.turn import Turn
from contracts.promo import (
    BruteForceCleared,
    BruteForceSuspected,
    CampaignAutoPaused,
    CampaignEnded,
    CampaignStatus,
    GuardCampaign,
    GuardThrottle,
    RollCampaign,
)
from promo.domain.alarm import (
    ALARM,
    CAMPAIGN_FAILURES_MAX,
    CAMPAIGN_PLAYERS_MIN,
    COUNTED_PER_PLAYER_MAX,
    OVERALL_FAILURES_MAX,
    WINDOW,
    Alarm,
)
from promo.domain.campaign import Campaign
from promo.domain.redeemer import FAILURES_MAX
from promo.handlers.table import actor
from promo.store.guarding import SQL

_WINDOW_SECONDS: Final = int(WINDOW.total_seconds())


@actor.every(60, name="brute_force_guard")
async def guard(job: Job) -> None:
    """Every minute: pause campaigns on whose codes many guess, and tighten the throttle while many guess at all."""
    since = job.now - WINDOW
    async with job.connection() as connection:
        guessed = await connection.fetch(SQL["guessed_campaigns"], since, CAMPAIGN_FAILURES_MAX, CAMPAIGN_PLAYERS_MIN)
        ((failures, players),) = await connection.fetch(SQL["failures_overall"], since, COUNTED_PER_PLAYER_MAX)
    firing, window = f"guard:{job.firing}", f"guard:{int(job.now.timestamp()) // _WINDOW_SECONDS}"
    # A public campaign stays open, so it would be told of every minute: once a window is enough.
    for is_public, key in ((False, firing), (True, window)):
        found = [GuardCampaign(name=name, failures=n, players=m) for name, n, m, open_ in guessed if open_ is is_public]
        await job.take(found, idempotency_key=key)
    await job.take([GuardThrottle(name=ALARM, failures=failures, players=players)], idempotency_key=firing)


@actor.every(600, name="campaign_rollover")
async def roll_campaigns(job: Job) -> None:
    """Every 10 minutes: end campaigns whose time is over or whose uses are gone."""
    async for names in job.pages(SQL["campaigns_to_roll"], job.now):
        await job.take([RollCampaign(name=name) for name in names])


@actor.on(GuardCampaign)
def guard_campaign(command: GuardCampaign, campaign: Campaign | None, turn: Turn) -> None:
    """Pause the campaign and tell; one that is meant to be shared is only told of."""
    if campaign is None or campaign.status is not CampaignStatus.ACTIVE:
        return
    if campaign.is_public:
        turn.emit(
            BruteForceSuspected(
                scope=campaign.name,
                failures=command.failures,
                players=command.players,
                at=turn.now,
                failures_max=CAMPAIGN_FAILURES_MAX,
                window_seconds=_WINDOW_SECONDS,
                failures_allowed=FAILURES_MAX,
            )
        )
        return
    campaign.status = CampaignStatus.PAUSED
    turn.emit(
        CampaignAutoPaused(
            campaign=campaign.name,
            failures=command.failures,
            players=command.players,
            at=turn.now,
            failures_max=CAMPAIGN_FAILURES_MAX,
            players_min=CAMPAIGN_PLAYERS_MIN,
            window_seconds=_WINDOW_SECONDS,
        )
    )


@actor.on(GuardThrottle)
def guard_throttle(command: GuardThrottle, alarm: Alarm, turn: Turn) -> None:
    """Raise the alarm when there is too much guessing, and end it when there is not."""
    is_loud = command.failures > OVERALL_FAILURES_MAX
    if is_loud and alarm.since is None:
        alarm.since = turn.now
        turn.emit(
            BruteForceSuspected(
                scope=ALARM,
                failures=command.failures,
                players=command.players,
                at=turn.now,
                failures_max=OVERALL_FAILURES_MAX,
                window_seconds=_WINDOW_SECONDS,
                failures_allowed=alarm.failures_allowed,
            )
        )
    elif not is_loud and alarm.since is not None:
        since, alarm.since = alarm.since, None
        turn.emit(
            BruteForceCleared(
                scope=ALARM,
                failures=command.failures,
                at=turn.now,
                failures_max=OVERALL_FAILURES_MAX,
                since=since,
            )
        )


@actor.on(RollCampaign)
def roll_campaign(command: RollCampaign, campaign: Campaign | None, turn: Turn) -> None:
    """End a campaign that is over, for good."""
    del command
    if campaign is not None and campaign.roll(turn.now):
        turn.emit(CampaignEnded(campaign=campaign.name, status=campaign.status, used=campaign.used, at=turn.now))
