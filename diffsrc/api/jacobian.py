"""`ds.jacfwd`, `ds.jacrev`, `ds.jacobian`, `ds.hessian`, `ds.hvp`, `ds.hvp_and_gradient`.

A Jacobian has the structure of the result; in the place of each float leaf stands the structure of the
argument, whose leaves are arrays of shape `out.shape + x.shape`. Leaves that carry no derivative are None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..defs.transforms import Transform, enter
from ..defs.variant import PLAIN, Variant
from ..errors import ActivityError, DiffTypeError, UnsupportedError
from . import engine
from .gradient import GradientOf, to_differentiate
from .higher import Program, Source, columns, dress, place_tangent, push, unit, with_options
from .shadows import conform
from .signature import Argnums, Call, Place, as_tuple, frozen, name_of
from .trees import flatten, is_float_leaf, separate_zero, transform_places


class JacobianOf:
    """Jacobians of one function, column by column (forward) or row by row (reverse)."""

    __slots__ = ("argnums", "forward", "mode", "single", "source", "split")

    def __init__(self, f: Any, argnums: Argnums, mode: str, variant: Variant = PLAIN) -> None:
        self.source = Source(f, variant=variant)
        self.argnums = as_tuple(argnums)
        self.single = isinstance(argnums, (int, str))
        self.mode = mode
        self.split, self.forward = engine.Site("split"), engine.Site("forward")

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return self.with_value(args, kwargs)[1]

    def with_value(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
        """The result and the Jacobian."""
        program = self.source.program(args, kwargs)
        call = program.call
        places = [call.place(a) for a in self.argnums]
        for arg, place in zip(self.argnums, places):
            what = f"argument {arg!r} of {name_of(call.fn)}"
            call.replace(place, real(to_differentiate(call, place, what), what))
        values = [separate_zero(call.value(place)) for place in places]
        if self.mode == "rev" and program.plain:
            out, blocks = self._rows(call, places, values)
        else:
            out, dots = columns(program, self.forward, places)
            blocks = [_by_column(out, v, column) for v, column in zip(values, dots)]
        return out, self._assemble(out, values, blocks)

    def _rows(self, call: Call, places: Sequence[Place], values: Sequence[Any]) -> tuple[Any, list[Any]]:
        """The result, and per argument the blocks [leaf of the result][leaf of the argument]."""
        active = frozenset(index for index, _ in places)
        activity = tuple("value" if i in active else "const" for i in range(len(call.args)))
        derived = self.split.find(call, activity)
        engine.check_overlap(call, derived)
        run = engine.Split(call, derived)
        out = real(run.out, f"the result of {name_of(call.fn)}")
        like = separate_zero(out)
        rows: list[list[list[Any]]] = []  # [leaf of the result][element][argument]
        for k, (_, leaf) in enumerate(flatten(like)):
            rows.append([])
            for i in range(np.size(leaf)):
                gradients = run.pull(engine.flat_seeds(derived.result_type, unit(like, k, i)), active)
                rows[-1].append([gradients.at(call, a) for a in self.argnums])
        return out, [_by_row(like, v, [[e[n] for e in row] for row in rows]) for n, v in enumerate(values)]

    def _assemble(self, out: Any, values: Sequence[Any], blocks: Sequence[Any]) -> Any:
        """The structure of the result, at each float leaf the structure of the arguments."""
        position = iter(range(len(flatten(out))))

        def outer(leaf: Any) -> Any:
            if not is_float_leaf(leaf):
                return None
            k = next(position)
            entries = [fill(v, block[k]) for v, block in zip(values, blocks)]
            return entries[0] if self.single else tuple(entries)

        return transform_places(out, outer)


def real(value: Any, what: str) -> Any:
    """A value without complex numbers.

    Raises:
        DiffTypeError: it holds some.
    """
    if any(np.iscomplexobj(leaf) for _, leaf in flatten(value)):
        raise DiffTypeError(f"{what} is complex", hint="take the Jacobian of real and imaginary parts, or use ds.vjp")
    return value


def fill(value: Any, entries: Sequence[Any]) -> Any:
    """The structure of a value with these in the place of its float leaves."""
    supply = iter(entries)
    return transform_places(value, lambda leaf: next(supply) if is_float_leaf(leaf) else None)


def _by_column(out: Any, value: Any, column: Sequence[Any]) -> list[list[Any]]:
    """Blocks from the tangent of the result for each element of the argument."""
    leaves_in = [leaf for _, leaf in flatten(value)]
    blocks: list[list[Any]] = []
    flat = [[leaf for _, leaf in flatten(dot)] for dot in column]
    for k, (_, o) in enumerate(flatten(out)):
        blocks.append([])
        start = 0
        for leaf in leaves_in:
            parts = [np.asarray(dots[k]) for dots in flat[start : start + np.size(leaf)]]
            start += np.size(leaf)
            block = np.stack(parts, axis=-1) if parts else np.zeros((*np.shape(o), 0))
            blocks[-1].append(block.reshape(np.shape(o) + np.shape(leaf))[()])
    return blocks


def _by_row(like: Any, value: Any, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Blocks from the gradient for each element of the result."""
    leaves_in = [leaf for _, leaf in flatten(value)]
    blocks: list[list[Any]] = []
    for (_, o), gradients in zip(flatten(like), rows):
        flat = [[leaf for _, leaf in flatten(g)] for g in gradients]
        blocks.append([])
        for m, leaf in enumerate(leaves_in):
            parts = [np.asarray(g[m]) for g in flat]
            block = np.stack(parts) if parts else np.zeros((0, *np.shape(leaf)))
            blocks[-1].append(block.reshape(np.shape(o) + np.shape(leaf))[()])
    return blocks


