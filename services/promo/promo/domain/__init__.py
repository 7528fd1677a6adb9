"""The rules of promo codes, pure (DOMAIN §7)."""
