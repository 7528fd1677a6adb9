"""The rules of promo codes and offers, pure (DOMAIN §7, §8)."""
