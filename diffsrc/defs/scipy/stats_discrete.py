"""Discrete distributions of `scipy.stats`: rows of `pmf`, `cdf`, `sf`, their logarithms, `ppf` and `isf`.

Per parameter that varies continuously there are two texts over `k` (counted from `loc`) and the parameters: the derivative of
the logarithm of the mass, and that of the distribution function as a multiple of the mass at `k`. Counts have no derivative,
and are refused where they are active; the results of `ppf` and `isf` are counts, so their derivatives are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from ..special import dispatching, doubled, evaluate, is_number, quotient
from ..table import PartialForm, parsed
from .stats import enter, unknown


@dataclass(frozen=True, slots=True)
class Counted:
    """A discrete distribution. `by`: the texts of each parameter, in order; a distribution function without closed form in
    it has an empty one; of a parameter that is a count there is none. `mass` and `sums`: the derivatives of the mass and of the
    distribution function in the one parameter, which hold at the ends of its range, too. `direct`: that of the distribution
    function where it is no such multiple."""

    name: str
    by: Mapping[str, tuple[str, str] | None]
    mass: str = ""
    sums: str = ""
    direct: Mapping[str, str] = field(default_factory=dict)


COUNTED = (
    Counted("poisson", {"mu": ("over(k, mu) - 1", "-1.0")}, "pmf(k - 1, mu) - out", "-pmf(k, mu)"),
    Counted("bernoulli", {"p": ("over(k, p) - over(1 - k, 1 - p)", "-over(1 - k, 1 - p)")},
            "where(k == 1, 1.0, where(k == 0, -1.0, 0.0))", "where(k == 0, -1.0, 0.0)"),
    Counted("binom", {"n": None, "p": ("over(k, p) - over(n - k, 1 - p)", "-over(n - k, 1 - p)")},
            "n * (pmf(k - 1, maximum(n - 1, 0), p) - pmf(k, maximum(n - 1, 0), p))", "-n * pmf(k, maximum(n - 1, 0), p)"),
    Counted("geom", {"p": ("over(1, p) - over(k - 1, 1 - p)", "over(k, p)")}, "",
            "maximum(k, 0) * power(1 - p, maximum(k - 1, 0))"),
    Counted("nbinom", {"n": ("special.psi(k + n) - special.psi(n) + log(p)", ""),
                       "p": ("over(n, p) - over(k, 1 - p)", "over(n + k, p)")},
            direct={"n": "incomplete.betainc_by('a', n, maximum(k, 0) + 1, p)"}),
    Counted("logser", {"p": ("k / p + 1 / ((1 - p) * log1p(-p))", "")}),
    Counted("planck", {"lambda_": ("1 / expm1(lambda_) - k", "(k + 1) / expm1(lambda_)")}),
    Counted("betabinom", {
        "n": None, "a": ("special.psi(k + a) - special.psi(a) - special.psi(n + a + b) + special.psi(a + b)", ""),
        "b": ("special.psi(n - k + b) - special.psi(b) - special.psi(n + a + b) + special.psi(a + b)", ""),
    }),
    Counted("randint", {"low": None, "high": None}),
    Counted("hypergeom", {"M": None, "n": None, "N": None}),
)  # fmt: skip

Value = Callable[..., Any]


def _counted(loc: Any, k: Any) -> Any:
    return k if is_number(loc) and loc == 0 else k - loc


def over(a: Any, b: Any) -> Any:
    """a / b; where b is 0 either a is 0, and so is this, or the mass is."""
    return quotient(a, np.where(b == 0, 1.0, b))


def _at(d: Counted, text: str, k: Any, shapes: Mapping[str, Any], out: Any = None) -> Any:
    pmf = dispatching(getattr(stats, d.name).pmf)
    return evaluate(parsed(text), {**shapes, "k": k, "over": over, "pmf": pmf, "out": out})


def partial(shown: str, value: Value) -> Callable[..., Any]:
    """A partial by `value(out, k, loc, shapes)`."""

    def form(out: Any, **names: Any) -> Any:
        names = {n: doubled(a) for n, a in names.items()}
        k, loc = names.pop("k"), names.pop("loc", 0)
        return value(out, k, loc, names)

    form.__doc__ = shown
    return form


def _mass(d: Counted, method: str, k: Any, loc: Any, shapes: Mapping[str, Any]) -> Any:
    """The mass at k or its logarithm: between counts that of the count below."""
    call = dispatching(getattr(getattr(stats, d.name), method))
    return call(np.floor(k), *shapes.values(), *(() if is_number(loc) and loc == 0 else (loc,)))


def _forms(d: Counted, kind: str, a: str) -> PartialForm:
    """The partial of one method by one parameter."""
    texts = d.by[a]
    if texts is None:
        return unknown(f"{d.name}.{kind}", f"the parameter {a}", "it is a count")
    slope, multiple = texts
    given = ", ".join(("k", *d.by, "loc"))
    if kind == "logpmf":
        return partial(slope, lambda out, k, loc, s: np.where(np.isinf(out), 0.0, _at(d, slope, _counted(loc, k), s)))
    if kind == "pmf" and d.mass:
        return partial(d.mass, lambda out, k, loc, s: _at(d, d.mass, _counted(loc, k), s, out))
    if kind == "pmf":
        return partial(f"out * ({slope})", lambda out, k, loc, s: out * _at(d, slope, _counted(loc, k), s))
    sign = -1.0 if "sf" in kind else 1.0
    if a in d.direct:
        return _direct(d, d.direct[a], sign, "log" in kind)
    if not multiple:
        return unknown(f"{d.name}.{kind}", f"the parameter {a}")

    def value(out: Any, k: Any, loc: Any, s: Mapping[str, Any]) -> Any:
        if d.sums and "log" not in kind:
            return sign * _at(d, d.sums, np.floor(_counted(loc, k)), s)
        if "log" in kind:
            mass = np.exp(_mass(d, "logpmf", k, loc, s) - np.where(np.isinf(out), 0.0, out))
        else:
            mass = _mass(d, "pmf", k, loc, s)
        factor = _at(d, multiple, np.floor(_counted(loc, k)), s)
        return factor * mass if sign > 0 else -factor * mass

    if d.sums and "log" not in kind:
        return partial(d.sums if sign > 0 else f"-({d.sums})", value)
    mass = f"exp({d.name}.logpmf({given}) - out)" if "log" in kind else f"{d.name}.pmf({given})"
    return partial(f"{'-' if sign < 0 else ''}({multiple}) * {mass}", value)


def _direct(d: Counted, text: str, sign: float, logarithm: bool) -> PartialForm:
    def value(out: Any, k: Any, loc: Any, s: Mapping[str, Any]) -> Any:
        count = np.floor(_counted(loc, k))
        slope = np.where(count < 0, 0.0, sign * _at(d, text, count, s))
        return slope * np.exp(np.where(np.isinf(out), 0.0, -out)) if logarithm else slope

    return partial(f"{'-' if sign < 0 else ''}{text}{' * exp(-out)' if logarithm else ''}", value)


for _d in COUNTED:
    for _kind in ("logpmf", "pmf", "cdf", "sf", "logcdf", "logsf"):
        enter(
            _d.name, _kind, ("k", *_d.by, "loc"), 1 + len(_d.by), unknown(f"{_d.name}.{_kind}", "k", "it is a count"),
            *(_forms(_d, _kind, a) for a in _d.by), unknown(f"{_d.name}.{_kind}", "loc", "it is a count"),
            domain=(0.2, 0.8),
        )  # fmt: skip
    for _kind in ("ppf", "isf"):
        enter(
            _d.name, _kind, ("q", *_d.by, "loc"), 1 + len(_d.by), None, *(None for _ in _d.by),
            unknown(f"{_d.name}.{_kind}", "loc", "it is a count"), kink="steps: 0", domain=(0.2, 0.8),
        )  # fmt: skip
