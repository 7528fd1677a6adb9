"""Whose fault is a database error: Postgres's own (wait), nobody's (repeat), or the statement's (find the culprit)."""

import asyncio

import asyncpg

_OUTAGE = (
    OSError,
    asyncio.TimeoutError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ReadOnlySQLTransactionError,
    # Postgres hung up on a process that had stood still with its transaction open.
    asyncpg.IdleInTransactionSessionTimeoutError,
    # The driver's own confusion about a connection whose server was killed under it; never a statement's fault.
    asyncpg.InternalClientError,
)
_REPEAT = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)


def is_outage(error: BaseException) -> bool:
    """Whether Postgres itself is what fails: back off, leave messages unacknowledged, blame none."""
    if isinstance(error, _OUTAGE):
        return True
    # asyncpg reports a connection that died under a statement as a plain InterfaceError.
    return (
        isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError) and "connection" in str(error)
    )


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same transaction may well succeed at once (deadlock, serialization, a batch number drawn twice)."""
    if isinstance(error, asyncpg.UniqueViolationError):
        # Two turns of one millisecond that drew the same batch number; the next try draws another.
        return error.constraint_name in ("outbox_pkey", "effects_pkey")
    return isinstance(error, _REPEAT)
