"""The books of services' jobs as rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from actors.store import Connection, Store, Writer
from actors.table import Table
from alerts.domain.job_book import JobBook

JOB_BOOKS: Final = Table(JobBook, "job_books", key="service", row_type="job_book_row")
SERVICES: Final = "select service from job_books where ($1::text is null or service > $1) order by service limit $2"
_ALL: Final = f"{JOB_BOOKS.select} order by service"


class JobBookStore(Store[str, JobBook]):
    """One row a service."""

    state = JobBook
    key_field = "service"

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, JobBook]:
        """Load and lock books in the order of their services."""
        return await JOB_BOOKS.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[JobBook]) -> None:
        """Write books, new and changed, in one statement."""
        await JOB_BOOKS.save(connection, states)

    def blank(self, key: str) -> JobBook:
        """Return that of a service of which nothing was heard."""
        return JobBook(key)


async def read_job_books(connection: Connection) -> tuple[JobBook, ...]:
    """Return every service's book."""
    return tuple(map(JOB_BOOKS.state_of, await connection.fetch(_ALL)))
