"""Functions that generated code calls where plain NumPy has no word for it. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum `g` over the axes along which NumPy broadcast `x`: the result has the shape of `x`."""
    shape = np.shape(x)
    extra = np.ndim(g) - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and np.shape(g)[k] != 1)
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def recurrence(a: Any, b: Any, axis: int = 0) -> Any:
    """The solution of `s[k] = a[k] * s[k - 1] + b[k]`, `s[0] = b[0]`, along an axis (a[0] is not used)."""
    a = np.moveaxis(np.asarray(a), axis, 0)
    s = np.moveaxis(np.array(b, dtype=np.result_type(a, b)), axis, 0)
    for k in range(1, len(s)):
        s[k] += a[k] * s[k - 1]
    return np.moveaxis(s, 0, axis)


@np.errstate(all="ignore")
def product_of_others(a: Any, axis: Any = None) -> Any:
    """For each element of `a` the product of all the others along an axis, several, or all: right where some are zero, or the
    product of all leaves the range of numbers."""
    a = np.asarray(a)
    product = np.prod(a, axis=axis, keepdims=True)
    if product.dtype.kind in "fc":
        size, limits = np.abs(product), np.finfo(product.dtype)
        if np.all((limits.tiny <= size) & (size <= limits.max)):
            return product / a
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    ends = tuple(range(-len(axes), 0))
    moved = np.moveaxis(a, tuple(axes), ends)
    rows = moved.reshape(*moved.shape[: a.ndim - len(axes)], -1)
    before, after = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[..., :-1], axis=-1, out=before[..., 1:])
    np.cumprod(rows[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return np.moveaxis((before * after).reshape(moved.shape), ends, tuple(axes))


@np.errstate(all="ignore")
def polygamma(n: int, x: Any) -> Any:
    """The digamma function (n = 0) and its n-th derivatives at real `x`: below 0.5 by reflection (DLMF 5.15.6), from there
    by recurrence to x >= 20 and the asymptotic expansion (DLMF 5.15.5, 5.11.2, 5.15.8 and 5.15.9). Poles give inf."""
    x = np.asarray(x, dtype=float)
    sign = (-1.0) ** (n + 1)
    factorial = float(np.prod(np.arange(1.0, n + 1)))
    z = np.where(x < 0.5, 1.0 - x, x)
    total = np.zeros_like(z)
    while np.any(low := z < 20.0):
        total += np.where(low, sign * factorial / z ** (n + 1), 0.0)
        z = np.where(low, z + 1.0, z)
    series = np.log(z) - 0.5 / z if n == 0 else sign * factorial * (1.0 / (n * z**n) + 0.5 / z ** (n + 1))
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    for k, b in enumerate(bernoulli, 1):
        ratio = float(np.prod(np.arange(2.0 * k + 1, 2 * k + n))) if n else 1.0 / (2 * k)
        series = series + sign * b * ratio / z ** (2 * k + n)
    total += series
    slope = np.poly1d([1.0, 0.0])  # of cot(pi x), as a polynomial in it: the derivative of c is -pi (1 + c**2)
    for _ in range(n):
        slope = slope.deriv() * np.poly1d([-1.0, 0.0, -1.0])
    cot = 1.0 / np.tan(np.pi * (x - np.round(x)))
    reflected = slope.coeffs[0]
    for c in slope.coeffs[1:]:
        reflected = reflected * cot + c
    return np.where(x < 0.5, -sign * total - np.pi ** (n + 1) * reflected, total)[()]


def bessel_i(n: int, x: Any) -> Any:
    """The modified Bessel function of the first kind of order n >= 0 at real `x`: by its series (DLMF 10.25.2), all of whose
    terms have one sign; from 30 on by its expansion for large arguments (DLMF 10.40.1)."""
    kind = np.result_type(np.asarray(x), np.float32)
    x = np.asarray(x, dtype=float)
    size = np.abs(x)
    quarter = np.square(np.minimum(size, 30.0) / 2)
    term = (np.minimum(size, 30.0) / 2) ** n / float(np.prod(np.arange(1.0, n + 1)))
    near = term.copy()
    for k in range(1, 90):
        term = term * quarter / (k * (k + n))
        near += term
    large = np.maximum(size, 30.0)
    term = np.ones_like(large)
    far = np.ones_like(large)
    for k in range(1, 31):
        term = term * ((2 * k - 1) ** 2 - 4 * n * n) / (8 * k * large)
        far += term
    half = np.exp(large / 2)  # exp(large) overflows before the function does
    out = np.where(size < 30.0, near, half * (far / np.sqrt(2 * np.pi * large)) * half)
    return np.where(x < 0, (-1.0) ** n * out, out).astype(kind)[()]


def new_instance(cls: Any, **fields: Any) -> Any:
    """An instance with these fields; its `__init__` has run in place."""
    made = cls.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def order_of(keys: Any, reverse: bool = False) -> Any:
    """The positions of the items in sorted order; equal ones keep theirs."""
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)


def place_of(which: Any, keys: Any) -> int:
    """The position of the item that `which` (min or max) picks: the first of equal ones."""
    found: int = which(range(len(keys)), key=keys.__getitem__)
    return found


# -- transposes of gathers: each makes a new array of the given shape, with the dtype of `g`


def add_at(g: Any, indices: Any, shape: Any, axis: int = 0) -> Any:
    """Zeros with `g` added at `indices` along an axis (repeated indices add up): the transpose of np.take."""
    out = np.zeros(shape, np.asarray(g).dtype)
    np.add.at(out, (slice(None),) * (axis % out.ndim) + (indices,), g)
    return out


def add_along_axis(g: Any, indices: Any, shape: Any, axis: int = -1) -> Any:
    """Zeros with `g` added at `indices`, one position per element: the transpose of np.take_along_axis."""
    out = np.zeros(shape, np.asarray(g).dtype)
    grid = [np.minimum(i, n - 1) for i, n in zip(np.ogrid[tuple(map(slice, np.shape(g)))], shape)]
    grid[axis] = indices
    np.add.at(out, tuple(grid), g)
    return out


def add_repeats(g: Any, repeats: Any, shape: Any, axis: int = 0) -> Any:
    """The sums of the copies that np.repeat made along an axis: its transpose."""
    repeats = np.broadcast_to(repeats, (shape[axis],))
    return add_at(g, np.repeat(np.arange(shape[axis]), repeats), shape, axis)


def put_diagonal(g: Any, shape: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros with `g` on a diagonal: the transpose of np.diagonal."""
    out = np.zeros(shape, np.asarray(g).dtype)
    i = np.arange(np.shape(g)[-1])
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., i - min(offset, 0), i + max(offset, 0)] = g
    return out


def unstack(g: Any, axis: int = 0) -> list[Any]:
    """The slices along an axis as a list: the transpose of np.stack of a list."""
    return list(np.moveaxis(g, axis, 0))


def nested_lists(g: Any) -> Any:
    """Rows as lists of numbers: the transpose of np.array of a list of lists."""
    return g.tolist()


def split_like(g: Any, arrays: Any, axis: int = 0) -> list[Any]:
    """The pieces along an axis with the sizes of the arrays: the transpose of np.concatenate of a list."""
    return np.split(g, np.cumsum([np.shape(a)[axis] for a in arrays])[:-1], axis)


def of_kind(g: Any, x: Any) -> Any:
    """The real part of `g` if `x` turned out to be real, else `g`."""
    return g if np.iscomplexobj(x) else np.real(g)


def first_true(conditions: Any, like: Any) -> Any:
    """For each element of `like` the number of the first condition that holds, -1 where none does."""
    return np.broadcast_to(np.select(conditions, list(range(len(conditions))), -1), np.shape(like))


def parts_chosen(g: Any, which: Any, xs: Any) -> list[Any]:
    """What each of the arrays receives of `g` where `which` is its number: the transpose of choosing among a list."""
    return [unbroadcast(np.where(which == k, g, 0.0), x) for k, x in enumerate(xs)]


def chosen(xs: Any, which: Any) -> Any:
    """The elements of the arrays that `which` numbers; 0 where it numbers none."""
    out = np.zeros(np.shape(which), np.result_type(*xs))
    for k, x in enumerate(xs):
        out = np.where(which == k, x, out)
    return out


def cofactors(a: Any) -> Any:
    """The matrix of cofactors, singular matrices included: the derivative of np.linalg.det."""
    try:
        return np.linalg.det(a)[..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    except np.linalg.LinAlgError:
        u, s, vh = np.linalg.svd(a)
        others = np.where(np.eye(s.shape[-1], dtype=bool), 1, s[..., None, :]).prod(axis=-1)
        sign = np.linalg.det(u) * np.linalg.det(vh)
        return sign[..., None, None] * np.conj((u * others[..., None, :]) @ vh)


def gather_stored(d: Any, index: Any) -> Any:
    """The cotangent of `v` in `a[index] = v`, given that of `a`: where an index repeats, the last write
    won."""
    g = d[index]
    order = np.arange(g.size).reshape(g.shape)
    winner = np.empty(np.shape(d), dtype=int)
    winner[index] = order
    return np.where(winner[index] == order, g, np.zeros_like(g))


def put_stored(g: Any, index: Any, shape: Any) -> Any:
    """Zeros with `g` stored at an index: the transpose of `gather_stored`."""
    out = np.zeros(shape, np.asarray(g).dtype)
    out[index] = g
    return out


def inexact(x: Any) -> Any:
    """A result that is a float or holds floats: np.vectorize and np.apply_along_axis take the dtype of the first result.

    Raises:
        TypeError: for integers, to which later results would be cut.
    """
    if not np.issubdtype(np.asarray(x).dtype, np.inexact):
        raise TypeError("the function returns an integer: let it return a float in every case, or give otypes=[float]")
    return x


def resized(a: Any, shape: Any) -> Any:
    """The elements of `a` in another shape: the last are cut off, or zeros follow them."""
    out = np.zeros(shape, a.dtype)
    n = min(a.size, out.size)
    out.flat[:n] = a.flat[:n]
    return out


def corner(a: Any, shape: Any) -> Any:
    """`a` cut to a shape along each axis, or zeros behind it."""
    out = np.zeros(shape, a.dtype)
    common = tuple(slice(min(n, m)) for n, m in zip(a.shape, shape))
    out[common] = a[common]
    return out


def half_weights(out: Any, axes: Any) -> Any:
    """How many frequencies each of the first half stands for, along the last of the axes of a real result."""
    n = out.shape[axes[-1]]
    k = np.arange(n // 2 + 1)
    weights = np.where((k == 0) | (2 * k == n), 1.0, 2.0)
    return weights.reshape([-1 if axis == axes[-1] % out.ndim else 1 for axis in range(out.ndim)])


def running_place(a: Any, out: Any, axis: int = 0) -> Any:
    """Where each element of the running maximum or minimum `out` of `a` comes from, along an axis."""
    steps = [-1 if k == axis % a.ndim else 1 for k in range(a.ndim)]
    return np.maximum.accumulate(np.where(a == out, np.arange(a.shape[axis]).reshape(steps), 0), axis)


def spread_segments(g: Any, indices: Any, shape: Any, axis: int = 0) -> Any:
    """The transpose of `np.add.reduceat`: each sum is given back to the elements of its segment."""
    out = np.zeros(shape, g.dtype)
    rows, parts = np.moveaxis(out, axis, 0), np.moveaxis(g, axis, 0)
    for k, start in enumerate(indices):
        stop = indices[k + 1] if k + 1 < len(indices) else len(rows)
        rows[start : max(stop, start + 1)] += parts[k]
    return out


def add_windows(g: Any, window_shape: Any, shape: Any, axis: Any = None) -> Any:
    """The transpose of `sliding_window_view`: what the windows hold is added up where they lie."""
    out = np.zeros(shape, g.dtype)
    windows = np.lib.stride_tricks.sliding_window_view(out, window_shape, axis, writeable=True)
    for offset in np.ndindex(windows.shape[out.ndim :]):
        windows[(..., *offset)] += g[(..., *offset)]
    return out


def shadow_view(dv: Any, da: Any, v: Any, a: Any) -> Any:
    """The shadow of `v`, which a function made from `a`: `dv`, the same of its shadow `da`, if `v` is a view of `a`; of
    a copy, zeros."""
    if not np.may_share_memory(v, a):
        return np.zeros_like(v)
    if not np.may_share_memory(dv, da):
        raise ValueError("the shadow of an array has another layout in memory than the array")
    if not dv.flags.writeable:
        dv.flags.writeable = True  # a diagonal
    return dv


def tangent_view(v_dot: Any, a_dot: Any, v: Any, a: Any) -> Any:
    """The tangent of `v`, which a function made from `a`: a view of the tangent `a_dot` if `v` is one of `a`, else a
    copy."""
    if not np.may_share_memory(v, a):
        return v_dot.copy()
    if not np.may_share_memory(v_dot, a_dot):
        raise ValueError("the tangent of an array has another layout in memory than the array")
    return v_dot


def laid_out(v_dot: Any, v: Any) -> Any:
    """A tangent of `v` of its own, in the layout of `v`: what is a view of the one is a view of the other."""
    new = np.empty_like(v)
    new[...] = v_dot
    return new


def new_like(x: Any, **fields: Any) -> Any:
    """A new instance of the class of `x` with these fields; the constructor of the class isn't called."""
    new = object.__new__(type(x))
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new


def added(a: Any, b: Any) -> Any:
    """The sum of two cotangents; None stands for zero."""
    if a is None:
        return b
    return a if b is None else a + b


def filled(g: Any, x: Any) -> Any:
    """The cotangent `g` of `x`, zeros where it is None."""
    return zeros_of(x) if g is None else g


def check_root(slope: Any, residual: Any, x: Any) -> None:
    """Refuse the derivative of a solver's result that is no solution, by Newton's step from it: an equation that doesn't hold
    says nothing of changes.

    Raises:
        RuntimeError: the step is larger than a thousandth of `1 + |x|`, or nan.
    """
    if np.ndim(slope) == 0:
        step = residual / slope if slope else np.nan
    else:
        step = np.linalg.solve(slope, np.ravel(residual))
    size = np.max(np.abs(step), initial=0.0)
    if not size <= 1e-3 * (1.0 + np.max(np.abs(x), initial=0.0)):
        raise RuntimeError(f"no derivative: the solver stopped at a distance of {size:.3g} from the solution")


def zeros_of(x: Any) -> Any:
    """Zeros in the structure of `x`: lists, tuples, dicts and instances that hold arrays and numbers; anything
    else as it is.
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    if isinstance(x, list):
        return [zeros_of(item) for item in x]
    if isinstance(x, dict):
        return {key: zeros_of(item) for key, item in x.items()}
    if isinstance(x, tuple):
        items = [zeros_of(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, (float, complex, np.inexact)):
        return type(x)(0)
    if type(x).__module__ in ("builtins", "numpy") or isinstance(x, type):
        return x
    new = object.__new__(type(x))
    for name in [*getattr(x, "__dict__", ()), *getattr(type(x), "__slots__", ())]:
        object.__setattr__(new, name, zeros_of(getattr(x, name)))
    return new


def match_length(d: Any, x: Any) -> None:
    """Give the lists in the shadow `d` the lengths that those in `x` have now: zeros for what was appended."""
    if isinstance(x, list):
        while len(d) < len(x):
            d.append(zeros_of(x[len(d)]))
        del d[len(x) :]
        pairs = list(zip(d, x))
    elif isinstance(x, dict):
        for key in x.keys() - d.keys():
            d[key] = zeros_of(x[key])
        pairs = [(d[key], x[key]) for key in x]
    else:
        names = [*getattr(x, "__dict__", ()), *(n for n in getattr(type(x), "__slots__", ()) if hasattr(x, n))]
        for name in names:
            if not hasattr(d, name):
                object.__setattr__(d, name, None)
        pairs = [(getattr(d, name), getattr(x, name)) for name in names]
    for part, item in pairs:
        match_length(part, item)


def expect_rows(x: Any, count: int) -> None:
    """Raise as unpacking the rows of an array into `count` targets does when their numbers differ."""
    if len(x) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(x)})")
    if len(x) > count:
        raise ValueError(f"too many values to unpack (expected {count})")


def slots_of(x: Any) -> dict[Any, Any]:
    """What a container holds, by position, key or attribute; nothing for anything else."""
    if isinstance(x, (list, tuple)):
        return dict(enumerate(x))
    if isinstance(x, dict):
        return dict(x)
    if isinstance(x, (np.ndarray, np.generic, type)) or type(x).__module__ == "builtins":
        return {}
    names = [*getattr(x, "__dict__", ()), *getattr(type(x), "__slots__", ())]
    return {name: getattr(x, name) for name in names if hasattr(x, name)}


def put_slot(x: Any, key: Any, value: Any) -> None:
    """Put a value into a list, dict or object."""
    if isinstance(x, (list, dict)):
        x[key] = value
    else:
        object.__setattr__(x, key, value)


def add_parts(d: Any, g: Any) -> None:
    """Add the cotangents in the container `g` to those in the container `d`; what is held twice is added once."""
    done = set()
    todo = [(d, g)]
    while todo:
        x, more = todo.pop()
        if (id(x), id(more)) in done:
            continue
        done.add((id(x), id(more)))
        held = slots_of(x)
        for key, part in slots_of(more).items():
            if isinstance(part, (float, complex, np.inexact)):
                put_slot(x, key, held[key] + part)
            elif isinstance(part, np.ndarray):
                if (id(held[key]), id(part)) not in done:
                    done.add((id(held[key]), id(part)))
                    held[key] += part
            elif part is not None:
                todo.append((held[key], part))


def set_aside(d: Any) -> Any:
    """The adjoints in the shadow `d`, of which zeros stay behind, and the references in it."""
    held: list[Any] = []
    seen: dict[int, Any] = {}

    def taken(x: Any) -> Any:
        if isinstance(x, (float, complex, np.inexact)) or id(x) in seen:
            return seen.get(id(x), x)
        if isinstance(x, np.ndarray):
            seen[id(x)] = x.copy()
            x[...] = 0
            return seen[id(x)]
        made = seen[id(x)] = {}
        slots = slots_of(x)
        if not isinstance(x, tuple):
            held.append((x, {k: v for k, v in slots.items() if not isinstance(v, (float, complex, np.inexact))}))
        for key, item in slots.items():
            made[key] = taken(item)
            if isinstance(item, (float, complex, np.inexact)) and not isinstance(x, tuple):
                put_slot(x, key, type(item)(0))
        return made

    return taken(d), held


def add_seeds(d: Any, kept: Any) -> None:
    """Add the adjoints that were set aside to what stands in their places now."""
    done = set()
    todo = [(d, kept[0])]
    while todo:
        x, seeds = todo.pop()
        if (id(x), id(seeds)) in done:
            continue
        done.add((id(x), id(seeds)))
        if isinstance(x, np.ndarray) and isinstance(seeds, np.ndarray):
            if x.shape == seeds.shape:
                x += seeds
            elif np.any(seeds):
                raise ValueError(f"a shadow of shape {seeds.shape} for an array of shape {x.shape}")
        for key, item in slots_of(x).items():
            g = seeds.get(key) if isinstance(seeds, dict) else None
            if isinstance(item, (float, complex, np.inexact)) and isinstance(g, (float, complex, np.inexact)):
                put_slot(x, key, item + g)
            elif g is not None:
                todo.append((item, g))


def put_back(d: Any, kept: Any) -> None:
    """Give the containers in the shadow `d` the references that they held when its adjoints were set aside."""
    for x, slots in kept[1]:
        for key in [k for k in slots_of(x) if isinstance(x, dict) and k not in slots and not np.isscalar(x[k])]:
            del x[key]
        if isinstance(x, list) and (slots or not all(map(np.isscalar, x))):
            x[:] = list(slots.values())
            continue
        for key, item in slots.items():
            put_slot(x, key, item)


def holding(s: Any, contents: Any, *kept: Any) -> Any:
    """The object `s`, as one that is differentiated by its contents."""
    return s
