"""Partners in chaos: the crowd comes by their links, 30 days pass at once, payouts are asked for, approved, and given.

At the end commissions, their ledger and payments' purchases say the same, and Telegram gave what was paid out.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from chaos.operators import Operator
from contracts.referrals import PayoutKind
from devstack.stack import Stack
from gateway.buttons import PayoutButton

RATE = 1_000
"""Per mille: with the rates of the rules few would reach a payout in so short a time."""
GIFT = PayoutButton(kind=PayoutKind.PREMIUM_GIFT, months=3).pack()
FAULTS: list[dict[str, Any]] = [
    {"on": "method", "method": "giftPremiumSubscription", "do": "timeout_after", "seconds": 1, "probability": 0.25},
    {"on": "method", "method": "giftPremiumSubscription", "do": "raw_after", "probability": 0.15},
    {"on": "method", "method": "giftPremiumSubscription", "do": "503", "probability": 0.1},
    {"on": "method", "method": "giftPremiumSubscription", "do": "429", "retry_after": 1, "probability": 0.1},
]
WAITS = {"GIFT_DENIED_SECONDS": "20"}


async def enrol(operator: Operator, players: Sequence[int], seed: int) -> None:
    """Make these players partners who earn all that is bought by those whom they bring."""
    for player_id in players:
        words = {"player_id": player_id, "note": "chaos", "request_id": f"enrol-{seed}-{player_id}"}
        await operator.ask("admin.referrals.affiliate.enrol", words)
        rates = {"first_per_mille": RATE, "later_per_mille": RATE, "request_id": f"rate-{seed}-{player_id}"}
        await operator.ask("admin.referrals.affiliate.rate", words | rates)


async def pay_out(stack: Stack, operator: Operator) -> None:
    """Let 30 days pass for every commission that is pending, and approve the payouts that are asked for."""
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"), timeout=5)
    try:
        await connection.execute(_LONG_AGO)
        waiting = await connection.fetch("select payout_id from referrals.payouts where state = 'REQUESTED'")
    finally:
        await connection.close(timeout=5)
    for (payout_id,) in waiting:
        words = {"payout_id": str(payout_id), "note": "chaos", "request_id": f"approve-{payout_id}"}
        held = await operator.ask("admin.referrals.payout.approve", words)
        if held.get("waits_for_approval"):  # an error says that it was decided before
            seconded = {"approval_id": held["approval_id"], "request_id": f"second-{payout_id}"}
            await operator.second("admin.referrals.approval.approve", seconded)


_LONG_AGO = """
update referrals.sales set credited_at = credited_at - interval '30 days'
where state = 'PENDING' and credited_at > now() - interval '29 days'
"""


async def partners_wrong(connection: "asyncpg.Connection[Any]", gifts: list[Any]) -> list[str]:
    """Return what does not add up, a line each; `gifts` are those that Telegram gave."""
    sent = {
        str(row[0]): (row[1], row[2])
        for row in await connection.fetch(
            """select g.row_id, p.player_id, p.months from referrals.payouts as p
            left join payments.telegram_gifts as g on g.gift_id = p.payout_id
            where p.kind = 'PREMIUM_GIFT' and p.state = 'SENT'"""
        )
    }
    at_telegram = {one["id"]: (one["player_id"], one["months"]) for one in gifts}
    found = [f"given at Telegram, and no payout: {one}" for one in sorted(at_telegram.items() - sent.items())]
    found += [f"paid out, and not given at Telegram: {one}" for one in sorted(sent.items() - at_telegram.items())]
    return found + [f"{name}: {dict(row)}" for name, query in _QUERIES.items() for row in await connection.fetch(query)]


async def partners_told(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return how many commissions and payouts there are by state."""
    rows = await connection.fetch(
        """select 'commissions_' || lower(state), count(*) from referrals.sales where state <> 'NONE' group by state
        union all select 'payouts_' || lower(state), count(*) from referrals.payouts group by state"""
    )
    return {row[0]: row[1] for row in rows}


_QUERIES = {
    "the ledger of commissions": """
        select * from (
            select (select coalesce(sum(amount), 0) from referrals.ledger_entries) as rest,
                (select coalesce(-sum(amount), 0) from referrals.ledger_entries where account = 'house:COMMISSION')
                    as booked,
                (select coalesce(sum(commission), 0) from referrals.sales where state in ('PENDING', 'PAYABLE'))
                    as standing,
                (select coalesce(sum(amount), 0) from referrals.ledger_entries where account = 'house:PAID') as paid,
                (select coalesce(sum(stars), 0) from referrals.payouts where state = 'SENT') as sent
        ) as sums where rest <> 0 or booked <> standing or paid <> sent
    """,
    "balances of the ledger": """
        select account, e.total, b.balance from (
            select account, sum(amount) as total from referrals.ledger_entries group by account
        ) as e full join referrals.ledger_balances as b using (account) where e.total is distinct from b.balance
    """,
    "what a partner has": """
        select player_id, purse_pending, purse_payable, purse_in_payout from referrals.partners as p
        where array[purse_pending, purse_payable, purse_in_payout] is distinct from (
            select array[coalesce(sum(balance) filter (where account = 'pending:' || p.player_id), 0),
                coalesce(sum(balance) filter (where account = 'payable:' || p.player_id), 0),
                coalesce(sum(balance) filter (where account = 'in_payout:' || p.player_id), 0)]::bigint[]
            from referrals.ledger_balances
        )
    """,
    "a purchase and its commission": f"""
        select p.id, p.state as purchase, p.amount, s.state as commission, s.commission as stars
        from payments.purchases as p
        join referrals.referrals as r on r.player_id = p.player_id and r.started_on is not null
            and r.state <> 'REJECTED_FRAUD'
        join referrals.partners as n on n.player_id = r.referrer_id
        left join referrals.sales as s on s.purchase_id = p.id
        where p.currency = 'XTR' and p.credited_at is not null and not case p.state
            when 'REFUNDED' then coalesce(s.state, 'NONE') in ('NONE', 'TAKEN_BACK')
            else coalesce(s.state, 'NONE') in ('PENDING', 'PAYABLE') and s.commission = p.amount * {RATE} / 1000
        end
    """,
    "a payout of more than was payable": """
        select t.partner_id, t.id from referrals.ledger_transactions as t
        join referrals.ledger_entries as e on e.transaction_id = t.id and e.account like 'payable:%'
        where t.kind = 'RESERVED' and -e.amount > (
            select coalesce(sum(b.amount), 0) from referrals.ledger_entries as b
            join referrals.ledger_transactions as bt on bt.id = b.transaction_id
            where b.account = e.account and bt.at <= t.at and bt.id <> t.id
        )
    """,
    "two open payouts of one partner": """
        select player_id, count(*) from referrals.payouts
        where state in ('REQUESTED', 'APPROVED', 'SENDING') group by player_id having count(*) > 1
    """,
    "a gift that nobody knows the end of": """
        select payout_id, p.state, g.state as gift from referrals.payouts as p
        left join payments.telegram_gifts as g on g.gift_id = p.payout_id
        where p.state in ('APPROVED', 'SENDING') or (p.kind = 'PREMIUM_GIFT' and p.state = 'SENT' and g.row_id is null)
    """,
}
