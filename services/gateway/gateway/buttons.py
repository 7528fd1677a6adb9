"""What a tap carries: at most 64 bytes, a short prefix, then the fields. Anything else is forged."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from contracts.gameplay import Mode, Period, View
from contracts.ids import from_short, short
from contracts.payments import Product, ShopView
from contracts.referrals import AffiliatePage, PayoutKind, RewardChoice
from gateway.domain.button_origin import ButtonOrigin, parse_button_origin


class AnswerButton(CallbackData, prefix="a"):
    """Answer a round with one of its four options."""

    round: str
    option: int

    @property
    def round_id(self) -> UUID:
        """The round; raises ValueError when forged."""
        return from_short(self.round)


class PlayButton(CallbackData, prefix="p"):
    """Start a game."""

    mode: Mode


class PlayOnButton(CallbackData, prefix="n"):
    """Start a game in a new message: the one with the button, a receipt, stays."""

    mode: Mode


class BuyButton(CallbackData, prefix="b"):
    """Get the invoice of a product."""

    product: Product
    surface: str
    """Where the button stands (`gateway.domain.button_origin`)."""

    @property
    def place(self) -> ButtonOrigin | None:
        """Where the button stands; None when forged."""
        return parse_button_origin(self.surface)


class DiscountButton(CallbackData, prefix="bd"):
    """Get the invoice of a product with a discount that is reserved."""

    product: Product
    redemption: str

    @property
    def redemption_id(self) -> UUID:
        """The discount's redemption; raises ValueError when forged."""
        return from_short(self.redemption)


class OfferButton(CallbackData, prefix="o"):
    """Get the invoice of a product that an offer has."""

    product: Product
    impression: str
    discount: bool
    """At the price of the offer's own discount, whose id the impression has too."""
    mode: str
    """The mode to go on with; empty: any."""

    @property
    def impression_id(self) -> UUID:
        """The impression; raises ValueError when forged."""
        return from_short(self.impression)

    @property
    def interrupted(self) -> Mode | None:
        """The mode; raises ValueError when forged."""
        return Mode(self.mode) if self.mode else None


class OfferAwayButton(CallbackData, prefix="oa"):
    """Take an offer away; with `mute` it does not come again for a while."""

    impression: str
    mute: bool

    @property
    def impression_id(self) -> UUID:
        """The impression; raises ValueError when forged."""
        return from_short(self.impression)


class ShopButton(CallbackData, prefix="sh"):
    """Show what can be bought."""

    view: ShopView


class CodeButton(CallbackData, prefix="pc"):
    """Be asked for a promo code: the next text is it."""


class InviteButton(CallbackData, prefix="iv"):
    """Show the player's own link."""


class RewardButton(CallbackData, prefix="rw"):
    """Choose what a reward is to be."""

    number: int
    """Which of the player's rewards, from 1."""
    choice: RewardChoice


class PurchasesButton(CallbackData, prefix="pu"):
    """Show the player's purchases."""


class SupportButton(CallbackData, prefix="su"):
    """Show how to get help with a purchase."""


class StopButton(CallbackData, prefix="x"):
    """End the running game."""


class ViewButton(CallbackData, prefix="v"):
    """Show one of the player's own pages."""

    view: View


class TopButton(CallbackData, prefix="t"):
    """Show a leaderboard."""

    period: Period


class SettingButton(CallbackData, prefix="s"):
    """Switch one reminder on or off."""

    name: str
    on: bool


class LanguagesButton(CallbackData, prefix="ll"):
    """Show the languages there are."""


class LanguageButton(CallbackData, prefix="l"):
    """Choose a language."""

    language: str


class AffiliateButton(CallbackData, prefix="af"):
    """Show one of a partner's pages."""

    page: AffiliatePage


class ApplyButton(CallbackData, prefix="aa"):
    """Apply to be a partner."""


class PayoutButton(CallbackData, prefix="po"):
    """Ask for a payout."""

    kind: PayoutKind
    months: int
    """Of a gift; 0 otherwise."""


class HelpButton(CallbackData, prefix="h"):
    """Show what the bot can do."""


def answers(round_id: UUID) -> tuple[str, str, str, str]:
    """Return the data of the four answer buttons of a round (packed by hand: this is on the way of every tap)."""
    start = f"{AnswerButton.__prefix__}:{short(round_id)}:"
    return f"{start}0", f"{start}1", f"{start}2", f"{start}3"
