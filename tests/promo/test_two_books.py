"""Promo and payments together (DOMAIN §6, §7): no use is both free and at the till, none is lost, none gained.

Whatever the order of redemptions, purchases, payments, refunds and time, and of the words between them.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from two_books import World

from contracts.payments import Product
from contracts.promo import RedemptionState

_PRODUCTS = (Product.ENERGY_10, Product.MEGA_PACK_15)
_PLAYERS = st.integers(1, 3)
_ANY = st.integers(0, 9)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("redeem"), _PLAYERS),
        st.tuples(st.just("buy"), _PLAYERS, st.sampled_from(_PRODUCTS)),
        st.tuples(st.sampled_from(["check", "pay", "give_back", "lose"]), _ANY),
        st.tuples(st.just("deliver"), _ANY),
        st.tuples(st.just("deliver"), _ANY),
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 14, 31, 61])),
        st.tuples(st.sampled_from(["sweep", "expire"])),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_no_use_is_free_and_at_the_till_and_none_is_lost_or_gained(plan: list[tuple[str, object]]) -> None:
    world = World()
    for word, *arguments in plan:
        getattr(world, word)(*arguments)
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
    world.bag += words
    world.settle()
    world.audit_end()
    (redemption,) = world.promo.redemptions.values()
    assert (redemption.state, world.promo.campaign.overrun) == (RedemptionState.APPLIED, 0)


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
