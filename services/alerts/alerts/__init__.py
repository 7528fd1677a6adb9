"""Alerts: who is told what, when, and by which way (DOMAIN §10)."""
