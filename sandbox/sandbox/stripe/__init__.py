"""A Stripe for one machine: checkout sessions, refunds, disputes, signed webhooks. Its money is made of paper."""
