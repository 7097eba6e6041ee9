"""Rows for SciPy, a module or more per module of SciPy's; imported when a program first calls one of it (see `packages.py`)."""
