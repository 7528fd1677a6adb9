"""The web: a checkout page and the endpoint for Stripe's events. Off unless configured."""
