"""aiogram's routers, one an area; `make_dispatcher` puts them in order.

Filters are async throughout: aiogram runs a sync filter (every `F.…`) in a thread of its own.
"""

from aiogram import Dispatcher

from gateway.routers import account, entry, game, membership, pages, rest


def make_dispatcher() -> Dispatcher:
    """Return a dispatcher with all routers. Routers belong to one dispatcher, so each call makes new ones."""
    dispatcher = Dispatcher(disable_fsm=True)
    for area in (rest.groups(), entry.router(), game.router(), pages.router(), account.router(), membership.router()):
        dispatcher.include_router(area)
    dispatcher.include_router(rest.router())
    return dispatcher
