"""Least privilege: what a service does not declare, NATS denies; and the denial is said by name."""

from typing import Any

import asyncpg
import nats
import pytest
from msgspec.structs import replace

from actors.clock import SystemClock
from actors.deploying.permissions import deployer, permissions
from actors.deploying.provision import provision
from actors.engine.runtime import StartError, running
from actors.settings import Settings
from devstack.natsconf import NatsUser


async def _with_users(stage: Any, make_nats: Any, vault: Any, stage_permissions: Any) -> Settings:
    stage_key, deploy_key = vault.nkey("stage"), vault.nkey("deploy")
    server = make_nats(
        users=[
            NatsUser("stage", stage_key.public, stage_permissions),
            NatsUser("deploy", deploy_key.public, deployer()),
        ],
        system_key=vault.nkey("sys").public,
    )
    nc = await nats.connect(server.url, nkeys_seed_str=deploy_key.seed, inbox_prefix=b"_INBOX_deploy")
    await provision(nc, [stage.spec])
    await nc.close()
    return Settings(
        nats_url=server.url, nats_nkey_seed=stage_key.seed, postgres_dsn=stage.database.dsn(), log_level="error"
    )


async def test_a_service_starts_with_exactly_what_it_declares(stage: Any, make_nats: Any, vault: Any) -> None:
    settings = await _with_users(stage, make_nats, vault, permissions(stage.spec, [stage.spec]))
    async with running(stage.spec, settings, stage.build, clock=SystemClock()) as service:
        assert not await service.obstacle()


@pytest.mark.parametrize("lacking", ["$JS.API.CONSUMER.INFO.STAGE_CMD.stage", "admin.stage.>"])
async def test_a_violation_stops_the_start_with_the_subject_named(
    stage: Any, make_nats: Any, vault: Any, lacking: str
) -> None:
    full = permissions(stage.spec, [stage.spec])
    less = replace(
        full,
        publish=tuple(subject for subject in full.publish if subject != lacking),
        subscribe=tuple(subject for subject in full.subscribe if subject != lacking),
    )
    settings = await _with_users(stage, make_nats, vault, less)
    with pytest.raises(StartError) as refused:
        async with running(stage.spec, settings, stage.build, clock=SystemClock()):
            pass
    assert lacking.removesuffix(".>").lower() in str(refused.value).lower().replace('"', "")


async def test_no_role_reads_anothers_schema(stage: Any, make_database: Any) -> None:
    database = await make_database("stage", "other")
    connection = await asyncpg.connect(database.dsn("stage"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch("select * from other.inbox")
    await connection.close()
