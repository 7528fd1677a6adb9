"""Promo codes: campaigns, codes, and who used them, each use counted once; and offers, what is made to whom."""
