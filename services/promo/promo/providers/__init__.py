"""Whom promo asks: payments, about purchases."""
