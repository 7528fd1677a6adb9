"""What players can type: one table, which dispatch, `/help`, suggestions and `setMyCommands` go by (DOMAIN §11).

To add a command: a line here, its function beside those of its subject, its description in the catalogue of each
language (`command-<name>`).
"""

from gateway.domain.chat import Role
from gateway.domain.deep_link import parse_deep_link
from gateway.domain.log import Outcome
from gateway.domain.registry import Category, Command, Handler, Registry
from gateway.handlers import account, affiliates, entry, game, pages, promo, referrals, shop
from gateway.handlers.visit import Visit

COMMANDS: Registry[Visit] = Registry(
    [
        Command(
            name="start",
            category=Category.GAME,
            handler=entry.welcome,
            links={"shop": entry.open_shop, "promo": promo.redeem_link},
        ),
        Command(name="play", category=Category.GAME, handler=game.modes),
        Command(name="daily", category=Category.GAME, handler=game.daily),
        Command(name="streak", category=Category.PROGRESS, handler=pages.streak),
        Command(name="stats", category=Category.PROGRESS, handler=pages.stats),
        Command(name="top", category=Category.PROGRESS, handler=pages.top),
        Command(name="invite", category=Category.PROGRESS, handler=referrals.invite),
        Command(name="referral_link", category=Category.PROGRESS, handler=referrals.invite),
        Command(name="shop", category=Category.SHOP, handler=shop.extras),
        Command(name="premium", category=Category.SHOP, handler=shop.premium),
        Command(name="promo", category=Category.SHOP, handler=promo.redeem),
        Command(name="purchases", category=Category.SHOP, handler=shop.purchases),
        Command(name="paysupport", category=Category.SHOP, handler=shop.support),
        Command(name="affiliate", category=Category.PARTNER, handler=affiliates.page),
        Command(name="payout", category=Category.PARTNER, handler=affiliates.payout, role=Role.PARTNER),
        Command(name="settings", category=Category.ACCOUNT, handler=pages.settings),
        Command(name="language", category=Category.ACCOUNT, handler=account.languages),
        Command(name="help", category=Category.ACCOUNT, handler=account.guide),
        Command(name="terms", category=Category.ACCOUNT, handler=shop.terms),
        Command(name="privacy", category=Category.ACCOUNT, handler=shop.privacy),
    ]
)


def hear_message(visit: Visit, *, is_private: bool) -> Outcome:
    """Do what a message asks for. Every one is answered; in a group with the way to the private chat."""
    act = _handler(visit) if is_private else entry.lead_to_private_chat
    act(visit)
    return Outcome("handled", _logged(visit))


def _handler(visit: Visit) -> Handler[Visit]:
    """Return what handles a private message; a deep link's kind becomes a part of the command's name in the log."""
    if not visit.command:
        return entry.nudge if visit.chat.code_asked_at is None else promo.hear_answer
    visit.chat.leave_code_question()
    command = visit.services.registry.find(visit.command, visit.chat.role)
    if command is None:
        return account.unknown_command
    visit.link = parse_deep_link(visit.argument.partition(" ")[0]) if command.links else None
    if visit.link is None:
        return command.handler
    visit.command = f"{command.name} {visit.link.kind}"
    return command.links.get(visit.link.kind, command.handler)


def _logged(visit: Visit) -> str:
    """Return what the log says of a command: its name. What was made up is not kept: it may be a code (decision 34)."""
    if not visit.command:
        return ""
    known = visit.services.registry.find(visit.command.partition(" ")[0], visit.chat.role)
    return "/?" if known is None else f"/{visit.command}"
