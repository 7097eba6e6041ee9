"""How marks go through the functions of the rule table.

Elementwise rows unite the marks of their operands, as broadcast; functions that move elements are called on the arrays of
marks as on the numbers; others have rules by name, here and in the modules `spreading_*.py`. Of any other function each result
depends on all that its arguments depend on: the pattern may have too many entries, never too few.
"""

from __future__ import annotations

import functools
import inspect
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..defs.table import Def
from .marked import Marked, NotKnownError, fresh, grid, holds_marks, marked, marks_of, parts, plain, result, whole
from .marks import Sets

#: what gives random numbers
SOURCES = (np.random.Generator, np.random.RandomState, random.Random)
MAKERS = (np.random.default_rng, *SOURCES)

Args = tuple[Any, ...]
Options = dict[str, Any]
Rule = Callable[[Sets, Def, Args, Options], Any]
RULES: dict[str, Rule] = {}

_NUMBERS = frozenset({int, float, bool, np.float64, np.int64, np.bool_})
_DATA = (np.ndarray, np.generic, int, float, complex, str, list, tuple, dict, type(None))


class UnlistedError(Exception):
    """These arguments aren't what a rule is for: each result depends on all."""


def spread(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """The result of a known function for arguments with marks."""
    if not (options or d.effect or d.writes) and _NUMBERS.issuperset(map(type, args)):
        return fresh(d.fn(*args))
    if "out" in options or d.effect == "list" or (d.effect == "random" and not _is_own(d, args)):
        raise NotKnownError(d.name)
    if d.effect == "io":
        return None if d.fn is print else d.fn(*args, **options)
    try:
        found = RULES.get(d.name) or _FAMILIES.get(d.family, _all)
        return found(sets, d, args, options)
    except UnlistedError:
        return _all(sets, d, args, options)


def _is_own(d: Def, args: Args) -> bool:
    """Whether random numbers come from a source that belongs to this run: one that is handed over, or made of a seed."""
    return bool(args) and (isinstance(args[0], SOURCES) or (d.fn in MAKERS and args[0] is not None))


def call(d: Def, args: Args, options: Options) -> Any:
    """The result for the numbers."""
    return d.fn(*map(plain, args), **{k: plain(v) for k, v in options.items()})


def _all(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Each result depends on all arguments."""
    if d.writes or d.overwritten or d.family == "inplace":
        raise NotKnownError(d.name)
    given = parts((args, options))
    before = [np.array(p.value) for p in given]
    out = call(d, args, options)
    if not all(np.array_equal(b, p.value, equal_nan=True) for b, p in zip(before, given)):
        raise NotKnownError(f"what {d.name} writes")
    _refuse_sharing(d, out, given)
    if given and not isinstance(out, _DATA):
        raise NotKnownError(f"what {d.name} gives")
    return fresh(out, mark(sets, given))


@functools.cache
def _signature(fn: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        return None


def bound(d: Def, args: Args, options: Options, *names: str) -> Options:
    """Arguments by name; `names`: those of a function that doesn't tell."""
    signature = _signature(d.fn)
    if signature is None or names:
        return {**dict(zip(names, args)), **options}
    return signature.bind(*args, **options).arguments


def mark(sets: Sets, given: Sequence[Marked]) -> int:
    """The union of all that is marked."""
    return sets.all_of(np.concatenate([np.unique(p.marks) for p in given])) if given else 0


def _refuse_sharing(d: Def, out: Any, given: Sequence[Marked]) -> None:
    arrays = out if isinstance(out, (list, tuple)) else (out,)
    if any(np.may_share_memory(a, p.value) for a in arrays if isinstance(a, np.ndarray) for p in given):
        raise NotKnownError(f"memory of the result of {d.name}")


# -- families


def _of_containers(d: Def, args: Args) -> bool:
    """Whether an operator of Python is meant: lists are joined. Beside an array they are made arrays."""
    containers = any(isinstance(a, (list, tuple, dict, str)) for a in args)
    return containers and not d.converts and not any(isinstance(a, (Marked, np.ndarray)) for a in args)


def _elementwise(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    if _of_containers(d, args):
        return d.fn(*args, **options)
    out, marks = call(d, args, options), 0
    if isinstance(out, tuple) and len(args) == 1:  # np.where(mask)
        return fresh(out)
    for k, a in enumerate((*args, *options.values())):
        if k >= len(d.partials) or d.partials[k] is not None:
            marks = sets.either(marks, marks_of(a))
    return result(out, marks)


def _zero(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return fresh(call(d, args, options))


def _itself(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return d.fn(*args, **options)


_FAMILIES: dict[str, Rule] = {"elementwise": _elementwise, "select": _elementwise, "zero": _zero}


def rule(*names: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return enter


rule("list", "tuple")(_itself)
rule("np.conj", "np.angle")(_elementwise)


# -- elements that are moved


def _moved(
    sets: Sets, d: Def, args: Args, options: Options, data: Sequence[int] = (0,), like: Sequence[int] = (), by: Any = None
) -> Any:
    """The function is called on arrays of marks as on the numbers; `data`: which arguments hold elements, `like`: of which
    only the shape counts."""
    rest = [a for k, a in enumerate(args) if k not in (*data, *like)]
    if any(map(holds_marks, (*rest, *options.values()))):
        raise UnlistedError
    out = call(d, args, options)
    named = {k: plain(v) for k, v in options.items() if k not in ("dtype", "casting", "subok", "like", "device")}
    moved = (by or d.fn)(*(grid(a) if k in data else plain(a) for k, a in enumerate(args)), **named)
    return _beside(out, moved, parts([a for k, a in enumerate(args) if k in data]))


def _beside(out: Any, marks: Any, given: Sequence[Marked]) -> Any:
    if isinstance(out, (list, tuple)):
        return type(out)([_beside(o, m, given) for o, m in zip(out, marks, strict=True)])
    if not isinstance(out, np.ndarray):
        return marked(out, marks)
    if marks.shape != out.shape or (marks.dtype.kind != "i" and marks.size):
        raise UnlistedError
    for p in given:
        if np.may_share_memory(out, p.value):
            if not np.may_share_memory(marks, p.marks):
                raise NotKnownError("a view")
            return Marked(out, marks)
    return marked(out, np.array(marks, np.intp))


def movers(*names: str, data: Sequence[int] = (0,), like: Sequence[int] = (), by: Any = None) -> None:
    """Functions that move elements: see `_moved`."""
    rule(*names)(functools.partial(_moved, data=data, like=like, by=by))


movers(
    "np.reshape", "np.ravel", "flatten", "np.squeeze", "np.expand_dims", "np.atleast_1d", "np.atleast_2d", "np.atleast_3d",
    "np.broadcast_to", "np.transpose", "np.swapaxes", "np.moveaxis", "np.rollaxis", "np.matrix_transpose",
    "np.linalg.matrix_transpose", "np.roll", "np.flip", "np.fliplr", "np.flipud", "np.rot90", "np.concatenate", "np.stack",
    "np.vstack", "np.hstack", "np.dstack", "np.column_stack", "np.block", "np.delete", "np.split", "np.array_split",
    "np.vsplit", "np.hsplit", "np.dsplit", "np.unstack", "np.resize", "resized", "np.tile", "np.repeat", "np.diag",
    "np.diagonal", "np.tril", "np.triu", "np.take", "np.take_along_axis", ".T", ".mT", "np.copy",
    "np.fft.fftshift", "np.fft.ifftshift", "np.lib.stride_tricks.sliding_window_view", "unstack", "nested_lists", "put_diagonal",
    "gather_stored", "put_stored", "np.linalg.diagonal", "einsum_view",
)  # fmt: skip
movers("item", by=lambda marks, *index: np.asarray(marks).item(*index))
movers("tolist", by=lambda marks: np.asarray(marks).tolist())
movers("np.insert", data=(0, 2))
movers("np.append", "split_like", data=(0, 1))
movers("np.compress", "np.extract", data=(1,))
movers("np.full", data=(1,), by=lambda shape, marks, *dtype, **options: np.full(shape, marks, np.intp, **options))
movers(
    "np.full_like", data=(1,), like=(0,),
    by=lambda a, marks, *dtype, **options: np.full_like(a, marks, dtype=np.intp, **options),
)  # fmt: skip
movers("np.meshgrid", "np.broadcast_arrays", data=range(32))
movers(
    "np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray", "np.asfortranarray",
    by=lambda marks, *dtype, **options: np.array(marks, np.intp) if isinstance(marks, (list, tuple, int))
    else np.array(marks, **options) if options.get("copy", True) else marks,
)  # fmt: skip
movers("astype", "np.astype", by=lambda marks, *dtype, copy=True: np.array(marks))
for _name in ("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"):
    movers(f"np.{_name}", by=lambda marks: np.array(marks)[()])


@rule("np.asarray", "np.asanyarray")
def _asarray(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """The array itself, or a copy in another dtype."""
    if isinstance(args[0], Marked) and isinstance(args[0].value, np.ndarray):
        made = call(d, args, options)
        return args[0] if made is args[0].value else fresh_copy(made, args[0].marks)
    return _moved(sets, d, args, options, by=lambda marks, *dtype, **options: np.array(marks, np.intp))


def fresh_copy(value: Any, marks: Any) -> Any:
    """An array in other memory with the same marks."""
    return marked(value, marks.copy())


@rule(".real", ".imag", "np.real", "np.imag", "np.real_if_close")
def _real(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    (a,) = args
    if not isinstance(a, Marked) or not np.iscomplexobj(a.value):
        return _zero(sets, d, args, options) if d.name.endswith("imag") else a
    out = call(d, args, options)
    if not isinstance(out, np.ndarray):
        return marked(out, a.marks)
    marks = a.marks.view()
    marks.flags.writeable = False  # a part of the memory of complex numbers
    return marked(out, marks)


@rule("shadow_view", "tangent_view")
def _view_of_shadow(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """What is made of a shadow as `v` is of `a`: a view where that is one."""
    dv, da, v, a = args
    if not np.may_share_memory(plain(v), plain(a)):
        return fresh(np.zeros_like(plain(v))) if d.name == "shadow_view" else dv.copy()
    if not (isinstance(dv, Marked) and np.may_share_memory(dv.marks, da.marks)):
        raise NotKnownError("a view of a shadow")
    dv.value.flags.writeable = dv.marks.flags.writeable = True  # of a diagonal neither is
    return dv


@rule("laid_out")
def _laid_out(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return result(call(d, args, options), marks_of(args[0]))


@rule(".flat")
def _flat_of(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """The array without axes, as it is indexed and written."""
    (a,) = args
    if not isinstance(a, Marked):
        return a.flat
    value, marks = a.value.reshape(-1), a.marks.reshape(-1)
    if not np.may_share_memory(value, a.value) or not np.may_share_memory(marks, a.marks):
        marks = marks.view()
        marks.flags.writeable = False
    return Marked(value, marks)


@rule("sum")
def _summed(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Python's sum of a sequence."""
    items = [*args[0], *args[1:], *options.values()]
    if not len(args[0]):
        raise UnlistedError
    return result(call(d, args, options), functools.reduce(sets.either, map(marks_of, items)))


@rule("np.pad")
def _pad(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    mode = given.get("mode", "constant")
    extra = {k: v for k, v in given.items() if k not in ("array", "pad_width", "mode", "kwargs")} | given.get("kwargs", {})
    if mode == "constant":
        extra = {"constant_values": grid(extra.get("constant_values", 0))}
    elif mode not in ("edge", "wrap", "reflect", "symmetric") or extra:
        raise UnlistedError
    out = call(d, args, options)
    return result(out, np.pad(whole(given["array"])[1], plain(given["pad_width"]), mode, **extra))
