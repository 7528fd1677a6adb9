"""Every query of promo."""
