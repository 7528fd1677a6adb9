"""`make fuzz`: coverage-guided fuzzing of what reads the words of strangers, and of what speaks to Telegram.

A target is a function of bytes that raises for whatever should never happen. What atheris finds is written into
`found/<target>/`; committed there, it is a test from then on (`test_found.py`).
"""
