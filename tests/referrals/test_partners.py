"""Who is a partner, in real turns on real Postgres (DOMAIN §9): players apply, ops decide or enrol."""

import pytest
from affiliate_stage import PARTNER, AffiliateStage
from referring_stage import Pool

from contracts.referrals import (
    AffiliateShown,
    ApplyAsAffiliate,
    DecidePartner,
    ListPartners,
    PartnerChanged,
    PartnerState,
    ShowAffiliate,
)

pytestmark = pytest.mark.services("referrals")


async def test_a_player_applies_and_ops_decide(pool: Pool) -> None:
    stage = AffiliateStage(pool)
    await stage.take(ShowAffiliate(player_id=PARTNER))
    assert stage.heard(AffiliateShown)[-1].state is None
    await stage.take(ApplyAsAffiliate(player_id=PARTNER), ApplyAsAffiliate(player_id=PARTNER))
    shown = stage.heard(AffiliateShown)[-1]
    assert (shown.state, shown.code, shown.first_per_mille) == (PartnerState.APPLIED, "", 0)
    listed = await stage.answer(ListPartners(state=PartnerState.APPLIED))
    assert [one.player_id for one in listed.partners] == [PARTNER]
    rejected = await stage.answer(DecidePartner(player_id=PARTNER, state=PartnerState.REJECTED, note="too new"))
    assert rejected.partner.state is PartnerState.REJECTED
    refused = await stage.answer(DecidePartner(player_id=PARTNER, state=PartnerState.APPROVED, note="well"))
    assert (refused.done, "REJECTED" in refused.reason) == (False, True)
    await stage.take(ApplyAsAffiliate(player_id=PARTNER))
    approved = await stage.answer(DecidePartner(player_id=PARTNER, state=PartnerState.APPROVED, note="well"))
    assert (approved.partner.state, approved.partner.first_per_mille) == (PartnerState.APPROVED, 300)
    changes = stage.heard(PartnerChanged)
    assert [(one.state, one.revision) for one in changes] == [(PartnerState.REJECTED, 1), (PartnerState.APPROVED, 2)]
    await stage.take(ShowAffiliate(player_id=PARTNER))
    assert stage.heard(AffiliateShown)[-1].code == changes[-1].code != ""


async def test_nobody_who_never_applied_is_approved_but_may_be_enrolled(pool: Pool) -> None:
    stage = AffiliateStage(pool)
    answer = await stage.answer(DecidePartner(player_id=PARTNER, state=PartnerState.APPROVED, note="well"))
    assert (answer.done, "affiliate.enrol" in answer.reason) == (False, True)
    wish = DecidePartner(player_id=PARTNER, state=PartnerState.APPROVED, enrol=True, note="well")
    assert (await stage.answer(wish)).done
    again = await stage.answer(wish)
    assert (again.done, "already" in again.reason) == (False, True)
