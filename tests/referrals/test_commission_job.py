"""What the job about commissions takes up (DOMAIN §9): what does not stand as it should, and nothing else."""

import pytest
from affiliate_stage import PARTNER, AffiliateStage
from referring_stage import Pool

from contracts.referrals import AffiliateShown, CommissionState, SetPartnerRates, SettleCommission, ShowAffiliate
from referrals.domain.affiliates.figures import COUNTED_FROM
from referrals.handlers.commission_jobs import count_funnels

pytestmark = pytest.mark.services("referrals")


@pytest.fixture
async def stage(pool: Pool) -> AffiliateStage:
    made = AffiliateStage(pool)
    await made.enrol()
    await made.come()
    return made


async def test_a_sale_that_earned_nothing_when_it_was_credited_is_not_taken_up_again(stage: AffiliateStage) -> None:
    await stage.take(
        SetPartnerRates(player_id=PARTNER, first_per_mille=0, later_per_mille=150, note="a deal"),
    )
    stage.wait(seconds=1)
    at_nothing = stage.credited()
    await stage.take(at_nothing)
    stage.wait(days=1)
    await stage.settle()
    assert stage.taken_by_jobs == []
    # One that earns, and of which the word was lost, is.
    await stage.take(SetPartnerRates(player_id=PARTNER, first_per_mille=300, later_per_mille=150, note="a deal"))
    stage.wait(seconds=1)
    stage.lost = (SettleCommission,)
    earning = stage.credited()
    await stage.take(earning)
    stage.lost = ()
    await stage.settle()
    assert ((await stage.sale(at_nothing)).state, (await stage.sale(earning)).state) == (
        CommissionState.NONE,
        CommissionState.PENDING,
    )
    await stage.books_are_even()


@pytest.mark.parametrize("is_payable", [True, False])
async def test_a_refund_whose_consequence_was_lost_is_taken_back(stage: AffiliateStage, is_payable: bool) -> None:
    bought = await stage.earn(100) if is_payable else stage.credited()
    await stage.take(bought)
    stage.lost = (SettleCommission,)
    await stage.take(stage.refunded(bought))
    stage.lost = ()
    await stage.settle()
    assert (await stage.sale(bought)).state is CommissionState.TAKEN_BACK
    assert ((await stage.partner()).purse.pending, (await stage.partner()).purse.payable) == (0, 0)
    await stage.books_are_even()


@pytest.mark.parametrize("brought", [COUNTED_FROM - 1, COUNTED_FROM])
async def test_whom_the_biggest_partners_brought_is_counted_by_the_job_alone(
    stage: AffiliateStage, brought: int
) -> None:
    sql = """insert into referrals select (jsonb_populate_record(r, jsonb_build_object('player_id', 1000000 + n))).*
        from referrals as r, generate_series(2, $1) as n where r.referrer_id = $2"""
    await stage.pool.execute(sql, brought, PARTNER)
    await stage.run(count_funnels.due())
    await stage.pool.execute(
        "insert into referrals select (jsonb_populate_record(r, '{\"player_id\": 9}')).* "
        "from referrals as r where player_id = 1000002"
    )
    await stage.take(ShowAffiliate(player_id=PARTNER))
    is_big = brought == COUNTED_FROM
    assert stage.heard(AffiliateShown)[-1].funnel.starts == (brought if is_big else brought + 1)
    await stage.run(count_funnels.due())
    await stage.take(ShowAffiliate(player_id=PARTNER))
    assert stage.heard(AffiliateShown)[-1].funnel.starts == brought + 1
