"""Who brought whom, and what it earns them (DOMAIN §9)."""
