"""Campaigns' links and the alarm as rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from actors.store import Connection, ReadModel, Store, Writer
from actors.table import Table
from contracts.referrals import CampaignLinkList, CampaignLinkView
from referrals.domain.alarm import Alarm
from referrals.domain.campaign import CampaignLink, UsedName

CAMPAIGNS: Final = Table(CampaignLink, "campaigns", key="code", row_type="campaign_row", fixed=("created_at",))
ALARMS: Final = Table(Alarm, "alarms", key="name", row_type="alarm_row")
PAGE_SIZE: Final = 100
_USED: Final = "select name, code from campaigns where name = any($1::text[])"
_PAGE: Final = f"{CAMPAIGNS.select} order by created_at desc, code limit $1 offset $2"


class CampaignLinkStore(Store[str, CampaignLink]):
    """One row a campaign."""

    state = CampaignLink
    key_field = "code"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, CampaignLink]:
        """Load and lock campaigns in the order of their codes."""
        return await CAMPAIGNS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[CampaignLink]) -> None:
        """Write campaigns in one statement."""
        await CAMPAIGNS.save(connection, states)


class UsedNames(ReadModel[str, UsedName]):
    """Names that campaigns have. Of two that are made at once the database refuses the second."""

    state = UsedName
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, UsedName]:
        """Look all up at once."""
        return {row[0]: UsedName(*row) for row in await connection.fetch(_USED, keys)}


class CampaignPages(ReadModel[int, CampaignLinkList]):
    """Campaigns, a hundred a page."""

    state = CampaignLinkList
    key_field = "page"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, CampaignLinkList]:
        """Read each page that is wanted; operators ask for one at a time."""
        total = await connection.fetchval("select count(*) from campaigns")
        return {key: CampaignLinkList(campaigns=await _views(connection, key), total=total) for key in keys}


async def _views(connection: Connection, page: int) -> tuple[CampaignLinkView, ...]:
    rows = await connection.fetch(_PAGE, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return tuple(CAMPAIGNS.state_of(row).view() for row in rows)


class AlarmStore(Store[str, Alarm]):
    """One row: the alarm."""

    state = Alarm
    key_field = "name"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, Alarm]:
        """Load and lock the alarm."""
        return await ALARMS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Alarm]) -> None:
        """Write the alarm."""
        await ALARMS.save(connection, states)

    def blank(self, key: str) -> Alarm:
        """Return calm."""
        return Alarm(key)
