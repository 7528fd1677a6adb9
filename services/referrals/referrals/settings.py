"""Referrals' settings: what every service has."""

from actors.settings import Settings


class ReferralsSettings(Settings):
    """Environment variables have the names of the fields, in capitals."""
