"""Riccati's equations in `scipy.linalg`: the change of the solution solves Lyapunov's equation of the closed loop a - b k."""

from __future__ import annotations

from typing import Any

from scipy import linalg as scipy_linalg

from ..numpy_tools import can_not, swap
from ..special import complex_valued
from ..table import ArgRule
from .linalg_solve import linalg, rows
from .tools import settings


def _check(name: str, q: Any, more: tuple[Any, ...], options: Any, *parts: Any) -> None:
    o = settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), 4, more, options)
    if o.e is not None or o.s is not None or any(map(complex_valued, parts)):
        raise can_not(f"scipy.linalg.{name}", "e=, s= or complex matrices", "differentiate the equation: ds.custom_root")


class _Continuous:
    """a^T x + x a - x b r^-1 b^T x + q = 0."""

    @staticmethod
    def gain(x: Any, a: Any, b: Any, r: Any) -> Any:
        return linalg.solve(r, swap(b) @ x)

    @staticmethod
    def solve(loop: Any, m: Any) -> Any:
        return -linalg.solve_continuous_lyapunov(loop, m)

    @staticmethod
    def of_loop(x: Any, loop: Any, change: Any) -> Any:
        half = x @ change
        return half + swap(half)

    @staticmethod
    def loop_pull(x: Any, loop: Any, g: Any) -> Any:
        return x @ (g + swap(g))


class _Discrete:
    """a^T x a - x - a^T x b (r + b^T x b)^-1 b^T x a + q = 0."""

    @staticmethod
    def gain(x: Any, a: Any, b: Any, r: Any) -> Any:
        xb = x @ b
        return linalg.solve(r + swap(b) @ xb, swap(xb) @ a)

    @staticmethod
    def solve(loop: Any, m: Any) -> Any:
        return linalg.solve_discrete_lyapunov(loop, m)

    @staticmethod
    def of_loop(x: Any, loop: Any, change: Any) -> Any:
        half = swap(loop) @ (x @ change)
        return half + swap(half)

    @staticmethod
    def loop_pull(x: Any, loop: Any, g: Any) -> Any:
        return x @ loop @ (g + swap(g))


def _rule(name: str, kind: Any, arg: int) -> ArgRule:
    def jvp(dot: Any, out: Any, a: Any, b: Any, q: Any, r: Any, *more: Any, **options: Any) -> Any:
        _check(name, q, more, options, a, b, q, r)
        k = kind.gain(out, a, b, r)
        loop = a - b @ k
        if arg == 2:
            change = dot
        elif arg == 3:
            change = swap(k) @ dot @ k
        else:
            change = kind.of_loop(out, loop, dot if arg == 0 else -dot @ k)
        return kind.solve(swap(loop), change)

    def vjp(ct: Any, out: Any, a: Any, b: Any, q: Any, r: Any, *more: Any, **options: Any) -> Any:
        _check(name, q, more, options, a, b, q, r)
        k = kind.gain(out, a, b, r)
        loop = a - b @ k
        g = kind.solve(loop, ct)
        if arg == 2:
            return g
        if arg == 3:
            return k @ g @ swap(k)
        full = kind.loop_pull(out, loop, g)
        return full if arg == 0 else -full @ swap(k)

    return ArgRule(jvp, vjp)


for _name, _kind in (("solve_continuous_are", _Continuous), ("solve_discrete_are", _Discrete)):
    rows(_name, {k: _rule(_name, _kind, k) for k in range(4)}, kink="q and r are symmetric")
