"""Partners: how to become one, what they earn, how it is paid out (DOMAIN §9)."""

from typing import Final
from urllib.parse import urlencode

from contracts.berlin import day_of
from contracts.payments import STARS_OF_MONTHS
from contracts.referrals import (
    FIRST_PER_MILLE,
    LATER_PER_MILLE,
    PAYOUT_STARS_MIN,
    AffiliatePage,
    AffiliateShown,
    PartnerChanged,
    PartnerState,
    PayoutKind,
    PayoutState,
    PayoutView,
)
from gateway.buttons import AffiliateButton, ApplyButton, PayoutButton
from gateway.domain.effects import SendChart
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import keyboard
from gateway.texts import Voice

S = PartnerState
_OPEN: Final = (PayoutState.REQUESTED, PayoutState.APPROVED, PayoutState.SENDING)


def page(event: AffiliateShown, bot_username: str, voice: Voice) -> Screen:
    """How somebody stands as a partner, and the next step."""
    toast = _toast(event, voice)
    if event.state is S.APPROVED:
        return _earnings(event, bot_username, toast, voice)
    if event.state is None:
        first, later = rate(FIRST_PER_MILLE, voice), rate(LATER_PER_MILLE, voice)
        text = voice.html("affiliate-invite", first=first, later=later)
        return Screen(text=text, keyboard=_apply(voice), toast=toast)
    text = voice.html(f"affiliate-{event.state.value.lower()}")
    rows = _apply(voice) if event.state is S.REJECTED else _onward(voice)
    return Screen(text=text, keyboard=rows, toast=toast)


def payout_choice(event: AffiliateShown, bot_username: str, voice: Voice) -> Screen:
    """What the payable Stars can become; the page where that is nothing yet."""
    may_ask = event.state is S.APPROVED and not event.on_hold and not _has_open(event)
    if not may_ask or event.payable < PAYOUT_STARS_MIN:
        return page(event, bot_username, voice)
    gifts = tuple((_gift(months, voice),) for months, stars in STARS_OF_MONTHS.items() if stars <= event.payable)
    external = PayoutButton(kind=PayoutKind.EXTERNAL, months=0)
    rows: Keyboard = (
        *gifts,
        (keyboard.button(voice, "button-payout-external", external, stars=stars(event.payable, voice)),),
        (_page_button(voice),),
    )
    return Screen(text=voice.html("affiliate-payout-choice", payable=stars(event.payable, voice)), keyboard=rows)


def payout_changed(payout: PayoutView, voice: Voice) -> Screen | None:
    """What became of a payout; None for what the partner sees where it was asked for."""
    if payout.state is PayoutState.REQUESTED:
        return None
    text = voice.html(f"payout-told-{payout.state.value}", what=what(payout, voice))
    return Screen(text=text, keyboard=((_page_button(voice),),))


def partner_changed(event: PartnerChanged, voice: Voice) -> Screen:
    """What ops decided."""
    rows = ((_page_button(voice),),) if event.state is S.APPROVED else _onward(voice)
    return Screen(text=voice.html(f"partner-told-{event.state.value}"), keyboard=rows)


def chart(event: AffiliateShown, voice: Voice) -> SendChart:
    """Return the picture of what the last weeks earned."""
    total = sum(week.stars for week in event.weeks)
    return SendChart(
        player_id=event.player_id,
        title=voice.plain("affiliate-chart-title"),
        empty=voice.plain("affiliate-chart-empty"),
        caption=voice.html("affiliate-chart-caption", stars=stars(total, voice)),
        weeks=tuple((week.begins, week.stars, stars(week.stars, voice)) for week in event.weeks),
    )


def what(payout: PayoutView, voice: Voice) -> str:
    """Return what a payout is, in words."""
    return voice.plain(f"payout-what-{payout.kind.value}", months=str(payout.months), stars=stars(payout.stars, voice))


def stars(amount: int, voice: Voice) -> str:
    """Return a number of Stars with its thousands apart, as the language writes them."""
    written = f"{amount:,}"
    return written.replace(",", ".") if voice.language == "de" else written


def rate(per_mille: int, voice: Voice) -> str:
    """Return a rate in per cent, with a decimal where it has one."""
    whole, tenth = divmod(per_mille, 10)
    point = "," if voice.language == "de" else "."
    return f"{whole}{point}{tenth} %" if tenth else f"{whole} %"


