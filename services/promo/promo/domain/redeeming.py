"""Whether a code is taken: every check of DOMAIN §7, in the order in which a player is told."""

from datetime import datetime
from typing import Final

import msgspec

from contracts.promo import CampaignStatus, RedeemRefusal
from promo.domain.campaign import Campaign
from promo.domain.code import Batch, Code
from promo.domain.redeemer import FAILURES, Redeemer


class Refused(msgspec.Struct, frozen=True):
    """Why a code is not taken, and until when, where that is known."""

    reason: RedeemRefusal
    until: datetime | None = None
    is_failure: bool = False
    """Whether it counts for the throttle."""


_INVALID: Final = Refused(RedeemRefusal.INVALID, is_failure=True)


class Offered(msgspec.Struct, frozen=True):
    """A code that exists, with all that belongs to it."""

    code: Code
    batch: Batch
    campaign: Campaign
    share: int = 0
    """What a use takes of the campaign's budget."""


def judge(offered: Offered | None, redeemer: Redeemer, now: datetime) -> Refused | None:
    """Return why the code is not taken; None when it is."""
    blocked = redeemer.blocked(now)
    if blocked is not None:
        return Refused(RedeemRefusal.RATE_LIMITED, blocked)
    if offered is None or not offered.code.is_for(redeemer.player_id):
        return _INVALID
    use = redeemer.use_of(offered.code.id, offered.batch.id)
    if use is not None:
        return Refused(RedeemRefusal.ALREADY_USED, use.free_again(now))
    return _closed(offered, now) or _barred(offered.campaign, redeemer, now) or _spent(offered, now)


def _closed(offered: Offered, now: datetime) -> Refused | None:
    """The campaign, batch or code takes nobody now."""
    code, campaign = offered.code, offered.campaign
    if campaign.is_over(now) or offered.batch.bars(code):
        return _refused(RedeemRefusal.EXPIRED, campaign)
    if campaign.status is CampaignStatus.PAUSED:
        return Refused(RedeemRefusal.PAUSED)
    if not campaign.has_begun(now):
        return Refused(RedeemRefusal.NOT_YET, campaign.valid_from)
    if campaign.status is CampaignStatus.DEPLETED or campaign.is_depleted():
        return Refused(RedeemRefusal.DEPLETED)
    return Refused(RedeemRefusal.DEPLETED) if code.is_depleted(campaign.uses_per_code_max) else None


def _barred(campaign: Campaign, redeemer: Redeemer, now: datetime) -> Refused | None:
    """The campaign is not for this player."""
    is_barred = (campaign.new_players_only and not redeemer.is_new(now)) or (
        campaign.first_purchase_only and redeemer.has_bought
    )
    return _refused(RedeemRefusal.NOT_APPLICABLE, campaign) if is_barred else None


def _spent(offered: Offered, now: datetime) -> Refused | None:
    """The budget has no room for one more, which is nobody's failure."""
    budget = offered.campaign.budget
    if budget is None or budget.has_room(offered.share, now):
        return None
    return Refused(RedeemRefusal.BUDGET_SPENT, budget.opens_again(now))


def _refused(reason: RedeemRefusal, campaign: Campaign) -> Refused:
    """Codes of a public campaign pass from hand to hand: that one does not apply to everybody is no guessing."""
    forgiven = campaign.is_public and reason is RedeemRefusal.NOT_APPLICABLE
    return Refused(reason, is_failure=reason in FAILURES and not forgiven)
