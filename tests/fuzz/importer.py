"""The importer of questions: any file is read, or refused in words, and its rows are all accounted for."""

import tempfile
import unicodedata
from pathlib import Path

from contracts.foreign_text import UNSEEN, storable
from gameplay.store.bank_import import read_file
from gameplay.store.question_files import Defaults, UnreadableFileError

ENDINGS = (".jsonl", ".csv", ".json", ".ndjson", ".txt")
_FOLDER = Path(tempfile.mkdtemp(prefix="starquiz-fuzz-"))


def one_input(data: bytes) -> None:
    """The first byte chooses the ending and what is taken for empty fields, the rest is the file."""
    choice, body = (data[0] if data else 0), data[1:]
    file = _FOLDER / f"questions{ENDINGS[choice % len(ENDINGS)]}"
    file.write_bytes(body)
    given = Defaults(mode="QUICK_MIX_A1A2", level="A2", category="x") if choice & 16 else Defaults()
    try:
        questions, errors = read_file(file, given)
    except UnreadableFileError:
        return
    for question in questions:
        texts = (
            question.id,
            question.text,
            question.category,
            *question.options,
            question.answer,
            question.explanation,
        )
        assert all(storable(text) == text for text in texts)
        assert len(set(map(_seen, question.options))) == 4
        assert all(map(_seen, question.options))
        assert question.answer in question.options
    assert len({question.id for question in questions}) == len(questions)
    assert all(error.reason and error.line > 0 for error in errors)


def _seen(text: str) -> str:
    """Return what is seen of a text: of a button nobody sees more."""
    return "".join(char for char in text if "SELECTOR" not in unicodedata.name(char, "") and char not in UNSEEN).strip()


def seeds() -> list[bytes]:
    """A few rows of each format, whole and spoilt."""
    csv = (
        "id,mode,level,category,text,option_1,option_2,option_3,option_4,answer,explanation,explanation_en\n"
        "a1,QUICK_MIX_A1A2,A2,verbs,Ich ___ nach Hause.,gehe,gehst,geht,gehen,gehe,"
        '"Zu ich gehört gehe, mit e.",With ich it is gehe with e.\n'
    )
    line = (
        '{"id":"a1","mode":"QUICK_MIX_A1A2","level":"A2","category":"verbs","text":"Ich ___ nach Hause.",'
        '"options":["gehe","gehst","geht","gehen"],"answer":"gehe","explanation":"Zu ich gehört gehe, mit e.",'
        '"explanation_en":"With ich it is gehe with e."}\n'
    )
    trivia = (
        '{"response_code":0,"results":[{"type":"multiple","difficulty":"easy","category":"Art","question":'
        '"Who painted the &quot;Mona Lisa&quot;?","correct_answer":"Leonardo","incorrect_answers":["A","B","C"]}]}'
    )
    texts = {0: line * 2, 1: csv, 2: trivia, 3: line.replace("gehe", "ge\\u0000he"), 17: csv.replace(",", ";")}
    spoilt = {
        1: csv.replace("gehe", '"gehe', 1),
        16: "\ufeff" + line,
        18: trivia.replace(":0", ":5", 1),
        2 + 16: trivia,
        20: line.replace('"gehst"', '"gehe\ufe0f"') + "\ufeff" + line.replace("Ich", "ich"),
        21: '"";""\n' + csv,
        22: trivia.replace("multiple", "bXVsdGlwbGU=").replace("easy", "schön"),
        27: trivia.replace("quot", "#" + "9" * 4_400),
    }
    return [bytes([ending]) + text.encode() for some in (texts, spoilt) for ending, text in some.items()]
