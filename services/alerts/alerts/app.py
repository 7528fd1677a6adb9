"""Composition root: what alerts is made of. Importing it does no I/O."""

import contextlib
from collections.abc import AsyncGenerator, Iterator, Mapping

import aiohttp

from actors.engine.connecting import connect_one
from actors.engine.job_locks import JobLocks
from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.supervision import Supervised
from alerts.channels.opening import open_channels
from alerts.dispatch.courier import Courier
from alerts.dispatch.heartbeat import Heartbeat
from alerts.dispatch.terms import terms
from alerts.dispatch.trouble import Trouble
from alerts.domain.notice import Channel
from alerts.domain.policy import parse_policy
from alerts.domain.routing import Router
from alerts.domain.runbooks import Runbooks
from alerts.handlers import clock, hearing, jobs_watched, operators, pages, retention
from alerts.handlers.table import actor
from alerts.settings import AlertsSettings
from alerts.store.alerts import AlertStore, DeliveryBook, HistoryBook, MutesNow
from alerts.store.deliveries import DeliveryQueue
from alerts.store.job_books import JobBookStore
from alerts.store.silences import SilenceStore
from alerts.web.server import WebhookServer
from contracts.alerts import ChannelName, HearOutsideAlert, MirrorIncident
from contracts.ground import JobEnded, JobsDeclared

HANDLERS = (hearing, clock, jobs_watched, operators, pages, retention)
"""The modules that enter what alerts does into the actor's table."""

actor.keep(MutesNow(), SilenceStore(), JobBookStore(), AlertStore(), HistoryBook(), DeliveryBook())

SPEC = ServiceSpec(
    name="alerts",
    actor=actor,
    listens_to=("alerts", "gameplay", "gateway", "payments", "promo", "referrals"),
    publishes=(HearOutsideAlert, MirrorIncident),
    unhurried=(JobEnded, JobsDeclared),
)


@contextlib.asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Put alerts together from what the ground hands over."""
    settings: AlertsSettings = means.settings
    async with aiohttp.ClientSession() as session:
        channels = open_channels(settings, session)
        queue, locks = DeliveryQueue(means.pool), JobLocks(lambda: connect_one(settings))
        work = [*_couriers(means, queue, locks, channels), *_watching(means, queue, session)]
        for one in work:
            one.start()
        try:
            yield Provided(
                ingresses=(WebhookServer(means),) if settings.has_webhooks else (),
                resources={
                    Router: Router(parse_policy(settings.ops_alert_escalation_policy_json), channels),
                    Runbooks: Runbooks(settings.alerts_runbook_url),
                },
            )
        finally:
            for one in work:
                await one.stop()
            locks.close()


def _couriers(
    means: Dependencies, queue: DeliveryQueue, locks: JobLocks, channels: Mapping[ChannelName, Channel]
) -> Iterator[Supervised]:
    """Yield the work of bringing each channel what is due: a courier each, so that none waits for another."""
    wanted = terms(means.settings.alerts_group_seconds)
    trouble = Trouble(means.publisher, means.clock)
    yield Supervised("courier locks", locks.run)
    for name, channel in channels.items():
        courier = Courier(
            name, channel, queue=queue, locks=locks, terms=wanted[name], clock=means.clock, trouble=trouble
        )
        yield Supervised(f"courier {name}", courier.run)


def _watching(means: Dependencies, queue: DeliveryQueue, session: aiohttp.ClientSession) -> Iterator[Supervised]:
    """Yield the work of being watched: gauges, and the heartbeat where somebody listens for it."""
    settings: AlertsSettings = means.settings
    heartbeat = Heartbeat(session, queue, means.pool, means.clock)
    yield Supervised("alert gauges", heartbeat.watch)
    if url := settings.alerts_heartbeat_url.get_secret_value():
        yield Supervised("heartbeat", lambda: heartbeat.beat(url, settings.alerts_heartbeat_seconds))
