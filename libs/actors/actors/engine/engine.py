"""Everything of a service that moves: lanes with their loops and mailboxes, effects, relay, jobs, endpoints."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import asyncpg
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from actors import metrics
from actors.clock import Clock
from actors.deploying.provision import ProvisionError, check_consumer
from actors.endpoints import Endpoint
from actors.engine.admin_turns import AdminTurns
from actors.engine.approvals import Approvals
from actors.engine.auditing import Audit
from actors.engine.backlog import BacklogMeter
from actors.engine.connecting import until_heard
from actors.engine.dead_effects import letters_of
from actors.engine.dead_letters import DeadLetters
from actors.engine.delivery import Delivery, Outcome, decoded, from_stream
from actors.engine.effect_runner import EffectRunner
from actors.engine.endpoint_server import EndpointServer
from actors.engine.firings import Firings
from actors.engine.hearers import Hearers
from actors.engine.job_locks import JobLocks
from actors.engine.job_reports import JobReports
from actors.engine.job_runner import JobRunner
from actors.engine.partitions import Partitions
from actors.engine.publisher import Publisher
from actors.engine.pull_consumer import PullConsumer
from actors.engine.relay import Relay
from actors.engine.republishing import Republishing
from actors.engine.restate_endpoints import RestateEndpoints
from actors.engine.restater import Restater
from actors.engine.rows import EffectRow
from actors.engine.running_job import RunningJob
from actors.engine.settlement import Settlement
from actors.engine.storing import Storing
from actors.engine.turn_loop import TurnLoop
from actors.engine.turn_result import TurnResult
from actors.engine.turns import Turns
from actors.settings import Settings
from actors.spec import MAIN_LANE, ConsumerSpec, ServiceSpec

_JOBS_STOP_SECONDS = 2.0
_EFFECTS_STOP_SECONDS = 3.0
_LOOPS_STOP_SECONDS = 4.0

log = structlog.get_logger()


class Engine:
    """The moving parts of one process. Start once, stop once."""

    def __init__(  # noqa: PLR0913 - the composition of a process
        self,
        spec: ServiceSpec,
        settings: Settings,
        *,
        nc: Client,
        pool: "asyncpg.Pool[asyncpg.Record]",
        publisher: Publisher,
        clock: Clock,
        resources: Mapping[type, Any],
        connect: Callable[[], Awaitable["asyncpg.Connection[asyncpg.Record]"]],
        on_broken: Callable[[str], None],
    ) -> None:
        """Put the parts together; nothing runs before `start`."""
        self.started = False
        self.resources = resources
        self._spec = spec
        self._nc = nc
        self._pool = pool
        self._on_broken = on_broken
        self._publisher = publisher
        self._clock = clock
        actor = spec.actor
        for what in spec.measures:
            metrics.took_seconds(what)
        self._settlement = Settlement(spec.name, pool, clock)
        self._partitions = Partitions(connect)
        self._performer = self._runner()
        self._turns = Turns(
            actor,
            pool=pool,
            clock=clock,
            resources=resources,
            effects=self._performer,
            keep_sent=spec.keeps_sent,
        )
        self.loops = {lane: self._loop(lane, settings) for lane in spec.lane_names()}
        self._relay = Relay(pool, publisher, clock, keep_sent=spec.keeps_sent)
        self._storing = Storing(spec.name, publisher, pool=pool, clock=clock)
        self._job_locks = JobLocks(connect)
        self._job_reports = JobReports(spec.name, actor.schedules, publisher, clock)
        self._jobs = self._job_runner()
        self._restater = Restater(spec.name, actor.restatables, pool=pool, publisher=publisher, clock=clock)
        self._endpoints = self._endpoint_server()
        self._mailboxes = [self._mailbox(consumer) for consumer in spec.consumers()]
        self._background: list[asyncio.Task[None]] = []
        self._loop_tasks: list[asyncio.Task[None]] = []

    # -- start and stop -------------------------------------------------------------------------

    async def start(self) -> None:
        """Check what was provisioned, then set everything moving."""
        for consumer in self._spec.consumers():
            await self._check(consumer)
        await self._partitions.balance()
        self._loop_tasks = [self._task(loop.run(), f"lane {lane}") for lane, loop in self.loops.items()]
        self._background = [
            self._task(self._partitions.run(), "buckets"),
            self._task(self._job_locks.run(), "job locks"),
            self._task(self._storing.run(), "storing"),
            self._task(self._performer.run(), "effects"),
            self._task(self._relay.run(), "relay"),
            self._task(BacklogMeter(self._nc, self._spec.consumers()).run(), "backlog"),
        ]
        if self._spec.actor.restatables:
            self._background.append(self._task(self._restater.run(), "restatements"))
        await self._endpoints.start()
        self._background += [self._task(box.run(), f"mailbox {box.stream}") for box in self._mailboxes]
        await until_heard(self._nc)
        await self._job_reports.declare()
        self.started = True

    async def stop(self) -> None:
        """Answer and pull no more; finish jobs, effects and turns under way; publish and acknowledge what came."""
        await self._endpoints.stop()
        for mailbox in self._mailboxes:
            await mailbox.stop()
        await self._jobs.stop(seconds_max=_JOBS_STOP_SECONDS)
        await self._performer.stop(seconds_max=_EFFECTS_STOP_SECONDS)
        for loop in self.loops.values():
            loop.stop()
        if self._loop_tasks:
            _, late = await asyncio.wait(self._loop_tasks, timeout=_LOOPS_STOP_SECONDS)
            self._background += late
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._settlement.tries.let_go()
        await self._partitions.close()
        self._job_locks.close()

    async def obstacle(self) -> str:
        """Return what keeps this process from working: NATS away or full, Postgres away; empty when nothing does."""
        if not self._nc.is_connected:
            return "no connection to NATS"
        try:
            await asyncio.wait_for(self._pool.fetchval("select 1"), 2)
        except Exception as error:
            return f"no connection to Postgres: {type(error).__name__}"
        return await self._storing.obstacle()

    def on_reconnected(self) -> None:
        """NATS is back: what was asked for before is lost, ask anew."""
        self._publisher.troubles.forget()
        for mailbox in self._mailboxes:
            mailbox.forget_pull()

    # -- wiring ---------------------------------------------------------------------------------

    def _runner(self) -> EffectRunner:
        return EffectRunner(
            self._spec.actor,
            pool=self._pool,
            partitions=self._partitions,
            clock=self._clock,
            resources=self.resources,
            performed=self._performed,
            give_up=self._give_up,
        )

    def _loop(self, lane: str, settings: Settings) -> TurnLoop:
        return TurnLoop(
            lane,
            turns=self._turns,
            settlement=self._settlement,
            publisher=self._publisher,
            nc=self._nc,
            clock=self._clock,
            forget=self._performer.forget,
            batch_max=settings.batch_max,
            pace_seconds=settings.turn_pace_seconds,
            unhurried=self._spec.unhurried,
        )

    def _job_runner(self) -> JobRunner:
        return JobRunner(
            self._spec.actor,
            locks=self._job_locks,
            firings=Firings(self._pool, self._clock),
            tries=self._settlement.tries,
            give_up=self.loops[MAIN_LANE].offer_hopeless,
            ack_wait_seconds=self._spec.ack_wait_seconds,
            make_job=self._job,
            reports=self._job_reports,
            clock=self._clock,
        )

    def _job(self, firing: Delivery) -> RunningJob:
        return RunningJob(
            service=self._spec.name,
            clock=self._clock,
            acquire=self._pool.acquire,
            take=self.loops[MAIN_LANE].take,
            resources=self.resources,
            firing=firing.envelope.id,
            is_repeated=firing.is_redelivered(),
        )

    def _endpoint_server(self) -> EndpointServer:
        spec, pool, clock = self._spec, self._pool, self._clock
        letters = DeadLetters(pool=pool, turns=self._turns, clock=clock, committed=self._committed)
        restating = RestateEndpoints(
            spec.name,
            spec.actor.restatables,
            pool=pool,
            hearers=Hearers(spec.name, self._nc),
            clock=clock,
            started=self._restater.wake,
        )
        audit = Audit(pool, clock)
        turns = AdminTurns(spec.name, audit=audit, take=self._take, clock=clock)
        approvals = Approvals(spec, pool, audit=audit, turns=turns, clock=clock)
        sent = Republishing(pool=pool, publisher=self._publisher).endpoints() if spec.keeps_sent else []
        return EndpointServer(
            spec.actor,
            nc=self._nc,
            audit=audit,
            turns=turns,
            hold=approvals.hold,
            endpoint=Endpoint(clock=clock, acquire=pool.acquire, resources=self.resources),
            extra=[*letters.endpoints(), *restating.endpoints(), *approvals.endpoints(), *sent],
        )

    async def _take(self, delivery: Delivery) -> None:
        """Take an operator's command in the lane of its contract."""
        await self.loops[self._spec.lane_of(type(decoded(delivery)))].take([delivery])

    def _mailbox(self, consumer: ConsumerSpec) -> PullConsumer:
        loop = self.loops[consumer.lane]

        def deliver(msg: Msg) -> None:
            delivery = from_stream(msg)
            if self._jobs.takes(delivery):
                self._jobs.start(delivery)
            else:
                loop.offer(delivery)

        return PullConsumer(
            self._nc, stream=consumer.stream, consumer=consumer.durable, deliver=deliver, room=loop.room
        )

    def _performed(self, outcome: Outcome) -> None:
        self.loops[MAIN_LANE].offer_performed(outcome)

    def _give_up(self, effect: EffectRow, error: Exception) -> None:
        for letter in letters_of(effect, self._spec.name):
            self.loops[MAIN_LANE].offer_hopeless(letter, error)

    def _committed(self, taken: TurnResult) -> None:
        self.loops[MAIN_LANE].adopt(taken)

    async def _check(self, consumer: ConsumerSpec) -> None:
        subject = f"$JS.API.CONSUMER.INFO.{consumer.stream}.{consumer.durable}"
        try:
            answer = json.loads((await self._nc.request(subject, b"", timeout=5)).data)
        except TimeoutError as error:
            raise ProvisionError(f"{subject} is not answered: denied, or JetStream is down") from error
        if "error" in answer:
            raise ProvisionError(
                f"{consumer.stream}/{consumer.durable}: {answer['error']['description']}. Provision first"
            )
        check_consumer(consumer, answer["config"])

    def _task(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.critical("part_ended", part=task.get_name(), exc_info=task.exception())
            self._on_broken(f"{task.get_name()} ended: {task.exception()}")
