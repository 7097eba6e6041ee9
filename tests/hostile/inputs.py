"""Arguments of strange types, sizes, values and layouts."""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

import math
import tempfile
import warnings
from collections import OrderedDict, UserList, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from .harness import add

X = np.array([0.5, -1.2, 0.8, 1.7, -0.3, 2.1])
NAN, INF = float("nan"), float("inf")


def whole(x):
    return np.sum(x * x * np.sin(x))


def parts(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] * x[i - 1]
    return s


def rows(x):
    s = 0.0
    for r in x:
        s += np.dot(r, r) * r[0]
    return s


def writes(x):
    u = x.copy()
    u[1:] *= x[:-1]
    u[0] = u[-1] * u[0]
    return np.sum(u * u)


def in_place(x):
    x[1:] = x[1:] * x[0]
    x *= 2.0
    return np.sum(x * x)


def reshaped(x):
    v = x.reshape(-1).copy()
    v[0] = v[1] * v[0]
    return np.sum(v**3)


def flattened(x):
    u = x * 1.0
    v = u.ravel()
    v[0] = v[1] * 3.0
    return np.sum(u * u * u)


def number(x):
    return x * x * x


def looped(x):
    s = 1.0
    for v in x:
        s = s * v
    return s


class Sub(np.ndarray):
    pass


