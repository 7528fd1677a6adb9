"""The account of promo codes: every use is somebody's, paid for or given, and promo's books say what payments' say."""

from typing import Any

import asyncpg

from contracts.promo import RedemptionState

_USED = (RedemptionState.APPLIED, RedemptionState.APPLIED_LATE, RedemptionState.REVOKED)
_NAMES = ", ".join(f"'{state}'" for state in _USED)


async def uses_wrong(connection: "asyncpg.Connection[Any]") -> list[str]:
    """Return what does not add up, a line each; see the queries."""
    return [f"{name}: {dict(row)}" for name, query in _QUERIES.items() for row in await connection.fetch(query)]


async def uses_told(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return how many redemptions there are by state, and the overrun of all campaigns."""
    rows = await connection.fetch("select lower(state), count(*) from promo.redemptions group by state order by state")
    overrun: int = await connection.fetchval("select coalesce(sum(overrun), 0) from promo.campaigns")
    return {row[0]: row[1] for row in rows} | {"overrun": overrun}


_QUERIES = {
    "a campaign's uses": f"""
        select c.name, c.used, c.reserved, c.overrun, c.uses_max, r.used as redeemed, r.reserved as held
        from promo.campaigns as c
        left join (
            select campaign, count(*) filter (where state in ({_NAMES})) as used,
                count(*) filter (where state = 'RESERVED') as reserved
            from promo.redemptions group by campaign
        ) as r on r.campaign = c.name
        where (c.used, c.reserved) is distinct from (coalesce(r.used, 0), coalesce(r.reserved, 0))
            or c.used + c.reserved > c.uses_max + c.overrun
    """,
    "a code's uses": f"""
        select c.hint, c.used, c.reserved, r.used as redeemed, r.reserved as held
        from promo.codes as c
        left join (
            select code_id, count(*) filter (where state in ({_NAMES})) as used,
                count(*) filter (where state = 'RESERVED') as reserved
            from promo.redemptions group by code_id
        ) as r on r.code_id = c.id
        where (c.used, c.reserved) is distinct from (coalesce(r.used, 0), coalesce(r.reserved, 0))
    """,
    "two uses of a code by one player": f"""
        select player_id, code_id, count(*) from promo.redemptions where state in ({_NAMES}, 'RESERVED')
        group by player_id, code_id having count(*) > 1
    """,
    # What is being paid when the run ends may never be: it ends with its purchase.
    "a reservation left over": """
        select r.id, r.reserved_until, r.purchase_id, p.state from promo.redemptions as r
        left join payments.purchases as p on p.id = r.purchase_id
        where r.state = 'RESERVED' and p.state is distinct from 'PRECHECKOUT_OK'
    """,
    "a budget": """
        select c.name, c.budget_spent, r.share, c.budget from promo.campaigns as c
        join (
            select campaign, budget_begins, sum(budget_share) as share
            from promo.redemptions where budget_begins is not null group by campaign, budget_begins
        ) as r on r.campaign = c.name and r.budget_begins = c.budget_begins
        where c.budget_spent <> r.share or (c.budget_spent > c.budget and c.overrun = 0)
    """,
    # As many as block; who was refused before the last day counts for nothing.
    "failures of the throttle": """
        select a.player_id, a.failures, cardinality(r.failures) as kept from (
            select player_id, count(*) as failures from promo.attempts
            where is_failure and at > now() - interval '24 hours' group by player_id
        ) as a left join promo.redeemers as r using (player_id)
        where cardinality(r.failures) is distinct from least(5, a.failures)
    """,
    "what the dashboard counts of attempts": """
        select result, c.attempts, a.attempts as rows from
            (select result, sum(attempts) as attempts from promo.attempt_counts group by result) as c
        full join (select result, count(*) as attempts from promo.attempts group by result) as a using (result)
        where c.attempts is distinct from a.attempts
    """,
    "what the dashboard counts of discounts": """
        select state, c.discounts, r.discounts as rows from
            (select state, sum(discounts) as discounts from promo.discount_counts group by state) as c
        full join (
            select state, count(*) as discounts from promo.redemptions where percent > 0 group by state
        ) as r using (state)
        where coalesce(c.discounts, 0) <> coalesce(r.discounts, 0)
    """,
    "accepted, and not redeemed": """
        select * from
            (select count(*) as accepted from promo.attempts where result = 'accepted') as a,
            (select count(*) as redeemed from promo.redemptions where code_id is not null) as r
        where accepted <> redeemed
    """,
    "a discount that was paid, and not used up": """
        select p.id, p.state, r.state as redemption from payments.purchases as p
        left join promo.redemptions as r on r.id = p.redemption_id and r.purchase_id = p.id
        where p.redemption_id is not null and (
            (p.state = 'CREDITED' and coalesce(r.state, '') not in ('APPLIED', 'APPLIED_LATE'))
            or (p.state = 'REFUNDED' and p.credited_at is not null and r.state is distinct from 'REVOKED')
        )
    """,
    "a discount that was used up, and not paid": """
        select r.id, r.state, p.state as purchase from promo.redemptions as r
        left join payments.purchases as p on p.id = r.purchase_id
        where r.percent > 0 and r.state in ('APPLIED', 'APPLIED_LATE') and p.state is distinct from 'CREDITED'
    """,
    "a discount that was paid twice": """
        select redemption_id, count(*) from payments.purchases
        where redemption_id is not null and state = 'CREDITED' group by redemption_id having count(*) > 1
    """,
    "premium redeemed, and not granted once": """
        select r.id, g.grants from promo.redemptions as r
        left join (
            select idempotency_key, count(*) as grants from payments.ledger_transactions group by idempotency_key
        ) as g on g.idempotency_key = 'grant:' || r.id
        where r.percent = 0 and g.grants is distinct from 1
    """,
}
