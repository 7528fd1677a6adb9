"""The chat page's files fit together: what they import is there, and every text is there in both languages."""

import re
from pathlib import Path

import pytest

import sandbox.page

STATIC = Path(sandbox.page.__file__).parent / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))


def labels(language: str) -> set[str]:
    """The names of the page's texts in one language."""
    found = re.search(rf"const {language} = \{{\n(.*?)\n\}};", (STATIC / "labels.js").read_text(), re.DOTALL)
    assert found is not None
    # Texts and the bodies of functions hold colons too.
    bare = re.sub(r"`[^`]*`|\"[^\"]*\"", "", found[1])
    return set(re.findall(r"(?:^|[,{])\s*(\w+):", bare, re.MULTILINE))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_what_a_script_imports_is_exported(script: Path) -> None:
    for names, file in re.findall(r"import \{ ([^}]+) \} from \"\./(\w+\.js)\";", script.read_text()):
        exported = set(re.findall(r"export (?:const|class|(?:async )?function) (\w+)", (STATIC / file).read_text()))
        assert set(names.split(", ")) <= exported, file


def test_what_the_page_loads_is_there() -> None:
    loaded = re.findall(r"(?:src|href)=\"/sandbox/page/static/([^\"]+)\"", (STATIC / "index.html").read_text())
    assert [name for name in loaded if not (STATIC / name).is_file()] == []
    assert {style.name for style in STATIC.glob("*.css")} <= set(loaded), "a style that nobody loads"


def test_every_text_is_there_in_both_languages() -> None:
    assert labels("EN") == labels("DE")
    used = {name for script in SCRIPTS for name in re.findall(r"\blabels\.(\w+)", script.read_text())}
    assert used - labels("DE") - {"js"} == set()
    assert len(used) > 40
