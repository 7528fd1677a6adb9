"""Affiliates: partners, commissions, their ledger, payouts (DOMAIN §9)."""
