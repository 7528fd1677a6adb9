"""The account at the end: the sandbox's charges against payments' books, the ledger, and what gameplay gave."""

from dataclasses import dataclass, field
from typing import Any

import asyncpg

from chaos.plan import SERVICES
from chaos.referrals import referrals_told, referrals_wrong
from chaos.uses import uses_told, uses_wrong
from contracts.payments import Product
from payments.domain.products import gives


@dataclass
class Account:
    """What became of every charge."""

    charges: int = 0
    credited: int = 0
    refunded: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    ledger_imbalance: int = 0
    leftovers: list[str] = field(default_factory=list)
    told_again: int = 0
    """How many goods the comparison with gameplay told again, because NATS had lost them."""
    uses_wrong: list[str] = field(default_factory=list)
    """What of the promo codes' uses does not add up."""
    offers_wrong: list[str] = field(default_factory=list)
    """Likewise of offers, and of what promo knows of players."""
    offers: dict[str, int] = field(default_factory=dict)
    """Impressions, and what came of them."""
    referrals_wrong: list[str] = field(default_factory=list)
    """What of referrals and their rewards does not add up."""
    partners_wrong: list[str] = field(default_factory=list)
    """What of commissions and payouts does not add up."""
    partners: dict[str, int] = field(default_factory=dict)
    """Commissions and payouts by state."""
    referrals: dict[str, int] = field(default_factory=dict)
    """How many there are by state, and the gifts."""
    redemptions: dict[str, int] = field(default_factory=dict)
    """How many there are by state, and the overrun."""

    @property
    def is_clean(self) -> bool:
        """Whether every Star is where it belongs and nothing is on its way."""
        wrong = self.uses_wrong or self.offers_wrong or self.referrals_wrong or self.partners_wrong
        return not (self.lost or self.doubled or self.ledger_imbalance or self.leftovers or wrong)


async def draw_up(connection: "asyncpg.Connection[Any]", taken: list[Any]) -> Account:
    """Return the account of all charges that the sandbox took."""
    account = Account(charges=len(taken))
    charges = {row["id"]: row for row in await connection.fetch(_CHARGES)}
    grants = {row["id"]: row for row in await connection.fetch(_GIVEN)}
    for charge in taken:
        _judge(charge, charges.get(charge["charge_id"]), grants, account)
    strangers = set(charges) - {charge["charge_id"] for charge in taken}
    account.doubled += [f"{charge}: was never taken" for charge in strangers]
    account.doubled += [f"{row[0]}: {row[1]} sales" for row in await connection.fetch(_SALES_TWICE)]
    account.doubled += [f"player {row[0]}: {dict(row)}" for row in await connection.fetch(_OTHER_BALANCES)]
    account.ledger_imbalance = await connection.fetchval(_UNBALANCED) + await connection.fetchval(_DIFFERING)
    account.told_again = await connection.fetchval("select coalesce(sum(repaired), 0) from payments.goods_runs")
    account.uses_wrong = await uses_wrong(connection)
    account.redemptions = await uses_told(connection)
    account.referrals_wrong = await referrals_wrong(connection)
    account.referrals = await referrals_told(connection)
    for service in SERVICES:
        for table in ("outbox", "effects", "dead_letters"):
            count = await connection.fetchval(f"select count(*) from {service}.{table}")
            if count:
                account.leftovers.append(f"{service}.{table}: {count}")
    return account


def _judge(charge: Any, row: Any, grants: dict[Any, Any], account: Account) -> None:
    """Put one charge where it belongs: credited once and still with us, or back with the player."""
    name = charge["charge_id"]
    if row is None:
        account.lost.append(f"{name}: payments never heard of it")
        return
    goes_back = charge["state"] == "refunded"
    if goes_back and row["charge_state"] == "REFUNDED":
        account.refunded += 1
    elif not goes_back and row["purchase_state"] == "CREDITED" and row["sales"] == 1:
        account.credited += 1
    else:
        states = f"{row['charge_state']}, purchase {row['purchase_state']}, {row['sales']} sales"
        account.lost.append(f"{name}: {charge['state']} at Telegram, {states} here")
        return
    if row["credited_at"] is None or gives(Product(row["product"])).is_premium:
        return
    grant = grants.get(row["purchase_id"])
    # A purge may take the word of a grant, and that of its taking back. Refunded by then, it is never given, rightly.
    if not goes_back and (grant is None or grant["granted_at"] is None):
        account.lost.append(f"{name}: never given by gameplay")
    elif grant is not None and (grant["revoked_at"] is not None) != goes_back:
        account.lost.append(f"{name}: {charge['state']} at Telegram, taken back by gameplay: {grant['revoked_at']}")


_CHARGES = """
select c.id, c.state as charge_state, p.state as purchase_state, p.product, p.credited_at, c.purchase_id,
    (select count(*) from payments.ledger_transactions as t where t.charge_id = c.id and t.kind = 'SALE') as sales
from payments.charges as c left join payments.purchases as p on p.id = c.purchase_id
"""
_GIVEN = "select id, granted_at, revoked_at from gameplay.grants"
_SALES_TWICE = """
select charge_id, count(*) from payments.ledger_transactions where kind = 'SALE' group by charge_id having count(*) > 1
"""
_UNBALANCED = """
select count(*) from (
    select transaction_id, asset from payments.ledger_entries group by transaction_id, asset having sum(amount) <> 0
) as wrong
"""
_DIFFERING = """
select count(*) from payments.ledger_balances as b
full join (
    select account, asset, sum(amount) as total from payments.ledger_entries group by account, asset
) as e using (account, asset)
where coalesce(b.balance, 0) <> coalesce(e.total, 0)
"""
# What a player can spend is what the journal adds up to; and premium is what payments says it is.
_OTHER_BALANCES = """
select p.id, p.energy_paid, j.energy, p.saver_tokens, j.savers, p.duel_tickets, j.tickets, p.premium_version,
    c.premium_revision
from gameplay.players as p
left join (
    select player_id,
        coalesce(sum(amount) filter (where asset = 'PAID_ENERGY'), 0) as energy,
        coalesce(sum(amount) filter (where asset = 'SAVER_TOKEN'), 0) as savers,
        coalesce(sum(amount) filter (where asset = 'DUEL_TICKET'), 0) as tickets
    from gameplay.journal group by player_id
) as j on j.player_id = p.id
left join payments.customers as c on c.player_id = p.id
where (p.energy_paid, p.saver_tokens, p.duel_tickets) is distinct from
        (coalesce(j.energy, 0), coalesce(j.savers, 0), coalesce(j.tickets, 0))
    or p.premium_version <> coalesce(c.premium_revision, 0)
    or (p.premium_terms -> -1 ->> 'ends')::timestamptz is distinct from (c.premium_terms -> -1 ->> 'ends')::timestamptz
    or p.premium_terms -> -1 ->> 'rank' is distinct from c.premium_terms -> -1 ->> 'rank'
"""
