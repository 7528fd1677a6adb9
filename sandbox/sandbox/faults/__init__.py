"""What may go wrong on purpose: faults on updates and on methods, and Telegram's flood limits."""
