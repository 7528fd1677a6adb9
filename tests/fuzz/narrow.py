"""The narrow parse: an update's address at the door, and the views that the handlers read."""

import msgspec
from mutated.reader import update_id_of

from contracts.foreign_text import storable
from contracts.gateway import TelegramUpdate
from contracts.message import decode, encode, subject_of
from fuzz.clock import NOW
from gateway.domain.payment import charge_of, read_payment, read_query
from gateway.domain.reading import opened
from gateway.domain.registry import split_command
from gateway.domain.update import has_content, read_membership, read_message, read_tap
from gateway.ingress.addressing import BYTES_MAX, NotAnUpdateError, address, read_address


def one_input(data: bytes) -> None:
    """Whatever has an update id is kept as JSON that every reader behind the door takes."""
    try:
        seen, kept = address(data)
    except NotAnUpdateError:
        assert update_id_of(data) is None, "an update id was not seen"
        return
    expected = update_id_of(data)
    assert expected is None or seen.update_id == expected
    assert len(kept) <= BYTES_MAX
    assert read_address(kept).update_id == seen.update_id
    raw = msgspec.Raw(kept)
    update = TelegramUpdate(
        update_id=seen.update_id, player_id=seen.player_id, kind=seen.kind, update=raw, received_at=NOW
    )
    assert subject_of(update).count(".") == 3
    assert bytes(decode(TelegramUpdate, encode(update)).update) == kept
    assert _texts(opened(kept))
    for read in (read_tap, read_membership, read_query):
        read(raw)
    said = read_message(raw)
    if said is not None and said.player is not None:
        has_content(raw)
        split_command(said.words, "starquiz_bot")
    note = read_payment(raw)
    if note is not None and note.successful_payment is not None:
        assert charge_of(note.successful_payment, raw)


def _texts(value: object) -> bool:
    """Whether all texts in a value can be kept."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            assert storable(one) == one
        elif isinstance(one, dict):
            rest += [*one, *one.values()]
        elif isinstance(one, list):
            rest += one
    return True


def seeds() -> list[bytes]:
    """Updates of every kind, some of them spoilt."""
    import random

    from mutated.bodies import update
    from mutated.mutations import mutate

    chance = random.Random(1)
    whole = [msgspec.json.encode(update(number, chance)) for number in range(60)]
    whole.append(b'{"update_id":1,"trace":{},"message":{"from":{"id":7},"x":[1e999],"successful_payment":null}}')
    return whole + [mutate(update(number, chance), chance)[:4_000] for number in range(60)]
