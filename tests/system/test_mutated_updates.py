"""Two thousand updates, spoilt in every way, through a whole Starquiz: `make mutate` sends as many as you like."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the mutations
sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks' server

from mutated.__main__ import mutated
from mutated.bodies import update
from mutated.mutations import mutate
from mutated.reader import update_id_of

UPDATES = 2_000


@pytest.mark.timeout(300)
async def test_each_update_with_an_id_is_kept_and_none_is_put_aside(tmp_path: Path) -> None:
    report = await mutated(UPDATES, 20_260, tmp_path)
    assert report.lost == []
    assert report.dead_letters == {}
    assert set(report.answered) <= {"200", "413", "503"}
    assert report.kept == report.with_update_id > UPDATES * 0.7
    assert report.is_clean


@pytest.mark.parametrize(
    ("body", "identifier"),
    [
        (b'{"update_id":5}', 5), (b' {"a":[{"update_id":6}],"update_id" : 5 , "b":{}}\n', 5),
        (b'{"update_id":4,"update_id":5}', 5), (b'{"update_id":5,"update_id":"4"}', None), (b'{"update_id":5.0}', 5),
        (b'{"update_id":5,"a":"\xff\\q\x00"}', 5), (b"\xef\xbb\xbf" + b'{"update_id":5}', 5),
        (b'{"update_id":5,"a":' + b"[" * 99_999 + b"]" * 99_999 + b"}", 5), (b'{"update_id":5,"message":{', 5),
        (b'{"update_id":5,"Message":{', None), (b'{"message":{},"update_id":5', None), (b'{"update_id":-5}', None),
        (b'{"update_id":4611686018427387904}', None), (b'[{"update_id":5}]', None), (b'{"a":{"update_id":5}}', None),
        (b'{"update_id":05}', None), (b'{"update_id":5}}', None), (b'{"update_id":5,}', None), (b"", None),
        (b'{"update_id":{"a":5}}', None), (b'{"update_id":[5]}', None), (b'{"a":["update_id",5]}', None),
    ],
)  # fmt: skip
def test_the_judge_knows_an_update_id(body: bytes, identifier: int | None) -> None:
    assert update_id_of(body) == identifier


def test_the_same_seed_spoils_alike() -> None:
    made = [mutate(update(1, chance), chance) for chance in (random.Random(3), random.Random(3))]
    assert made[0] == made[1]
