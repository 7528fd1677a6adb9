"""The web: a checkout page and the door for Stripe's events. Off unless configured."""
