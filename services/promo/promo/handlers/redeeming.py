"""A player types a code (DOMAIN §7): every refusal is an event, every attempt is written down."""

from typing import Annotated
from uuid import UUID

import msgspec

from actors.store import Via
from actors.turn import Turn
from contracts.payments import GrantPremium, HoldDiscount
from contracts.promo import (
    CampaignType,
    CodeRefused,
    DiscountReserved,
    PremiumRedeemed,
    RedeemAnswer,
    RedeemCode,
    RedemptionState,
)
from promo.domain.alarm import Vigilance
from promo.domain.attempt import Attempt
from promo.domain.booking import Booking
from promo.domain.campaign import Campaign, products_of
from promo.domain.code import Batch, Code, FoundCode
from promo.domain.prices import PriceBook
from promo.domain.redeemer import Redeemer
from promo.domain.redeeming import Offered, Refused, judge
from promo.domain.redemption import RESERVED_FOR, Redemption, Use
from promo.handlers.table import actor

_PlayerId = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
_Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
_Fingerprints = Annotated[tuple[_Fingerprint, ...], msgspec.Meta(max_length=8)]


def _campaign(found: FoundCode, _: RedeemCode) -> str:
    return found.campaign


def _batch(found: FoundCode, _: RedeemCode) -> UUID:
    return found.batch_id


def _code(found: FoundCode, _: RedeemCode) -> UUID:
    return found.code_id


@actor.admin("code", "redeem", answer=RedeemAnswer, limits={"player_id": _PlayerId, "fingerprints": _Fingerprints})
@actor.on(RedeemCode)
def redeem_code(
    command: RedeemCode,
    found: FoundCode | None,
    redeemer: Redeemer,
    campaign: Annotated[Campaign | None, Via(FoundCode, _campaign)],
    batch: Annotated[Batch | None, Via(FoundCode, _batch)],
    code: Annotated[Code | None, Via(FoundCode, _code)],
    vigilance: Vigilance,
    prices: PriceBook,
    turn: Turn,
) -> None:
    """Give what the code gives, or say why not. A failure is counted although nothing else happens."""
    del command  # all it says has been looked up
    offered = None
    if found is not None and campaign is not None and batch is not None and code is not None:
        offered = Offered(code, batch, campaign, campaign.share(prices))
    standing = (
        None if offered is None or redeemer.blocked(turn.now) else redeemer.reservation(offered.code.id, turn.now)
    )
    if offered is not None and standing is not None:
        _tell_discount(offered, standing, redeemer, turn, again=True)
        return
    refused = judge(offered, redeemer, turn.now)
    if refused is not None:
        tries_left = redeemer.fail(turn.now, vigilance.failures_allowed) if refused.is_failure else None
        _refuse(refused, tries_left, offered, redeemer, turn)
    elif offered is not None:
        take = _grant if offered.campaign.type is CampaignType.PREMIUM_GRANT else _reserve
        take(offered, redeemer, turn)
        turn.record(_attempt(redeemer, "accepted", offered, turn))


def _grant(offered: Offered, redeemer: Redeemer, turn: Turn) -> None:
    """Count the use and hand the days to payments, under the redemption's id."""
    code, campaign = offered.code, offered.campaign
    redemption = Redemption(
        id=turn.new_id(),
        player_id=redeemer.player_id,
        code_id=code.id,
        batch_id=code.batch_id,
        campaign=campaign.name,
        state=RedemptionState.APPLIED,
        made_at=turn.now,
        changed_at=turn.now,
    )
    turn.create(redemption)
    redeemer.note_use(Use(redemption.id, code.id, code.batch_id))
    Booking(redemption, campaign, code).grant(offered.share, turn.now)
    turn.emit(premium_of(redemption, campaign))
    turn.emit(
        PremiumRedeemed(
            player_id=redeemer.player_id,
            redemption_id=redemption.id,
            campaign=campaign.name,
            days=campaign.premium_days,
            rank=campaign.premium_rank,
        )
    )
    turn.reply(
        RedeemAnswer(
            accepted=True,
            redemption_id=redemption.id,
            campaign=campaign.name,
            type=campaign.type,
            premium_days=campaign.premium_days,
        )
    )


def premium_of(redemption: Redemption, campaign: Campaign) -> GrantPremium:
    """Return the word that has payments give the days; told again it says the same, and gives once."""
    return GrantPremium(
        player_id=redemption.player_id,
        days=campaign.premium_days,
        rank=campaign.premium_rank,
        source="PROMO",
        reason=f"promo campaign {campaign.name}",
        grant_id=redemption.id,
    )


def _reserve(offered: Offered, redeemer: Redeemer, turn: Turn) -> None:
    """Hold a use for 15 minutes, and let payments take the discount off a price."""
    code, campaign = offered.code, offered.campaign
    until = turn.now + RESERVED_FOR
    redemption = Redemption(
        id=turn.new_id(),
        player_id=redeemer.player_id,
        code_id=code.id,
        batch_id=code.batch_id,
        campaign=campaign.name,
        state=RedemptionState.RESERVED,
        made_at=turn.now,
        changed_at=turn.now,
        percent=campaign.percent,
        reserved_until=until,
    )
    turn.create(redemption)
    Booking(redemption, campaign, code).reserve(offered.share, turn.now)
    use = Use(redemption.id, code.id, code.batch_id, until, True, campaign.first_purchase_only)
    redeemer.note_use(use)
    _tell_discount(offered, use, redeemer, turn)


def _tell_discount(offered: Offered, use: Use, redeemer: Redeemer, turn: Turn, *, again: bool = False) -> None:
    """Have payments hold it, which tells the player the prices; a repeated word changes nothing there."""
    campaign, until = offered.campaign, use.reserved_until or turn.now
    turn.emit(
        HoldDiscount(
            player_id=redeemer.player_id,
            redemption_id=use.redemption_id,
            percent=campaign.percent,
            products=products_of(campaign.scope),
            reserved_until=until,
        )
    )
    turn.emit(
        DiscountReserved(
            player_id=redeemer.player_id,
            redemption_id=use.redemption_id,
            campaign=campaign.name,
            percent=campaign.percent,
            products=products_of(campaign.scope),
            reserved_until=until,
            again=again,
        )
    )
    turn.reply(
        RedeemAnswer(
            accepted=True,
            redemption_id=use.redemption_id,
            campaign=campaign.name,
            type=campaign.type,
            percent=campaign.percent,
            products=products_of(campaign.scope),
            reserved_until=until,
        )
    )


def _refuse(refused: Refused, tries_left: int | None, offered: Offered | None, redeemer: Redeemer, turn: Turn) -> None:
    blocked = redeemer.blocked(turn.now) if refused.is_failure else None
    until = refused.until or blocked
    turn.emit(CodeRefused(player_id=redeemer.player_id, reason=refused.reason, until=until, tries_left=tries_left))
    turn.reply(RedeemAnswer(accepted=False, reason=refused.reason, until=until, tries_left=tries_left))
    turn.record(_attempt(redeemer, refused.reason, offered, turn, is_failure=refused.is_failure))


def _attempt(
    redeemer: Redeemer, result: str, offered: Offered | None, turn: Turn, *, is_failure: bool = False
) -> Attempt:
    code_id, campaign = (None, None) if offered is None else (offered.code.id, offered.campaign.name)
    return Attempt(turn.now, redeemer.player_id, str(result), is_failure, code_id, campaign)
