"""Who may use the internal API, and which address a request comes from (DOMAIN §11)."""

import hmac
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Literal

from contracts.subjects import is_operator

ForwardedHeader = Literal["X-Forwarded-For", "Forwarded"]
"""Which header the proxies write. The other one is whatever a client sent, and is never looked at."""

_SECRET: Final = re.compile(r"[A-Za-z0-9_~.+/=-]{32,256}")
_MAPPED_BITS: Final = 96
"""Of `::ffff:0:0/96`, behind which the 32 bits of an IPv4 address stand."""
_NODE: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+)(?::[0-9]{1,5})?|([0-9A-Fa-f:.]+)")
_PAIR: Final = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:\"((?:[^\"\\]|\\.)*)\"|([^ \t\",;\\]*))[ \t]*", re.ASCII
)

Address = IPv4Address | IPv6Address


class AccessError(ValueError):
    """A setting of the internal API cannot be used; the text says why and what would do, and shows no secret."""


class Tokens:
    """Secrets, and in whose name each speaks; one name may have several while one takes the place of another."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Sequence[tuple[str, str]]) -> None:
        """Take name and secret of each; raises AccessError for one that cannot be used, or that two share."""
        for number, (name, secret) in enumerate(secrets, start=1):
            if not is_operator(name):  # which may be a secret whose name was forgotten: it is not shown
                raise AccessError(f"token {number}: write <name>:<secret>, the name of 1 to 32 of a-z 0-9 _ -")
            if not _SECRET.fullmatch(secret):
                raise AccessError(f"token {number}: its secret needs 32 to 256 of A-Z a-z 0-9 _ ~ . + / = -")
        if len({secret for _, secret in secrets}) != len(secrets):
            raise AccessError("a token is given twice: who used it could not be told")
        self._secrets = tuple((name, secret.encode()) for name, secret in secrets)

    @classmethod
    def parse(cls, setting: str) -> "Tokens":
        """Read `<name>:<secret>`, separated by commas; raises AccessError."""
        pairs = [entry.strip().partition(":") for entry in setting.split(",") if entry.strip()]
        return cls([(name if colon else "", secret) for name, colon, secret in pairs])

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._secrets)

    def __repr__(self) -> str:
        """Say how many there are, and nothing of what they are."""
        return f"Tokens({len(self._secrets)})"

    def owner_of(self, given: bytes) -> str:
        """Return in whose name a token speaks; empty for one that is none. How long it takes does not tell which."""
        found = ""
        for name, secret in self._secrets:
            if hmac.compare_digest(given, secret):
                found = name
        return found


class Networks:
    """Networks of IPv4 and IPv6; an IPv4 address is the same one when it is written as IPv6 (`::ffff:…`)."""

    __slots__ = ("_networks",)

    def __init__(self, networks: Sequence[str]) -> None:
        """Take networks (`10.0.0.0/8`, `fd00::/8`) or single addresses; raises AccessError."""
        self._networks = tuple(map(_network, networks))

    @classmethod
    def parse(cls, setting: str) -> "Networks":
        """Read networks separated by commas; raises AccessError."""
        return cls([entry.strip() for entry in setting.split(",") if entry.strip()])

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._networks)

    def __contains__(self, address: Address | None) -> bool:
        """Whether an address, as `read_address` returns it, is in one of them; what is none is in none."""
        return address is not None and any(address in network for network in self._networks)


def read_address(text: str) -> Address | None:
    """Return the address in a text; None for what is none. An IPv4 address in IPv6's form is the IPv4 one."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def client_address(peer: str, lines: Sequence[str], proxies: Networks, header: ForwardedHeader) -> Address | None:
    """Return where a request comes from; None when that cannot be known.

    `lines` are the header's, in order. They are looked at when the peer is one of our proxies, from the right, as far
    as our own proxies wrote them: what is further left is what a client claims. A proxy that names nobody, or a header
    that cannot be read, names nobody.
    """
    at = read_address(peer)
    if at not in proxies:
        return at
    text = ",".join(lines)
    nodes = _forwarded(text) if header == "Forwarded" else [entry.strip(" \t") for entry in text.split(",")]
    at = None
    for node in reversed(nodes):
        at = _address_of(node)
        if at not in proxies:
            break
    return at


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        found = ip_network(text)
    except ValueError as error:
        raise AccessError(f"{text}: {error}; use CIDR such as 10.0.0.0/8 or fd00::/8") from None
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    if mapped is not None and found.prefixlen >= _MAPPED_BITS:
        return ip_network((mapped, found.prefixlen - _MAPPED_BITS))
    return found


def _address_of(node: str) -> Address | None:
    """Return the address of an entry, which may have a port; None for `unknown`, a hidden name, or nonsense."""
    found = _NODE.fullmatch(node)
    return None if found is None else read_address(found[1] or found[2] or found[3])


def _forwarded(text: str) -> list[str]:
    """Return the `for` of each element of a `Forwarded` header (RFC 7239), empty where there is none.

    One that is malformed anywhere names nobody: a quotation mark that a client left open would swallow what our proxy
    has added.
    """
    nodes: list[str] = [""]
    begin = 0
    while (pair := _PAIR.match(text, begin)) is not None:
        if pair[1].lower() == "for":
            if nodes[-1]:
                return []
            nodes[-1] = pair[3] if pair[2] is None else pair[2]
        if pair.end() == len(text):
            return nodes
        mark, begin = text[pair.end()], pair.end() + 1
        if mark == ",":
            nodes.append("")
        elif mark != ";":
            return []
    return []
