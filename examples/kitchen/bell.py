"""The outside world: a bell. Ringing it cannot be taken back, so it is an effect and no part of a turn."""

import structlog

log = structlog.get_logger()


class Bell:
    """Rings in the service's log."""

    async def ring(self, cook: str) -> None:
        """Ring once for a cook."""
        log.info("ding", cook=cook)
