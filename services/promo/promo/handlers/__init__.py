"""What promo does when it hears something."""
