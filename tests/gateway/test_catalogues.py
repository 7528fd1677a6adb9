"""Player texts: both languages whole, used, and nowhere else."""

import ast
import re
from pathlib import Path

import pytest
from fluent.syntax import parse
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

import gateway
from actors.fluent_catalogue import CatalogueError
from contracts.gameplay import Mode, Period, Reminder, StreakState
from contracts.payments import BuyRefusal, CheckoutRefusal, Product, PurchaseState
from contracts.promo import RedeemRefusal
from contracts.referrals import ClaimOutcome, PartnerState, PayoutKind, PayoutRefusal, PayoutState, RewardChoice
from gateway.domain.chat import LANGUAGES
from gateway.domain.registry import Category
from gateway.domain.shop_layout import EXTRAS
from gateway.handlers.commands import COMMANDS
from gateway.presenter import shop
from gateway.presenter.pages import SETTINGS
from gateway.texts import Texts, catalogue
from promo.domain.triggers import declared

SOURCES = Path(gateway.__file__).parent
CATALOGUE = SOURCES / "catalogue"
DYNAMIC = (
    *(f"mode-{mode.value}" for mode in Mode),
    *(f"period-{period.value}" for period in Period),
    *(f"remind-{reminder.value}" for reminder in Reminder),
    *(f"streak-state-{state.value}" for state in StreakState),
    *(f"setting-{name}" for name in SETTINGS),
    *(f"category-{category.value}" for category in Category),
    *(f"rank-{place}" for place in (1, 2, 3)),
    *(f"product-{product.value}" for product in Product),
    *(f"gives-{product.value}" for product in Product),
    *(f"receipt-{product.value}" for product in EXTRAS),
    *(f"purchase-{state.value}" for state in PurchaseState),
    *(f"precheckout-{refusal.value}" for refusal in CheckoutRefusal),
    *(f"refused-{refusal.value}" for refusal in (BuyRefusal.DISCOUNT_INVALID, BuyRefusal.QUOTE_LAPSED)),
    *(f"promo-refused-{refusal.value}" for refusal in RedeemRefusal),
    *(f"offer-{one.name}" for one in declared()),
    *(f"reward-{outcome.value}" for outcome in ClaimOutcome if outcome is not ClaimOutcome.CLAIMED),
    *(f"reward-given-{choice.value}" for choice in RewardChoice),
    *(f"affiliate-{state.value.lower()}" for state in PartnerState if state is not PartnerState.APPROVED),
    *(f"partner-told-{state.value}" for state in PartnerState if state is not PartnerState.APPLIED),
    *(f"payout-what-{kind.value}" for kind in PayoutKind),
    *(f"payout-state-{state.value}" for state in PayoutState),
    *(f"payout-told-{state.value}" for state in PayoutState if state is not PayoutState.REQUESTED),
    *(f"payout-refused-{refusal.value}" for refusal in PayoutRefusal),
    *(command.description_key for command in COMMANDS),
)
"""Keys that code puts together from an enumeration."""


class Placeholders(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the visitor's protocol
        self.names.add(node.id.name)


def placeholders(language: str) -> dict[str, set[str]]:
    """Return key → names of the values it needs."""
    found: dict[str, set[str]] = {}
    for entry in parse(catalogue(language)).body:
        assert not isinstance(entry, Junk), f"{language}: {entry.content}"
        if isinstance(entry, Message):
            visitor = Placeholders()
            visitor.visit(entry)
            assert entry.id.name not in found, f"{language} has {entry.id.name} twice"
            found[entry.id.name] = visitor.names
    return found


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    assert placeholders("de") == placeholders("en")


def test_every_language_has_a_folder_and_all_folders_the_same_files() -> None:
    """What is in a folder is read, so a file that only one language has would be half a text."""
    folders = {folder.name: sorted(file.name for file in folder.iterdir()) for folder in CATALOGUE.iterdir()}
    assert set(folders) == set(LANGUAGES)
    assert all(files == folders["de"] for files in folders.values())


def test_every_key_that_code_names_exists_and_every_text_is_used() -> None:
    keys = placeholders("de").keys()
    literals = {
        node.value
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    used = {key for key in keys if key in literals} | set(DYNAMIC)
    assert set(DYNAMIC) <= keys
    assert keys - used == set()


def test_no_code_holds_player_text() -> None:
    """Player texts have umlauts, emoji or sentences in German; what is said to operators and in docstrings has not."""
    suspicious = re.compile(r"[^\x00-\x7f]")
    tables_of_characters = {"names.py"}
    allowed = {"…", " · ", "·"}
    for path in SOURCES.rglob("*.py"):
        if path.name in tables_of_characters:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                odd = suspicious.findall(node.value)
                assert set(odd) <= {"…", "·"} or node.value in allowed, f"{path.name}:{node.lineno}: {node.value!r}"


@pytest.mark.parametrize("language", ["de", "en"])
def test_texts_are_short_enough_for_their_places(language: str, texts: Texts) -> None:
    voice = texts.voice(language)
    for command in COMMANDS:
        assert 1 <= len(voice.plain(command.description_key)) <= 256
    for key, names in placeholders(language).items():
        if key.startswith(("toast-", "precheckout-")):
            assert len(voice.plain(key, **dict.fromkeys(names, "x" * 20))) <= 200
    for product in Product:
        assert 1 <= len(shop.title(product, voice)) <= 32
        assert 1 <= len(shop.description(product, voice)) <= 255


def test_plurals(texts: Texts) -> None:
    german, english = texts.voice("de"), texts.voice("en")
    assert german.plain("days", days=1) == "1 Tag"
    assert german.plain("days", days=2) == "2 Tage"
    assert english.plain("days", days=1) == "1 day"
    assert english.plain("days", days=0) == "0 days"


def test_values_are_escaped_in_html_and_left_alone_in_plain_text(texts: Texts) -> None:
    voice = texts.voice("de")
    assert "&lt;b&gt;Eve&amp;" in voice.html("welcome", name="<b>Eve&")
    assert voice.plain("button-mode-open", mode="<A&B>") == "🎮 <A&B>"


def test_a_missing_key_or_value_is_an_error_and_no_odd_text(texts: Texts) -> None:
    with pytest.raises(CatalogueError, match="no-such-text"):
        texts.voice("de").plain("no-such-text")
    with pytest.raises(CatalogueError, match="welcome"):
        texts.voice("de").html("welcome")


def test_an_unknown_language_speaks_german(texts: Texts) -> None:
    assert texts.voice("").language == "de"
    assert texts.voice("tlh").language == "de"
