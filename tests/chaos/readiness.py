"""Readiness as Kubernetes sees it: who is up and says for how long that it cannot work."""

import asyncio
import contextlib
from collections.abc import Generator

import aiohttp

from devstack.stack import Stack

_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 3.0
AGAIN_SECONDS_MAX = 20.0
"""So long after the last disturbance every process is ready again."""


class Readiness:
    """Asks every process, twice a second, whether it can work."""

    def __init__(self, stack: Stack) -> None:
        """Nobody has been asked yet."""
        self.unready_seconds_max = 0.0
        """The longest that any process was not ready while nothing was done to anything."""
        self.who = ""
        """Which process that was, and what it said."""
        self._stack = stack
        self._disturbed = 0
        self._calm_since = asyncio.get_running_loop().time()
        self._unready_since: dict[str, float] = {}

    @contextlib.contextmanager
    def disturbance(self) -> Generator[None]:
        """Something is being done to a process or a server: what they say meanwhile does not count."""
        self._disturbed += 1
        try:
            yield
        finally:
            self._disturbed -= 1
            self._calm_since = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Look until cancelled."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                replicas = [one for replicas in self._stack.services.values() for one in replicas]
                await asyncio.gather(*(self._look(session, one.name, one.url) for one in replicas))
                await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, session: aiohttp.ClientSession, name: str, url: str) -> None:
        said = await _obstacle(session, url)
        now = asyncio.get_running_loop().time()
        if not said:
            self._unready_since.pop(name, None)
            return
        since = max(self._unready_since.setdefault(name, now), self._calm_since)
        if not self._disturbed and now - since > self.unready_seconds_max:
            self.unready_seconds_max, self.who = now - since, f"{name}: {said}"


async def _obstacle(session: aiohttp.ClientSession, url: str) -> str:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return "" if answer.status == 200 else (await answer.text()).strip()
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"no answer: {type(error).__name__}"
