"""What is done once for a deployment: streams and consumers, rights, migrations, and the command line for them."""
