"""A turn: many messages, one transaction, three exits."""

import asyncio
import json
from typing import Any

import pytest
from nats.js.errors import APIError
from stage.language import Deposit, Move

from actors.engine.publisher import MAILBOX_FULL_CODE
from contracts.message import UnknownContractError, find


def _deposit(account: str, amount: int) -> Any:
    return Deposit(account=account, amount=amount)


async def test_a_command_has_its_effect_its_event_and_its_journal(stage: Any) -> None:
    await stage.start()
    await stage.send(_deposit("ann", 5), "m1")
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 5}
    assert await stage.connection.fetchval("select count(*) from entries") == 1
    assert await stage.events() == [("m1/1", "stage.evt.ann.deposited")]


async def test_a_message_heard_twice_has_one_effect_inside_and_beyond_the_dedup_window(stage: Any) -> None:
    await stage.start()
    await stage.send(_deposit("ann", 5), "m1")
    await stage.until(stage.settled)
    # Another transport id is what a publish beyond JetStream's window amounts to: the stream stores it again.
    for number in range(5):
        await stage.send(_deposit("ann", 5), "m1", transport_id=f"again-{number}")
    await stage.send(_deposit("bob", 1), "m2")
    await stage.until(lambda: _has(stage, "bob"))
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 5, "bob": 1}


async def test_the_same_message_twice_in_one_batch_has_one_effect(stage: Any) -> None:
    for number in range(4):
        await stage.send(_deposit("ann", 5), "m1", transport_id=f"t{number}")
    await stage.start()
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 5}
    assert len(await stage.events()) == 1


async def test_a_failing_handler_leaves_no_trace_and_the_others_go_on(stage: Any) -> None:
    await stage.send(_deposit("ann", 1), "good1")
    await stage.send(_deposit("ann", 666), "bad")
    await stage.send(_deposit("ann", 2), "good2")
    await stage.start()
    await stage.until(lambda: _entries(stage, 2))
    assert await stage.balances() == {"ann": 3}
    assert await stage.connection.fetchval("select count(*) from inbox where id = 'bad'") == 0


async def test_the_database_refuses_one_message_and_only_that_one_is_put_aside(stage: Any) -> None:
    for number in range(20):
        await stage.send(_deposit(f"a{number}", 13 if number == 7 else 1), f"m{number}")
    await stage.start()
    await stage.until(lambda: _entries(stage, 19))
    balances = await stage.balances()
    assert "a7" not in balances
    assert sum(balances.values()) == 19
    # The others went on at once: none of them had to be delivered again.
    assert (await stage.js.consumer_info("STAGE_CMD", "stage")).delivered.consumer_seq <= 22


async def test_what_cannot_be_read_becomes_a_dead_letter_with_its_notice(stage: Any) -> None:
    await stage.start()
    await stage.js.publish("stage.cmd.ann.deposit", b'{"account": "ann", "amount": "many"}')
    await stage.js.publish("stage.cmd.ann.deposit", b"{")
    letters = await stage.until(lambda: _letters(stage, 2))
    assert {letter["type_name"] for letter in letters} == {"stage.cmd.deposit"}
    assert any("amount" in letter["error"] for letter in letters)
    await stage.until(stage.settled)
    subjects = await stage.until(lambda: _events(stage, 2))
    assert all(subject.endswith(".dead_letter_received") for _, subject in subjects)


async def test_a_message_without_headers_published_by_hand_is_understood(stage: Any) -> None:
    await stage.start()
    await stage.js.publish("stage.cmd.ann.deposit", b'{"account": "ann", "amount": 4}')
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 4}


async def test_two_states_of_one_type_in_one_handler(stage: Any) -> None:
    await stage.start()
    await stage.send(_deposit("ann", 10), "m1")
    await stage.until(stage.settled)
    await stage.send(Move(account="ann", target="bob", amount=4), "m2")
    await stage.until(lambda: _entries(stage, 3))
    assert await stage.balances() == {"ann": 6, "bob": 4}


async def test_two_replicas_meeting_a_new_key_at_once_lose_nothing(stage: Any) -> None:
    await asyncio.gather(*(stage.send(_deposit(f"new{n % 30}", 1), f"m{n}") for n in range(600)))
    await asyncio.gather(*(stage.start(replica=f"r{n}", batch_max=7, turn_pace_seconds=0) for n in range(3)))
    await stage.until(stage.settled)
    assert await stage.balances() == {f"new{n}": 20 for n in range(30)}


async def test_an_ask_is_answered_and_a_replay_gets_the_first_answer(stage: Any) -> None:
    await stage.start()
    inbox = stage.nc.new_inbox()
    answers = await stage.nc.subscribe(inbox)
    await stage.send(_deposit("ann", 5), "m1", reply_to=inbox)
    first = json.loads((await answers.next_msg(timeout=10)).data)
    await stage.send(_deposit("ann", 7), "other")
    await stage.until(lambda: _entries(stage, 2))
    await stage.send(_deposit("ann", 5), "m1", transport_id="again", reply_to=inbox)
    second = json.loads((await answers.next_msg(timeout=10)).data)
    assert first == second == {"balance": 5}
    assert await stage.balances() == {"ann": 12}


async def test_asking_twice_at_once_answers_both(stage: Any) -> None:
    inboxes = [stage.nc.new_inbox(), stage.nc.new_inbox()]
    answers = [await stage.nc.subscribe(inbox) for inbox in inboxes]
    for number, inbox in enumerate(inboxes):
        await stage.send(_deposit("ann", 5), "m1", transport_id=f"t{number}", reply_to=inbox)
    await stage.start()
    heard = [json.loads((await one.next_msg(timeout=10)).data) for one in answers]
    assert heard == [{"balance": 5}, {"balance": 5}]
    assert await stage.balances() == {"ann": 5}


async def test_a_flooded_mailbox_refuses_the_flooder_alone(stage: Any) -> None:
    refused = 0
    for number in range(60):
        try:
            await stage.send(_deposit("flood", 1), f"f{number}")
        except APIError as error:
            refused += error.err_code == MAILBOX_FULL_CODE
    await stage.send(_deposit("ann", 1), "m1")
    assert refused == 10
    await stage.start()
    await stage.until(stage.settled)
    assert await stage.balances() == {"ann": 1, "flood": 50}


def test_an_unknown_type_name_is_no_contract() -> None:
    with pytest.raises(UnknownContractError, match="unheard_of"):
        find("stage.cmd.unheard_of")


async def _has(stage: Any, account: str) -> bool:
    return account in await stage.balances()


async def _entries(stage: Any, count: int) -> bool:
    return await stage.connection.fetchval("select count(*) from entries") == count


async def _letters(stage: Any, count: int) -> Any:
    rows = await stage.connection.fetch("select * from dead_letters order by id")
    return rows if len(rows) == count else None


async def _events(stage: Any, count: int) -> Any:
    found = await stage.events()
    return found if len(found) == count else None
