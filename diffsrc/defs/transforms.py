"""Functions that take a function and give its derivative, as programs call them: `ds.grad(g)`, `ds.jvp(g, ...)`.

`KINDS` says which function of the package is which; the entry points enter themselves. What they return in a plain call
carries a `Transform` under `MARK`, so that `g_grad = ds.grad(g)` at module level is known in a program too.

Jacobians are loops over derivatives in one direction. They are written here as ordinary functions, which the compiler
lowers like the user's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any

import numpy as np

from ..plain import dataclass
from ..runtime.helpers import check_root

MARK = "__diffsrc_transform__"
KINDS: dict[int, str] = {}
_KEPT: list[object] = []


@dataclass(frozen=True, slots=True)
class Transform:
    """Which derivative: of which arguments, and whether the function returns `(value, aux)`."""

    kind: str
    argnums: int | str | tuple[int | str, ...] = 0
    has_aux: bool = False


class LinearFunction:
    """Base of what `ds.vjp` and `ds.linearize` return beside the result: called like a function, and seen as one."""

    __slots__ = ()


class DerivativeFunction:
    """A function that an entry point made, as `ds.grad(f)`: it is called like any function.

    It isn't a Python function, because these are pickled as a mere name. `written(self)` is what pickle writes for it.
    """

    __signature__ = inspect.signature(lambda *args, **kwargs: None)

    def __init__(self, run: Callable[..., Any], written: Callable[[DerivativeFunction], Any]) -> None:
        self.__run = run
        self.__written = written

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.__run(args, kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<function {self.__dict__.get('__name__', '?')}>"

    def __copy__(self) -> DerivativeFunction:
        return self

    def __deepcopy__(self, memo: object) -> DerivativeFunction:
        return self

    def __reduce__(self) -> Any:
        return self.__written(self)


def enter(fn: Callable[..., Any], kind: str) -> None:
    """An entry point under the name of what it does."""
    KINDS[id(fn)] = kind
    _KEPT.append(fn)


def kind_of(fn: object) -> str | None:
    """What an entry point does; None for any other object."""
    return KINDS.get(id(fn))


# -- written over the two primitives


def jvp(f: Any, primals: Any, tangents: Any) -> Any:
    """Stands for `ds.jvp` in the functions below."""
    raise NotImplementedError


def vjp(f: Any, *primals: Any) -> Any:
    """Stands for `ds.vjp`."""
    raise NotImplementedError


enter(jvp, "jvp")
enter(vjp, "vjp")


def jacobian_of_number(f: Any, x: Any) -> Any:
    return jvp(f, (x,), (1.0,))[1]


def jacobian_by_columns(f: Any, x: Any) -> Any:
    columns = [jvp(f, (x,), (direction.reshape(x.shape),))[1] for direction in np.eye(x.size)]
    jacobian = np.stack(columns, axis=-1)
    return jacobian if x.ndim == 1 else jacobian.reshape((*columns[0].shape, *x.shape))


def gradient_by_columns(f: Any, x: Any) -> Any:
    columns = [jvp(f, (x,), (direction.reshape(x.shape),))[1] for direction in np.eye(x.size)]
    return np.array(columns).reshape(x.shape)


def jacobian_by_rows(f: Any, x: Any) -> Any:
    out, pull = vjp(f, x)
    rows = []
    for cotangent in np.eye(out.size):
        (row,) = pull(cotangent.reshape(out.shape))
        rows.append(row)
    jacobian = np.stack(rows)
    return jacobian if out.ndim == 1 and x.ndim == 1 else jacobian.reshape((*out.shape, *x.shape))


def gradient_of(f: Any, x: Any) -> Any:
    _, pull = vjp(f, x)
    (gradient,) = pull(1.0)
    return gradient


def sum_of_rows(f: Any, x: Any) -> Any:
    out, pull = vjp(f, x)
    (gradient,) = pull(np.ones_like(out))
    return gradient


# -- what derivatives of implicit functions are made of


def jacobian_matrix(f: Any, x: Any, args: Any) -> Any:
    """The Jacobian of `f(x, *args)` in x, with axes flattened."""
    columns = [np.ravel(jvp(lambda z: f(z, *args), (x,), (e.reshape(x.shape),))[1]) for e in np.eye(x.size)]
    return np.stack(columns, axis=-1)


def identity_minus_jacobian(f: Any, x: Any, args: Any) -> Any:
    columns = [np.ravel(jvp(lambda z: f(z, *args), (x,), (e.reshape(x.shape),))[1]) for e in np.eye(x.size)]
    return np.eye(x.size) - np.stack(columns, axis=-1)


def jacobian_at_root(f: Any, x: Any, args: Any) -> Any:
    """The Jacobian of `f(x, *args)` in x, with axes flattened, where f is zero."""
    columns = [np.ravel(jvp(lambda z: f(z, *args), (x,), (e.reshape(x.shape),))[1]) for e in np.eye(x.size)]
    jacobian = np.stack(columns, axis=-1)
    check_root(jacobian, f(x, *args), x)
    return jacobian


def slope_at_root(f: Any, x: Any, args: Any) -> Any:
    """The derivative of `f(x, *args)` in a number x, where f is zero."""
    slope = jvp(lambda z: f(z, *args), (x,), (1.0,))[1]
    check_root(slope, f(x, *args), x)
    return slope


def as_vector(f: Any, x: Any, *args: Any) -> Any:
    """What `f(x, *args)` gives, as an array like x."""
    return np.reshape(np.array(f(x, *args)), (-1,))


def first_of(f: Any, x: Any, *args: Any) -> Any:
    return f(x, *args)[0]


def sum_of(f: Any, x: Any, *args: Any) -> Any:
    return np.sum(f(x, *args))


def gradient_in_x(f: Any, x: Any, *args: Any) -> Any:
    """The gradient of a number `f(x, *args)`."""
    _, pull = vjp(lambda z: f(z, *args), x)
    return pull(1.0)[0]


def gradient_of_squares(f: Any, x: Any, *args: Any) -> Any:
    """The gradient of half the sum of squares of `f(x, *args)`."""
    out, pull = vjp(lambda z: f(z, *args), x)
    return pull(out)[0]


def half_of_squares(f: Any, x: Any, *args: Any) -> Any:
    return 0.5 * np.sum(f(x, *args) ** 2)


def slope_in_x(f: Any, x: Any, args: Any) -> Any:
    """The derivative of `f(x, *args)` in a number x."""
    return jvp(lambda z: f(z, *args), (x,), (1.0,))[1]


def one_minus_slope(f: Any, x: Any, args: Any) -> Any:
    return 1.0 - jvp(lambda z: f(z, *args), (x,), (1.0,))[1]


def transposed_product(f: Any, x: Any, args: Any, v: Any) -> Any:
    """`f(z, *args)` is linear in z: its transpose, applied to v."""
    _, pull = vjp(lambda z: f(z, *args), x)
    return pull(v)[0]


def pulled_to_args(f: Any, x: Any, args: Any, ct: Any) -> Any:
    """The cotangents of `args`."""
    _, pull = vjp(f, x, *args)
    return pull(ct)[1:]


def pulled(f: Any, args: Any, ct: Any) -> Any:
    """The cotangents of all arguments of `f(*args)`."""
    _, pull = vjp(f, *args)
    return pull(ct)


def pushed(f: Any, args: Any, dots: Any) -> Any:
    """The tangent of `f(*args)`."""
    return jvp(f, args, dots)[1]


def pushed_from_args(f: Any, x: Any, args: Any, dots: Any) -> Any:
    """The tangent of `f(x, *args)` for tangents of `args`."""
    return jvp(f, (x, *args), (np.zeros_like(x), *dots))[1]


def pushed_from_args_of_number(f: Any, x: Any, args: Any, dots: Any) -> Any:
    return jvp(f, (x, *args), (0.0, *dots))[1]
