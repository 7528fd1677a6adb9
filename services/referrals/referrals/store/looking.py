"""What referrals has of a player, a link, a payout or a commission, for whoever looks for it."""

from typing import Final

from asyncpg import Record

from actors.queries import load
from actors.store import Connection
from contracts.looking import LINES_MAX, Finding, FindQuery, StoryLine, StoryQuery

SQL: Final = load("referrals.store", "looking.sql")


async def found(connection: Connection, asked: FindQuery) -> list[Finding]:
    """Return whose code it is, which campaign's link, the referral of a player, and the payout of that id."""
    code = asked.text.upper()
    findings = [
        Finding(
            kind="link's owner",
            id=row["code"] or str(row["player_id"]),
            player_id=row["player_id"],
            state=f"partner {row['partner']}" if row["partner"] else "",
            details=f"ref_{row['code']}" if row["code"] else "no link yet",
        )
        for row in await connection.fetch(SQL["members_found"], code, asked.player_id)
    ]
    findings += [
        Finding(
            kind="referral", id=str(row["player_id"]), player_id=row["player_id"], state=row["state"], details=_by(row)
        )
        for row in await connection.fetch(SQL["referral_found"], asked.player_id)
    ]
    findings += [
        Finding(kind="campaign's link", id=row["code"], details=row["name"])
        for row in await connection.fetch(SQL["links_found"], code, asked.text)
    ]
    findings += [
        Finding(
            kind="payout",
            id=str(row["payout_id"]),
            player_id=row["player_id"],
            state=row["state"],
            details=f"{row['stars']} Stars, {row['kind']}",
        )
        for row in await connection.fetch(SQL["payout_found"], asked.uuid)
    ]
    return findings


async def story(connection: Connection, asked: StoryQuery) -> list[StoryLine]:
    """Return what a partner earned by a purchase; of a player besides how they came, and their payouts."""
    if asked.purchase_id is None and asked.charge_id is not None:
        return []
    sales = await connection.fetch(SQL["story_of_sales"], asked.player_id, asked.purchase_id, LINES_MAX)
    lines = [line for row in sales for line in _of_sale(row)]
    if asked.purchase_id is None:
        came = await connection.fetch(SQL["story_of_referral"], asked.player_id)
        payouts = await connection.fetch(SQL["story_of_payouts"], asked.player_id, LINES_MAX)
        lines += [line for row in came for line in _of_referral(row, str(asked.player_id))]
        lines += [line for row in payouts for line in _of_payout(row)]
    return lines


def _of_sale(row: Record) -> list[StoryLine]:
    if row["partner_id"] is None:
        return []
    identifier, earns = str(row["purchase_id"]), f"{row['commission']} of {row['stars']} Stars, {row['state']}"
    said = ((row["credited_at"], "commission for partner"), (row["refunded_at"], "commission taken back from partner"))
    return [
        StoryLine(at=at, what=f"{what} {row['partner_id']}", id=identifier, details=earns) for at, what in said if at
    ]


def _of_referral(row: Record, identifier: str) -> list[StoryLine]:
    said = (
        (row["touched_at"], "came by a link"),
        (row["qualified_at"], "referral qualified"),
        (row["bonus_at"], "got the invited player's bonus"),
    )
    return [StoryLine(at=at, what=what, id=identifier, details=_by(row)) for at, what in said if at]


def _of_payout(row: Record) -> list[StoryLine]:
    identifier, about = str(row["payout_id"]), f"{row['stars']} Stars, {row['kind']}"
    lines = [StoryLine(at=row["requested_at"], what="payout asked for", id=identifier, details=about)]
    if row["changed_at"] > row["requested_at"]:
        details = ", ".join(filter(None, (about, row["reason"])))
        lines.append(StoryLine(at=row["changed_at"], what=f"payout {row['state']}", id=identifier, details=details))
    return lines


def _by(row: Record) -> str:
    brought = f", brought by {row['referrer_id']}" if row["referrer_id"] else ""
    return f"{row['kind']}_{row['value']}{brought}"
