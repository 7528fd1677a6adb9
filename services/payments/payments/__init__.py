"""Payments: catalogue, purchases, refunds, ledger, reconciliation (DOMAIN §5, §6)."""
