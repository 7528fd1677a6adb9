"""The composition root: the only place where the gateway is put together."""

import contextlib
from collections.abc import AsyncGenerator, Sequence

from aiogram import Bot
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer

from actors.asking import Asker
from actors.engine.connecting import connect_one
from actors.engine.runtime import Dependencies, Ingress, Provided
from actors.history import answered
from actors.spec import ServiceSpec
from actors.supervision import Supervised
from contracts.gameplay import (
    AnswerRound,
    ChangeSettings,
    ShowDailyResult,
    ShowLeaderboard,
    ShowPlayer,
    StartGame,
    StopGame,
    WelcomePlayer,
)
from contracts.gateway import (
    MeetRoom,
    MoveRoom,
    TelegramPaymentUpdate,
    TelegramUpdate,
    TelegramUpdatesDegraded,
)
from contracts.payments import (
    BuyProduct,
    CheckPreCheckout,
    RecordInvoiceSent,
    RecordPayment,
    RecordRefund,
    ShowPurchases,
    ShowShop,
)
from contracts.promo import (
    CodesQuery,
    ConsiderOffer,
    DashboardQuery,
    NoteOfferTap,
    OffersDashboardQuery,
    RedeemCode,
)
from contracts.referrals import (
    ApplyAsAffiliate,
    ClaimReward,
    ReferralsDashboardQuery,
    RequestPayout,
    ShowAffiliate,
    ShowReferrals,
    TouchLink,
)
from gateway.handlers import actor
from gateway.handlers.commands import COMMANDS
from gateway.handlers.table import UpdateServices
from gateway.ingress.bot_profile import BotProfile
from gateway.ingress.intake import Intake
from gateway.ingress.polling import Polling
from gateway.ingress.webhook import WebhookIngress
from gateway.presenter import answers
from gateway.settings import GatewaySettings
from gateway.store import MovedRooms, PushPace
from gateway.telegram.boards import BoardCloser, MessageRemover
from gateway.telegram.charts import ChartSender
from gateway.telegram.command_lists import CommandLists
from gateway.telegram.precheckout import PreCheckoutAnswerer
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession
from gateway.telegram.taps import answer_late_tap
from gateway.telegram.watch import TapWatch, expect_refused_tap
from gateway.texts import load_texts
from gateway.web.server import InternalApiServer

SPEC = ServiceSpec(
    name="gateway",
    actor=actor,
    publishes=(
        WelcomePlayer, StartGame, AnswerRound, StopGame, ShowPlayer, ShowLeaderboard, ShowDailyResult, ChangeSettings,
        ShowShop, ShowPurchases, BuyProduct, RecordInvoiceSent, CheckPreCheckout, RecordPayment, RecordRefund,
        MeetRoom, MoveRoom, RedeemCode, ConsiderOffer, NoteOfferTap, TouchLink, ShowReferrals,
        ClaimReward, ApplyAsAffiliate, ShowAffiliate, RequestPayout, TelegramUpdate, TelegramPaymentUpdate),
    asks=(CodesQuery, DashboardQuery, OffersDashboardQuery, ReferralsDashboardQuery),
    vouches=(
        "admin.promo.code.redeem", "admin.promo.campaign.list", "admin.promo.campaign.status",
        "admin.promo.refund.rollback", "admin.referrals.review.list", "admin.referrals.review.decide",
    ),
    lanes={"payments": (TelegramPaymentUpdate,)},
    on_record=(TelegramUpdatesDegraded,),
)  # fmt: skip


@contextlib.asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Put the gateway together from what the ground hands over."""
    settings: GatewaySettings = means.settings
    token = settings.bot_token.get_secret_value()
    session = LeanSession(token, _api(settings.telegram_api_url))
    bot = Bot(token, session=session)
    texts = load_texts()

    async def answer_late(query_id: str, language: str) -> None:
        await answer_late_tap(session, query_id, answers.moment(texts.voice(language)).toast)

    watch = TapWatch(answer_late, lambda causes: answered(means.pool, causes))
    services = UpdateServices(
        bot_username=settings.bot_username,
        registry=COMMANDS,
        texts=texts,
        watch=watch,
        peppers=settings.peppers(),
        support_contact=settings.support_contact,
    )
    pushes = PushPace(means.pool, per_second=settings.pushes_per_second)
    sender = Sender(
        session, pushes=pushes, rooms=MovedRooms(means.pool), watch=watch, bot_username=settings.bot_username
    )
    watching = Supervised("tap watch", watch.run)
    watching.start()
    try:
        yield Provided(
            resources={
                UpdateServices: services,
                Asker: means.asker,
                Sender: sender,
                PreCheckoutAnswerer: PreCheckoutAnswerer(session, means.asker),
                **{kind: kind(session) for kind in (BoardCloser, ChartSender, CommandLists, MessageRemover)},
            },
            ingresses=_ingresses(means, services, bot, session),
        )
    finally:
        await watching.stop()
        await session.close()


def _ingresses(means: Dependencies, services: UpdateServices, bot: Bot, session: LeanSession) -> Sequence[Ingress]:
    settings: GatewaySettings = means.settings
    intake = Intake(means.publisher, means.clock, refused=lambda raw: expect_refused_tap(services.watch, raw))
    internal = (InternalApiServer(means.asker, settings),) if settings.internal_api_tokens.get_secret_value() else ()
    bot_profile = BotProfile(bot, registry=services.registry, texts=services.texts, settings=settings)
    if settings.updates == "polling":
        polling = Polling(intake, bot=bot, session=session, connect=lambda: connect_one(settings))
        return (bot_profile, polling, *internal)
    door = WebhookIngress(
        intake,
        secret=settings.webhook_secret.get_secret_value(),
        host=settings.webhook_host,
        port=settings.webhook_port,
    )
    return (door, bot_profile, *internal)


def _api(address: str) -> TelegramAPIServer:
    if address.rstrip("/") == "https://api.telegram.org":
        return PRODUCTION
    return TelegramAPIServer.from_base(address.rstrip("/"))
