"""Campaigns and batches as rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from contracts.promo import (
    BudgetPeriod,
    BudgetUnit,
    CampaignFilter,
    CampaignList,
    CampaignScope,
    CampaignStatus,
    CampaignType,
)
from promo.domain.budget import Budget
from promo.domain.campaign import Campaign
from promo.domain.code import Batch

SQL: Final = load("promo.store", "campaigns.sql")


class CampaignStore(Store[str, Campaign]):
    """One row a campaign."""

    state = Campaign
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Campaign]:
        """Load and lock campaigns in the order of their names."""
        return {row["name"]: _campaign_of(row) for row in await connection.fetch(SQL["load_campaigns"], keys)}

    async def save(self, connection: Writer, states: Sequence[Campaign]) -> None:
        """Write campaigns, new and changed, in one statement."""
        await connection.execute(SQL["save_campaigns"], list(map(_row_of, states)))


class Campaigns(ReadModel[CampaignFilter, CampaignList]):
    """Pages of campaigns, the newest first."""

    state = CampaignList
    key_field = "filter"

    async def load(
        self, connection: Connection, keys: Sequence[CampaignFilter]
    ) -> Mapping[CampaignFilter, CampaignList]:
        """Read each page that is wanted; operators ask for one at a time."""
        return {wanted: await _page(connection, wanted) for wanted in keys}


class BatchStore(Store[UUID, Batch]):
    """One row a batch."""

    state = Batch
    key_field = "batch_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> Mapping[UUID, Batch]:
        """Load and lock batches in the order of their ids."""
        return {row["id"]: Batch(*row) for row in await connection.fetch(SQL["load_batches"], keys)}

    async def save(self, connection: Writer, states: Sequence[Batch]) -> None:
        """Write batches in one statement."""
        await connection.execute(SQL["save_batches"], list(map(msgspec.structs.astuple, states)))

    def key_of(self, state: Batch) -> UUID:
        """Return the batch's id."""
        return state.id


async def _page(connection: Connection, wanted: CampaignFilter) -> CampaignList:
    narrowed = (
        wanted.status, wanted.name, wanted.type, wanted.product, wanted.created_from, wanted.created_until,
    )  # fmt: skip
    offset = (wanted.page - 1) * wanted.page_size
    rows = await connection.fetch(SQL["list_campaigns"], *narrowed, wanted.page_size, offset)
    total = rows[0]["count"] if rows else await connection.fetchval(SQL["count_campaigns"], *narrowed)
    return CampaignList(campaigns=tuple(_campaign_of(row).view() for row in rows), total=total)


def _campaign_of(row: Record) -> Campaign:
    budget = None
    if row["budget"] is not None:
        unit, period = BudgetUnit(row["budget_unit"]), BudgetPeriod(row["budget_period"])
        budget = Budget(row["budget"], unit, period, row["budget_begins"], row["budget_spent"])
    return Campaign(
        name=row["name"],
        type=CampaignType(row["type"]),
        scope=CampaignScope(row["scope"]),
        premium_days=row["premium_days"],
        percent=row["percent"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        uses_max=row["uses_max"],
        uses_per_code_max=row["uses_per_code_max"],
        new_players_only=row["new_players_only"],
        first_purchase_only=row["first_purchase_only"],
        is_public=row["is_public"],
        budget=budget,
        status=CampaignStatus(row["status"]),
        used=row["used"],
        reserved=row["reserved"],
        overrun=row["overrun"],
        created_at=row["created_at"],
        resumed_at=row["resumed_at"],
    )


def _row_of(one: Campaign) -> tuple[Any, ...]:
    budget = one.budget
    spending: tuple[Any, ...] = (None, None, None, None, 0)
    if budget is not None:
        spending = (budget.limit, budget.unit, budget.period, budget.period_begins, budget.spent)
    return (
        one.name, one.type, one.scope, one.premium_days, one.percent, one.valid_from, one.valid_until, one.uses_max,
        one.uses_per_code_max, one.new_players_only, one.first_purchase_only, one.is_public, *spending, one.status,
        one.used, one.reserved, one.overrun, one.created_at, one.resumed_at,
    )  # fmt: skip
