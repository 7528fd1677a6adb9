"""What there is to look at: `query.alerts.*` (DOMAIN §10, §12)."""

from actors.endpoints import Endpoint, EndpointError
from alerts.handlers.table import actor
from alerts.store.job_books import read_job_books
from alerts.store.pages import read_details, read_page
from alerts.store.silences import read_silences
from contracts.alerts import (
    AlertDetails,
    AlertList,
    AlertQuery,
    AlertsQuery,
    JobList,
    JobsQuery,
    JobView,
    SilenceList,
    SilencesQuery,
)


@actor.query("list", request=AlertsQuery, response=AlertList)
async def query_alerts(request: AlertsQuery, endpoint: Endpoint) -> AlertList:
    """Show a page of alerts, the newest first."""
    async with endpoint.connection() as connection:
        return await read_page(connection, request)


@actor.query("one", request=AlertQuery, response=AlertDetails)
async def query_alert(request: AlertQuery, endpoint: Endpoint) -> AlertDetails:
    """Show one alert with its history and deliveries; 404 for one of which nothing is kept."""
    async with endpoint.connection() as connection:
        details = await read_details(connection, request.alert_id)
    if details.alert is None and not details.history:
        raise EndpointError(404, f"alert_id: nothing is kept of {request.alert_id!r}; query.alerts.list has all")
    return details


@actor.query("silences", request=SilencesQuery, response=SilenceList)
async def query_silences(request: SilencesQuery, endpoint: Endpoint) -> SilenceList:
    """Show the silences that last."""
    del request
    async with endpoint.connection() as connection:
        lasting = await read_silences(connection, endpoint.now)
    return SilenceList(silences=tuple(one.view() for one in lasting))


@actor.query("jobs", request=JobsQuery, response=JobList)
async def query_jobs(request: JobsQuery, endpoint: Endpoint) -> JobList:
    """Show how every service's jobs went last."""
    del request
    async with endpoint.connection() as connection:
        books = await read_job_books(connection)
    return JobList(
        jobs=tuple(
            JobView(
                service=book.service,
                **{name: getattr(one, name) for name in JobView.__struct_fields__ if name != "service"},
            )
            for book in books
            for one in sorted(book.jobs, key=lambda record: record.job)
        )
    )
