"""What a value without a name is called when it needs a variable: after the op that makes it, as one would by hand.

    y[i - 1]  y_prev        A[i, j]  A_ij       x[1:]    x_tail      p.mass  p_mass
    q[0]      q_0           w["b"]   w_b        F.T      F_T         np.exp(..)  exp

Derivatives follow their primal: `dy[i]` is `dy_i`, `x_dot[i]` is `x_i_dot`. An op that says nothing gives None: `t`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..ir.ops import Apply, Attr, Load, Op, Place, Slice, View
from ..ir.types import Array, strip
from ..ir.values import Literal, Operand, Value, is_literal
from .table import Def

#: longer words make longer lines, not clearer ones
LONGEST = 16
_DOT = "_dot"
#: functions whose result is called after them, or by another word
_WORDS = {
    **{name: name for name in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "arcsin", "arccos", "arctan", "arctan2", "hypot", "square", "mean", "std", "var", "norm", "inv", "det", "solve",
        "cholesky", "cumsum", "logaddexp", "pinv", "lgamma", "gamma", "erf", "fft", "ifft", "rfft", "irfft",
    )},
    "sum": "total", "max": "largest", "min": "smallest", "len": "n", ".shape": "shape", ".size": "size",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
}  # fmt: skip
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "isnan", "isfinite", "isinf"})
_SLICES = {(1, None): "tail", (None, -1): "head", (1, -1): "inner"}


def noun(op: Op | None, name_of: Callable[[Operand], str | None], made_by: Mapping[Value, Op]) -> str | None:
    """A name for the result of an op. `name_of`: the variable of an operand; `made_by`: the op that defines a value."""
    word = None
    if isinstance(op, (Load, View)):
        word = _part(name_of(op.src), op.place, name_of, made_by)
    elif isinstance(op, Apply) and isinstance(op.fn, Def):
        word = "last" if _is_last(op, made_by) else _result(op, op.fn.name, name_of)
    return word if word and word.isidentifier() and len(word) <= LONGEST else None


def _is_last(op: Apply, made_by: Mapping[Value, Op]) -> bool:
    """Whether an op gives the last index, `len(x) - 1`."""
    if not isinstance(op.fn, Def) or op.fn.name != "sub" or not isinstance(op.args[0], Value):
        return False
    made, by = made_by.get(op.args[0]), op.args[1]
    return isinstance(made, Apply) and made.fn.name == "len" and isinstance(by, Literal) and by.value == 1


def _result(op: Apply, name: str, name_of: Callable[[Operand], str | None]) -> str | None:
    if name in _COMPARISONS:
        return "mask" if isinstance(strip(op.results[0].type), Array) else "test"
    if name == "list_pop":
        kept = name_of(op.args[0]) or ""
        return kept.partition("_saved")[0] if "_saved" in kept else None
    if name.rpartition(".")[2] in ("T", "transpose", "matrix_transpose") and len(op.args) == 1:
        return _with(name_of(op.args[0]), "T")
    return _WORDS.get(name if name.startswith(".") else name.rpartition(".")[2])


def _with(base: str | None, suffix: str | None) -> str | None:
    """`y` and `i`: `y_i`; `x_dot` and `i`: `x_i_dot`."""
    if not base or not suffix:
        return None
    stem = base.removesuffix(_DOT)
    return f"{stem}_{suffix}{base[len(stem):]}"


def _part(
    base: str | None, place: Place, name_of: Callable[[Operand], str | None], made_by: Mapping[Value, Op]
) -> str | None:
    if isinstance(place, Attr):
        return _attribute(base, place.name)
    words = [_subscript(item, name_of, made_by) for item in place.items]
    shown = [w for w in words if w != ":"]
    if not shown or None in words or (len(shown) > 1 and any(len(w or "") > 1 for w in shown)):
        return None
    return _with(base, "".join(w or "" for w in shown))


def _attribute(base: str | None, name: str) -> str | None:
    """`self.w` is `w`, `dself.w` is `dw`, `p.mass` is `p_mass`."""
    if base in ("self", "dself"):
        return base.removesuffix("self") + name
    if base == "self" + _DOT:
        return name + _DOT
    return _with(base, name)


def _subscript(
    item: Operand | Slice, name_of: Callable[[Operand], str | None], made_by: Mapping[Value, Op]
) -> str | None:
    """The word of one subscript; ":" for a whole axis."""
    if isinstance(item, Slice):
        ends = [o.value if isinstance(o, Literal) else o for o in (item.lower, item.upper, item.step)]
        if ends == [None, None, None]:
            return ":"
        return next((w for ends_of, w in _SLICES.items() if [*ends_of, None] == ends), None)
    if isinstance(item, Literal):
        return _constant(item.value)
    if not isinstance(item, Value):
        return None
    op = made_by.get(item)
    if item.name is None and isinstance(op, Apply) and op.fn.name in ("add", "sub"):
        step = op.args[1]
        if isinstance(op.args[0], Value) and op.args[0].name and is_literal(step, 1):
            return "next" if op.fn.name == "add" else "prev"
    return item.name or name_of(item)


def _constant(value: object) -> str | None:
    match value:
        case bool() | np.ndarray():
            return None
        case -1:
            return "last"
        case int() if 0 <= value <= 9:
            return str(value)
        case str() if value.isidentifier():
            return value
    return ":" if value is Ellipsis else None
