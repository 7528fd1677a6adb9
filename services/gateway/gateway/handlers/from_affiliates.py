"""What referrals says of partners, shown to them; and the role that follows from it (DOMAIN §9, §13)."""

from datetime import timedelta
from typing import Final

from actors.effects import Attempt, EffectResult
from actors.turn import Turn
from contracts.referrals import (
    AffiliatePage,
    AffiliateShown,
    PartnerChanged,
    PartnerRestated,
    PartnerState,
    PayoutChanged,
    PayoutRestated,
    PayoutView,
)
from gateway.domain.chat import Chat, Role
from gateway.domain.effects import PUSH_PRIORITY, SCREEN_PRIORITY, SendChart, SetCommands
from gateway.domain.origin import parse
from gateway.domain.partnership import Partnership
from gateway.domain.screen import Screen
from gateway.handlers.showing import answer_in_private, answer_tap, push
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import affiliates
from gateway.presenter.earnings_chart import Chart, draw
from gateway.telegram.charts import ChartSender
from gateway.telegram.command_lists import CommandLists

TOLD_WITHIN: Final = timedelta(days=30)
"""What became of a payout is no news after that."""


@actor.on(AffiliateShown)
def affiliate_shown(
    event: AffiliateShown, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    """Show the page that was asked for; a role that was missed is made good by it."""
    _hear(event.revision, event.state, chat, partnership, services, turn)
    voice, bot = services.voice(chat), services.bot_username
    if event.view is AffiliatePage.CHART and event.state is PartnerState.APPROVED:
        answer_tap(Screen(), origin=parse(turn.message.origin), turn=turn)
        chart = affiliates.chart(event, voice)
        turn.perform(chart, ordering_key=f"chat:{chat.player_id}", priority=SCREEN_PRIORITY)
        return
    is_choice = event.view is AffiliatePage.PAYOUT
    screen = affiliates.payout_choice(event, bot, voice) if is_choice else affiliates.page(event, bot, voice)
    answer_in_private(screen, chat=chat, turn=turn)


@actor.on(PartnerChanged)
def partner_changed(
    event: PartnerChanged, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    """Tell what ops decided, once, and show or hide what is for partners."""
    if event.revision <= partnership.revision:
        return
    is_news = _hear(event.revision, event.state, chat, partnership, services, turn)
    if is_news or event.state is not PartnerState.APPROVED:
        push(affiliates.partner_changed(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(PartnerRestated)
def partner_restated(
    event: PartnerRestated, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    """Make good a role that was missed; what ops decided long ago is told to nobody."""
    _hear(event.revision, event.state, chat, partnership, services, turn)


@actor.on(PayoutChanged)
def payout_changed(
    event: PayoutChanged, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    """Tell the partner how the payout goes on."""
    _tell_payout(event.payout, chat, partnership, services, turn)


@actor.on(PayoutRestated)
def payout_restated(
    event: PayoutRestated, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    """Tell the partner what they missed, unless it is old."""
    if event.payout.changed_at > event.as_of - TOLD_WITHIN:
        _tell_payout(event.payout, chat, partnership, services, turn)


def _tell_payout(
    payout: PayoutView, chat: Chat, partnership: Partnership, services: UpdateServices, turn: Turn
) -> None:
    if not partnership.hear_payout(payout.changed_at):
        return
    screen = affiliates.payout_changed(payout, services.voice(chat))
    if screen is not None:
        push(screen, chat=chat, turn=turn)


def _hear(
    revision: int,
    state: PartnerState | None,
    chat: Chat,
    partnership: Partnership,
    services: UpdateServices,
    turn: Turn,
) -> bool:
    """Give the player the role that referrals says; True when it is another one."""
    is_news = partnership.hear(revision, state is PartnerState.APPROVED, chat)
    if is_news:
        show_commands(chat, services, turn)
    return is_news


def show_commands(chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Have the chat's menu show the commands of the player's role, in their language."""
    voice = services.voice(chat)
    visible = services.registry.visible(chat.role) if chat.role is not Role.PLAYER else ()
    commands = tuple((command.name, voice.plain(command.description_key)) for command in visible)
    effect = SetCommands(player_id=chat.player_id, commands=commands)
    turn.perform(effect, ordering_key=f"commands:{chat.player_id}", priority=PUSH_PRIORITY)


@actor.effect(SetCommands, concurrency=2)
async def perform_set_commands(effect: SetCommands, lists: CommandLists, attempt: Attempt) -> EffectResult:
    """Call setMyCommands or deleteMyCommands for one chat."""
    return await lists.set(effect, attempt)


@actor.effect(SendChart, concurrency=1)
async def perform_send_chart(effect: SendChart, charts: ChartSender, attempt: Attempt) -> EffectResult:
    """Draw, and call sendPhoto."""
    return await charts.send(effect, attempt, lambda: draw(Chart(effect.title, effect.empty, effect.weeks)))