def _jacobian(f: Any, argnums: Argnums, mode: str, what: str, backend: str, variant: Variant) -> Callable[..., Any]:
    engine.check_backend(backend)
    run = JacobianOf(f, argnums, mode, variant)
    kind = "jacfwd" if mode == "fwd" else "jacrev"
    maker = {"jacfwd": jacfwd, "jacrev": jacrev, "jacobian": jacobian}[what]
    return dress(run, f, what, run, Transform(kind, frozen(argnums)), (with_options(maker, variant), (f, argnums)))


def jacfwd(
    f: Callable[..., Any], argnums: Argnums = 0, *, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> Callable[..., Any]:
    """The Jacobian by forward mode, one run per element of the arguments.

    >>> jacfwd(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    return _jacobian(f, argnums, "fwd", "jacfwd", backend, Variant(unroll, readable))


def jacrev(
    f: Callable[..., Any], argnums: Argnums = 0, *, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> Callable[..., Any]:
    """The Jacobian by reverse mode, one reverse sweep per element of the result."""
    return _jacobian(f, argnums, "rev", "jacrev", backend, Variant(unroll, readable))


def jacobian(
    f: Any, argnums: Any = 0, *args: Any, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> Any:
    """The Jacobian: `jacobian(f)(x)`, or in Enzyme's style `jacobian(mode, f, x)`, a tuple with one entry per
    argument.
    """
    from .modes import Mode

    if isinstance(f, Mode):
        from .autodiff import mode_jacobian

        return mode_jacobian(f, argnums, *args)
    if args:
        raise ActivityError(
            "jacobian(f, argnums) returns a function", hint="jacobian(f)(x), or jacobian(Reverse, f, x)"
        )
    return _jacobian(f, argnums, "rev", "jacobian", backend, Variant(unroll, readable))


class HessianOf:
    """Second derivatives: the columns of the gradient, forward over reverse."""

    __slots__ = ("inner",)

    def __init__(self, f: Any, argnums: Argnums, variant: Variant = PLAIN) -> None:
        run = GradientOf(f, argnums, aux=False, value=False, variant=variant)
        gradient = dress(run, f, "grad", run)
        self.inner = JacobianOf(gradient, argnums, "fwd")

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return self.inner(args, kwargs)


def hessian(
    f: Callable[..., Any], argnums: Argnums = 0, *, backend: str = "numpy", unroll: bool = False, readable: bool = False
) -> Callable[..., Any]:
    """The matrix of second derivatives of a function whose result is one number.

    For an array argument it has shape `x.shape + x.shape`; for several arguments it is a tuple of tuples.

    >>> hessian(lambda x: x[0] * x[1] ** 2)(np.array([1.0, 3.0]))
    array([[0., 6.],
           [6., 2.]])
    """
    engine.check_backend(backend)
    variant = Variant(unroll, readable)
    run = HessianOf(f, argnums, variant)
    return dress(
        run, f, "hessian", run, Transform("hessian", frozen(argnums)), (with_options(hessian, variant), (f, argnums))
    )


class ProductOf:
    """Products of the Hessian with a vector: the tangent of the gradient."""

    __slots__ = ("argnums", "forward", "gradient", "single")

    def __init__(self, f: Any, argnums: Argnums, variant: Variant = PLAIN) -> None:
        self.gradient = GradientOf(f, argnums, aux=False, value=False, variant=variant)
        self.argnums = as_tuple(argnums)
        self.single = isinstance(argnums, (int, str))
        self.forward = engine.Site("forward")

    def program(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program:
        """What `ds.grad(f)` computes."""
        return self.gradient.program(args, kwargs)

    def both(self, args: Sequence[Any], kwargs: Mapping[str, Any], v: Any) -> tuple[Any, Any]:
        """The gradient, and the product with `v`."""
        program = self.program(args, kwargs)
        call = program.call
        places = [call.place(a) for a in self.argnums]
        vectors = (v,) if self.single else v
        if not isinstance(vectors, (tuple, list)) or len(vectors) != len(places):
            raise ActivityError(f"{len(places)} arguments are differentiated, so v is a tuple of {len(places)}")
        tangents = [conform(call.value(place), part, "v") for place, part in zip(places, vectors)]
        return push(program, self.forward, place_tangent(call, places, tangents))


def hvp(
    f: Callable[..., Any],
    *rest: Any,
    argnums: Argnums = 0,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
    **kwargs: Any,
) -> Any:
    """The product of the Hessian with a vector, forward over reverse: the Hessian itself is never built.

    `hvp(f, argnums=0)` is a function of the arguments of `f` followed by `v`; `hvp(f, x, v)` evaluates at
    once.

    >>> hvp(lambda x: x[0] * x[1] ** 2, np.array([1.0, 3.0]), np.array([1.0, 0.0]))
    array([0., 6.])
    """
    engine.check_backend(backend)
    if len(rest) == 1:
        argnums, rest = rest[0], ()
    variant = Variant(unroll, readable)
    run = ProductOf(f, argnums, variant)

    def product(args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        if len(args) < 2:
            raise ActivityError("hvp takes the arguments of the function, then v")
        return run.both(args[:-1], keywords, args[-1])[1]

    if rest:
        return product(rest, kwargs)
    return dress(product, f, "hvp", None, Transform("hvp", frozen(argnums)), (with_options(hvp, variant), (f, argnums)))


def hvp_and_gradient(
    f: Callable[..., Any],
    *args: Any,
    argnums: Argnums = 0,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> tuple[Any, Any]:
    """`hvp_and_gradient(f, x, v)`: the product of the Hessian with `v`, and the gradient, of one run."""
    engine.check_backend(backend)
    if len(args) < 2:
        raise UnsupportedError("hvp_and_gradient takes the arguments of the function, then v")
    gradient, product = ProductOf(f, argnums, Variant(unroll, readable)).both(args[:-1], {}, args[-1])
    return product, gradient


for _fn in (jacfwd, jacrev, hessian, hvp, hvp_and_gradient):
    enter(_fn, _fn.__name__)
enter(jacobian, "jacrev")
