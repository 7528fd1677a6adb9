"""Members and referrals as rows, links as they are looked up, and who brought whom."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from actors.table import Table
from referrals.domain.fraud import Ancestry
from referrals.domain.link import ALPHABET, CODE_LENGTH, FreshCode, KnownLink, normalised
from referrals.domain.member import Member
from referrals.domain.referral import Referral

SQL: Final = load("referrals.store", "members.sql")
MEMBERS: Final = Table(Member, "members", key="player_id", row_type="member_row_2")
REFERRALS: Final = Table(Referral, "referrals", key="player_id", row_type="referral_row")


_ROLLS: Final = 3


class MemberStore(Store[int, Member]):
    """One row a player."""

    state = Member
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Member]:
        """Load and lock players in the order of their ids."""
        return await MEMBERS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Member]) -> None:
        """Write players, new and changed, in one statement."""
        await MEMBERS.save(connection, states)

    def blank(self, key: int) -> Member:
        """Return somebody of whom nothing was heard."""
        return Member(key)


class ReferralStore(Store[int, Referral]):
    """One row a player who came by a link."""

    state = Referral
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Referral]:
        """Load and lock referrals in the order of their players."""
        return await REFERRALS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Referral]) -> None:
        """Write referrals, new and changed, in one statement."""
        await REFERRALS.save(connection, states)


class KnownLinks(ReadModel[tuple[str, str], KnownLink]):
    """Links by kind and value."""

    state = KnownLink
    key_field = "value"

    def key(self, message: Any, field: str | None = None) -> tuple[str, str]:
        """Return what a message names; codes are read in capitals."""
        del field
        return message.kind, normalised(message.kind, message.value)

    async def load(
        self, connection: Connection, keys: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], KnownLink]:
        """Look all codes up at once."""
        rows = await connection.fetch(SQL["find_links"], [kind for kind, _ in keys], [value for _, value in keys])
        return {(row["kind"], row["value"]): KnownLink(row["referrer_id"]) for row in rows}


class FreshCodes(ReadModel[int, FreshCode]):
    """Codes that nobody has. Of two turns that find the same one free the database refuses one, which repeats."""

    state = FreshCode
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, FreshCode]:
        """Roll three for each, of which one is free but once in many billions of times."""
        rolled = {key: [_roll() for _ in range(_ROLLS)] for key in keys}
        every = [code for codes in rolled.values() for code in codes]
        taken = {row[0] for row in await connection.fetch(SQL["taken_codes"], every)}
        free = {key: [code for code in codes if code not in taken] for key, codes in rolled.items()}
        return {key: FreshCode(codes[0]) for key, codes in free.items() if codes}


def _roll() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


class Ancestries(ReadModel[int, Ancestry]):
    """Who brought a referrer, and so on upwards: four rows by their key, whatever the number of referrals."""

    state = Ancestry
    key_field = "referrer_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Ancestry]:
        """Climb for all at once."""
        rows = await connection.fetch(SQL["ancestry"], keys)
        return {row[0]: Ancestry(tuple(row[1]), row[2]) for row in rows}
