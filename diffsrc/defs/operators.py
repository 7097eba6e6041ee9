"""The operators of the language: the functions of module `operator` that Python's syntax stands for."""

from __future__ import annotations

import operator

from .power import power
from .table import Def, elementwise, register

elementwise(operator.add, "1", "1", cheap=True)
elementwise(operator.sub, "1", "-1", cheap=True)
elementwise(operator.mul, "y", "x", cheap=True)
# `1 / y` raises for a Python 0.0 only where x is one too, and then x / y has raised
elementwise(operator.truediv, "1 / y", "-out / y", singular=True, cheap=True, domain=(0.5, 3.0))
elementwise(
    operator.mod, "1", "-(x // y)", singular=(False, True), domain=(0.6, 3.0),
    kink="multiples of y: from above",
)  # fmt: skip
elementwise(operator.neg, "-1", cheap=True)
elementwise(operator.pos, "1", cheap=True)
power(operator.pow)

#: operators whose result carries no derivative: their IR names are those of the module
_ZERO = (
    "floordiv", "lt", "le", "gt", "ge", "eq", "ne", "not_", "truth", "is_", "is_not", "contains",
    "and_", "or_", "xor", "invert", "lshift", "rshift", "index",
)  # fmt: skip
for _name in _ZERO:
    register(Def(_name, getattr(operator, _name), "zero", cheap=True))

#: in-place operators -> the plain one; type inference makes stores (arrays) or plain arithmetic of them
INPLACE = {
    "iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "truediv", "ifloordiv": "floordiv",
    "imod": "mod", "ipow": "pow", "imatmul": "matmul", "iand": "and_", "ior": "or_", "ixor": "xor",
    "ilshift": "lshift", "irshift": "rshift",
}  # fmt: skip
for _name in INPLACE:
    register(Def(_name, getattr(operator, _name), "inplace", writes=(0,)))
