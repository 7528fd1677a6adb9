"""What gameplay has of a player and of the goods they were given, for whoever looks for it."""

from typing import Final

from asyncpg import Record

from actors.queries import load
from actors.store import Connection
from contracts.looking import LINES_MAX, Finding, FindQuery, StoryLine, StoryQuery

SQL: Final = load("gameplay.store", "looking.sql")


async def found(connection: Connection, asked: FindQuery) -> list[Finding]:
    """Return the player of that id."""
    if asked.player_id is None:
        return []
    return [
        Finding(
            kind="player in the game",
            id=str(row["id"]),
            player_id=row["id"],
            details=f"{row['name']}, {row['answered']} answers, since {row['joined_at']:%Y-%m-%d}",
        )
        for row in await connection.fetch(SQL["player_found"], asked.player_id)
    ]


async def story(connection: Connection, asked: StoryQuery) -> list[StoryLine]:
    """Return what the journal has of a purchase's goods, or of all of a player's."""
    if asked.purchase_id is not None:
        identifier = str(asked.purchase_id)
        grants = await connection.fetch(SQL["story_of_grant"], asked.purchase_id, asked.player_id)
        moved = await connection.fetch(SQL["journal_of_grant"], asked.purchase_id, asked.player_id)
        return [
            *(line for row in grants for line in _of_grant(row, identifier)),
            *(_moved(row, identifier) for row in moved),
        ]
    if asked.charge_id is not None:
        return []
    rows = await connection.fetch(SQL["journal_of_player"], asked.player_id, LINES_MAX)
    return [_moved(row, row["cause"]) for row in rows]


def _of_grant(row: Record, identifier: str) -> list[StoryLine]:
    said = ((row["granted_at"], "goods granted"), (row["revoked_at"], "goods revoked"))
    return [StoryLine(at=at, what=what, id=identifier, details="as payments says") for at, what in said if at]


def _moved(row: Record, identifier: str) -> StoryLine:
    what = "player got" if row["amount"] > 0 else "taken from player"
    return StoryLine(
        at=row["at"], what=what, id=identifier, details=f"{row['asset']} {row['amount']:+}, {row['reason']}"
    )
