"""How marks go through products and decompositions; see `spreading.py`.

What is constant and zero in a factor takes no part in a product, so those with constant sparse matrices are sparse.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..defs.table import Def
from .marked import holds_marks, result, whole
from .marks import Sets
from .spreading import Args, Options, Rule, UnlistedError, bound, call, rule

#: elements of products that are looked at one by one for constant zeros
LARGE = 20_000_000

def _contracted(sets: Sets, x: Any, y: Any, labels: tuple[str, str, str]) -> Any:
    """The marks of an Einstein sum of two factors; the labels of each are unlike."""
    left, right, to = labels
    sizes = {**dict(zip(left, x[0].shape)), **dict(zip(right, y[0].shape))}
    marks: Any = np.zeros(tuple(sizes[n] for n in to), np.intp)
    for (_, mine), own, (value, theirs), other in ((x, left, y, right), (y, right, x, left)):
        if not mine.any():
            continue
        there = (value != 0) | (theirs != 0)
        every = [*to, *(n for n in dict.fromkeys(left + right) if n not in to)]
        if there.all() or math.prod(sizes[n] for n in every) > LARGE:
            lost = tuple(k for k, n in enumerate(own) if n not in to)
            united, kept = sets.along(mine, lost), [n for n in own if n in to]
            spread = np.transpose(united, [kept.index(n) for n in to if n in kept])
            marks = sets.either(marks, spread[tuple(slice(None) if n in kept else None for n in to)])
            continue
        at = dict(zip(every, np.nonzero(np.broadcast_to(_laid(there, other, every), [sizes[n] for n in every]))))
        target = _flat(at, to, sizes)
        source = mine.ravel()[_flat(at, own, sizes)]
        found = sets.scattered(source, target, math.prod(sizes[n] for n in to))
        marks = sets.either(marks, found.reshape([sizes[n] for n in to]))
    return marks


def _laid(a: Any, own: str, every: Sequence[str]) -> Any:
    """An array with its axes where their labels are."""
    moved = np.transpose(a, [own.index(n) for n in every if n in own])
    return moved[tuple(slice(None) if n in own else None for n in every)]


def _flat(at: dict[str, Any], labels: str, sizes: dict[str, int]) -> Any:
    if not labels:
        return np.zeros_like(next(iter(at.values())))
    return np.ravel_multi_index([at[n] for n in labels], [sizes[n] for n in labels])


def _product(labels: Callable[[int, int], tuple[str, str, str]], both: bool = False) -> Rule:
    """The rule of a product by the labels of factors of given ranks. `both`: leading axes are broadcast."""

    def rule(sets: Sets, d: Def, args: Args, options: Options) -> Any:
        x, y = whole(args[0]), whole(args[1])
        out = call(d, args[:2], options)
        if not x[0].ndim or not y[0].ndim:
            return result(out, sets.either(x[1], y[1]))
        if both and (x[0].ndim > 2 or y[0].ndim > 2):
            lead = np.broadcast_shapes(x[0].shape[:-2], y[0].shape[:-2])
            x, y = (tuple(_led(a, lead) for a in pair) for pair in (x, y))
        return result(out, np.reshape(_contracted(sets, x, y, labels(x[0].ndim, y[0].ndim)), np.shape(out)))

    return rule


def _led(a: Any, lead: tuple[int, ...]) -> Any:
    return a if a.ndim < 2 else np.broadcast_to(a, lead + a.shape[-2:])


def _letters(count: int, start: int = 0) -> str:
    return "".join(map(chr, range(0x100 + start, 0x100 + start + count)))


def _matmul_labels(m: int, n: int) -> tuple[str, str, str]:
    lead = _letters(max(m, n) - 2) if max(m, n) > 2 else ""
    left, right = ("k" if m == 1 else f"{lead}ik"), ("k" if n == 1 else f"{lead}kj")
    return left, right, lead + ("i" if m > 1 else "") + ("j" if n > 1 else "")


def _dot_labels(m: int, n: int) -> tuple[str, str, str]:
    left, right = _letters(m - 1), _letters(n - 1, m)
    return left + "k", (right[:-1] + "k" + right[-1:] if n > 1 else "k"), left + right


def _inner_labels(m: int, n: int) -> tuple[str, str, str]:
    left, right = _letters(m - 1), _letters(n - 1, m)
    return left + "k", right + "k", left + right


rule("matmul", "np.matmul", "np.linalg.matmul")(_product(_matmul_labels, both=True))
rule("np.dot")(_product(_dot_labels))
rule("np.inner")(_product(_inner_labels))


@rule("np.outer", "np.linalg.outer", "np.vdot", "np.kron")
def _of_flat(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    x, y = whole(args[0]), whole(args[1])
    out = call(d, args, options)
    if d.name == "np.kron":
        rank = max(x[0].ndim, y[0].ndim)
        x, y = (tuple(a.reshape((1,) * (rank - a.ndim) + a.shape) for a in pair) for pair in (x, y))
        left, right = _letters(rank), _letters(rank, rank)
        labels = left, right, "".join(map("".join, zip(left, right)))
    else:
        x, y = (tuple(a.ravel() for a in pair) for pair in (x, y))
        labels = ("i", "j", "ij") if d.name.endswith("outer") else ("i", "i", "")
    return result(out, np.reshape(_contracted(sets, x, y, labels), np.shape(out)))


@rule("np.tensordot", "np.linalg.tensordot")
def _tensordot(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options)
    x, y = (whole(a) for a in list(given.values())[:2])
    axes = given.get("axes", 2)
    m, n = x[0].ndim, y[0].ndim
    pairs = (range(m - axes, m), range(axes)) if isinstance(axes, int) else [[k] if isinstance(k, int) else k for k in axes]
    mine, theirs = ([k % r for k in part] for part, r in zip(pairs, (m, n)))
    left, right = list(_letters(m)), list(_letters(n, m))
    for i, j in zip(mine, theirs):
        right[j] = left[i]
    to = [c for k, c in enumerate(left) if k not in mine] + [c for k, c in enumerate(right) if k not in theirs]
    return result(call(d, args, options), _contracted(sets, x, y, ("".join(left), "".join(right), "".join(to))))


@rule("np.einsum")
def _einsum(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    if not isinstance(args[0], str):
        raise UnlistedError
    return _summed(sets, args[0].replace(" ", ""), args[1:], call(d, args, options))


@rule("np.matvec", "np.vecmat")
def _of_stacks(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    spec = "...ij,...j->...i" if d.name == "np.matvec" else "...i,...ij->...j"
    return _summed(sets, spec, args, call(d, args, options))


def _summed(sets: Sets, spec: str, operands: Sequence[Any], out: Any) -> Any:
    """An Einstein sum: the first factor with the second, what comes of it with the third, and so on."""
    inputs, arrow, to = spec.partition("->")
    if not arrow:
        to = ("..." if "." in inputs else "") + "".join(sorted(c for c in set(inputs) - set(",.") if inputs.count(c) == 1))
    factors, to = _without_dots([whole(a) for a in operands], inputs.split(","), to)
    (x, left), *rest = [_without_repeats(x, labels) for x, labels in factors]
    for n, (y, right) in enumerate(rest or [((np.ones(()), np.zeros((), np.intp)), "")]):
        wanted = to + "".join(labels for _, labels in rest[n + 1 :])
        kept = to if n >= len(rest) - 1 else "".join(c for c in dict.fromkeys(left + right) if c in wanted)
        marks = np.asarray(_contracted(sets, x, y, (left, right, kept)))
        x, left = (np.ones(marks.shape), marks), kept
    return result(out, np.reshape(x[1], np.shape(out)))


def _without_dots(factors: list[Any], labels: list[str], to: str) -> tuple[list[tuple[Any, str]], str]:
    """Labels in the place of the dots: axes that are broadcast, counted from the last."""
    counts = [x[0].ndim - len(own.replace("...", "")) if "." in own else 0 for x, own in zip(factors, labels)]
    starts = [own.index(".") if "." in own else 0 for own in labels]
    names = _letters(max(counts, default=0))
    lead = np.broadcast_shapes(*(x[0].shape[s : s + n] for x, s, n in zip(factors, starts, counts)))
    found = []
    for x, own, start, count in zip(factors, labels, starts, counts):
        shape = (*x[0].shape[:start], *lead[len(lead) - count :], *x[0].shape[start + count :])
        mine = names[len(names) - count :]
        found.append((tuple(np.broadcast_to(a, shape) for a in x), own.replace("...", mine)))
    return found, to.replace("...", names)


def _without_repeats(x: Any, labels: str) -> Any:
    """A factor as the diagonal over axes of one label, and its labels."""
    while len(set(labels)) < len(labels):
        i, j = next((i, j) for i, j in itertools.combinations(range(len(labels)), 2) if labels[i] == labels[j])
        x = tuple(np.diagonal(a, axis1=i, axis2=j) for a in x)
        labels = "".join(c for k, c in enumerate(labels) if k not in (i, j)) + labels[i]
    return x, labels


@rule("np.convolve", "np.correlate")
def _convolve(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    given = bound(d, args, options, "a", "v", "mode")
    (a, am), (v, vm) = whole(given["a"]), whole(given["v"])
    mode = given.get("mode", "full" if d.name == "np.convolve" else "valid")
    if a.size * v.size > LARGE or (d.name == "np.correlate" and v.size > a.size):
        raise UnlistedError
    if d.name == "np.correlate":
        v, vm = v[::-1], vm[::-1]
    n, small = a.size + v.size - 1, min(a.size, v.size)
    to = np.add.outer(np.arange(a.size), np.arange(v.size))
    there = np.logical_and.outer((a != 0) | (am != 0), (v != 0) | (vm != 0))
    full = sets.scattered(np.broadcast_to(am[:, None], to.shape)[there], to[there], n)
    full = sets.either(full, sets.scattered(np.broadcast_to(vm, to.shape)[there], to[there], n))
    cut = {"full": slice(None), "valid": slice(small - 1, n - small + 1)}
    start = (small - 1) // 2
    return result(call(d, args, options), full[cut.get(mode, slice(start, start + max(a.size, v.size)))])


@rule("np.cross", "np.linalg.cross")
def _cross(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    if len(args) != 2 or options:
        raise UnlistedError
    out = call(d, args, options)
    both = [sets.along(m, (m.ndim - 1,), True) for _, m in map(whole, args)]
    marks = sets.either(*both)
    return result(out, marks if np.ndim(out) == np.ndim(marks) else marks[..., 0])


# -- matrices


@rule(
    "np.linalg.inv", "np.linalg.cholesky", "np.linalg.det", "np.linalg.slogdet", "np.linalg.eigh", "np.linalg.eigvalsh",
    "np.linalg.eig", "np.linalg.eigvals", "np.linalg.svd", "np.linalg.svdvals", "np.linalg.qr", "np.linalg.pinv",
    "np.linalg.matrix_power", "np.linalg.cond", "np.linalg.matrix_norm", "cofactors",
)  # fmt: skip
def of_matrices(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Results depend on all of their matrix in the stack."""
    marks = whole(args[0])[1]
    if any(map(holds_marks, (*args[1:], *options.values()))):
        raise UnlistedError
    united = sets.along(marks, (marks.ndim - 2, marks.ndim - 1))
    out = call(d, args, options)

    def part(leaf: Any) -> Any:
        return result(leaf, united.reshape(united.shape + (1,) * (np.ndim(leaf) - united.ndim)))

    if not isinstance(out, tuple):
        return part(out)
    made = [part(leaf) for leaf in out]
    return type(out)(*made) if hasattr(out, "_fields") else tuple(made)


@rule("np.linalg.multi_dot")
def _multi_dot(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    first, *rest = map(whole, args[0])
    for factor in rest:
        labels = _matmul_labels(first[0].ndim, factor[0].ndim)
        first = first[0] @ factor[0], np.asarray(_contracted(sets, first, factor, labels))
    return result(call(d, args, options), first[1])


@rule("np.linalg.solve")
def _solve(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """A column of the result depends on the matrix and on the column of the right-hand side."""
    a, b = whole(args[0])[1], whole(args[1])[1]
    matrix = sets.along(a, (a.ndim - 2, a.ndim - 1), True)
    vector = b.ndim == 1
    side = sets.along(b, (b.ndim - 1,) if vector else (b.ndim - 2,), True)
    return result(call(d, args, options), sets.either(matrix[..., 0] if vector else matrix, side))
