"""A setting that is missing or wrong is named with what it is for; what was given is never said, it may be a secret."""

import pytest

import gateway.__main__
import promo.__main__
from actors.settings import Settings, SettingsError

SECRET = "a-pepper-of-sixteen-characters-and-more"


def test_each_setting_at_fault_is_named_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NATS_NKEY_SEED": SECRET, "BATCH_MAX": SECRET, "HTTP_PORT": "70000"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NATS_URL", "POSTGRES_DSN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError) as caught:
        Settings()  # pyright: ignore[reportCallIssue]
    lines = str(caught.value).splitlines()
    assert [line.split()[0].removesuffix(":") for line in lines] == [
        "NATS_URL",
        "POSTGRES_DSN",
        "HTTP_PORT",
        "BATCH_MAX",
    ]
    assert lines[0] == "NATS_URL is not set (nats://host:port, several separated by commas)"
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_tool_without_its_settings_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROMO_SECRET_PEPPERS", SECRET)
    monkeypatch.delenv("POSTGRES_DSN", raising=False)
    assert promo.__main__.main(["codes", "make", "1", "--campaign", "spring", "--report", "unwritten.csv"]) == 1
    assert capsys.readouterr().err == "promo: POSTGRES_DSN is not set (as the service's own role)\n"


def test_what_two_settings_must_not_be_together_is_said_without_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {
        "NATS_URL": "nats://nowhere:1",
        "POSTGRES_DSN": f"postgresql://gateway:{SECRET}@nowhere/none",
        "BOT_TOKEN": f"1:{SECRET}",
        "BOT_USERNAME": "a_bot",
        "UPDATES": "webhook",
        "PROMO_SECRET_PEPPERS": SECRET,
    }
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    assert gateway.__main__.main(["run"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("gateway: WEBHOOK_SECRET must be set when UPDATES=webhook")
    assert SECRET not in said
