"""What ops that make arrays can do with memory: whether theirs is new, whether they can write into another's, and how it is
laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..defs.table import BY_NAME, Def
from ..ir.ops import Apply, Index, Load, Op
from ..ir.types import INT, Array, Tuple, same_dim, same_shape, strip
from ..ir.values import Literal, Operand, Value

#: functions whose result is certainly a new array; ufuncs and operators are too
_MAKERS = frozenset({
    "np.zeros", "np.ones", "np.empty", "np.full", "np.zeros_like", "np.ones_like", "np.empty_like", "np.full_like", "np.copy",
    "snapshot", "np.sum", "np.mean", "np.max", "np.min", "np.prod", "np.cumsum", "np.cumprod", "np.std", "np.var", "np.dot",
    "np.outer", "np.where", "np.eye", "np.linspace", "np.concatenate", "np.stack",
})  # fmt: skip
#: among them, those that lay out their result in C order
_IN_C_ORDER = frozenset({
    "np.zeros", "np.ones", "np.empty", "np.full", "np.eye", "snapshot", "np.matmul", "matmul", "np.dot", "np.outer",
})  # fmt: skip
#: those that lay it out as their first argument
_AS_FIRST = frozenset({"np.zeros_like", "np.ones_like", "np.empty_like", "np.full_like", "np.copy"})
#: functions that are no ufuncs and take `out=`
_TAKE_OUT = frozenset({"np.sum", "np.mean", "np.max", "np.min", "np.prod", "np.cumsum", "np.cumprod"})
#: the ufunc of an operator; a power is one only for some exponents, see `_ufunc_of`
_UFUNC = {
    "add": "np.add", "sub": "np.subtract", "mul": "np.multiply", "truediv": "np.divide", "neg": "np.negative",
    "matmul": "np.matmul", "abs": "np.abs",
}  # fmt: skip
_POWERS = {2: "np.square", 0.5: "np.sqrt"}
#: operators that NumPy evaluates over an operand that is a temporary, by the position of that operand
NUMPY_REUSES = {"add": (0, 1), "mul": (0, 1), "sub": (0,), "truediv": (0,), "neg": (0,), "pow": (0,)}
#: arrays that are known to be smaller aren't worth a thought
SMALL = 256


def is_donor(op: Op | None) -> bool:
    """Whether an op makes an array that is certainly new memory."""
    if not isinstance(op, Apply) or not isinstance(op.fn, Def) or len(op.results) != 1:
        return False
    t = strip(op.results[0].type)
    if not isinstance(t, Array) or t.ndim == 0 or any(k == "out" for k, _ in op.kwargs):
        return False
    return op.fn.name in _MAKERS or op.fn.name in _UFUNC or op.fn.name == "pow" or _is_ufunc(op.fn)


def _is_ufunc(d: Def) -> bool:
    return isinstance(d.fn, np.ufunc) and d.fn.nout == 1


def is_elementwise(op: Apply) -> bool:
    d = op.fn
    assert isinstance(d, Def)
    plain = (_is_ufunc(d) and d.fn.signature is None) or (d.name in _UFUNC and d.name != "matmul") or d.name == "pow"  # type: ignore[attr-defined]
    return plain and not op.kwargs


def destination(op: Apply) -> Apply | None:
    """The op as a call that takes `out=`; None where there is none that gives the same bits."""
    d = op.fn
    assert isinstance(d, Def)
    if _is_ufunc(d) and not op.kwargs and not op.method:
        return op
    if d.name in _UFUNC:
        return replace(op, fn=BY_NAME[_UFUNC[d.name]])
    if d.name == "pow":
        exponent = op.args[1].value if isinstance(op.args[1], Literal) else None
        known = _POWERS.get(exponent) if isinstance(exponent, (int, float)) and _is_float(op.results[0]) else None
        return replace(op, fn=BY_NAME[known], args=op.args[:1]) if known else None
    if d.name in _TAKE_OUT and {k for k, _ in op.kwargs} <= {"axis", "keepdims"}:
        return op
    return None


def size_of(v: Value, axis: int, loop: Op, ops: list[Op]) -> Operand:
    """The size of an axis of an array: `len(v)`, `v.shape[axis]`."""
    size = Value(None, INT, loc=loop.loc)
    if axis == 0:
        ops.append(Apply(BY_NAME["len"], (v,), (), (size,), loop.loc))
    else:
        shape = Value(None, Tuple((INT,) * len(strip(v.type).dims)), loc=loop.loc)  # type: ignore[attr-defined]
        ops.append(Apply(BY_NAME[".shape"], (v,), (), (shape,), loop.loc))
        ops.append(Load(shape, Index((Literal(axis),)), size, loop.loc))
    return size


def contents_of(op: Apply) -> Operand | None:
    """What a new array starts with: a number, or a copy of another."""
    if op.kwargs or not isinstance(op.fn, Def):
        return None
    if op.fn.name in ("np.zeros", "np.zeros_like"):
        return Literal(0.0)
    if op.fn.name in ("np.ones", "np.ones_like"):
        return Literal(1.0)
    if op.fn.name in ("snapshot", "np.copy") and isinstance(op.args[0], Value):
        return op.args[0]
    return op.args[1] if op.fn.name in ("np.full", "np.full_like") and len(op.args) == 2 else None


def _is_float(v: Value) -> bool:
    t = strip(v.type)
    return isinstance(t, Array) and t.dtype in ("f32", "f64")


def with_out(op: Apply, memory: Value) -> Apply:
    return replace(op, kwargs=(*op.kwargs, ("out", memory)))


def in_c_order(op: Apply) -> bool:
    """Whether an op lays out its result in C order, whatever its arguments: `x.copy()` does, `np.copy(x)` doesn't."""
    return isinstance(op.fn, Def) and (op.fn.name in _IN_C_ORDER or (op.fn.name == "np.copy" and op.method == "copy"))


