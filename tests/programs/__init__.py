"""Realistic programs, unchanged, in every mode: `python -m tests.programs [NAME]`."""
