"""Promo and payments together (DOMAIN §6, §7): no use is both free and at the till, none is lost, none gained.

Whatever the order of redemptions, purchases, payments, refunds and time, and of the words between them.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from two_books import World

from contracts.payments import Product
from contracts.promo import RedemptionState

_OFTEN = {"deliver": 5, "visit": 3, "pay": 3, "wait": 2}
_WORDS = ("redeem", "buy", "check", "give_back", "lose", "sweep", "expire", "credit", *_OFTEN)
_STEPS = [word for word in _WORDS for _ in range(_OFTEN.get(word, 1))]

steps = st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 9)), min_size=12, max_size=50)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_no_use_is_free_and_at_the_till_and_none_is_lost_or_gained(plan: list[tuple[str, int]]) -> None:
    world = World()
    for word, number in plan:
        world.step(word, number)
        world.audit()
    world.settle()
    world.audit_end()


def _at_the_till() -> World:
    """A player whose pre-checkout passed in the last moment; nothing that payments said is heard yet."""
    world = World()
    world.redeem(1)
    world.deliver(0)
    world.buy(1, Product.ENERGY_10)
    world.wait(14)
    world.check(0)
    return world


def test_promo_that_hears_nothing_for_an_hour_frees_nothing_that_is_at_the_till() -> None:
    world = _at_the_till()
    world.wait(40)
    world.expire()
    words, world.bag[:] = world.bag[:-1], world.bag[-1:]
    world.deliver(0)  # what promo asked
    assert world.promo.campaign.reserved == 1
    world.pay(0)
    world.credit()
    world.bag += words
    world.settle()
    world.audit_end()
    (redemption,) = world.promo.redemptions.values()
    assert (redemption.state, world.promo.campaign.overrun) == (RedemptionState.APPLIED, 0)


def test_money_that_goes_back_before_its_credit_has_used_nothing() -> None:
    world = _at_the_till()
    world.pay(0)
    world.give_back(0)
    world.settle()
    world.audit_end()
    assert (world.promo.campaign.used, world.promo.campaign.reserved) == (0, 0)


def test_late_money_takes_the_place_of_what_was_reserved_since() -> None:
    """The first discount ran out and its invoice failed; while the second is reserved the first one's money comes."""
    world = _at_the_till()
    world.wait(61)
    world.sweep()
    for _ in range(2):
        world.expire()
        while world.bag:
            world.deliver(0)
    world.redeem(1)
    world.pay(0)
    world.settle()
    world.audit_end()
    states = sorted(one.state for one in world.promo.redemptions.values())
    assert states == [RedemptionState.APPLIED_LATE, RedemptionState.EXPIRED]
