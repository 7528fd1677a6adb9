"""Partners in the chat: `/affiliate`, `/payout`, their buttons (DOMAIN §9)."""

from contracts.payments import STARS_OF_MONTHS
from contracts.referrals import AffiliatePage, ApplyAsAffiliate, PayoutKind, RequestPayout, ShowAffiliate
from gateway.buttons import AffiliateButton, PayoutButton
from gateway.handlers.visit import ForgedError, Visit


def page(visit: Visit) -> None:
    """Ask for the player's page as a partner."""
    visit.ask(ShowAffiliate(player_id=visit.chat.player_id))


def payout(visit: Visit) -> None:
    """Ask for what can be paid out."""
    visit.ask(ShowAffiliate(player_id=visit.chat.player_id, view=AffiliatePage.PAYOUT))


def page_of(button: AffiliateButton, visit: Visit) -> None:
    """Ask for the page that the button names."""
    visit.ask(ShowAffiliate(player_id=visit.chat.player_id, view=button.page))


def apply(visit: Visit) -> None:
    """Put the player before ops."""
    visit.ask(ApplyAsAffiliate(player_id=visit.chat.player_id))


def ask_payout(button: PayoutButton, visit: Visit) -> None:
    """Ask for a payout."""
    is_gift = button.kind is PayoutKind.PREMIUM_GIFT
    if (button.months in STARS_OF_MONTHS) != is_gift:
        raise ForgedError("payout")
    visit.ask(RequestPayout(player_id=visit.chat.player_id, kind=button.kind, months=button.months))
