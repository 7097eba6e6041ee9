"""An exact oracle: generated code run on numbers of the field GF(2^61 - 1), without tolerance.

A `Number` is a float with a shadow in the field. The float decides comparisons, indices and conversions, so that a run takes the
branches of the float run; the shadow is exact. Floats are dyadic rationals, so they are lifted without error; `+ - * /` are
those of the field; `sin`, `exp`, ... are keyed hashes of their argument, with the identities between functions that derivative
rules use (cos² + sin² = 1, exp(-x) = 1 / exp(x), x**(p-1) = x**p / x). What holds for derivatives whatever the values of
functions are holds exactly then: forward and reverse mode as transposes, a pass that is algebra, symmetry of second
derivatives. A relative fault of 2^-50 in one of a thousand terms is seen.

Each number carries one tangent besides (`dot`), with derivatives written down here by hand: the program itself, run on numbers
with tangents, says what forward mode must give, exactly too.

Arrays of them, and programs that run on them: `tests/oracles/lifting.py`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

P = (1 << 61) - 1
#: 2^-k is 2^(61 - k): 2^61 is 1
_HALF_POWERS = [1] + [1 << (61 - k) for k in range(1, 61)]


def lift(v: Any) -> int | None:
    """A float as an element of the field: exact. Infinities and nan have none."""
    if isinstance(v, (int, np.integer, np.bool_)):
        return int(v) % P
    v = float(v)
    if not math.isfinite(v):
        return None
    n, d = v.as_integer_ratio()
    return n * _HALF_POWERS[(d.bit_length() - 1) % 61] % P


def inverse(h: int | None) -> int | None:
    return pow(h, P - 2, P) if h else None


def keyed(name: str, *h: int | None) -> int:
    """The value of a function of which nothing is known but that it is one."""
    return hash((zlib.crc32(name.encode()), *h)) % P


def _mul(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a * b % P


def _add(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else (a + b) % P


class Number:
    """A float `x`, its shadow `h` in the field (None: not finite), and a tangent `dot` in the field (None: not known)."""

    __slots__ = ("dot", "h", "x")

    def __init__(self, x: Any, h: int | None, dot: int | None = 0) -> None:
        self.x, self.h, self.dot = x, h, dot

    def __repr__(self) -> str:
        return f"Number({self.x!r}, {self.h}, {self.dot})"

    def __deepcopy__(self, memo: Any) -> Number:
        return self

    # -- arithmetic

    def __add__(self, o: Any) -> Any:
        if type(o) is not Number:
            if isinstance(o, np.ndarray):
                return NotImplemented
            o = number(o)
        if self.h is None or o.h is None or self.dot is None or o.dot is None:
            return Number(self.x + o.x, _add(self.h, o.h), _add(self.dot, o.dot))
        return Number(self.x + o.x, (self.h + o.h) % P, (self.dot + o.dot) % P if self.dot or o.dot else 0)

    __radd__ = __add__

    def __sub__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return self + -number(o)

    def __rsub__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return number(o) + -self

    def __neg__(self) -> Number:
        return Number(-self.x, None if self.h is None else -self.h % P, None if self.dot is None else -self.dot % P)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return -self if self.x < 0 else self if self.x else Number(0.0, self.h, 0)

    def __mul__(self, o: Any) -> Any:
        if type(o) is not Number:
            if isinstance(o, np.ndarray):
                return NotImplemented
            o = number(o)
        if self.h is None or o.h is None or self.dot is None or o.dot is None:
            return Number(self.x * o.x, _mul(self.h, o.h), None)
        x = self.x * o.x
        if not x and self.x and o.x:
            return Number(x, None, None)  # underflow: the float is zero, the shadow isn't
        dot = (self.dot * o.h + self.h * o.dot) % P if self.dot or o.dot else 0
        return Number(x, self.h * o.h % P, dot)

    __rmul__ = __mul__

    def __truediv__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        o = number(o)
        inv = inverse(o.h)
        x = self.x / o.x if o.x else math.nan
        if inv is None or self.h is None or self.dot is None or o.dot is None or (not x and self.x):
            return Number(x, None, None)
        h = self.h * inv % P
        return Number(x, h, (self.dot - h * o.dot) * inv % P if self.dot or o.dot else 0)

    def __rtruediv__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return number(o) / self

    def __floordiv__(self, o: Any) -> Any:
        return number(self.x // float(o))

    def __rfloordiv__(self, o: Any) -> Any:
        return number(float(o) // self.x)

    def __mod__(self, o: Any) -> Any:
        o = number(o)
        return self - o * int(self.x // o.x)

    def __rmod__(self, o: Any) -> Any:
        return number(o) % self

    def __pow__(self, p: Any) -> Any:
        """x**p = x**floor(p) * g(x, p - floor(p)), so that x**(p - 1) is x**p / x."""
        if isinstance(p, np.ndarray):
            return NotImplemented
        p = number(p)
        x = _float(lambda: self.x**p.x)
        if p.h is None or self.h is None or (not x and self.x):
            return Number(x, None, None)
        whole = math.floor(p.x)
        rest = (p.h - whole) % P
        base = self.h if whole >= 0 else inverse(self.h)
        h = None if base is None else pow(base, abs(whole), P)
        if rest:
            h = _mul(h, keyed("pow", self.h, rest))
        if not self.dot and not p.dot:
            return Number(x, h, 0)
        first = 0 if not self.dot or not p.h else _mul(_mul(p.h, self.dot), _mul(h, inverse(self.h)))
        if self.dot and p.h == 1:
            first = self.dot
        elif self.dot and p.h == 2:
            first = _mul(2 * self.h, self.dot)
        second = _mul(_mul(h, keyed("log", self.h)), p.dot) if p.dot else 0
        return Number(x, h, _add(first, second))

    def __rpow__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return number(o) ** self

    # -- what the float decides

    def __lt__(self, o: Any) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else self.x < value(o)

    def __le__(self, o: Any) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else self.x <= value(o)

    def __gt__(self, o: Any) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else self.x > value(o)

    def __ge__(self, o: Any) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else self.x >= value(o)

    def __eq__(self, o: object) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else self._same(o)

    def __ne__(self, o: object) -> Any:
        return NotImplemented if isinstance(o, np.ndarray) else not self._same(o)

    def _same(self, o: object) -> bool:
        if self.x != value(o):
            return False
        if self.h is not None and (other := number(o).h) is not None and self.h != other:
            raise TypeError("rounding makes two numbers the same")
        return True

    def __hash__(self) -> int:
        return hash(self.x)

    def __bool__(self) -> bool:
        return bool(self.x)

    def __int__(self) -> int:
        return int(self.x)

    __trunc__ = __int__

    def __floor__(self) -> int:
        return math.floor(self.x)

    def __ceil__(self) -> int:
        return math.ceil(self.x)

    def __round__(self, n: int | None = None) -> Any:
        return round(self.x, n) if n else round(self.x)

    def __float__(self) -> float:
        raise TypeError("a number of the field would lose its shadow")

    # -- what NumPy's numbers have

    ndim, shape, size = 0, (), 1
    dtype = np.dtype(object)

    @property
    def T(self) -> Number:  # noqa: N802
        return self

    real = T

    def item(self) -> Number:
        return self

    copy = conjugate = item

    def sum(self, *_: Any, **__: Any) -> Number:
        return self

    mean = max = min = sum

    def reshape(self, *shape: Any) -> Any:
        return np.asarray(self, dtype=object).reshape(*shape)

    ravel = flatten = lambda self: np.array([self], dtype=object)

    def __getitem__(self, at: Any) -> Any:
        return np.asarray(self, dtype=object)[at]

    # -- functions

    def exp(self) -> Number:
        x = _float(lambda: math.exp(self.x))
        e = _exponential(self.h) if x else None
        return Number(x, e, _mul(e, self.dot) if self.dot != 0 else 0)

    def expm1(self) -> Number:
        return self.exp() - 1

    def log(self) -> Number:
        return _plain("log", self, lambda h, out: inverse(h))

    def log1p(self) -> Number:
        return (self + 1).log()

    def log2(self) -> Number:
        return self.log() / number(math.log(2.0))

    def log10(self) -> Number:
        return self.log() / number(math.log(10.0))

    def sqrt(self) -> Number:
        return _plain("sqrt", self, lambda h, out: inverse(2 * out % P))

    def cbrt(self) -> Number:
        return self ** (1.0 / 3.0)

    def sin(self) -> Number:
        s, c = _circle(self.h)
        return Number(_float(lambda: math.sin(self.x)), s, _mul(c, self.dot) if self.dot != 0 else 0)

    def cos(self) -> Number:
        s, c = _circle(self.h)
        return Number(_float(lambda: math.cos(self.x)), c, _mul(_mul(s, P - 1), self.dot) if self.dot != 0 else 0)

    def tan(self) -> Number:
        return self.sin() / self.cos()

    def sinh(self) -> Number:
        e = self.exp()
        return (e - 1 / e) / 2

    def cosh(self) -> Number:
        e = self.exp()
        return (e + 1 / e) / 2

    def tanh(self) -> Number:
        e = self.exp()
        out = (e * e - 1) / (e * e + 1)
        return Number(_float(lambda: math.tanh(self.x)), out.h, out.dot)

    def arctan(self) -> Number:
        return _plain("atan", self, lambda h, out: inverse((1 + h * h) % P))

    def arcsin(self) -> Number:
        return _plain("asin", self, lambda h, out: inverse(keyed("sqrt", (1 - h * h) % P)))

    def arccos(self) -> Number:
        return _plain("acos", self, lambda h, out: _mul(P - 1, inverse(keyed("sqrt", (1 - h * h) % P))))

    def hypot(self, o: Any) -> Number:
        o = number(o)
        return _two("hypot", self, o, lambda a, b, out: (_mul(a, inverse(out)), _mul(b, inverse(out))))

    def arctan2(self, o: Any) -> Number:
        def partials(a: int, b: int, out: int) -> Any:
            r = inverse((a * a + b * b) % P)
            return _mul(b, r), _mul(-a % P, r)

        return _two("atan2", self, number(o), partials)


def _float(run: Callable[[], Any]) -> Any:
    try:
        out = run()
    except (ValueError, ArithmeticError):
        return math.nan
    return out if not isinstance(out, complex) else math.nan


def _exponential(h: int | None) -> int | None:
    """exp, with exp(0) = 1 and exp(-x) = 1 / exp(x)."""
    if not h:
        return h if h is None else 1
    e = keyed("exp", min(h, P - h))
    return e if h < P - h else inverse(e)


def _circle(h: int | None) -> tuple[int | None, int | None]:
    """sin and cos on the unit circle, odd and even."""
    if h is None:
        return None, None
    t = 0 if h == 0 else keyed("sin", min(h, P - h))
    if h > P - h:
        t = -t % P
    r = inverse((1 + t * t) % P)
    assert r is not None
    return 2 * t * r % P, (1 - t * t) * r % P


def _plain(name: str, a: Number, slope: Callable[[int, int], int | None]) -> Number:
    x = _float(lambda: getattr(math, name)(a.x))
    if a.h is None or math.isnan(x):
        return Number(x, None, None)
    h = 0 if a.h == 0 and name in ("sqrt", "atan", "asin") else 0 if a.h == 1 and name == "log" else keyed(name, a.h)
    return Number(x, h, _mul(slope(a.h, h), a.dot) if a.dot != 0 else 0)


def _two(name: str, a: Number, b: Number, slopes: Callable[[int, int, int], Any]) -> Number:
    x = _float(lambda: getattr(math, name)(a.x, b.x))
    if a.h is None or b.h is None:
        return Number(x, None, None)
    h = keyed(name, a.h, b.h)
    da, db = slopes(a.h, b.h, h)
    return Number(x, h, _add(_mul(da, a.dot) if a.dot != 0 else 0, _mul(db, b.dot) if b.dot != 0 else 0))


def number(v: Any) -> Number:
    """A constant as a number of the field."""
    if type(v) is Number:
        return v
    if isinstance(v, np.ndarray):
        return number(v.item())
    return Number(v if isinstance(v, (int, float)) else float(v), lift(v))


def value(v: Any) -> Any:
    return v.x if type(v) is Number else v
