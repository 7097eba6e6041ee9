"""Rows of context managers, and which of them the reverse sweep enters again.

What isn't here is entered in the forward sweep only: a file, a lock, a timer."""

from __future__ import annotations

import contextlib

import numpy as np

from ..ir.types import ANY
from .table import BY_NAME, zero

zero(np.errstate, types=lambda args, kwargs: ANY)
zero(contextlib.nullcontext, types=lambda args, kwargs: ANY)

#: makers of contexts that never swallow an exception, besides those whose source shows it
HARMLESS = (open, np.errstate, np.printoptions, contextlib.nullcontext, contextlib.closing, contextlib.redirect_stdout)

#: how floating-point errors are treated holds for the derivative of what is computed, too
RE_ENTERED = frozenset({BY_NAME["np.errstate"]})
