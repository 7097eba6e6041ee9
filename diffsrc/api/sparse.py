"""`ds.sparse_jacobian`, `ds.sparse_hessian`, `ds.sparsity`: derivatives as sparse matrices, by few products.

The pattern comes from the typed IR (`dependence.py`), the directions from colouring it (`colouring.py`). The matrix that they
give is compared with one more product, in a random direction: an entry that the pattern lacks shows there. So a pattern that
was found for other arguments may be tried first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs.numpy_tools import no_rule
from ..defs.variant import PLAIN, Variant
from ..errors import ActivityError, UnsupportedError
from ..ir.types import ANY
from . import engine
from .closures import key_of
from .gradient import GradientOf, to_differentiate
from .higher import Source, dress
from .jacobian import fill, real
from .signature import Argnums, as_tuple, name_of
from .sparse_products import Products, filled, size_of
from .trees import flatten, is_float_leaf, transform_places

if TYPE_CHECKING:
    from .colouring import Plan

_PLANS: OrderedDict[Any, tuple[Callable[..., Any], Plan]] = OrderedDict()
_KEPT = 64
#: what isn't rounding, relative to the sum of absolute terms
GROSS = 1e-2
#: entries of rows that are taken whole
LARGEST = 50_000_000


def _need_scipy(what: str) -> None:
    try:
        import scipy.sparse  # noqa: F401
    except ImportError as err:
        raise ImportError(f"ds.{what} needs SciPy: pip install 'diffsrc[scipy]'") from err


class SparseOf:
    """Sparse derivatives of one function: Jacobians, or with `symmetric` Hessians."""

    __slots__ = ("argnums", "given", "gradient", "mode", "single", "sites", "source", "symmetric")

    def __init__(
        self, f: Any, argnums: Argnums, variant: Variant, *, symmetric: bool = False, mode: str | None = None, pattern: Any = None
    ) -> None:
        if mode not in (None, "fwd", "rev"):
            raise ActivityError(f"mode is {mode!r}", hint='"fwd", "rev", or None for the one that takes fewer products')
        self.argnums, self.single = as_tuple(argnums), isinstance(argnums, (int, str))
        self.source = Source(f, variant=variant)
        self.gradient = GradientOf(f, argnums, aux=False, value=False, variant=variant) if symmetric else None
        self.symmetric, self.mode, self.given = symmetric, mode, pattern
        self.sites = engine.Site("forward"), engine.Site("split")

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        products = self._products(args, kwargs)
        key, plan = self._known(products)
        kept = plan is not None
        if plan is None:
            plan = self._plan(self._pattern(products))
        plan, (out, found, missing) = self._evaluated(products, plan)
        if missing.size and self.given is not None:
            self._refuse(plan, (size_of(out), products.size), missing)
        if missing.size and kept:
            _PLANS.pop(key, None)
            plan = self._plan(self._pattern(products))
            plan, (out, found, missing) = self._evaluated(products, plan)
        if missing.size:  # what a pattern that was just found doesn't explain is rounding, unless it is another derivative
            width = plan.pattern.shape[0 if plan.pulled else 1]
            if missing.size * width <= LARGEST:
                plan = self._plan(filled(plan.pattern, missing, not plan.pulled))
                out, found, missing = products.evaluate(plan, self.symmetric, GROSS)
            if missing.size:
                raise UnsupportedError(
                    f"{name_of(products.program.call.fn)} hasn't the same derivative each time that it is run",
                    hint='pass the random numbers as an argument, or mode="rev", which runs it once',
                )
        elif self.given is None:
            _remember(key, products.program.call.fn, plan)
        products.finish()
        return self._assembled(out, products.values, found)

    def _evaluated(self, products: Products, plan: Plan) -> tuple[Plan, tuple[Any, Any, Any]]:
        """See `Products.evaluate`. What reverse mode can't do is done in forward mode."""
        try:
            return plan, products.evaluate(plan, self.symmetric)
        except UnsupportedError:
            if not plan.reverse or self.mode is not None:
                raise
        from .colouring import colour

        plan = colour(plan.pattern, "fwd")
        return plan, products.evaluate(plan, self.symmetric)

    def _refuse(self, plan: Plan, shape: tuple[int, int], missing: Any) -> None:
        """Refuse a pattern of the caller's."""
        what = "Hessian" if self.symmetric else "Jacobian"
        if plan.pattern.shape != shape:
            raise ActivityError(f"the pattern has shape {plan.pattern.shape}, the {what} {shape}")
        raise ActivityError(
            f"the pattern lacks entries of the {what} in {'column' if plan.pulled else 'row'} {missing[0]}",
            hint="ds.sparsity gives one that is whole for its arguments",
        )

    def sparsity(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The pattern at these arguments."""
        products = self._products(args, kwargs)
        return self._assembled(products.result(), products.values, self._pattern(products))

    def _products(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Products:
        program = (self.gradient or self.source).program(args, kwargs)
        call = program.call
        places = [call.place(a) for a in self.argnums]
        for arg, place in zip(self.argnums, places):
            what = f"argument {arg!r} of {name_of(call.fn)}"
            call.replace(place, real(to_differentiate(call, place, what), what))
        return Products(program, places, *self.sites)

    def _known(self, products: Products) -> tuple[Any, Plan | None]:
        """The key under which a plan is kept, and the plan that is there."""
        if self.given is not None:
            given = _as_pattern(self.given)
            if given.shape[1] != products.size:
                what = "Hessian" if self.symmetric else "Jacobian"
                raise ActivityError(f"the pattern has {given.shape[1]} columns, the {what} {products.size}")
            return None, self._plan(given)
        call = products.program.call
        kinds = tuple(x if type(x) is int else engine.quick(x) for x in call.args)
        key = (
            key_of(call.fn), kinds, tuple(products.places), call.fixed, products.size, self.mode, self.symmetric,
        )  # fmt: skip
        kept = _PLANS.get(key)
        return key, None if kept is None else kept[1]

    def _pattern(self, products: Products) -> Any:
        from .dependence import pattern_of

        return pattern_of(products.program, products.places)

    def _plan(self, pattern: Any) -> Plan:
        from .colouring import colour, colour_symmetric, one_by_one

        if not self.symmetric:
            mode = self.mode if self.source.plain() else "fwd"
            return colour(_sorted(pattern), mode)
        if pattern.shape[0] != pattern.shape[1]:
            return one_by_one(_sorted(pattern))
        return colour_symmetric(_sorted(pattern + pattern.T))

    def _assembled(self, out: Any, values: Sequence[Any], matrix: Any) -> Any:
        """The structure of the result, at each float leaf the structure of the arguments, as in `ds.jacobian`."""
        whole = len(flatten(out)) == 1 and len(flatten(list(values))) == 1
        row = 0

        def outer(leaf: Any) -> Any:
            nonlocal row
            if not is_float_leaf(leaf):
                return None
            rows = matrix if whole else matrix[row : row + np.size(leaf)]
            row += np.size(leaf)
            column, found = 0, []
            for v in values:
                blocks = []
                for _, part in flatten(v):
                    blocks.append(rows if whole else rows[:, column : column + np.size(part)])
                    column += np.size(part)
                found.append(fill(v, blocks))
            return found[0] if self.single else tuple(found)

        return transform_places(out, outer)


def _sorted(pattern: Any) -> Any:
    """A pattern as booleans, with its entries in order."""
    from scipy.sparse import csr_array

    made = csr_array(pattern, dtype=bool)
    made.sum_duplicates()
    made.sort_indices()
    return made


def _as_pattern(given: Any) -> Any:
    """A pattern of the caller's: one matrix, or a tuple of them side by side."""
    from scipy.sparse import csr_array, hstack

    return csr_array(hstack([csr_array(g) for g in given]) if isinstance(given, (tuple, list)) else csr_array(given)) != 0


def _remember(key: Any, fn: Callable[..., Any], plan: Plan) -> None:
    _PLANS[key] = fn, plan
    _PLANS.move_to_end(key)
    if len(_PLANS) > _KEPT:
        _PLANS.popitem(last=False)


def _entry(
    made: SparseOf, run: Callable[..., Any], f: Any, what: str, maker: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """The answer for arguments, or without any the function that gives it."""
    return run(args, kwargs) if args or kwargs else dress(run, f, what, made, None, (maker, (f,)))


def sparse_jacobian(
    f: Callable[..., Any],
    *args: Any,
    argnums: Argnums = 0,
    mode: str | None = None,
    pattern: Any = None,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
    **kwargs: Any,
) -> Any:
    """The Jacobian of `f` at `args` as a `scipy.sparse.csr_array` of shape `(out.size, x.size)`: rows are the elements of the
    result, columns those of the argument, both in C order. `sparse_jacobian(f)` is the function that gives it.

    The pattern of its entries comes from the compiled function, run for these arguments: what no branch, index or constant zero
    of this run excludes has an entry, which may be zero. Columns without a common row are computed by one product in forward
    mode, or rows without a common column by one in reverse mode, whichever takes fewer, or some by the one and some by the
    other (`mode="fwd"` or `"rev"` decides). For
    a function called again with arguments of the same types and shapes the pattern is there already. Each Jacobian is compared
    with one more product: where an entry is missing, because another branch was taken, its pattern is found afresh.

    `pattern`, a matrix that isn't zero where the Jacobian may have entries, is taken in the place of the one that is found; an
    `ActivityError` is raised where it lacks some. For several arguments (`argnums` is a tuple) it is one matrix for all their
    elements, or a tuple of matrices; the answer is built as that of `ds.jacobian`.

    Needs SciPy.

    >>> sparse_jacobian(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    engine.check_backend(backend)
    _need_scipy("sparse_jacobian")
    variant = Variant(unroll, readable)
    run = SparseOf(f, argnums, variant, mode=mode, pattern=pattern)
    options = {"argnums": argnums, "mode": mode, "pattern": pattern, **variant.options}
    return _entry(run, run, f, "sparse_jacobian", partial(sparse_jacobian, **options), args, kwargs)


def sparse_hessian(
    f: Callable[..., Any],
    *args: Any,
    argnums: Argnums = 0,
    pattern: Any = None,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
    **kwargs: Any,
) -> Any:
    """The matrix of second derivatives of a function whose result is one number, as a `scipy.sparse.csr_array` of shape
    `(x.size, x.size)`; `sparse_hessian(f)` is the function that gives it.

    As `sparse_jacobian` of the gradient, by products of the Hessian with vectors (forward over reverse); that it is symmetric
    saves some. For several arguments it is built as that of `ds.hessian`.

    Needs SciPy.

    >>> sparse_hessian(lambda x: np.sum(x[1:] * x[:-1]), np.array([1.0, 2.0, 3.0])).toarray()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    engine.check_backend(backend)
    _need_scipy("sparse_hessian")
    variant = Variant(unroll, readable)
    run = SparseOf(f, argnums, variant, symmetric=True, pattern=pattern)
    options = {"argnums": argnums, "pattern": pattern, **variant.options}
    return _entry(run, run, f, "sparse_hessian", partial(sparse_hessian, **options), args, kwargs)


def sparsity(f: Callable[..., Any], *args: Any, argnums: Argnums = 0, **kwargs: Any) -> Any:
    """The pattern of the Jacobian of `f` at `args`, as a `scipy.sparse.csr_array` of booleans, in the structure of
    `sparse_jacobian`; `sparsity(f)` is the function that gives it. That of a Hessian is `sparsity(ds.grad(f), x)`.

    It may have entries where the Jacobian is zero; it lacks none at these arguments.

    >>> sparsity(np.diff, np.ones(3)).toarray()
    array([[ True,  True, False],
           [False,  True,  True]])
    """
    _need_scipy("sparsity")
    made = SparseOf(f, argnums, PLAIN)
    return _entry(made, made.sparsity, f, "sparsity", partial(sparsity, argnums=argnums), args, kwargs)


for _fn in (sparse_jacobian, sparse_hessian, sparsity):
    _why = f"`ds.{_fn.__name__}` isn't differentiated itself: differentiate `ds.jacobian` or `ds.hessian`"
    no_rule(_fn, name=f"ds.{_fn.__name__}", types=lambda args, kwargs: ANY, refusals={-1: _why})
