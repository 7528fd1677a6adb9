"""The gateway's part in `starquiz find` and `starquiz trace`: players by name, codes by what is typed, messages.

A code is turned into fingerprints right here, as when a player types it, and promo is asked who has one of them
(DOMAIN §7): neither the code nor a fingerprint is told to whoever looks.
"""

from asyncpg import Record

from actors.asking import Asker, QueryError
from actors.endpoints import Endpoint
from contracts.looking import FOUND_MAX, Finding, Findings, FindQuery, Story, StoryLine, StoryQuery, told
from contracts.promo import CodesQuery
from gateway.domain.chat import Role
from gateway.handlers.table import UpdateServices, actor
from gateway.store import chats_found, invoice_sent

_PROMO_SECONDS = 2.0


@actor.query("find", request=FindQuery, response=Findings)
async def query_find(request: FindQuery, endpoint: Endpoint) -> Findings:
    """Find players by id, name or user name, and promo codes by the code itself."""
    async with endpoint.connection() as connection:
        rows = await chats_found(connection, request.player_id, request.text, FOUND_MAX)
    return Findings(found=(*map(_player, rows), *await _codes(request, endpoint)))


@actor.query("story", request=StoryQuery, response=Story)
async def query_story(request: StoryQuery, endpoint: Endpoint) -> Story:
    """Tell when a purchase's invoice was sent; messages are remembered for two days."""
    if request.purchase_id is None:
        return told([])
    async with endpoint.connection() as connection:
        row = await invoice_sent(connection, request.purchase_id)
    if row is None:
        return told([])
    details = f"message {row['message_id']}"
    return told([StoryLine(at=row["sent_at"], what="invoice sent", id=str(row["purchase_id"]), details=details)])


async def _codes(request: FindQuery, endpoint: Endpoint) -> tuple[Finding, ...]:
    services: UpdateServices = endpoint.resources[UpdateServices]
    asker: Asker = endpoint.resources[Asker]
    fingerprints = services.peppers.fingerprints(request.text)
    if not fingerprints:
        return ()
    try:
        answer = await asker.query(CodesQuery(fingerprints=fingerprints), timeout_seconds=_PROMO_SECONDS)
    except QueryError:
        return (Finding(kind="code", id="?", state="not known", details="promo does not answer: look again"),)
    return tuple(
        Finding(
            kind="code",
            id=str(one.code_id),
            player_id=one.player_id,
            state="revoked" if one.is_revoked else "in use",
            details=f"{one.campaign}, batch {one.batch_id}, used {one.used}, reserved {one.reserved}",
        )
        for one in answer.codes
    )


def _player(row: Record) -> Finding:
    names = [row["first_name"], f"@{row['username']}" if row["username"] else "", row["language"]]
    role = Role(row["role"])
    return Finding(
        kind="player",
        id=str(row["player_id"]),
        player_id=row["player_id"],
        state="has left" if row["blocked_at"] else "here",
        details=", ".join([*filter(None, names), *([role.name] if role is not Role.PLAYER else [])]),
    )