class Frame:
    """As a data frame looks to NumPy."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)

    def __mul__(self, other):
        return Frame(self.values * other.values)

    def sum(self):
        return float(self.values.sum())


class MyFloat(float):
    pass


def frame_sum(df):
    return (df * df).sum()


def mapped(x):
    file = Path(tempfile.mkdtemp()) / "x.bin"
    out = np.memmap(file, np.float64, "w+", shape=x.shape)
    out[:] = x
    return out


def matrix(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asmatrix(x)


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def unaligned(x):
    raw = np.zeros(x.nbytes + 1, np.uint8)
    out = raw[1:].view(np.float64)
    out[:] = x
    return out


LAYOUTS = {
    "plain": lambda: X.copy(),
    "negative_strides": lambda: X.copy()[::-1],
    "steps": lambda: np.repeat(X, 2)[::2],
    "column": lambda: np.outer(X, np.ones(3))[:, 1],
    "read_only": lambda: read_only(X),
    "memmap": lambda: mapped(X),
    "unaligned": lambda: unaligned(X),
    "view_of_bytes": lambda: np.frombuffer(X.tobytes()),
}
MATRICES = {
    "fortran": lambda: np.asfortranarray(X.reshape(2, 3)),
    "transposed": lambda: X.reshape(3, 2).copy().T,
    "flipped": lambda: X.reshape(2, 3).copy()[::-1, ::-1],
    "inner": lambda: np.arange(20.0).reshape(4, 5)[1:3, 1:4] / 7.0,
    "one_row": lambda: X.reshape(1, 6).copy(),
    "one_column": lambda: X.reshape(6, 1).copy(),
}
for key, make in LAYOUTS.items():
    for fn in (whole, parts, writes, looped):
        add(f"layout.{key}.{fn.__name__}", fn, lambda make=make: (make(),))
for key, make in MATRICES.items():
    for fn in (whole, rows, reshaped, flattened):
        add(f"layout.{key}.{fn.__name__}", fn, lambda make=make: (make(),))
for key in ("negative_strides", "steps", "column", "memmap"):
    add(f"layout.{key}.in_place", in_place, lambda make=LAYOUTS[key]: (make(),))
add("layout.read_only.in_place", in_place, lambda: (read_only(X),), "ValueError")

# zero strides: every element is one number in memory, but each has a derivative of its own
for fn in (whole, parts, looped):
    add(f"zero_strides.{fn.__name__}", fn, lambda: (np.broadcast_to(np.float64(1.5), (4,)),))
for fn in (whole, rows, reshaped):
    add(f"zero_strides.rows.{fn.__name__}", fn, lambda: (np.broadcast_to(X, (3, 6)),))

# non-native byte order
for fn in (whole, parts, writes):
    add(f"byte_order.{fn.__name__}", fn, lambda: (X.astype(">f8"),), "DS400")

# sizes
for key, shape in {"empty": (0,), "empty_rows": (0, 3), "empty_columns": (3, 0)}.items():
    for fn in (whole, ):
        add(f"size.{key}.{fn.__name__}", fn, lambda shape=shape: (np.zeros(shape),), gradient=np.zeros(shape))
add("size.empty.parts", parts, lambda: (np.zeros(0),), gradient=np.zeros(0))
add("size.empty.looped", looped, lambda: (np.zeros(0),), gradient=np.zeros(0))
add("size.empty.writes", writes, lambda: (np.zeros(0),), "IndexError")
add("size.empty.mean", lambda x: np.mean(x), lambda: (np.zeros(0),), gradient=np.zeros(0))
add("size.empty.max", lambda x: np.max(x), lambda: (np.zeros(0),), "ValueError")
add("size.one", whole, lambda: (np.array([0.7]),))
add("size.one.parts", parts, lambda: (np.array([0.7]),))
add("size.zero_d.whole", whole, lambda: (np.array(0.7),))
add("size.zero_d.number", number, lambda: (np.array(0.7),))
add("size.zero_d.loop", looped, lambda: (np.array(0.7),), "DS400")
add("size.zero_d.index", lambda x: x[()] * x[()], lambda: (np.array(0.7),))
add("size.zero_d.write", lambda x: in_place_0d(x), lambda: (np.array(0.7),))
add("size.many_axes", whole, lambda: (np.full((1, 2, 1, 2, 1, 2, 1, 2, 1, 1), 0.3),))


def in_place_0d(x):
    x[()] = x[()] * x[()]
    x *= 3.0
    return x[()] * 1.0


# values
add("value.nan", whole, lambda: (np.array([NAN, 1.0]),), gradient=np.array([NAN, 2 * np.sin(1.0) + np.cos(1.0)]), rtol=1)
add("value.nan.number", lambda x: x * x, lambda: (NAN,), gradient=NAN)
add("value.inf.number", lambda x: x * x, lambda: (INF,), gradient=INF)
add("value.inf.masked", lambda x: np.sum(np.where(np.isfinite(x), x, 0.0)), lambda: (np.array([INF, NAN, 2.0]),), gradient=np.array([0.0, 0.0, 1.0]))
add("value.zero.sqrt", lambda x: np.sqrt(x), lambda: (0.0,), gradient=INF)
add("value.zero.log", lambda x: np.log(x), lambda: (0.0,), gradient=INF)
add("value.negative_zero", lambda x: x * x, lambda: (-0.0,), gradient=0.0)
add("value.tiny", lambda x: x * 3.0, lambda: (5e-324,), gradient=3.0)
add("value.huge", lambda x: x * 3.0, lambda: (1e308,), gradient=3.0)
add("value.zero_division", lambda x: 1.0 / x, lambda: (0.0,), "ZeroDivisionError")
add("value.math_domain", lambda x: math.sqrt(x), lambda: (-1.0,), "ValueError")
add("value.overflow", lambda x: x**400, lambda: (1e10,), "OverflowError")

# types: right
add("type.int", number, lambda: (3,), gradient=27.0, modes=("grad",))
add("type.bool", number, lambda: (True,), gradient=3.0, modes=("grad",))
add("type.numpy_int", number, lambda: (np.int64(3),), gradient=27.0, modes=("grad",))
add("type.numpy_int8", number, lambda: (np.int8(3),), gradient=27.0, modes=("grad",))
add("type.numpy_bool", lambda x: x * 2.0, lambda: (np.True_,), gradient=2.0, modes=("grad",))
add("type.big_int", lambda x: x * 2.0, lambda: (10**300,), gradient=2.0, modes=("grad",))
add("type.float64", number, lambda: (np.float64(0.7),))
add("type.float32", number, lambda: (np.float32(0.7),), rtol=1e-2, modes=("vjp", "jvp"), gradient=0)
add("type.float16", number, lambda: (np.float16(0.5),), gradient=np.float16(0.75))
add("type.float16.array", whole, lambda: (np.full(3, 0.5, np.float16),), "right", modes=("vjp", "jvp"), gradient=0)
add("type.longdouble", number, lambda: (np.longdouble(0.5),))
add("type.longdouble.array", whole, lambda: (np.ones(3, np.longdouble),))
add("type.complex", lambda z: abs(z) ** 2, lambda: (0.3 + 0.4j,), gradient=0.6 - 0.8j, modes=("vjp", "jvp"))
add("type.complex.array", lambda z: np.sum(np.abs(z) ** 2), lambda: (np.array([0.3 + 0.4j]),), modes=("jvp",))
add("type.complex64", lambda z: np.sum(np.real(z * np.conj(z))), lambda: (np.array([0.5 + 0.25j], np.complex64),), modes=("vjp", "jvp"), gradient=0)

# types: refused
REFUSED: dict[str, Any] = {
    "string": "abc",
    "bytes": b"abc",
    "none": None,
    "object_array": np.array([1.0, None], object),
    "int_array": np.arange(3),
    "bool_array": np.array([True, False]),
    "text_array": np.array(["a", "b"]),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "structured": np.zeros(3, [("a", float), ("b", int)]),
    "record": np.zeros(3, [("a", float)]).view(np.recarray),
    "subclass": X.view(Sub),
    "matrix": matrix(X.reshape(2, 3)),
    "masked": np.ma.masked_array(X, X < 0),
    "decimal": Decimal("1.5"),
    "fraction": Fraction(1, 3),
    "float_subclass": MyFloat(1.5),
    "range": range(3),
    "set": {1.0, 2.0},
    "frozenset": frozenset({1.0}),
    "deque": deque([1.0, 2.0]),
    "user_list": UserList([1.0]),
    "generator": None,
    "object": object(),
    "class": int,
    "module": np,
    "function": whole,
    "ellipsis": ...,
    "slice": slice(1.0, 2.0),
    "memoryview": memoryview(X),
    "bytearray": bytearray(b"12345678"),
    "dict_of_objects": {object(): 1.0},
    "list_of_strings": ["a"],
    "empty_list": [],
    "empty_tuple": (),
    "empty_dict": {},
    "mixed_list": [1.0, "a"],
    "mixed_shapes": [1.0, np.ones(2)],
    "dtype": np.dtype(float),
    "void": np.void(b"abcd"),
    "exception": ValueError("x"),
}
#: refused also as an argument that isn't differentiated
NOWHERE = {
    "object_array", "text_array", "dates", "structured", "record", "subclass", "matrix", "masked", "float_subclass",
    "dict_of_objects",
}  # fmt: skip
for key, value in REFUSED.items():
    add(f"type.{key}", lambda x: x * 1.0, lambda value=value: (value,), "DS400")
    add(
        f"type.{key}.unused", lambda x, y: y * 2.0, lambda value=value: (value, 1.5), "DS400" if key in NOWHERE else "right",
        2.0, options={"argnums": 1}, modes=("grad",),
    )  # fmt: skip
add("type.frame", frame_sum, lambda: (Frame(X.copy()),))
add("type.frame.numpy", whole, lambda: (Frame(X.copy()),), "DS400")


def cyclic():
    out: list = [1.0]
    out.append(out)
    return (out,)


def deep(n):
    out = 1.0
    for _ in range(n):
        out = [out]
    return (out,)


add("type.cycle", lambda x: x[0] * 2.0, cyclic, "DS400")
add("type.deep", lambda x: 2.0, lambda: deep(5000), "DS400", modes=("grad", "vjp"))
add("type.ordered_dict", lambda d: d["a"] * d["b"], lambda: (OrderedDict(a=1.5, b=2.0),), modes=("grad", "vjp"))
add("type.default_dict", lambda d: d["a"] * d["b"], lambda: (defaultdict(float, a=1.5, b=2.0),), modes=("grad", "vjp"))
add("type.int_list", lambda x: x[0] * 2.0, lambda: ([1, 2],), "DS400")
add("type.int_float_list", lambda x: x[0] * x[1], lambda: ([1, 2.0],), "DS400")
add("type.int_float_list.const", lambda x, y: x[0] * y, lambda: ([1, 2.0], 1.5), gradient=1.0, options={"argnums": 1}, modes=("grad",))
add("type.int_in_dict", lambda d: d["a"] * d["b"], lambda: ({"a": 2, "b": 1.5},))
add("type.int_in_dicts", lambda t: t[0]["a"] * t[1]["a"], lambda: ([{"a": 2}, {"a": 1.5}],), "DS400")
add("type.tuple_of_int", lambda t: t[0] * t[1], lambda: ((2, 1.5),))


def doubled(x, n):
    u = x
    for _ in range(n):
        u = [2.0 * v for v in u]
    return sum(v * v for v in u)


add("settles_late.runs", doubled, lambda: (np.array([1.0, 2.0]), 2))
add("settles_late.never_runs", doubled, lambda: (np.array([1.0, 2.0]), 0), "DS100")
