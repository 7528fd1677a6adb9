"""What promo has of a campaign, a code, a batch or a redemption, for whoever looks for it."""

from collections.abc import Sequence
from typing import Final

from asyncpg import Record

from actors.queries import load
from actors.store import Connection
from contracts.looking import FOUND_MAX, LINES_MAX, Finding, FindQuery, StoryLine, StoryQuery
from contracts.promo import CodeStanding

SQL: Final = load("promo.store", "looking.sql")


async def codes_standing(connection: Connection, fingerprints: Sequence[str]) -> tuple[CodeStanding, ...]:
    """Return the codes that are stored under one of these fingerprints."""
    rows = await connection.fetch(SQL["codes_standing"], [bytes.fromhex(one) for one in fingerprints])
    return tuple(
        CodeStanding(
            code_id=row["id"],
            campaign=row["campaign"],
            batch_id=row["batch_id"],
            player_id=row["player_id"],
            used=row["used"],
            reserved=row["reserved"],
            is_revoked=row["is_revoked"],
        )
        for row in rows
    )


async def found(connection: Connection, asked: FindQuery) -> list[Finding]:
    """Return campaigns of that name, and what has that id."""
    findings = [
        Finding(
            kind="campaign",
            id=row["name"],
            state=row["status"],
            details=f"{row['type']}, used {row['used']}, reserved {row['reserved']}",
        )
        for row in await connection.fetch(SQL["campaigns_found"], asked.text, FOUND_MAX)
    ]
    if asked.uuid is not None:
        findings += map(_thing, await connection.fetch(SQL["things_found"], asked.uuid))
    return findings


async def story(connection: Connection, asked: StoryQuery) -> list[StoryLine]:
    """Return what became of a player's redemptions, or of the one that a purchase was made with."""
    if asked.purchase_id is None and asked.charge_id is not None:
        return []
    rows = await connection.fetch(SQL["story_of_redemptions"], asked.player_id, asked.purchase_id, LINES_MAX)
    return [line for row in rows for line in _of_redemption(row)]


def _thing(row: Record) -> Finding:
    return Finding(
        kind=row["kind"],
        id=str(row["id"]),
        player_id=row["player_id"],
        state=row["state"] or "",
        details=row["campaign"] or "an offer's personal discount",
    )


def _of_redemption(row: Record) -> list[StoryLine]:
    identifier, campaign = str(row["id"]), row["campaign"] or "offer"
    gives = f"{campaign}, {row['percent']} % off" if row["percent"] else f"{campaign}, premium"
    lines = [StoryLine(at=row["made_at"], what="code redeemed", id=identifier, details=gives)]
    if row["changed_at"] > row["made_at"]:
        lines.append(StoryLine(at=row["changed_at"], what=f"redemption {row['state']}", id=identifier, details=gives))
    return lines
