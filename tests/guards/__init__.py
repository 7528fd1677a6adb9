"""The guards that hold the invariants, each taken away in a copy of the tree to see that its tests miss it."""
