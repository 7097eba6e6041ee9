"""Which results depend on which elements of the arguments: the typed IR of a function, run on marked numbers.

The interpreter runs the function for the arguments of one call, with a mark beside each number (`marked.py`); so loops,
branches and indices are those of this call. What the marks can't be followed through makes every result depend on everything.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ..compiler.binding import call_by_parameters
from ..compiler.deep import with_room
from ..compiler.driver import compile_unit
from ..compiler.interpret import Machine
from ..defs.records import is_record
from ..defs.table import Def
from ..defs.variant import variant_of
from ..errors import UnsupportedError
from ..ir.ops import Func, FuncRef
from . import engine, spreading_filters, spreading_products, spreading_scipy, spreading_sparse  # noqa: F401  their rules
from .higher import Program
from .marked import Marked, NotKnownError, fresh, marked, parts
from .marks import Sets
from .signature import Call, Place, name_of
from .spreading import SOURCES, spread
from .spreading_sums import add_at
from .trees import flatten, is_float_leaf, leaves, overlapping, transform, transform_places

#: ops that a run may execute
STEPS = 10**9
#: entries of a pattern that is full because nothing is known
LARGEST = 50_000_000


def pattern_of(program: Program, places: Sequence[Place]) -> csr_array:
    """The pattern of the Jacobian: rows are the elements of the float leaves of the result, columns those of the arguments at
    `places`, in order. For a program whose marks can't be followed it is full.

    Raises:
        UnsupportedError: a full one is too large.
    """
    call = program.call
    n = sum(np.size(leaf) for place in places for _, leaf in flatten(call.value(place)))
    with np.errstate(all="ignore"):
        try:
            return with_room(lambda: _traced(program, places, Sets(n)))
        except (Exception, NotKnownError) as err:  # noqa: BLE001  an exception of the program's will be raised again
            why = err
        copies = engine.copied(call)
        out = program.pick(call_by_parameters(copies.fn, copies.args), copies.args)
    m = sum(np.size(leaf) for _, leaf in flatten(out))
    if m * n > LARGEST:
        raise UnsupportedError(
            f"which of {m} results of {name_of(call.fn)} depend on which of {n} numbers isn't known: {why}",
            hint="give `pattern=`",
        )
    return csr_array(np.ones((m, n), bool))


def _traced(program: Program, places: Sequence[Place], sets: Sets) -> csr_array:
    """The pattern."""
    call = program.call
    args = _marked_args(call, places)
    out = _interpreted(call, sets, args)
    ranks = np.unique(np.concatenate([[0], *(np.ravel(p.marks) for p in parts([out, args]))]))
    # marks take the places of numbers, as tangents do: so `pick` finds them
    code = Coding(ranks)
    picked = [leaf for _, leaf in flatten(program.pick(code.coded(out), [code.coded(a) for a in args]))]
    if any(ranks.size > 2 ** np.finfo(leaf.dtype if hasattr(leaf, "dtype") else float).nmant for leaf in picked):
        raise NotKnownError("more sets than the result can number")
    marks = [ranks[np.ravel(leaf).real.astype(np.intp)] for leaf in picked]
    return sets.rows(np.concatenate([np.zeros(0, np.intp), *marks]))


class Coding:
    """Marks as floats."""

    __slots__ = ("ranks",)

    def __init__(self, ranks: Any) -> None:
        self.ranks = ranks

    def coded(self, x: Any) -> Any:
        """A structure with codes in the place of its float leaves."""
        return transform_places(x, self._leaf)

    def _leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Marked):
            codes = np.searchsorted(self.ranks, leaf.marks)
            return codes.astype(leaf.value.dtype) if isinstance(leaf.value, np.ndarray) else float(codes)
        return np.zeros_like(leaf) if isinstance(leaf, np.ndarray) else 0.0 if is_float_leaf(leaf) else leaf


def _marked_args(call: Call, places: Sequence[Place]) -> list[Any]:
    """Copies of the arguments, all arrays of floats with marks: those at `places` with the numbers of their columns."""
    arrays = [leaf for a in call.args for _, leaf in leaves(a) if isinstance(leaf, np.ndarray) and leaf.size]
    known = {id(a): a for a in arrays}
    shared = len(known) < len(arrays) or bool(overlapping(list(known.values())))
    last = 0

    def column(leaf: Any) -> Any:
        nonlocal last
        if not is_float_leaf(leaf):
            return _copied(leaf)
        first, last = last + 1, last + np.size(leaf)
        return _with(leaf, np.arange(first, last + 1).reshape(np.shape(leaf)), shared)

    def none(leaf: Any) -> Any:
        return _with(leaf, 0, shared) if isinstance(leaf, np.ndarray) else _copied(leaf)

    found: dict[Place, Any] = {place: transform_places(call.value(place), column) for place in places}
    args: list[Any] = []
    for i, a in enumerate(call.args):
        if (i, None) in found:
            args.append(found[i, None])
        elif isinstance(a, (tuple, dict)) and any(place[0] == i for place in found):
            keys: Any = a if isinstance(a, dict) else range(len(a))
            items = {k: found[i, k] if (i, k) in found else transform_places(a[k], none) for k in keys}
            args.append(items if isinstance(a, dict) else tuple(items.values()))
        else:
            args.append(transform_places(a, none))
    return args


def _copied(leaf: Any) -> Any:
    if isinstance(leaf, SOURCES):
        return copy.deepcopy(leaf)
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def _with(leaf: Any, marks: Any, shared: bool) -> Any:
    if not isinstance(leaf, np.ndarray):
        return marked(leaf, marks)
    value = leaf.copy(order="K")
    if not is_float_leaf(leaf):
        return value
    made = np.empty_like(value, dtype=np.intp, subok=False)
    made[...] = marks
    made.flags.writeable = not shared and leaf.flags.writeable
    return Marked(value, made)


def _interpreted(call: Call, sets: Sets, args: Sequence[Any]) -> Any:
    """The result of the function, with marks."""
    variant = variant_of(call.fn, call.variant)
    unit = compile_unit(call.fn, engine.call_types(call, variant.unroll), variant=variant)
    opened = unit.calls.opened
    constants: dict[int, tuple[Any, Any]] = {}

    def constant(x: Any) -> Any:
        """What is read from outside of the function, in copies."""
        if not isinstance(x, (np.ndarray, list, dict, tuple, *SOURCES)) and not is_record(x):
            return x
        if id(x) not in constants:
            constants[id(x)] = x, transform(x, lambda leaf: fresh(_copied(leaf)))
        return constants[id(x)][1]

    def known(d: Def) -> Callable[..., Any]:
        return lambda *given, **options: spread(sets, d, given, options)

    def resolve(ref: FuncRef) -> Any:
        inner = getattr(ref.target, "func", ref.target)
        return opened(inner) if isinstance(inner, Func) else _unread(sets, inner)

    return Machine(resolve, constant, STEPS, known, functools.partial(add_at, sets)).call(opened(unit.typed), args)


def _unread(sets: Sets, fn: Any) -> Callable[..., Any]:
    """A function that isn't interpreted: each result depends on all arguments."""

    def run(*args: Any, **options: Any) -> Any:
        return spread(sets, Def(getattr(fn, "__name__", "function"), fn, "general"), args, options)

    return run


