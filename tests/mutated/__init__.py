"""Updates as nobody ought to send them, by the million, through the real webhook (`make mutate`)."""
