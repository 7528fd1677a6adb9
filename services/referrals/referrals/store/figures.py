"""The dashboard, the review queue and campaigns' figures, read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from actors.queries import load
from actors.store import Connection, ReadModel
from contracts.referrals import (
    FraudRule,
    LinkKind,
    ReferralsDashboard,
    ReferralState,
    ReferrerInWindow,
    ReviewFilter,
    ReviewList,
)
from referrals.domain.campaign import CampaignCounts
from referrals.domain.review import case_of
from referrals.store.members import REFERRALS

SQL: Final = load("referrals.store", "figures.sql")
REVIEWS: Final = f"""{REFERRALS.select}
where rule is not null and verdict is null and not is_cleared
    and ($1::text is null or state = $1) and ($2::text is null or rule = $2)
    and ($3::bigint is null or referrer_id = $3)
order by score desc, touched_at desc, player_id limit $4 offset $5"""


async def dashboard(connection: Connection, since: datetime, until: datetime) -> ReferralsDashboard:
    """Count all of a window at one instant."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        started = await connection.fetch(SQL["started"], since, until)
        top = await connection.fetch(SQL["top_referrers"], since, until)
        (happened,) = await connection.fetch(SQL["happened"], since, until)
    qualified, claimed, taken_back, bonuses, to_review = happened
    kinds, states, rules = Counter[LinkKind](), Counter[ReferralState](), Counter[FraudRule]()
    for kind, state, rule, count in started:
        kinds[LinkKind(kind)] += count
        states[ReferralState(state)] += count
        if rule is not None:
            rules[FraudRule(rule)] += count
    starts = states.total()
    return ReferralsDashboard(
        since=since,
        until=until,
        starts=starts,
        by_kind=dict(kinds),
        by_state=dict(states),
        by_rule=dict(rules),
        fraud_rate=states[ReferralState.REJECTED_FRAUD] / starts if starts else None,
        qualified=qualified,
        slots_claimed=claimed,
        rewards_taken_back=taken_back,
        bonuses_given=bonuses,
        to_review=to_review,
        top_referrers=tuple(ReferrerInWindow(referrer_id=row[0], starts=row[1], rejected=row[2]) for row in top),
    )


async def judged(connection: Connection, since: datetime) -> tuple[int, int, int, int | None]:
    """Return starts since then, those rejected, the most rejected of one referrer's, and whose those are."""
    (row,) = await connection.fetch(SQL["judged"], since)
    starts, rejected, for_one, referrer_id = row
    return starts, rejected, for_one, referrer_id


class ReviewPages(ReadModel[ReviewFilter, ReviewList]):
    """Pages of the review queue."""

    state = ReviewList
    key_field = "filter"

    async def load(self, connection: Connection, keys: Sequence[ReviewFilter]) -> Mapping[ReviewFilter, ReviewList]:
        """Read each page that is wanted; operators ask for one at a time."""
        return {key: await _page(connection, key) for key in keys}


async def _page(connection: Connection, wanted: ReviewFilter) -> ReviewList:
    narrowed: tuple[Any, ...] = (wanted.state, wanted.rule, wanted.referrer_id)
    offset = (wanted.page - 1) * wanted.page_size
    rows = await connection.fetch(REVIEWS, *narrowed, wanted.page_size, offset)
    total = await connection.fetchval(SQL["count_reviews"], *narrowed)
    return ReviewList(cases=tuple(case_of(REFERRALS.state_of(row)) for row in rows), total=total)


class CampaignCountsOf(ReadModel[str, CampaignCounts]):
    """What came of campaigns."""

    state = CampaignCounts
    key_field = "code"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, CampaignCounts]:
        """Count each that is wanted."""
        return {row[0]: CampaignCounts(*row[1:]) for row in await connection.fetch(SQL["campaign_counts"], keys)}

    def blank(self, key: str) -> CampaignCounts:
        """Return those of one that nobody came by."""
        del key
        return CampaignCounts()
