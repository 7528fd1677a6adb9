"""Background work that nobody waits for: when it fails it is said, and it is begun again.

Of a message JetStream takes care, of an effect its table; behind what merely runs there is nobody but its supervisor.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from actors import metrics

BACKOFF_SECONDS: Final = (0.5, 1.0, 2.0, 5.0, 15.0)
"""Before it is begun again, by how often in a row it failed; the last one from then on."""
STEADY_SECONDS: Final = 10.0
"""Work that ran for so long works: it is no obstacle any more, and its next failure is a first one."""

log = structlog.get_logger()


class Supervised:
    """One piece of work. It is over when it returns or is stopped; an exception is a failure, and begins it anew."""

    def __init__(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work()`; `name` says in logs, metrics and readiness what it is (`polling`)."""
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._trouble = ""
        self._steady_from = 0.0

    def start(self) -> None:
        """Run the work in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    def cancel(self) -> None:
        """Have it end, without waiting for that."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def obstacle(self) -> str:
        """Return what it failed of, until it has run for a while again; empty while it runs or is over."""
        if self._trouble and self._is_steady():
            self._trouble = ""
        return self._trouble

    def _is_steady(self) -> bool:
        return asyncio.get_running_loop().time() >= self._steady_from

    async def _run(self) -> None:
        while True:
            self._steady_from = asyncio.get_running_loop().time() + STEADY_SECONDS
            try:
                await self._work()
            except Exception as error:
                wait = self._failed(error)
            else:
                self._trouble = ""
                return
            await asyncio.sleep(wait)

    def _failed(self, error: Exception) -> float:
        """Take note of a failure; returns the seconds after which to begin again."""
        self._failures = 0 if self._is_steady() else self._failures
        wait = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._steady_from = asyncio.get_running_loop().time() + wait + STEADY_SECONDS
        self._trouble = f"{self._name} failed: {type(error).__name__}"
        metrics.RESTARTS.labels(self._name).inc()
        log.critical("work_failed", work=self._name, failures=self._failures, again_seconds=wait, exc_info=error)
        return wait
