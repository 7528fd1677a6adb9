"""What every test can ask for: see the docstring of `devstack.testing`."""

pytest_plugins = ["devstack.testing"]
