"""The account of offers: what was written was shown, figures are the rows', and promo knows what the owners know."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from chaos.operators import Operator
from gateway.buttons import OfferAwayButton

_TOLD_AGAIN = (("gameplay", "players"), ("payments", "purchases"), ("payments", "premium"))
_AWAY = f"{OfferAwayButton.__prefix__}:"


async def tell_again(operator: Operator, seed: int) -> None:
    """Have the owners tell promo their state, for events were lost; returns when all of it is told."""
    for owner, what in _TOLD_AGAIN:
        wanted = {"request_id": f"offers-{seed}-{what}", "hearer": "promo", "what": what}
        begun = await operator.ask(f"admin.{owner}.restate.start", wanted)
        while True:
            listed = (await operator.ask(f"admin.{owner}.restate.list", {}))["restatements"]
            if any(one["id"] == begun["id"] and one["state"] == "done" for one in listed):
                break
            await asyncio.sleep(0.5)


def impressions_in(messages: Iterable[Any]) -> set[UUID]:
    """Return the impressions that stand in a chat."""
    rows = (row for one in messages for row in one.get("buttons") or [])
    data = (button.get("data") or "" for row in rows for button in row)
    return {OfferAwayButton.unpack(one).impression_id for one in data if one.startswith(_AWAY)}


async def offers_wrong(connection: "asyncpg.Connection[Any]", shown: set[UUID]) -> list[str]:
    """Return what does not add up, a line each; see the queries."""
    written = {row[0] for row in await connection.fetch("select id from promo.impressions where not is_withheld")}
    found = [f"written, and not shown: {one}" for one in sorted(written - shown)]
    found += [f"shown, and not written: {one}" for one in sorted(shown - written)]
    return found + [f"{name}: {dict(row)}" for name, query in _QUERIES.items() for row in await connection.fetch(query)]


async def offers_told(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return how many impressions there are, and what came of them."""
    row = await connection.fetchrow(
        """select count(*) as impressions, count(*) filter (where is_withheld) as withheld,
            count(clicked_at) as clicked, count(*) filter (where purchases > 0) as converted
        from promo.impressions"""
    )
    return dict(row or {})


_QUERIES = {
    "the figures of the hours": """
        select trigger, is_withheld, h.*, i.* from (
            select trigger, is_withheld, array[sum(impressions), sum(clicks), sum(dismissals), sum(conversions)] as told
            from promo.offer_hours group by trigger, is_withheld
        ) as h full join (
            select trigger, is_withheld, array[count(*), count(clicked_at), count(dismissed_at),
                count(*) filter (where purchases > 0)] as rows
            from promo.impressions group by trigger, is_withheld
        ) as i using (trigger, is_withheld)
        where h.told is distinct from i.rows
    """,
    "the reach of the hours": """
        select * from (select coalesce(sum(impressions), 0) as told from promo.offer_reach) as r,
            (select count(*) as rows from promo.impressions) as i
        where told <> rows
    """,
    "more than three a day": """
        select player_id, count(*) from promo.impressions
        group by player_id, (at at time zone 'Europe/Berlin')::date having count(*) > 3
    """,
    "two that block within six hours": """
        select player_id, at, before from (
            select player_id, at, lag(at) over (partition by player_id order by at) as before
            from promo.impressions where is_blocking
        ) as blocking
        where at - before < interval '6 hours'
    """,
    "a purchase that promo knows otherwise": """
        select p.id, p.state, b.credited_at, b.refunded_at from payments.purchases as p
        left join promo.purchases as b using (id)
        where p.credited_at is not null
            and (b.credited_at is distinct from p.credited_at or (b.refunded_at is null) <> (p.refunded_at is null))
    """,
    "a conversion that is not counted": """
        select i.id, i.purchases, b.bought from promo.impressions as i
        left join (
            select impression_id, count(*) as bought from promo.purchases
            where credited_at is not null and refunded_at is null group by impression_id
        ) as b on b.impression_id = i.id
        where i.purchases <> coalesce(b.bought, 0)
    """,
    "bought by an offer, and not attributed": """
        select p.id, p.surface from payments.purchases as p join promo.purchases as b using (id)
        where p.credited_at is not null and (p.surface like 'offer-%') <> (b.impression_id is not null)
    """,
    "premium that promo knows otherwise": """
        select c.player_id, c.premium_revision, p.premium_revision as known from payments.customers as c
        left join promo.prospects as p using (player_id)
        where c.premium_revision > 0 and p.premium_revision is distinct from c.premium_revision
    """,
    # Days that nobody has settled yet are known when they are.
    "a streak that promo knows otherwise": """
        select g.id, g.streak_days, g.streak_active_on, p.streak_days as known, p.streak_active_on as known_on
        from gameplay.players as g left join promo.prospects as p on p.player_id = g.id
        where g.streak_active_on is not null and g.streak_settled_on = g.streak_active_on
            and (p.streak_days, p.streak_active_on) is distinct from (g.streak_days, g.streak_active_on)
    """,
}
