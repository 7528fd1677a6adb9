"""What payments does when it hears something: the table of contents is `payments.app`."""
