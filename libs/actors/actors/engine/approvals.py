"""Four eyes (DOMAIN §13): what waits for a second operator, at `admin.<service>.approval.list`, `.approve`, `.refuse`.

A request that needs a second operator changes nothing: it is written down with its audit and answered by what it waits
for. Another operator approves it within 24 hours, and then it is done, in the name of who asked for it.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg
import msgspec

from actors.clock import Clock
from actors.endpoints import AdminEndpoint, AdminRequest, EndpointError, read_request
from actors.engine.admin_turns import AdminTurns
from actors.engine.auditing import Asked, Audit
from actors.engine.endpoint_server import BuiltinEndpoint
from actors.engine.tables import SQL
from actors.spec import ServiceSpec
from contracts.subjects import admin_subject

WAITS: Final = timedelta(hours=24)
_APPROVED: Final = ":approved"
_FINAL: Final = "What waits is done at once, as its own endpoint would do it."


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request that waits: nothing was done yet."""

    waits_for_approval: Literal[True] = True
    approval_id: UUID
    reason: str
    """Why it needs a second operator."""
    until: datetime


class ListApprovals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which approvals to show: those that wait, or the last ones of any state."""

    all: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class ApproveRequest(AdminRequest, frozen=True, kw_only=True):
    """Approve what another operator asked for: it is done at once, in their name."""

    approval_id: UUID


class RefuseRequest(AdminRequest, frozen=True, kw_only=True):
    """Refuse what waits, or take back what one asked for oneself: it is never done."""

    approval_id: UUID
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Why; written to the audit."""


class ShownApproval(msgspec.Struct, frozen=True, kw_only=True):
    """A request that waits or waited."""

    approval_id: UUID
    endpoint: str
    request: dict[str, Any]
    operator: str
    """Who asked."""
    reason: str
    asked_at: datetime
    until: datetime
    state: str
    """`WAITING`, `APPROVED`, `REFUSED`, or `EXPIRED`."""
    decided_by: str | None


class ListedApprovals(msgspec.Struct, frozen=True, kw_only=True):
    """Approvals, the one that waits longest first."""

    approvals: tuple[ShownApproval, ...]


class ApprovedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """It was approved, and what its endpoint answered then."""

    approval_id: UUID
    operator: str
    """Who asked for it."""
    answer: msgspec.Raw


class RefusedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """It is refused from now on."""

    approval_id: UUID
    refused: bool = True


class Approvals:
    """What waits for a second operator at one service."""

    def __init__(
        self,
        spec: ServiceSpec,
        pool: "asyncpg.Pool[asyncpg.Record]",
        *,
        audit: Audit,
        turns: AdminTurns,
        clock: Clock,
    ) -> None:
        """Keep them in the service's schema; `turns` does what was approved."""
        self._pool = pool
        self._admins: dict[str, AdminEndpoint] = {
            admin_subject(spec.name, one.noun, one.verb).removesuffix(".*"): one for one in spec.actor.admins
        }
        self._audit = audit
        self._turns = turns
        self._clock = clock

    def endpoints(self) -> Sequence[BuiltinEndpoint]:
        """Return the endpoints to serve; none where nothing needs a second operator."""
        if not any(admin.second for admin in self._admins.values()):
            return ()
        return (
            BuiltinEndpoint("approval", "list", ListApprovals, ListedApprovals, self._list),
            BuiltinEndpoint("approval", "approve", ApproveRequest, ApprovedAnswer, self._approve, _FINAL),
            BuiltinEndpoint("approval", "refuse", RefuseRequest, RefusedAnswer, self._refuse),
        )

    async def hold(self, asked: Asked, reason: str) -> msgspec.Raw:
        """Write a request down to wait, with its audit, in one statement; returns its answer from then on."""
        now = self._clock.now()
        identifier = uuid5(NAMESPACE_URL, asked.identifier)
        held = Held(approval_id=identifier, reason=reason, until=now + WAITS)
        await self._pool.execute(
            SQL["hold"],
            identifier,
            asked.identifier,
            asked.operator,
            asked.subject,
            asked.body.decode(),
            reason,
            now,
            held.until,
            msgspec.json.encode(held).decode(),
        )
        first = await self._audit.first_answer(asked)
        if first is None:
            raise LookupError(f"{asked.identifier}: the audit has lost it")
        return first

    async def _list(self, request: ListApprovals, operator: str) -> ListedApprovals:
        del operator
        now = self._clock.now()
        rows = await self._pool.fetch(SQL["approvals"], request.all, now, request.limit)
        return ListedApprovals(approvals=tuple(_shown(row, now) for row in rows))

    async def _approve(self, request: ApproveRequest, operator: str) -> ApprovedAnswer:
        """Let it be done. Repeated by who approved it, it is done unless it was: the inbox knows its id."""
        row = await self._pool.fetchrow(SQL["approve"], request.approval_id, operator, self._clock.now())
        if row is None:
            row = await self._waiting(request.approval_id)
            if _person(row["operator"]) == _person(operator):
                text = "approval_id: you asked for it yourself; another operator has to approve it"
                raise EndpointError(403, text)
            if (row["state"], row["decided_by"]) != ("APPROVED", operator):
                raise EndpointError(409, _conflict(row))
        admin = self._admins[row["subject"]]
        wish = read_request(admin.request, row["request"].encode())
        asked = Asked(
            identifier=f"{row['request_id']}{_APPROVED}",
            operator=row["operator"],
            subject=row["subject"],
            request=wish,
        )
        answer = await self._audit.first_answer(asked) or await self._turns.take(asked, admin.command(wish))
        return ApprovedAnswer(approval_id=request.approval_id, operator=row["operator"], answer=answer)

    async def _refuse(self, request: RefuseRequest, operator: str) -> RefusedAnswer:
        row = await self._pool.fetchrow(SQL["refuse"], request.approval_id, operator, self._clock.now())
        if row is None:
            row = await self._waiting(request.approval_id)
            if (row["state"], row["decided_by"]) != ("REFUSED", operator):
                raise EndpointError(409, _conflict(row))
        return RefusedAnswer(approval_id=request.approval_id)

    async def _waiting(self, approval_id: UUID) -> asyncpg.Record:
        row = await self._pool.fetchrow(SQL["approval"], approval_id)
        if row is None:
            raise EndpointError(404, "approval_id: nothing waits under it; approval.list shows what does")
        return row


def _person(operator: str) -> str:
    """Return who it is, by whatever way they came: `gateway.mira` is mira, for whom the gateway vouches."""
    return operator.rpartition(".")[2]


def _conflict(row: asyncpg.Record) -> str:
    if row["state"] == "WAITING":
        return f"approval_id: it waited until {row['expires_at']:%Y-%m-%d %H:%M}Z; it has to be asked for anew"
    return f"approval_id: {row['decided_by']} has decided: {row['state']}"


def _shown(row: asyncpg.Record, now: datetime) -> ShownApproval:
    is_over = row["state"] == "WAITING" and row["expires_at"] <= now
    return ShownApproval(
        approval_id=row["id"],
        endpoint=row["subject"],
        request=json.loads(row["request"]),
        operator=row["operator"],
        reason=row["reason"],
        asked_at=row["asked_at"],
        until=row["expires_at"],
        state="EXPIRED" if is_over else row["state"],
        decided_by=row["decided_by"],
    )
