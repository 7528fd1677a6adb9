"""Keys of NATS users (Ed25519): the seed signs in, the public key stands in the server's configuration."""

import os
from dataclasses import dataclass, field

import nkeys


@dataclass(frozen=True, slots=True)
class Nkey:
    """One user's key pair."""

    seed: str = field(repr=False)
    """`SU…`: a secret."""
    public: str
    """`U…`: what the server is told."""


def new_nkey() -> Nkey:
    """Make a fresh user key."""
    return from_seed(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())


def from_seed(seed: str) -> Nkey:
    """Return the key pair of a seed; raises nkeys.ErrInvalidSeed for anything else."""
    return Nkey(seed=seed, public=nkeys.from_seed(bytearray(seed.encode())).public_key.decode())
