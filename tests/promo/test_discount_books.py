"""Hypothesis drives redemptions, purchases, refunds and time in any order: no use is lost, none gained (DOMAIN §7)."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.promo import BudgetUnit, CampaignType, RedemptionState
from promo.domain.booking import Booking
from promo.domain.budget import Budget
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.redemption import RESERVED_FOR, Redemption

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
USES = 2
USED = (RedemptionState.APPLIED, RedemptionState.APPLIED_LATE, RedemptionState.REVOKED)
WORDS = ("reserve", "bind", "hold", "let_go", "credit", "refund", "expire")
MOST_OFF, STARS = 50, 120
"""What a discount can take off at most, and the day's budget of Stars."""

steps = st.lists(
    st.tuples(
        st.sampled_from(WORDS),
        st.integers(0, 3),  # of which player
        st.integers(0, 1),  # about which of two purchases
        st.integers(0, 40),  # minutes later
        st.integers(0, 5),  # said so many minutes before it is heard
    ),
    max_size=40,
)


class Books:
    """A campaign of two uses, one code, and up to four players who redeem it."""

    def __init__(self) -> None:
        self.now = NOON
        self.campaign = Campaign(
            name="spring", type=CampaignType.PERCENT_DISCOUNT, percent=20, valid_from=NOON, created_at=NOON,
            uses_max=USES, uses_per_code_max=None, budget=Budget(STARS, BudgetUnit.STARS),
        )  # fmt: skip
        self.code = Code(UUID(int=1), "spring", UUID(int=2))
        self.made: list[Redemption] = []
        self.current: dict[int, Booking] = {}
        self.paid: set[UUID] = set()

    @property
    def budget(self) -> Budget:
        assert self.campaign.budget is not None
        return self.campaign.budget

    def reserve(self, player: int) -> None:
        standing = self.current.get(player)
        if not self.budget.has_room(MOST_OFF, self.now):
            return
        if self.campaign.is_depleted() or (standing and standing.redemption.state is not RedemptionState.EXPIRED):
            return
        redemption = Redemption(
            id=UUID(int=100 + len(self.made)), player_id=player, code_id=self.code.id, batch_id=self.code.batch_id,
            campaign="spring", state=RedemptionState.RESERVED, made_at=self.now, changed_at=self.now, percent=20,
            reserved_until=self.now + RESERVED_FOR,
        )  # fmt: skip
        self.made.append(redemption)
        self.current[player] = Booking(redemption, self.campaign, self.code)
        self.current[player].reserve(MOST_OFF, self.now)

    def hear(self, word: str, player: int, purchase: UUID, said_at: datetime) -> None:
        booking = self.current.get(player)
        if booking is None:
            return
        redemption = booking.redemption
        if word in ("bind", "hold", "let_go"):
            getattr(redemption, word)(purchase, said_at)
            if word == "bind":
                booking.invoice(purchase, stars_off=20 + purchase.int)
        elif word == "credit":
            booking.apply(purchase, self.now)
            self.paid.add(redemption.id)
        elif word == "refund":
            booking.apply(purchase, self.now)
            booking.revoke(purchase, self.now)
            self.paid.add(redemption.id)
        elif redemption.is_due(self.now):
            booking.expire(self.now)

    def check(self) -> None:
        states = Counter(one.state for one in self.made)
        used, reserved = sum(states[one] for one in USED), states[RedemptionState.RESERVED]
        assert (self.campaign.used, self.campaign.reserved) == (used, reserved)
        assert (self.code.used, self.code.reserved) == (used, reserved)
        assert used + reserved <= USES + self.campaign.overrun
        assert self.campaign.overrun >= states[RedemptionState.APPLIED_LATE]
        assert all(one.state in USED for one in self.made if one.id in self.paid)
        self._check_budget()

    def _check_budget(self) -> None:
        """Gone of the period is what its redemptions took; too much only where money came late."""
        of_period = [one for one in self.made if one.budget_begins == self.budget.period_begins is not None]
        assert self.budget.spent == sum(one.budget_share for one in of_period)
        late = MOST_OFF * self.campaign.overrun
        assert self.budget.spent <= STARS + late
        for one in of_period:
            off = MOST_OFF if one.state is RedemptionState.RESERVED or one.stars_off is None else one.stars_off
            assert one.budget_share == off


@settings(max_examples=300, deadline=None)
@given(steps)
def test_no_use_is_lost_and_none_is_gained(plan: list[tuple[str, int, int, int, int]]) -> None:
    books = Books()
    for word, player, purchase, later, ago in plan:
        books.now += timedelta(minutes=later)
        if word == "reserve":
            books.reserve(player)
        else:
            books.hear(word, player, UUID(int=10 + purchase), books.now - timedelta(minutes=ago))
        books.check()


@given(st.permutations(["bind", "hold", "credit"]))
def test_whatever_the_order_a_paid_discount_is_applied_once(order: list[str]) -> None:
    books, purchase = Books(), UUID(int=10)
    said = {"bind": NOON, "hold": NOON + timedelta(seconds=5), "credit": NOON + timedelta(seconds=9)}
    books.reserve(0)
    for word in (*order, *order):
        books.hear(word, 0, purchase, said[word])
        books.check()
    assert (books.campaign.used, books.campaign.reserved, books.campaign.overrun) == (1, 0, 0)


def test_a_discount_that_is_being_paid_never_expires_and_ends_with_its_purchase() -> None:
    books, purchase = Books(), UUID(int=10)
    books.reserve(0)
    books.hear("bind", 0, purchase, NOON)
    books.hear("hold", 0, purchase, NOON + timedelta(minutes=10))
    books.hear("bind", 0, purchase, NOON)  # told again, late
    books.now += timedelta(hours=2, minutes=9)
    books.hear("expire", 0, purchase, books.now)
    assert books.campaign.reserved == 1
    books.hear("let_go", 0, UUID(int=11), books.now)  # another purchase came to nothing
    assert books.current[0].redemption.reserved_until is None
    books.hear("let_go", 0, purchase, books.now)
    books.hear("expire", 0, purchase, books.now)
    assert (books.campaign.reserved, books.made[0].state) == (0, RedemptionState.EXPIRED)


def test_an_older_word_changes_nothing() -> None:
    """The first invoice was replaced by another product's; its own word comes again, late."""
    books, first, second = Books(), UUID(int=10), UUID(int=11)
    books.reserve(0)
    books.hear("bind", 0, second, NOON + timedelta(minutes=5))
    books.hear("bind", 0, first, NOON)
    assert books.current[0].redemption.purchase_id == second