def is_small(v: Value) -> bool:
    t = strip(v.type)
    assert isinstance(t, Array)
    sizes = [d for d in t.dims if isinstance(d, int)]
    return len(sizes) == t.ndim and int(np.prod(sizes)) <= SMALL


def same_type(a: Value, b: Value) -> bool:
    """Whether two arrays that meet in one operation certainly have one shape and dtype."""
    s, t = strip(a.type), strip(b.type)
    return isinstance(s, Array) and isinstance(t, Array) and s.dtype == t.dtype and same_shape(s, t)


def one_size(a: Value, b: Value) -> bool:
    """Whether two arrays that never meet certainly have one shape and dtype."""
    s, t = strip(a.type), strip(b.type)
    if not isinstance(s, Array) or not isinstance(t, Array) or s.dtype != t.dtype or s.ndim != t.ndim:
        return False
    return all(same_dim(x, y) for x, y in zip(s.dims, t.dims))


class Layouts:
    """The order of the axes of arrays in memory."""

    def __init__(self, made: Mapping[Value, Op]) -> None:
        self.made = made
        self.known: dict[Value, object] = {}

    def of(self, v: Value) -> object:
        """What tells the order of the axes in memory: "C", or a value that has the same."""
        if v not in self.known:
            self.known[v] = v  # of a loop
            self.known[v] = self._of(v)
        return self.known[v]

    def _of(self, v: Value) -> object:
        t, op = strip(v.type), self.made.get(v)
        if isinstance(t, Array) and t.ndim < 2:
            return "C"
        if not isinstance(op, Apply) or not isinstance(op.fn, Def):
            return v
        if in_c_order(op):
            return v if op.kwargs else "C"
        arrays = [a for a in op.args if isinstance(a, Value) and isinstance(strip(a.type), Array)]
        if op.fn.name in _AS_FIRST and arrays and not op.kwargs:
            return self.of(arrays[0])
        if not is_elementwise(op):
            return v
        full = {self.of(a) for a in arrays if same_shape(strip(a.type), t)}
        wide = {self.of(a) for a in arrays if len(strip(a.type).dims) > 1}  # type: ignore[attr-defined]
        if "C" in full:  # in doubt NumPy's iterator takes C order
            return "C"
        return next(iter(full)) if len(wide) == 1 and full else v
