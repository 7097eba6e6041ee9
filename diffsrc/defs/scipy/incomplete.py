"""Derivatives of the incomplete gamma and beta functions by their parameters, as functions of partial texts.

They are functions of their own with rows to the second order: a third order in a parameter is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ...errors import NoRuleError
from ...runtime import incomplete
from ..special import dispatching, in_texts
from ..table import elementwise

texts: Any = in_texts("incomplete", incomplete)


def _call(name: str, *args: Any) -> Any:
    return dispatching(getattr(special, name))(*args)


def _third(name: str) -> NoRuleError:
    return NoRuleError(f"a third derivative of `{name}` with respect to its parameters isn't known")


def _gamma_by_a(x: Any, y: Any, out: Any, z: Any = 1) -> Any:
    """incomplete.gammainc_by_a(x, y, 2)"""
    if z == 2:
        raise _third("scipy.special.gammainc")
    return texts.gammainc_by_a(x, y, 2)


def _gamma_by_x(x: Any, y: Any, out: Any, z: Any = 1) -> Any:
    """exp(special.xlogy(x - 1, y) - y - special.gammaln(x)) * (log(y) - special.psi(x))"""
    slope = np.log(y) - _call("psi", x)
    density = np.exp(_call("xlogy", x - 1, y) - y - _call("gammaln", x))
    return density * (slope if z == 1 else np.square(slope) - _call("polygamma", 1, x))


elementwise(
    incomplete.gammainc_by_a, _gamma_by_a, _gamma_by_x, None,
    name="gammainc_by_a", params=("x", "y", "z"), singular=True, domain=(0.3, 4.0),
)  # fmt: skip


def _beta_by(parameter: str) -> Any:
    def partial(x: Any, y: Any, z: Any, w: Any, out: Any, v: Any = None) -> Any:
        if len(x) == 2:
            raise _third("scipy.special.betainc")
        return texts.betainc_by("".join(sorted(x + parameter)), y, z, w, *(() if v is None else (v,)))

    partial.__doc__ = f"incomplete.betainc_by(x + '{parameter}', y, z, w)"
    return partial


def _beta_by_x(x: Any, y: Any, z: Any, w: Any, out: Any, v: Any = None) -> Any:
    """exp(special.xlogy(y - 1, w) + special.xlog1py(z - 1, -w) - special.betaln(y, z)) * (log(w) - psi(y) + psi(y + z))"""
    if len(x) == 2:
        raise _third("scipy.special.betainc")
    rest = 1 - w if v is None else v
    slope = (np.log(w) - _call("psi", y) if x == "a" else np.log(rest) - _call("psi", z)) + _call("psi", y + z)
    return np.exp(_call("xlogy", y - 1, w) + _call("xlogy", z - 1, rest) - _call("betaln", y, z)) * slope


elementwise(
    incomplete.betainc_by, None, _beta_by("a"), _beta_by("b"), _beta_by_x, None,
    name="betainc_by", params=("x", "y", "z", "w", "v"), singular=True, domain=(0.3, 0.8),
)  # fmt: skip
