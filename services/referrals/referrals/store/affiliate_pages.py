"""What pages and ops' lists show of affiliates; nothing here is locked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from actors.clock import Clock
from actors.store import Connection, ReadModel
from contracts.berlin import day_of
from contracts.referrals import Funnel, PartnerList, PayoutList
from referrals.domain.affiliates.figures import PAYOUTS_SHOWN, WEEKS_SHOWN, AffiliateFigures, whole_weeks
from referrals.domain.affiliates.payout import UsedReference
from referrals.store.commissions import PARTNERS, PAYOUTS, SQL

_EACH: Final = """select given.* from unnest($1::bigint[]) as wanted (id) cross join lateral (
    {} where player_id = wanted.id order by requested_at desc, payout_id limit $2) as given"""
LISTED: Final = {
    "partners": f"{PARTNERS.select} where $1::text is null or state = $1 order by changed_at desc, player_id limit $2",
    "payouts": (
        f"{PAYOUTS.select} where ($1::text is null and state in ('REQUESTED', 'APPROVED', 'SENDING')) or state = $1 "
        "order by requested_at, payout_id limit $2"
    ),
    "payouts_of": _EACH.format(PAYOUTS.select),
}


class AffiliateBook:
    """Reads the figures of partners, by the service's clock."""

    def __init__(self, clock: Clock) -> None:
        """Count the weeks before the moment that `clock` says."""
        self._clock = clock

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, AffiliateFigures]:
        """Read all that are wanted by one query each."""
        today = day_of(self._clock.now()).local
        since = self._clock.now() - timedelta(weeks=WEEKS_SHOWN)
        funnels = await _funnels(connection, SQL["counted_funnels"], keys)
        funnels |= await _funnels(connection, SQL["funnels"], [key for key in keys if key not in funnels])
        weeks: dict[int, list[Any]] = {}
        for partner_id, begins, stars in await connection.fetch(SQL["weeks"], keys, since):
            weeks.setdefault(partner_id, []).append((begins, int(stars)))
        payouts: dict[int, list[Any]] = {}
        for row in await connection.fetch(LISTED["payouts_of"], keys, PAYOUTS_SHOWN):
            payouts.setdefault(row["player_id"], []).append(PAYOUTS.state_of(row).view())
        return {
            key: AffiliateFigures(
                player_id=key,
                funnel=funnels.get(key, Funnel()),
                weeks=whole_weeks(weeks.get(key, ()), today),
                payouts=tuple(payouts.get(key, ())),
            )
            for key in keys
        }


async def _funnels(connection: Connection, sql: str, keys: Sequence[int]) -> dict[int, Funnel]:
    rows = await connection.fetch(sql, keys) if keys else ()
    return {row[0]: Funnel(starts=row[1], answered_20=row[2], payers=row[3]) for row in rows}


class AffiliateFiguresOf(ReadModel[int, AffiliateFigures]):
    """A partner's figures."""

    state = AffiliateFigures
    key_field = "player_id"
    loaded_by = AffiliateBook


class UsedReferences(ReadModel[str, UsedReference]):
    """References that settled a payout. Of two that are used at once the database refuses the second."""

    state = UsedReference
    key_field = "reference"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, UsedReference]:
        """Look all up at once."""
        return {row[0]: UsedReference(*row) for row in await connection.fetch(SQL["used_references"], keys)}


class PartnerLists(ReadModel[tuple[str, int], PartnerList]):
    """Partners by (state, how many); an empty one is any."""

    state = PartnerList
    key_field = "queue"

    def key(self, message: Any, field: str | None = None) -> tuple[str, int]:
        """Return what is asked for."""
        del field
        return message.state or "", message.limit

    async def load(
        self, connection: Connection, keys: Sequence[tuple[str, int]]
    ) -> Mapping[tuple[str, int], PartnerList]:
        """Read each list that is wanted; operators ask for one at a time."""
        return {key: await self._list(connection, *key) for key in keys}

    async def _list(self, connection: Connection, state: str, limit: int) -> PartnerList:
        rows = await connection.fetch(LISTED["partners"], state or None, limit)
        return PartnerList(partners=tuple(PARTNERS.state_of(row).view() for row in rows))


class PayoutLists(ReadModel[tuple[str, int], PayoutList]):
    """Payouts by (state, how many); an empty one is those that are open."""

    state = PayoutList
    key_field = "queue"

    def key(self, message: Any, field: str | None = None) -> tuple[str, int]:
        """Return what is asked for."""
        del field
        return message.state or "", message.limit

    async def load(
        self, connection: Connection, keys: Sequence[tuple[str, int]]
    ) -> Mapping[tuple[str, int], PayoutList]:
        """Read each list that is wanted; operators ask for one at a time."""
        return {key: await self._list(connection, *key) for key in keys}

    async def _list(self, connection: Connection, state: str, limit: int) -> PayoutList:
        rows = await connection.fetch(LISTED["payouts"], state or None, limit)
        return PayoutList(payouts=tuple(PAYOUTS.state_of(row).view() for row in rows))
