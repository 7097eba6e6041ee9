"""Faults planted in our own modules, to see that the tests notice them: `python -m tests.faults`."""
