"""`ds.grad`, `ds.value_and_grad`, `ds.elementwise_grad`: gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..defs.transforms import Transform, enter
from ..defs.variant import Variant
from . import engine
from .elementwise import ElementwiseOf
from .gradient import GradientOf
from .higher import dress, with_options
from .signature import Argnums, frozen


def grad(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> Callable[..., Any]:
    """The gradient of a function whose result is one number.

    Args:
        f: the function; its result is a float or an array of size one.
        argnums: which arguments to differentiate: an int, a parameter name, or a tuple of them (then a tuple
        is returned).
        has_aux: `f` returns `(value, aux)`, and the gradient function `(gradient, aux)`.
        backend: "numpy".
        unroll: compile for the sizes of the arguments, write out loops whose rounds are known then, and take small local arrays
        apart into numbers.
        readable: leave every array memory of its own. Otherwise arrays are written over those that nobody reads any more, which
        takes less memory and time, and more lines.

    Returns:
        A function of the same arguments. A gradient has the structure of its argument, with None at leaves
        that carry no derivative.

    >>> grad(lambda x: x ** 2)(3.0)
    6.0
    """
    engine.check_backend(backend)
    variant = Variant(unroll, readable)
    run = GradientOf(f, argnums, aux=has_aux, value=False, variant=variant)
    how = Transform("grad", frozen(argnums), has_aux)
    return dress(run, f, "grad", run, how, (with_options(grad, variant), (f, argnums, has_aux)))


def value_and_grad(
    f: Callable[..., Any],
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> Callable[..., Any]:
    """The result of a function, and its gradient: `((value, aux), gradient)` with `has_aux`.

    >>> value_and_grad(lambda x: x ** 2)(3.0)
    (9.0, 6.0)
    """
    engine.check_backend(backend)
    variant = Variant(unroll, readable)
    run = GradientOf(f, argnums, aux=has_aux, value=True, variant=variant)
    how = Transform("value_and_grad", frozen(argnums), has_aux)
    return dress(run, f, "value_and_grad", run, how, (with_options(value_and_grad, variant), (f, argnums, has_aux)))


def elementwise_grad(
    f: Callable[..., Any], argnums: Argnums = 0, *, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> Callable[..., Any]:
    """The derivative of an elementwise function at each element.

    >>> elementwise_grad(np.tanh)
    """
    engine.check_backend(backend)
    variant = Variant(unroll, readable)
    run = ElementwiseOf(f, argnums, variant)
    how = Transform("elementwise_grad", frozen(argnums))
    return dress(run, f, "elementwise_grad", run, how, (with_options(elementwise_grad, variant), (f, argnums)))


for _fn in (grad, value_and_grad, elementwise_grad):
    enter(_fn, _fn.__name__)
