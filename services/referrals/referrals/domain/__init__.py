"""The rules of referrals, pure (DOMAIN §9)."""
