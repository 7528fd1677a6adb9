"""Whatever names, questions, prices and contacts there are: what is sent stays within Telegram's limits."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tests.gateway.conftest import NOW, PLAYER, FakeApi, Make
from tests.gateway.reading import sound

from contracts.gameplay import GameStarted, LeaderboardShown, Period, RankedPlayer, RoundCompleted, RoundRepeated
from contracts.payments import Product, ShopItem, ShopShown, ShopView
from gameplay.domain.player import clean_name
from gateway.domain.screen import TEXT_MAX, TOAST_MAX, Button, CopyText, Disabled, Keyboard, shortened, units
from gateway.presenter import leaderboards, notices, rounds, shop
from gateway.telegram.bodies import known_everywhere, message
from gateway.telegram.saying import OLD_SERVER_SECONDS, MessageSender
from gateway.telegram.session import LeanSession
from gateway.texts import load_texts
from sandbox.entities.html import utf16_length
from sandbox.entities.text import formatted
from sandbox.schema.compile import read_schemas

SEND = read_schemas()[0]["sendMessage"]
VOICES = [load_texts().voice(language) for language in ("de", "en")]
MAKE = Make()
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n")
HEAVY = st.sampled_from("😀👨‍👩‍👧‍👦🏴<&\u0301\u200d\U000e0067aß@/.1")
WORDS = st.one_of(st.text(LETTERS, min_size=1), st.text(HEAVY, min_size=1, max_size=300))


def line(length_max: int) -> st.SearchStrategy[str]:
    """A text as gameplay keeps it: one line, no blanks at its ends, at most so many characters."""
    return WORDS.map(lambda text: text.strip()[:length_max].strip() or "x")


def take(text: str, keyboard: Keyboard) -> str:
    """Hand a screen to the sandbox as the sender would; returns what is read of it."""
    body = json.loads(msgspec.json.encode(message(PLAYER, text, keyboard)))
    checked = SEND.check(body)
    return formatted(checked["text"], checked.get("parse_mode"), None, TEXT_MAX)[0]


@given(names=st.lists(st.text(HEAVY | LETTERS, max_size=400), min_size=10, max_size=10), right=st.integers(0, 2**63))
def test_a_leaderboard_of_any_names(names: list[str], right: int) -> None:
    top = tuple(
        RankedPlayer(rank=n, player_id=n, name=clean_name(name), right=right) for n, name in enumerate(names, 1)
    )
    event = LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=top, own=top[-1], players=right)
    for voice in VOICES:
        screen = sound(leaderboards.leaderboard_shown(event, voice))
        assert take(screen.text, screen.keyboard).count("\n") == 12
        assert message(PLAYER, screen.text, screen.keyboard).parse_mode == "HTML"


@given(
    text=line(200),
    options=st.lists(line(40), min_size=4, max_size=4).map(tuple),
    explanation=line(190),
    chosen=st.integers(0, 3),
    right=st.integers(0, 3),
)
def test_a_question_and_its_solution(
    text: str, options: tuple[str, str, str, str], explanation: str, chosen: int, right: int
) -> None:
    answer = MAKE.answer(
        text=text, options=options, explanation=explanation, explanation_en=explanation, chosen=chosen, right=right
    )
    following = MAKE.round(text=text, options=options)
    completed = RoundCompleted(
        player_id=PLAYER, answer=answer, game=MAKE.game(), streak=MAKE.streak(raised=True), energy=MAKE.energy(),
        next_round=following, at=NOW, berlin_day=MAKE.day(),
    )  # fmt: skip
    for voice in VOICES:
        for screen in (
            rounds.game_started(GameStarted(player_id=PLAYER, round=following, energy=MAKE.energy()), voice),
            rounds.round_completed(completed, voice),
        ):
            assert take(sound(screen).text, screen.keyboard)
        sound(rounds.round_repeated(RoundRepeated(player_id=PLAYER, answer=answer), voice))


@given(amount=st.integers(1, 2**63 - 1), contact=st.text(HEAVY | LETTERS, max_size=5000))
def test_prices_and_contacts(amount: int, contact: str) -> None:
    offers = tuple(ShopItem(product=product, amount=amount) for product in Product)
    for voice in VOICES:
        for view in ShopView:
            screen = sound(shop.shop_shown(ShopShown(player_id=PLAYER, view=view, offers=offers), voice))
            assert take(screen.text, screen.keyboard)
        for screen in (notices.support(contact, voice), notices.privacy(contact, voice)):
            assert take(screen.text, screen.keyboard)


@pytest.mark.parametrize("product", list(Product))
def test_what_an_invoice_says(product: Product) -> None:
    for voice in VOICES:
        assert 1 <= utf16_length(shop.title(product, voice)) <= 32
        assert 1 <= utf16_length(shop.description(product, voice)) <= 255


# -- texts that are too long ----------------------------------------------------------------------------------


@given(st.text(HEAVY | st.sampled_from("\n \t"), max_size=12), st.integers(1, 20))
def test_what_is_shortened_fits_and_is_a_beginning(text: str, most: int) -> None:
    short = shortened(text, most)
    assert units(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    short.encode()


def test_emoji_count_twice_and_markup_not_at_all() -> None:
    assert message(PLAYER, "😀" * 2048, ()).text == "😀" * 2048
    assert message(PLAYER, f"<b>{'x' * 4096}</b>", ()).parse_mode == "HTML"
    assert message(PLAYER, "&lt;" * 4096, ()).parse_mode == "HTML"
    long = message(PLAYER, "<b>" + "😀" * 2049 + "</b> &lt;x&gt;", ())
    assert (long.parse_mode, long.text) == (None, "😀" * 2047 + "…")
    assert message(PLAYER, "<i>&lt;</i>" * 4097, ()).text == "<" * 4095 + "…"


def test_a_toast_of_emoji_is_cut_between_two_of_them() -> None:
    answer = MAKE.answer(options=("😀" * 200, "b", "c", "d"))
    screen = sound(rounds.round_repeated(RoundRepeated(player_id=PLAYER, answer=answer), VOICES[0]))
    assert TOAST_MAX - 1 <= units(screen.toast) <= TOAST_MAX


# -- servers that are older than our buttons ------------------------------------------------------------------

NEW: Keyboard = (
    (Button(text="a", callback_data="a", style="danger"), Button(text="b", disabled=Disabled())),
    (Button(text="c", copy_text=CopyText("x")),),
    (Button(text="d", url="https://t.me/x"),),
)
OLD = [[{"text": "a", "callback_data": "a"}], [{"text": "d", "url": "https://t.me/x"}]]
REFUSED = "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_a_server_that_knows_no_such_buttons_gets_the_others(
    method: str, session: LeanSession, fake_api: FakeApi
) -> None:
    fake_api.reply(400, REFUSED)
    assert (await MessageSender(session).say(method, message(PLAYER, "x", NEW, 50))).ok
    (_, first), (_, second) = fake_api.calls
    assert len(first["reply_markup"]["inline_keyboard"]) == 3
    assert second["reply_markup"]["inline_keyboard"] == OLD


async def test_that_a_server_is_older_is_remembered_for_a_while(session: LeanSession, fake_api: FakeApi) -> None:
    now = 1000.0
    speaker = MessageSender(session, monotonic=lambda: now)
    fake_api.reply(400, REFUSED)
    with capture_logs() as logged:
        for _ in range(3):
            assert (await speaker.say("sendMessage", message(PLAYER, "x", NEW))).ok
    sent = [body["reply_markup"]["inline_keyboard"] for body in fake_api.called("sendMessage")]
    assert sent[1:] == [OLD] * 3
    assert [line["event"] for line in logged] == ["buttons_not_understood"]
    now += OLD_SERVER_SECONDS
    assert (await speaker.say("sendMessage", message(PLAYER, "x", NEW))).ok
    assert len(fake_api.calls[-1][1]["reply_markup"]["inline_keyboard"]) == 3


async def test_a_button_that_is_wrong_in_itself_takes_no_colours_from_others(
    session: LeanSession, fake_api: FakeApi
) -> None:
    speaker = MessageSender(session)
    for _ in range(2):
        fake_api.reply(400, REFUSED)
    assert not (await speaker.say("sendMessage", message(PLAYER, "x", NEW))).ok
    assert len(fake_api.calls) == 2
    fake_api.reply(400, REFUSED)
    assert not (await speaker.say("sendMessage", message(PLAYER, "x", NEW[2:]))).ok
    assert len(fake_api.calls) == 3, "there is nothing to leave out"
    assert (await speaker.say("sendMessage", message(PLAYER, "x", NEW))).ok
    assert len(fake_api.calls[-1][1]["reply_markup"]["inline_keyboard"]) == 3


async def test_what_is_refused_for_another_reason_is_not_said_twice(session: LeanSession, fake_api: FakeApi) -> None:
    for code, words in ((400, "Bad Request: chat not found"), (403, "Forbidden"), (429, "BUTTON_TYPE_INVALID")):
        fake_api.reply(code, words)
        assert (await MessageSender(session).say("sendMessage", message(PLAYER, "x", NEW))).error_code == code
    assert len(fake_api.calls) == 3


def test_a_keyboard_of_new_buttons_alone_is_none() -> None:
    assert known_everywhere(NEW[1:2]) == ()
