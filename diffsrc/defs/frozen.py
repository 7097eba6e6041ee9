"""Distributions with parameters given beforehand, `stats.norm(mu, s)`: what they are frozen from."""

from __future__ import annotations

import sys
from typing import Any

from .packages import CLOSED, place_in_rows

#: what stands in front of the parameters of a distribution, if anything does
VARIABLES = ("x", "k", "q")
#: the parameters of frozen distributions of vectors and matrices, by the name of the distribution
_PARAMETERS = {
    "multivariate_normal": ("mean", "cov"), "dirichlet": ("alpha",), "multinomial": ("n", "p"), "wishart": ("df", "scale"),
    "invwishart": ("df", "scale"), "multivariate_t": ("loc", "shape", "df"),
}  # fmt: skip


#: those of them that are factored or copied when a distribution is frozen: writing the array later changes nothing
_COPIED = frozenset({"cov", "p", "scale", "shape"})


def copied_when_frozen(value: object) -> frozenset[int | str]:
    """The positions and names of parameters that a frozen distribution has as they were."""
    names = _PARAMETERS.get(type(value).__name__.removesuffix("_gen"), ())
    return frozenset(key for i, n in enumerate(names) if n in _COPIED for key in (i, n))


def is_distribution(value: object) -> bool:
    """Whether an object of a package has methods that are rows, and freezes them when it is called: `stats.norm`."""
    return type(value).__module__.startswith(CLOSED) and callable(value) and place_in_rows(value) is not None


def name_of_distribution(value: object) -> str:
    """`scipy.stats.norm`"""
    return ".".join(place_in_rows(value) or ("scipy.stats", type(value).__name__))


def frozen_from(value: Any) -> tuple[Any, tuple[Any, ...], dict[str, Any]] | None:
    """The distribution that an object of SciPy's was frozen from, and the parameters; None for any other object."""
    if not type(value).__module__.startswith(CLOSED):
        return None
    stats = sys.modules["scipy.stats"]
    if hasattr(value, "dist") and hasattr(value, "kwds"):
        found = getattr(stats, str(getattr(value.dist, "name", "")), None)
        return (found, value.args, value.kwds) if type(found) is type(value.dist) else None
    name = type(value).__name__.removesuffix("_frozen")
    if name not in _PARAMETERS or getattr(value, "allow_singular", False):
        return None
    return getattr(stats, name), tuple(getattr(value, p) for p in _PARAMETERS[name]), {}
