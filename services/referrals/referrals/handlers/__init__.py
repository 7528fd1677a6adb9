"""What referrals does when it hears something."""
