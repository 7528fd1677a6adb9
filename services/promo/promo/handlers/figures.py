"""How codes fare: the dashboard, and what the guard sees (DOMAIN §7)."""

from actors.endpoints import Endpoint
from actors.turn import Turn
from contracts.promo import DashboardAnswer, DashboardQuery, GuardAnswer, ShowGuard
from promo.domain.alarm import ALARM, GuardSight
from promo.handlers.table import actor
from promo.handlers.windows import window_end
from promo.store.figures import dashboard, span


@actor.query("dashboard", request=DashboardQuery, response=DashboardAnswer)
async def query_dashboard(request: DashboardQuery, endpoint: Endpoint) -> DashboardAnswer:
    """Count attempts, discounts, campaigns and guesses, exactly."""
    until = window_end(request.until, endpoint.now, hours=request.hours)
    async with endpoint.connection() as connection:
        return await dashboard(connection, span(until, request.hours))


@actor.admin("guard", "show", answer=GuardAnswer, fixed={"name": ALARM}, reads=True)
@actor.on(ShowGuard)
def show_guard(command: ShowGuard, sight: GuardSight, turn: Turn) -> None:
    """Answer with what the guard sees."""
    del command
    turn.reply(
        GuardAnswer(
            since=sight.since,
            failures_allowed=sight.failures_allowed,
            failures=sight.failures,
            players=sight.players,
            candidates=sight.candidates,
        )
    )
