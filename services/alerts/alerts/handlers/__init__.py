"""What alerts does when it hears something."""
