"""Greeter counts how often somebody is greeted.

Type a command, `<subject> <JSON>`:

    greeter.cmd.Ann.greet {"name": "Ann"}
"""
