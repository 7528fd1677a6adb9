"""Reconciliation: the books are compared, what can be repaired is, and the rest alarms (DOMAIN §6, §12).

Every 15 minutes what changed, at 03:30 Berlin everything, or when an operator asks. A run reads the provider's list
first and our books afterwards, so whatever was settled when it began has to be in both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import structlog

from actors.endpoints import AdminRequest, Endpoint
from actors.jobs import Job
from actors.turn import Turn
from contracts.payments import Provider, ReconcileBooks, ReconciliationDiffDetected, RecordPayment, RecordRefund
from payments.domain import books
from payments.domain.books import Amounts, Total
from payments.domain.reconciliation import ChargeComparison, Diff, InLedger, compare, missing
from payments.domain.recovery import RecoverySettings
from payments.domain.runs import KEPT_MAX, Closed, CloseRun
from payments.handlers.provider_lists import check_balance, providers_of, read_on
from payments.handlers.stars import book_stars, differing, unexplained
from payments.handlers.table import actor
from payments.handlers.telegram_gifts import gifts_not_listed
from payments.providers import ProviderError, ProviderUnavailableError
from payments.providers.registry import PaymentProviders
from payments.store import reconciliation as store

PAGE: Final = 500
OVERLAP: Final = timedelta(minutes=15)
"""What a run looks at begins so long before the last one did: some of that was on its way then."""
FIRST_LOOK: Final = timedelta(hours=1)
"""What the very first run of what changed looks back at; the full one looks at everything."""
TOLD_MAX: Final = 20
_SOON: Final = timedelta(seconds=1)

log = structlog.get_logger()


class Findings:
    """What a run has found so far."""

    def __init__(self) -> None:
        self.looked_at = 0
        self.repairs: list[str] = []
        self.diffs: list[Diff] = []
        self.amounts = Amounts()
        self.totals: tuple[Total, ...] | None = None

    def add(self, comparisons: Sequence[ChargeComparison], before: datetime) -> None:
        """Compare charges and count them; what happened at `before` or later may still be on its way."""
        for comparison in comparisons:
            self.looked_at += 1
            self.diffs += compare(comparison, before)
            self.amounts.add(comparison)

    def closing(self, run_id: UUID, provider: Provider, *, full: bool) -> CloseRun:
        """Return the word that the run is done."""
        return CloseRun(
            run_id=run_id,
            provider=provider,
            is_full=full,
            looked_at=self.looked_at,
            repairs=tuple(self.repairs[:KEPT_MAX]),
            repaired=len(self.repairs),
            books=self.amounts.totals() if self.totals is None else self.totals,
            diffs=tuple(self.diffs[:KEPT_MAX]),
            diff_count=len(self.diffs),
        )


@actor.every(900, name="reconciliation")
async def reconcile_changes(job: Job, run_id: UUID | None = None) -> None:
    """Every 15 minutes: compare what changed since the last run.

    `run_id`: the run that an operator was promised; without it the firing names it.
    """
    await _reconcile(run_id, job, full=False)


@actor.cron("0 30 3 * * *", name="full_reconciliation")
async def reconcile_everything(job: Job, run_id: UUID | None = None) -> None:
    """03:30 Berlin: compare all books whole, and the balance.

    `run_id`: the run that an operator was promised; without it the firing names it.
    """
    await _reconcile(run_id, job, full=True)


async def _reconcile(run_id: UUID | None, job: Job, *, full: bool) -> None:
    """Run over each provider's books; one that is away does not keep the other from it, and the firing is repeated."""
    name = run_id or uuid5(NAMESPACE_URL, job.firing)
    away: ProviderError | None = None
    for provider in providers_of(job.resource(PaymentProviders)):
        try:
            await _run(name, provider, job, full=full)
        except ProviderError as error:
            log.warning("reconciliation_put_off", provider=provider, error=str(error))
            away = max((error, away), key=_retry_after) if away else error
    if away is not None:
        raise away


def _retry_after(error: ProviderError) -> int:
    """Return for how many seconds a provider asked to be let be."""
    return (isinstance(error, ProviderUnavailableError) and error.retry_after_seconds) or 0


async def _run(run_id: UUID, provider: Provider, job: Job, *, full: bool) -> None:
    began = job.now
    before = began - job.resource(RecoverySettings).in_flight
    async with job.connection() as connection:
        if not await store.open_run(connection, run_id, provider, full, began):
            return
    await read_on(job, provider, full=full)
    findings = Findings()
    charges = await _charges(provider, job, began, full=full)
    names = list(charges)
    for begin in range(0, len(names), PAGE):
        page = {name: charges[name] for name in names[begin : begin + PAGE]}
        await _look_at(page, provider, job, before, findings)
    if provider is Provider.TELEGRAM:
        await _look_at_stars(job, findings, full=full)
    if full:
        await _look_at_the_whole(provider, job, before, findings)
    await job.take([findings.closing(run_id, provider, full=full)], idempotency_key=f"reconciled:{provider}")
    log.info(
        "reconciled",
        run_id=str(run_id),
        provider=provider,
        full=full,
        charges=findings.looked_at,
        repairs=len(findings.repairs),
        diffs=len(findings.diffs),
    )


