"""aiogram's routers, one an area; `make_dispatcher` puts them in order.

Filters are async throughout: aiogram runs a sync filter (every `F.…`) in a thread of its own.
"""

from aiogram import Dispatcher

from gateway.routers import account, entry, game, pages, rest, shop


def make_dispatcher() -> Dispatcher:
    """Return a dispatcher with all routers. Routers belong to one dispatcher, so each call makes new ones."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(rest.groups())
    for area in (entry, game, pages, shop, account):
        dispatcher.include_router(area.router())
    dispatcher.include_router(rest.router())
    return dispatcher
