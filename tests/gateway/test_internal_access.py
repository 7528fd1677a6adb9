"""Who may use the internal API: tokens, networks, and the address behind proxies."""

import hmac
from hmac import compare_digest
from time import perf_counter

import pytest

from gateway.domain.internal_access import AccessError, ForwardedHeader, Networks, Tokens, client_address, read_address

MIRA, BEN, OLD = "m" * 32, "b" * 40, "o" * 32
PROXIES = Networks(["10.0.0.1", "10.0.1.0/24", "fd00::1"])


def test_a_token_says_in_whose_name_and_one_name_may_have_two() -> None:
    tokens = Tokens.parse(f"mira:{MIRA}, mira:{OLD},ben:{BEN},")
    assert [tokens.owner_of(one.encode()) for one in (MIRA, OLD, BEN, MIRA[:-1], f"{MIRA}x", "")] == [
        *("mira", "mira", "ben"),
        *("", "", ""),
    ]
    assert MIRA not in repr(tokens)


def test_every_token_is_compared_in_constant_time_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, known: bytes) -> bool:
        compared.append((given, known))
        return compare_digest(given, known)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    tokens = Tokens.parse(f"mira:{MIRA},ben:{BEN}")
    for given, owner in ((MIRA, "mira"), (BEN, "ben"), ("x", "")):
        compared.clear()
        assert tokens.owner_of(given.encode()) == owner
        assert compared == [(given.encode(), MIRA.encode()), (given.encode(), BEN.encode())]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        (MIRA, "token 1: write <name>:<secret>"),
        (f"Mira:{MIRA}", "token 1: write"),
        (f"a.b:{MIRA}", "token 1: write"),
        (f"{MIRA}:mira", "token 1: its secret needs 32 to 256"),
        (f"mira:{MIRA},ben:short", "token 2: its secret needs 32 to 256"),
        (f"mira:{'ü' * 32}", "token 1: its secret"),
        (f"mira:{MIRA},ben:{MIRA}", "given twice"),
    ],
)
def test_a_token_that_cannot_be_used_is_named_and_not_shown(setting: str, says: str) -> None:
    with pytest.raises(AccessError, match=says) as refused:
        Tokens.parse(setting)
    assert MIRA not in str(refused.value)
    assert "short" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "is_in"),
    [
        ("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("::FFFF:0a01:0203", True), ("11.0.0.1", False),
        ("fd12::1", True), ("fd12::1%eth0", True), ("fe80::1", False), ("172.16.0.9", True), ("172.16.0.16", False),
        ("::10.1.2.3", False), ("10.1.2", False), ("010.1.2.3", False), ("10.1.2.3 ", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_is_in_a_network_also_as_ipv6(address: str, is_in: bool) -> None:
    networks = Networks.parse("10.0.0.0/8, fd00::/8,::ffff:172.16.0.0/124,")
    assert (read_address(address) in networks) is is_in


@pytest.mark.parametrize("setting", ["10.0.0.1/8", "10.0.0.0/33", "localhost", "fd00::/129", "*"])
def test_a_network_that_is_none_is_named(setting: str) -> None:
    with pytest.raises(AccessError, match="use CIDR"):
        Networks.parse(setting)


def _address(peer: str, *lines: str, header: ForwardedHeader = "X-Forwarded-For") -> str:
    return str(client_address(peer, lines, PROXIES, header))


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("10.9.9.9",), "203.0.113.9"),  # no proxy of ours: what it says is not looked at
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("::ffff:10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("fd00::1", ("2001:db8::7",), "2001:db8::7"),
        ("10.0.0.1", ("10.9.9.9, 203.0.113.9",), "203.0.113.9"),  # the left one is what a client claims
        ("10.0.0.1", ("10.9.9.9", "203.0.113.9"), "203.0.113.9"),
        ("10.0.0.1", ("10.9.9.9, 203.0.113.9, 10.0.1.77",), "203.0.113.9"),  # two proxies
        ("10.0.0.1", ("203.0.113.9:4711, ::ffff:10.0.1.2",), "203.0.113.9"),
        ("10.0.0.1", ("[2001:db8::7]:4711",), "2001:db8::7"),
        ("10.0.0.1", ("10.0.1.5",), "10.0.1.5"),  # a proxy asks for itself
        ("10.0.0.1", (), "None"),
        ("10.0.0.1", ("",), "None"),
        ("10.0.0.1", ("10.9.9.9,",), "None"),
        ("10.0.0.1", ("10.9.9.9, unknown",), "None"),
        ("10.0.0.1", ("10.9.9.9, _hidden, 10.0.1.5",), "None"),
        ("10.0.0.1", ("10.9.9.9, 203.0.113.9%eth0",), "None"),
        ("", (), "None"),
    ],
)
def test_x_forwarded_for_is_read_from_the_right_and_from_our_proxies_alone(
    peer: str, lines: tuple[str, ...], address: str
) -> None:
    assert _address(peer, *lines) == address


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (("for=203.0.113.9",), "203.0.113.9"),
        (('For="[2001:db8::7]:4711";proto=https;by=10.0.0.1',), "2001:db8::7"),
        (("for=10.9.9.9, for=203.0.113.9;proto=https",), "203.0.113.9"),
        (("for=10.9.9.9", "for=203.0.113.9, for=10.0.1.5"), "203.0.113.9"),
        (('for="203.0.113.9:80"',), "203.0.113.9"),
        (("for=203.0.113.9:80",), "203.0.113.9"),
        (("for=10.9.9.9, proto=https",), "None"),
        (("for=10.9.9.9, for=unknown",), "None"),
        (("for=10.9.9.9, for=_gazonk",), "None"),
        (('for=10.9.9.9;x=", for=203.0.113.9',), "None"),  # an open quotation mark swallows the proxy's entry
        (('for=10.9.9.9;x="', 'for="[2001:db8::7]"'), "None"),
        (("for=203.0.113.9;for=10.9.9.9",), "None"),
        (("for=10.9.9.9,",), "None"),
        (("10.9.9.9",), "None"),
        (("",), "None"),
        ((), "None"),
    ],
)
def test_forwarded_is_read_from_the_right_and_names_nobody_when_it_is_malformed(
    lines: tuple[str, ...], address: str
) -> None:
    assert _address("10.0.0.1", *lines, header="Forwarded") == address


def test_a_long_forwarded_header_costs_little() -> None:
    began = perf_counter()
    for text in ('for="' + "\\a" * 2000, "for=1.1.1.1," * 300, " " * 4000 + "for", 'a="";' * 800, "for=" + "[" * 4000):
        _address("10.0.0.1", text, header="Forwarded")
        _address("10.0.0.1", text)
    assert perf_counter() - began < 0.5
