"""Kitchen boils eggs, one a cook, and rings a bell when an egg is done.

Type a command, `<subject> <JSON>`; three seconds later the egg is served:

    kitchen.cmd.Anna.boil {"cook": "Anna", "seconds": 3}

Or, as the operator Ben, take it out before that. The answer tells how long it would have taken:

    kitchen.cmd.Anna.boil {"cook": "Anna", "seconds": 290}
    admin.kitchen.egg.take_out.ben {"request_id": "r1", "cook": "Anna"}
"""
