"""The contracts of promo: codes, campaigns, redemptions (DOMAIN §7)."""

from contracts.promo.codes import CODE_LENGTH_MAX, HINT_LENGTH, PepperError, Peppers, normalised
from contracts.promo.commands import GuardCampaign, GuardThrottle, RedeemCode, RollCampaign
from contracts.promo.events import (
    BruteForceCleared,
    BruteForceSuspected,
    CampaignAutoPaused,
    CampaignEnded,
    CodeRefused,
    PremiumRedeemed,
)
from contracts.promo.operators import (
    BatchAnswer,
    CampaignAnswer,
    CampaignFilter,
    CampaignList,
    CampaignView,
    CreateCampaign,
    ListCampaigns,
    RevokeBatch,
    SetCampaignStatus,
    ShowCampaign,
)
from contracts.promo.vocabulary import (
    BudgetPeriod,
    BudgetUnit,
    CampaignScope,
    CampaignStatus,
    CampaignType,
    RedeemRefusal,
    RedemptionState,
)

__all__ = [
    "CODE_LENGTH_MAX",
    "HINT_LENGTH",
    "BatchAnswer",
    "BruteForceCleared",
    "BruteForceSuspected",
    "BudgetPeriod",
    "BudgetUnit",
    "CampaignAnswer",
    "CampaignAutoPaused",
    "CampaignEnded",
    "CampaignFilter",
    "CampaignList",
    "CampaignScope",
    "CampaignStatus",
    "CampaignType",
    "CampaignView",
    "CodeRefused",
    "CreateCampaign",
    "GuardCampaign",
    "GuardThrottle",
    "ListCampaigns",
    "PepperError",
    "Peppers",
    "PremiumRedeemed",
    "RedeemCode",
    "RedeemRefusal",
    "RedemptionState",
    "RevokeBatch",
    "RollCampaign",
    "SetCampaignStatus",
    "ShowCampaign",
    "normalised",
]
