"""`make chaos`: purchases while everything that can die dies, and an account of every Star at the end."""
