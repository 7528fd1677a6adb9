"""Whom referrals ask."""
