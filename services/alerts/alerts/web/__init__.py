"""Webhooks that others call: PagerDuty's and Alertmanager's (DOMAIN §10)."""
