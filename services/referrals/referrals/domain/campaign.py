"""A campaign of ops: a link with a name and what it cost (DOMAIN §9)."""

from datetime import datetime

import msgspec

from contracts.referrals import CampaignFigures, CampaignLinkView


class CampaignLink(msgspec.Struct, kw_only=True):
    """One link."""

    code: str
    name: str
    cost_minor: int
    currency: str
    created_at: datetime

    def view(self) -> CampaignLinkView:
        """Return it as operators see it."""
        return CampaignLinkView(
            code=self.code,
            name=self.name,
            cost_minor=self.cost_minor,
            currency=self.currency,
            created_at=self.created_at,
        )


class UsedName(msgspec.Struct, frozen=True):
    """A name that a campaign has: no other may have it."""

    name: str
    code: str


class CampaignCounts(msgspec.Struct, frozen=True):
    """What came of a campaign."""

    starts: int = 0
    answered_20: int = 0
    returned_day_1: int = 0
    returned_day_7: int = 0
    returned_day_30: int = 0
    payers: int = 0
    stars: int = 0

    def figures(self, campaign: CampaignLink) -> CampaignFigures:
        """Return them with what a payer cost."""
        return CampaignFigures(
            done=True,
            campaign=campaign.view(),
            cost_per_payer=-(-campaign.cost_minor // self.payers) if self.payers else None,
            **msgspec.structs.asdict(self),
        )
