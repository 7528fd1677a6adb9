"""The comparison of goods: what payments granted and took back, against what gameplay holds of it (DOMAIN §6, §12).

Every 15 minutes what changed, at 03:45 Berlin everything, or when an operator asks; both ways. Gameplay is asked first
and our books are read afterwards, so what it holds has to be in them. What seems to differ is looked at once more after
a pause. What gameplay lacks is told again and is a diff all the same: somebody should know that it was lost.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from payments.domain.goods import Finding, GoodsDiff, GoodsDiffKind, compare_grant, compare_premium
from payments.domain.goods_runs import KEPT_MAX, CloseGoodsRun, is_silent_too_long
from payments.domain.recovery import RecoverySettings
from payments.handlers.table import actor
from payments.providers.gameplay_books import PAGE, GameplayBooks
from payments.store import goods as store

OVERLAP: Final = timedelta(minutes=15)
"""What a run looks at begins so long before the last one did: some of that was on its way then."""
FIRST_LOOK: Final = timedelta(hours=1)
"""What the very first run of what changed looks back at; the full one looks at everything."""

log = structlog.get_logger()


class Comparison:
    """One run under way: what it has looked at and found so far."""

    def __init__(self, run_id: UUID, job: Job) -> None:
        """What happened later than `goods_in_flight` before now is left out of the run."""
        self._run_id = run_id
        self._job = job
        self._books = job.resource(GameplayBooks)
        self._waits = job.resource(RecoverySettings)
        self._before = job.now - self._waits.goods_in_flight
        self._looked_at = 0
        self._repairs: list[str] = []
        self._repaired = 0
        self._diffs: list[GoodsDiff] = []
        self._diff_count = 0

    # -- which ----------------------------------------------------------------------------------

    async def look_at_changes(self, since: datetime) -> None:
        """Compare what either side wrote down since then; raises QueryError when gameplay does not answer."""
        seen = set[UUID]()
        async for ids in self._job.pages(store.SQL["changed_sold_page"], since, size=PAGE):
            seen.update(ids)
            await self._look_at_grants(ids)
        async for ids in self._books.all_grants(since):
            await self._look_at_grants([one for one in ids if one not in seen])
        async for ids in self._job.pages(store.SQL["changed_premium_page"], since, size=PAGE):
            await self._look_at_premium(ids)

    async def look_at_everything(self) -> None:
        """Compare all that was ever granted, then all that gameplay holds and we do not know; raises QueryError."""
        async for ids in self._job.pages(store.SQL["sold_page"], size=PAGE):
            await self._look_at_grants(ids)
        async for ids in self._books.all_grants():
            await self._look_at_grants(await self._unknown(store.read_sold, ids))
        async for ids in self._job.pages(store.SQL["premium_page"], size=PAGE):
            await self._look_at_premium(ids)
        async for ids in self._books.all_premium():
            await self._look_at_premium(await self._unknown(store.read_premium, ids))

    async def _unknown(self, read: Any, ids: Sequence[Any]) -> list[Any]:
        async with self._job.connection() as connection:
            known = await read(connection, ids)
        return [one for one in ids if one not in known]

    # -- what about them ------------------------------------------------------------------------

    async def _look_at_grants(self, ids: Sequence[UUID]) -> None:
        self._looked_at += len(ids)
        await self._look(self._compare_grants, ids)

    async def _look_at_premium(self, ids: Sequence[int]) -> None:
        self._looked_at += len(ids)
        await self._look(self._compare_premium, ids)

    async def _look(self, compare: Any, ids: Sequence[Any]) -> None:
        """Look, and look again at what differs: it may have been on its way. So much is not on its way at once."""
        findings: list[Finding] = await compare(ids) if ids else []
        if findings and self._diff_count < KEPT_MAX:
            await asyncio.sleep(self._waits.goods_pause_seconds)
            findings = await compare(list(dict.fromkeys(finding.about for finding in findings)))
        await asyncio.gather(*map(self._settle, findings))

    async def _compare_grants(self, ids: Sequence[UUID]) -> list[Finding]:
        theirs = await self._books.grants(ids)
        async with self._job.connection() as connection:
            ours = await store.read_sold(connection, ids)
            settled = await store.read_acknowledged(connection, ids)
        pairs = [(ours.get(one), theirs.get(one)) for one in ids if one not in settled]
        return [finding for mine, held in pairs for finding in compare_grant(mine, held, self._before)]

    async def _compare_premium(self, ids: Sequence[int]) -> list[Finding]:
        theirs = await self._books.premium(ids)
        async with self._job.connection() as connection:
            ours = await store.read_premium(connection, ids)
        pairs = [(ours.get(one), theirs.get(one)) for one in ids]
        return [finding for mine, held in pairs for finding in compare_premium(mine, held, self._before)]

    # -- what came of it ------------------------------------------------------------------------

    async def _settle(self, finding: Finding) -> None:
        """Note a diff, and do about it what can be done; once a run, however often the run is repeated."""
        self.note(finding.diff)
        if finding.remedy is None:
            return
        await self._job.take([finding.remedy], idempotency_key=f"goods:{self._run_id}:{finding.about}")
        self._repaired += 1
        if len(self._repairs) < KEPT_MAX:
            self._repairs.append(f"told again: {finding.diff.line}")

    def note(self, diff: GoodsDiff) -> None:
        """Count a diff, and keep it while there is room."""
        self._diff_count += 1
        if len(self._diffs) < KEPT_MAX:
            self._diffs.append(diff)

    def closing(self, unanswered: str, *, full: bool) -> CloseGoodsRun:
        """Return the word that the run is done."""
        return CloseGoodsRun(
            run_id=self._run_id,
            is_full=full,
            looked_at=self._looked_at,
            repairs=tuple(self._repairs),
            repaired=self._repaired,
            diffs=tuple(self._diffs),
            diff_count=self._diff_count,
            unanswered=unanswered,
        )


@actor.every(900, name="goods_comparison")
async def compare_changes(job: Job, run_id: UUID | None = None) -> None:
    """Every 15 minutes: compare what changed since the last run (DOMAIN §6).

    `run_id`: the run that an operator was promised; without it the firing names it.
    """
    await _run(run_id or uuid5(NAMESPACE_URL, job.firing), job, full=False)


@actor.cron("0 45 3 * * *", name="full_goods_comparison")
async def compare_everything(job: Job, run_id: UUID | None = None) -> None:
    """03:45 Berlin: compare all goods and all premium (DOMAIN §6).

    `run_id`: the run that an operator was promised; without it the firing names it.
    """
    await _run(run_id or uuid5(NAMESPACE_URL, job.firing), job, full=True)


async def _run(run_id: UUID, job: Job, *, full: bool) -> None:
    began = job.now
    async with job.connection() as connection:
        if not await store.open_run(connection, run_id, began, full=full):
            return
        compared_at, ever = await store.last_compared(connection)
    comparison, unanswered = Comparison(run_id, job), ""
    try:
        if full:
            await comparison.look_at_everything()
        else:
            await comparison.look_at_changes(_since(began, compared_at if ever else None, job))
    except QueryError as error:
        unanswered = str(error)
        if full or is_silent_too_long(compared_at, began):
            line = f"not compared since {compared_at}: gameplay does not tell what it holds ({unanswered})"
            comparison.note(GoodsDiff(GoodsDiffKind.NOT_COMPARED, line))
    closing = comparison.closing(unanswered, full=full)
    await job.take([closing], idempotency_key="goods_compared")
    log.info(
        "goods_compared",
        run_id=str(run_id),
        full=full,
        looked_at=closing.looked_at,
        repairs=closing.repaired,
        diffs=closing.diff_count,
        unanswered=unanswered,
    )


def _since(began: datetime, compared_at: datetime | None, job: Job) -> datetime:
    """Return from when on changes are looked at: none is left out, however long nothing could be compared."""
    if compared_at is None:
        return began - FIRST_LOOK
    return compared_at - OVERLAP - job.resource(RecoverySettings).goods_in_flight
