"""One replica of the toy service, and effects written into its table as others would have."""

import json
import zlib
from contextlib import AsyncExitStack
from typing import Any

from actors.clock import SystemClock
from actors.effects import PARTITIONS
from actors.engine.runtime import running
from stage.outside import Outside, build, service

_ENVELOPE = json.dumps({"id": "m", "type_name": "t", "time": "2026-03-04T12:00:00Z"})


class World:
    """One replica of the toy service, the table it reads, and what it calls."""

    def __init__(self, stage: Any, stack: AsyncExitStack) -> None:
        self.stage = stage
        self.outside = Outside()
        self._stack = stack

    async def start(self) -> Any:
        context = running(service(self.outside), self.stage.settings(), build, clock=SystemClock())
        return (await self._stack.enter_async_context(context)).engine

    async def wrote(self, batch: int, account: str = "kim", **columns: str) -> None:
        """Write an effect as another replica would have; `columns` are SQL."""
        values = {
            "priority": "0",
            "batch": str(batch),
            "position": "0",
            "bucket": str(zlib.crc32(account.encode()) % PARTITIONS),
            "lane": f"'{account}'",
            "kind": "'Call'",
            "body": f"convert_to('{json.dumps({'account': account, 'number': batch})}', 'utf8')",
            "envelope": f"convert_to('{_ENVELOPE}', 'utf8')",
            "created_at": "now()",
            "due_at": "now()",
        } | columns
        await self.stage.connection.execute(
            f"insert into effects ({', '.join(values)}) values ({', '.join(values.values())})"
        )

    async def called(self, account: str, *numbers: int) -> None:
        """Wait until the account's calls are these."""

        async def are() -> bool:
            return self.outside.called(account) == list(numbers)

        await self.stage.until(are)

    async def letters(self, count: int) -> list[Any]:
        async def found() -> Any:
            rows = await self.stage.connection.fetch("select * from dead_letters order by message_id")
            return rows if len(rows) == count else None

        return list(await self.stage.until(found))
