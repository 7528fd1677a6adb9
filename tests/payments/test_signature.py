"""Stripe's signature: exactly what Stripe signed, not long ago, with a secret we know."""

import hmac
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from payments.providers.signature import SignatureError, verify_signature

SECRET, OTHER = "whsec_ours", "whsec_other"
BODY = '{"id": "evt_1", "text": "Grüße"}'
SIGNED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def signed(body: str = BODY, secret: str = SECRET, at: datetime = SIGNED_AT) -> str:
    """The header as Stripe's own library makes it."""
    return stripe.WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))


def refused(
    header: str | None, body: bytes = BODY.encode(), secrets: str | list[str] = SECRET, now: datetime = SIGNED_AT
) -> str:
    with pytest.raises(SignatureError) as error:
        verify_signature(body, header, secrets, now)
    return error.value.reason


@pytest.mark.parametrize("age_seconds", [-3600, 0, 299, 300])
def test_fresh_ones_pass(age_seconds: int) -> None:
    verify_signature(BODY.encode(), signed(), SECRET, SIGNED_AT + timedelta(seconds=age_seconds))


def test_a_second_too_old() -> None:
    now = SIGNED_AT + timedelta(seconds=301)
    assert refused(signed(), now=now) == "too_old"
    verify_signature(BODY.encode(), signed(), SECRET, now, tolerance_seconds=301)


def test_an_altered_body() -> None:
    assert refused(signed(), body=BODY.encode() + b" ") == "mismatch"
    assert refused(signed(), body=BODY.replace("evt_1", "evt_2").encode()) == "mismatch"


def test_an_altered_time() -> None:
    older = signed(at=SIGNED_AT - timedelta(days=1))
    renewed = older.replace(older.partition(",")[0], f"t={int(SIGNED_AT.timestamp())}")
    assert refused(renewed) == "mismatch"


@pytest.mark.parametrize("turned", [False, True])
def test_one_of_two_v1_is_enough(turned: bool) -> None:
    theirs, ours = signed(secret=OTHER), signed()
    first, second = (ours, theirs) if turned else (theirs, ours)
    both = f"{first},{second.partition(',')[2]}"
    verify_signature(BODY.encode(), both, SECRET, SIGNED_AT)
    assert refused(both, secrets="whsec_third") == "mismatch"


def test_one_of_our_secrets_is_enough() -> None:
    verify_signature(BODY.encode(), signed(), [OTHER, SECRET], SIGNED_AT)
    assert refused(signed(), secrets=[OTHER]) == "mismatch"


@pytest.mark.parametrize("secrets", ["", [], [""]])
def test_without_a_secret_nothing_passes(secrets: str | list[str]) -> None:
    assert refused(signed(secret=""), secrets=secrets) == "mismatch"


def test_other_schemes_do_not_count() -> None:
    assert refused(signed().replace("v1=", "v0=")) == "unsigned"
    assert refused(f"{signed()},v0=abc".replace("v1=", "v10=")) == "unsigned"


def test_every_pair_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(mine: bytes, theirs: bytes) -> bool:
        compared.append((mine, theirs))
        return compare_digest(mine, theirs)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    both = f"{signed()},{signed(secret=OTHER).partition(',')[2]}"
    verify_signature(BODY.encode(), both, [SECRET, OTHER], SIGNED_AT)
    assert len(set(compared)) == 4


@pytest.mark.parametrize("header", [None, ""])
def test_no_header(header: str | None) -> None:
    assert refused(header) == "missing"


@pytest.mark.parametrize(
    "header", ["v1=abc", "t=,v1=abc", "t=now,v1=abc", "t=-5,v1=a", "t=٣,v1=a", f"t={'9' * 40},v1=a"]
)
def test_no_time(header: str) -> None:
    assert refused(header) == "malformed"


def test_bytes_that_are_no_text_are_compared_all_the_same() -> None:
    assert refused(signed(), body=b"\xff\xfe") == "mismatch"
    assert refused(f"t={int(SIGNED_AT.timestamp())},v1=ü\udcff") == "mismatch"


@given(st.text(max_size=200), st.binary(max_size=50))
def test_no_other_error_comes_out(header: str, body: bytes) -> None:
    with pytest.raises(SignatureError):
        verify_signature(body, header, SECRET, SIGNED_AT)