async def _charges(provider: Provider, job: Job, began: datetime, *, full: bool) -> Mapping[str, InLedger]:
    """Return the charges that are worth a look, with what is known already of the ledger."""
    async with job.connection() as connection:
        if full:
            return await store.doubtful_charges(connection, provider)
        last = await store.last_run(connection, provider)
        overlap = OVERLAP + job.resource(RecoverySettings).in_flight
        since = began - FIRST_LOOK if last is None else last - overlap
        return dict.fromkeys(await store.changed_charges(connection, provider, since), InLedger(0, 0))


async def _look_at(
    charges: Mapping[str, InLedger], provider: Provider, job: Job, before: datetime, findings: Findings
) -> None:
    """Trace charges through the books. What the provider has and we have not is taken like a live payment or refund.

    What that led to is looked at again: it stands in the books now, or it is a diff.
    """
    async with job.connection() as connection:
        comparisons = await store.read_traces(connection, provider, list(charges), charges)
    lacking = {comparison.charge_id: words for comparison in comparisons if (words := missing(comparison, before))}
    if lacking:
        words = [word for some in lacking.values() for word in some]
        await job.take(words)
        findings.repairs += map(_told, words)
        async with job.connection() as connection:
            again = await store.read_traces(connection, provider, list(lacking), charges)
        comparisons = [*(comparison for comparison in comparisons if comparison.charge_id not in lacking), *again]
    findings.add(comparisons, before)


async def _look_at_stars(job: Job, findings: Findings, *, full: bool) -> None:
    """Book what moved without a purchase, and tell of what nobody explains."""
    await book_stars(job)
    async with job.connection() as connection:
        last = await store.last_run(connection, Provider.TELEGRAM)
    overlap = OVERLAP + job.resource(RecoverySettings).in_flight
    findings.diffs += await unexplained(job, None if full or last is None else job.now - last + overlap)


def _told(word: RecordPayment | RecordRefund) -> str:
    charge = f"{word.provider} charge {word.charge_id}"
    if isinstance(word, RecordRefund):
        return f"{charge}: its refund at {word.refunded_at} was written down"
    return f"{charge}: {word.amount} {word.currency} of player {word.player_id} at {word.paid_at} were written down"


async def _look_at_the_whole(provider: Provider, job: Job, before: datetime, findings: Findings) -> None:
    """Compare counts and totals of all books, look whether the ledger is sound, and weigh Telegram's balance."""
    async with job.connection() as connection:
        findings.totals = await store.read_totals(connection, provider, before)
        transactions, balances = await store.read_unsound(connection)
    findings.diffs += books.compare_totals(provider, findings.totals)
    if provider is Provider.TELEGRAM:
        findings.diffs += books.unsound(transactions, balances)
        findings.diffs += await gifts_not_listed(job, KEPT_MAX)
        findings.diffs += await differing(job, job.resource(RecoverySettings).in_flight)
        balance_check = await check_balance(job, job.resource(PaymentProviders).stars)
        if not balance_check.is_even:
            findings.diffs.append(balance_check.diff(provider))


@actor.on(CloseRun)
def close_run(command: CloseRun, turn: Turn) -> None:
    """Finish the run's row; a diff is told of."""
    turn.record(Closed(command, turn.now))
    if command.diff_count:
        turn.emit(
            ReconciliationDiffDetected(
                run_id=command.run_id,
                provider=command.provider,
                full=command.is_full,
                diffs=tuple(diff.line for diff in command.diffs[:TOLD_MAX]),
                diff_count=command.diff_count,
                at=turn.now,
            )
        )


# -- endpoints --------------------------------------------------------------------------------------


class ReconcileRequest(AdminRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be compared now."""

    full: bool = False
    """True for everything, as at 03:30; else what changed since the last run."""


class ReconcileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The run has been ordered; `query.payments.reconciliation` with its id tells what came of it."""

    started: bool
    run_id: UUID


def _to_reconcile(request: ReconcileRequest) -> ReconcileBooks:
    """Return the command that an operator's request stands for."""
    return ReconcileBooks(scope="full" if request.full else "changed")


@actor.admin("reconciliation", "run", answer=ReconcileAnswer, translate=_to_reconcile)
@actor.on(ReconcileBooks)
def reconcile_books(command: ReconcileBooks, turn: Turn) -> None:
    """Let the job fire at once, for a run of this name."""
    run_id = turn.new_id()
    run = reconcile_everything if command.scope == "full" else reconcile_changes
    turn.at(turn.now + _SOON, run.due(run_id=run_id), name=f"reconcile_{run_id.hex}")
    turn.reply(ReconcileAnswer(started=True, run_id=run_id))


class RunsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Chooses among the reconciliations."""

    run_id: UUID | None = None
    """One run, as promised to an operator; both providers' rows of it."""
    only_diffs: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class RunsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The last runs, the newest first."""

    runs: tuple[store.RunRow, ...]


@actor.query("reconciliation", request=RunsQuery, response=RunsAnswer)
async def query_reconciliation(request: RunsQuery, endpoint: Endpoint) -> RunsAnswer:
    """Show runs with their counts, repairs and diffs."""
    async with endpoint.connection() as connection:
        rows = await store.read_runs(connection, request.run_id, request.only_diffs, request.limit)
    return RunsAnswer(runs=tuple(rows))
