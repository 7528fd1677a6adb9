"""Every query of referrals."""