def link(code: str, bot_username: str) -> str:
    """Return the address that binds a new player to whose code it is."""
    return f"https://t.me/{bot_username}?start=ref_{code}"


def _earnings(event: AffiliateShown, bot_username: str, toast: str, voice: Voice) -> Screen:
    funnel = event.funnel
    blocks = [
        voice.html(
            "affiliate-page",
            link=link(event.code, bot_username),
            starts=stars(funnel.starts, voice),
            answered=stars(funnel.answered_20, voice),
            payers=stars(funnel.payers, voice),
            first=rate(event.first_per_mille, voice),
            later=rate(event.later_per_mille, voice),
        ),
        "\n".join(_purse(event, voice)),
    ]
    if event.on_hold:
        blocks.append(voice.html("affiliate-held"))
    elif not _has_open(event) and event.payable < PAYOUT_STARS_MIN:
        least, missing = stars(PAYOUT_STARS_MIN, voice), stars(PAYOUT_STARS_MIN - event.payable, voice)
        blocks.append(voice.html("affiliate-to-go", least=least, missing=missing))
    if event.payouts:
        lines = (_payout_line(payout, voice) for payout in event.payouts)
        blocks.append("\n".join((voice.html("affiliate-payouts"), *lines)))
    return Screen(text="\n\n".join(blocks), keyboard=_ways(event, bot_username, voice), toast=toast)


def _purse(event: AffiliateShown, voice: Voice) -> list[str]:
    amounts = {"pending": event.pending, "payable": event.payable, "paid": event.paid}
    said = {key: stars(amount, voice) for key, amount in amounts.items()}
    lines: list[str] = [voice.html("affiliate-earned", **said)]
    if event.in_payout:
        lines.append(voice.html("affiliate-in-payout", stars=stars(event.in_payout, voice)))
    if event.payable < 0:
        lines.append(voice.html("affiliate-owing"))
    return lines


def _payout_line(payout: PayoutView, voice: Voice) -> str:
    state = voice.plain(f"payout-state-{payout.state.value}")
    day = day_of(payout.requested_at).local
    return voice.html("affiliate-payout-line", day=day, what=what(payout, voice), state=state)


def _ways(event: AffiliateShown, bot_username: str, voice: Voice) -> Keyboard:
    address = link(event.code, bot_username)
    shared = urlencode({"url": address, "text": voice.plain("affiliate-share")})
    share = Button(text=voice.plain("button-affiliate-share"), url=f"https://t.me/share/url?{shared}")
    chart = keyboard.button(voice, "button-affiliate-chart", AffiliateButton(page=AffiliatePage.CHART))
    payout = keyboard.button(voice, "button-affiliate-payout", AffiliateButton(page=AffiliatePage.PAYOUT))
    may_ask = event.payable >= PAYOUT_STARS_MIN and not event.on_hold and not _has_open(event)
    return (
        (share, keyboard.copy(voice, "button-copy-link", address)),
        (chart, *((payout,) if may_ask else ())),
        (keyboard.modes(voice),),
    )


def _has_open(event: AffiliateShown) -> bool:
    return any(payout.state in _OPEN for payout in event.payouts)


def _toast(event: AffiliateShown, voice: Voice) -> str:
    if event.refusal is not None:
        return voice.plain(f"payout-refused-{event.refusal.value}")
    return voice.plain("payout-asked") if event.asked is not None else ""


def _gift(months: int, voice: Voice) -> Button:
    data = PayoutButton(kind=PayoutKind.PREMIUM_GIFT, months=months)
    amount = stars(STARS_OF_MONTHS[months], voice)
    return keyboard.button(voice, "button-payout-gift", data, months=str(months), stars=amount)


def _page_button(voice: Voice) -> Button:
    return keyboard.button(voice, "button-affiliate", AffiliateButton(page=AffiliatePage.PAGE))


def _apply(voice: Voice) -> Keyboard:
    return ((keyboard.button(voice, "button-affiliate-apply", ApplyButton(), keyboard.BUY),), *_onward(voice))


def _onward(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice), keyboard.modes(voice)),)
