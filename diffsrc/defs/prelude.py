"""Library functions that take functions or iterators, as Python that the compiler reads.

Those that return an iterator are generator functions: a loop over one is the loop that stands here, with the loop's
body in place of `yield` (`frontend/producers.py`). The others are called like functions of the user's. All of them do
what their namesakes do, in the same order.
"""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..runtime.helpers import order_of, place_of

# -- iterators


def map_one(function: Any, xs: Any) -> Iterator[Any]:
    for x in xs:
        yield function(x)


def map_two(function: Any, xs: Any, ys: Any) -> Iterator[Any]:
    for x, y in zip(xs, ys):
        yield function(x, y)


def map_three(function: Any, xs: Any, ys: Any, zs: Any) -> Iterator[Any]:
    for x, y, z in zip(xs, ys, zs):
        yield function(x, y, z)


def kept(function: Any, xs: Any) -> Iterator[Any]:
    for x in xs:
        if function(x):
            yield x


def kept_if_true(xs: Any) -> Iterator[Any]:
    for x in xs:
        if x:
            yield x


def dropped(function: Any, xs: Any) -> Iterator[Any]:
    for x in xs:
        if not function(x):
            yield x


def starmap(function: Any, xs: Any) -> Iterator[Any]:
    for args in xs:
        yield function(*args)


def numbered(xs: Any, start: Any = 0) -> Iterator[Any]:
    n = start - 1
    for x in xs:
        n += 1
        yield n, x


def zipped_with_one(xs: Any, ys: Any) -> Iterator[Any]:
    """zip of an iterator and a sequence."""
    n = -1
    for x in xs:
        n += 1
        if n == len(ys):
            return
        yield x, ys[n]


def one_zipped_with(ys: Any, xs: Any) -> Iterator[Any]:
    """zip of a sequence and an iterator."""
    n = -1
    if len(ys) > 0:
        for x in xs:
            n += 1
            yield ys[n], x
            if n == len(ys) - 1:
                return


def accumulate(xs: Any, function: Any = operator.add) -> Iterator[Any]:
    n = -1
    for x in xs:
        n += 1
        if n == 0:
            total = x
        else:
            total = function(total, x)
        yield total


def accumulate_from(xs: Any, initial: Any, function: Any = operator.add) -> Iterator[Any]:
    total = initial
    yield total
    for x in xs:
        total = function(total, x)
        yield total


def pairwise(xs: Any) -> Iterator[Any]:
    n = -1
    for x in xs:
        n += 1
        if n == 0:
            last = x
        else:
            before = last
            last = x
            yield before, x


def first_of(xs: Any, stop: Any) -> Iterator[Any]:
    """islice of an iterator."""
    n = 0
    if stop > 0:
        for x in xs:
            n += 1
            yield x
            if n == stop:
                return


def between(xs: Any, start: Any, stop: Any) -> Iterator[Any]:
    n = 0
    if stop > 0:
        for x in xs:
            n += 1
            if n > start:
                yield x
            if n == stop:
                return


def repeat(x: Any, times: Any) -> Iterator[Any]:
    for _ in range(times):
        yield x


def repeat_forever(x: Any) -> Iterator[Any]:
    while True:
        yield x


def count(start: Any = 0, step: Any = 1) -> Iterator[Any]:
    n = start - step
    while True:
        n += step
        yield n


def cycle(xs: Any) -> Iterator[Any]:
    items = list(xs)
    while len(items) > 0:
        yield from items


def takewhile(function: Any, xs: Any) -> Iterator[Any]:
    for x in xs:
        if not function(x):
            return
        yield x


def dropwhile(function: Any, xs: Any) -> Iterator[Any]:
    dropping = True
    for x in xs:
        if dropping:
            dropping = bool(function(x))
        if not dropping:
            yield x


def zip_longest(xs: Any, ys: Any, fillvalue: Any) -> Iterator[Any]:
    for i in range(max(len(xs), len(ys))):
        yield xs[i] if i < len(xs) else fillvalue, ys[i] if i < len(ys) else fillvalue


def product(xs: Any, ys: Any) -> Iterator[Any]:
    items, others = list(xs), list(ys)
    for x in items:
        for y in others:
            yield x, y


def product_three(xs: Any, ys: Any, zs: Any) -> Iterator[Any]:
    items, others, rest = list(xs), list(ys), list(zs)
    for x in items:
        for y in others:
            for z in rest:
                yield x, y, z


def product_four(xs: Any, ys: Any, zs: Any, us: Any) -> Iterator[Any]:
    items, others, rest, more = list(xs), list(ys), list(zs), list(us)
    for x in items:
        for y in others:
            for z in rest:
                for u in more:
                    yield x, y, z, u


def squared(xs: Any) -> Iterator[Any]:
    """product(xs, repeat=2)."""
    items = list(xs)
    for x in items:
        for y in items:
            yield x, y


def cubed(xs: Any) -> Iterator[Any]:
    items = list(xs)
    for x in items:
        for y in items:
            for z in items:
                yield x, y, z


def fourth(xs: Any) -> Iterator[Any]:
    items = list(xs)
    for x in items:
        for y in items:
            for z in items:
                for u in items:
                    yield x, y, z, u


def indexed(a: Any) -> Iterator[Any]:
    """np.ndenumerate."""
    for index in np.ndindex(a.shape):
        yield index, a[index]


def pairs(xs: Any) -> Iterator[Any]:
    """combinations(xs, 2)."""
    items = list(xs)
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            yield items[i], items[j]


def triples(xs: Any) -> Iterator[Any]:
    items = list(xs)
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            for k in range(j + 1, len(items)):
                yield items[i], items[j], items[k]


def choices(xs: Any, size: Any) -> Iterator[Any]:
    """combinations(xs, size)."""
    items = list(xs)
    n = len(items)
    chosen = list(range(size))
    going = size <= n
    while going:
        yield tuple([items[i] for i in chosen])
        last = size - 1
        while last >= 0 and chosen[last] == last + n - size:
            last -= 1
        going = last >= 0
        if going:
            chosen[last] += 1
            for k in range(last + 1, size):
                chosen[k] = chosen[k - 1] + 1


def pairs_with_self(xs: Any) -> Iterator[Any]:
    """combinations_with_replacement(xs, 2)."""
    items = list(xs)
    for i in range(len(items)):
        for j in range(i, len(items)):
            yield items[i], items[j]


def ordered_pairs(xs: Any) -> Iterator[Any]:
    """permutations(xs, 2)."""
    items = list(xs)
    for i in range(len(items)):
        for j in range(len(items)):
            if i != j:
                yield items[i], items[j]


def chain_one(xs: Any) -> Iterator[Any]:
    yield from xs


def chain_two(xs: Any, ys: Any) -> Iterator[Any]:
    yield from xs
    yield from ys


def chain_three(xs: Any, ys: Any, zs: Any) -> Iterator[Any]:
    yield from xs
    yield from ys
    yield from zs


def chain_four(xs: Any, ys: Any, zs: Any, us: Any) -> Iterator[Any]:
    yield from xs
    yield from ys
    yield from zs
    yield from us


def chain_from(xss: Any) -> Iterator[Any]:
    for xs in xss:
        yield from xs


# -- functions


def reduce(function: Any, xs: Any) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = function(total, x)
    return total


def reduce_from(function: Any, xs: Any, initial: Any) -> Any:
    total = initial
    for x in xs:
        total = function(total, x)
    return total


def first(xs: Any) -> Any:
    """next() of an iterator that nothing else reads."""
    for x in xs:
        found = x
        break
    else:
        raise StopIteration
    return found


def first_or(xs: Any, default: Any) -> Any:
    found = default
    for x in xs:
        found = x
        break
    return found


def sequence(xs: Any) -> Any:
    """What an iteration takes, as a sequence: `list(xs)` of a dict, else `xs` itself."""
    return list(xs) if isinstance(xs, dict) else xs


def sorted_by(xs: Any, key: Any, reverse: Any = False) -> Any:
    items = sequence(xs)
    return [items[i] for i in order_of([key(x) for x in items], reverse)]


def sorted_plain(xs: Any, reverse: Any) -> Any:
    return [xs[i] for i in order_of(xs, reverse)]


def transposed(rows: Any) -> Any:
    """zip(*rows) of lists."""
    return [[row[j] for row in rows] for j in range(min([len(row) for row in rows]) if len(rows) > 0 else 0)]


def column(rows: Any, j: Any) -> Any:
    """One of the lists in zip(*rows), of tuples."""
    if len(rows) == 0:
        raise ValueError("zip() of no rows has no columns")
    return [row[j] for row in rows]


def smallest_or(xs: Any, default: Any) -> Any:
    return min(xs) if len(xs) > 0 else default


def largest_or(xs: Any, default: Any) -> Any:
    return max(xs) if len(xs) > 0 else default


def smallest(xs: Any) -> Any:
    return xs[place_of(min, xs)]


def largest(xs: Any) -> Any:
    return xs[place_of(max, xs)]


def smallest_object(xs: Any) -> Any:
    """min() of instances that define `<`."""
    best = xs[0]
    for x in xs[1:]:
        if x < best:
            best = x
    return best


def largest_object(xs: Any) -> Any:
    best = xs[0]
    for x in xs[1:]:
        if x > best:
            best = x
    return best


def total(xs: Any) -> Any:
    """sum() of instances, of which there is one at least."""
    found = 0 + xs[0]
    for x in xs[1:]:
        found = found + x
    return found


def total_from(xs: Any, start: Any) -> Any:
    found = start
    for x in xs:
        found = found + x
    return found


def smallest_by(xs: Any, key: Any) -> Any:
    items = sequence(xs)
    return items[place_of(min, [key(x) for x in items])]


def largest_by(xs: Any, key: Any) -> Any:
    items = sequence(xs)
    return items[place_of(max, [key(x) for x in items])]


# -- which of them stands for a call

Args = Sequence[ast.expr]
Kwargs = Mapping[str, ast.expr]
IsIterator = Callable[[ast.expr], bool]
#: a function of this module with its arguments, an expression that gives the same, or None: not supported
Choice = tuple[Any, ...] | ast.expr | None
Chooser = Callable[[Args, Kwargs, IsIterator], Choice]


def _by_count(*functions: Any, names: tuple[str, ...] = ()) -> Chooser:
    """The function for as many arguments; `names` of those that may be given by name, behind the first."""

    def choose(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
        given = [*args, *(kwargs[n] for n in names[max(len(args) - 1, 0) :] if n in kwargs)]
        known = len(given) == len(args) + len(kwargs) and len(given) < len(functions)
        found = functions[len(given)] if known else None
        return (found, *given) if found is not None else None

    return choose


def _filter(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    if len(args) == 2 and isinstance(args[0], ast.Constant) and args[0].value is None:
        return kept_if_true, args[1]
    return (kept, *args) if len(args) == 2 else None


def _accumulate(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    xs, *more = args
    given = {**dict(zip(("func",), more)), **kwargs}
    function, initial = given.get("func"), given.get("initial")
    if set(given) - {"func", "initial"} or len(more) > 1:
        return None
    if initial is None or (isinstance(initial, ast.Constant) and initial.value is None):
        return (accumulate, xs) if function is None else (accumulate, xs, function)
    return accumulate_from, xs, initial, *([function] if function is not None else [])


def _islice(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    if not 2 <= len(args) <= 4 or kwargs:
        return None
    if not is_iterator(args[0]):
        bounds = [None, args[1]] if len(args) == 2 else list(args[1:])
        return ast.Subscript(args[0], ast.Slice(*bounds), ast.Load())
    if len(args) == 2:
        return first_of, args[0], args[1]
    return (between, *args[:3]) if len(args) == 3 else None


def _product(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    repeated = kwargs.get("repeat", ast.Constant(1))
    if set(kwargs) - {"repeat"} or any(map(is_iterator, args)):
        return None
    times = _number(repeated)
    if times == 1:
        functions = (None, None, product, product_three, product_four)
        return (functions[len(args)], *args) if 2 <= len(args) <= 4 else None
    power = {2: squared, 3: cubed, 4: fourth}.get(times)
    return (power, *args) if len(args) == 1 and power is not None else None


def _number(node: ast.expr) -> int:
    """A constant; -1 for what isn't known from the text."""
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else -1


#: so many are written out
MAX_PERMUTED = 5


def _permutations(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    """Of pairs a loop; of `range(3)` all of them written out."""
    if kwargs or not args:
        return None
    if len(args) == 2:
        return (ordered_pairs, args[0]) if _number(args[1]) == 2 else None
    match args[0]:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(n))]) if n <= MAX_PERMUTED:
            rows = [[ast.Constant(i) for i in row] for row in itertools.permutations(range(n))]
            return ast.Tuple([ast.Tuple(list[ast.expr](row), ast.Load()) for row in rows], ast.Load())
    return None


def _choose(functions: Mapping[int, Any], other: Any = None) -> Chooser:
    """combinations of a number known from the text, or of any number."""

    def choose(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
        if len(args) != 2 or kwargs:
            return None
        found = functions.get(_number(args[1]))
        return (found, args[0]) if found is not None else (other, *args) if other is not None else None

    return choose


def _zip(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    if len(args) != 2 or kwargs:
        return None
    first, second = map(is_iterator, args)
    if first and second:
        return None
    return (zipped_with_one, *args) if first else (one_zipped_with, *args)


def _zip_longest(args: Args, kwargs: Kwargs, is_iterator: IsIterator) -> Choice:
    if len(args) != 2 or set(kwargs) - {"fillvalue"} or any(map(is_iterator, args)):
        return None
    return zip_longest, *args, kwargs.get("fillvalue", ast.Constant(None))


def _reduce(args: Args, kwargs: Kwargs) -> tuple[Any, ...] | None:
    function = {2: reduce, 3: reduce_from}.get(len(args))
    return (function, *args) if function is not None and not kwargs else None


def _next(args: Args, kwargs: Kwargs) -> tuple[Any, ...] | None:
    function = {1: first, 2: first_or}.get(len(args))
    return (function, *args) if function is not None and not kwargs else None


def _sorted(args: Args, kwargs: Kwargs) -> tuple[Any, ...] | None:
    """By a bound method, as `x.__getitem__`: a call where it stands. Other keys are values, of which types say more."""
    if len(args) != 1 or not isinstance(kwargs.get("key"), ast.Attribute) or set(kwargs) - {"key", "reverse"}:
        return None
    return sorted_by, *args, kwargs["key"], kwargs.get("reverse", ast.Constant(False))


def _extreme(function: Any) -> Callable[[Args, Kwargs], tuple[Any, ...] | None]:
    def choose(args: Args, kwargs: Kwargs) -> tuple[Any, ...] | None:
        return (function, *args, kwargs["key"]) if len(args) == 1 and set(kwargs) == {"key"} else None

    return choose


#: functions that stand for themselves where they are called
CALLS: dict[Any, Callable[[Args, Kwargs], tuple[Any, ...] | None]] = {
    functools.reduce: _reduce,
    builtins.next: _next,
    builtins.sorted: _sorted,
    builtins.min: _extreme(smallest_by),
    builtins.max: _extreme(largest_by),
}
ITERATORS: dict[Any, Chooser] = {
    builtins.map: _by_count(None, None, map_one, map_two, map_three),
    builtins.filter: _filter,
    builtins.enumerate: _by_count(None, numbered, numbered, names=("start",)),
    builtins.zip: _zip,
    itertools.accumulate: _accumulate,
    itertools.chain: _by_count(None, chain_one, chain_two, chain_three, chain_four),
    itertools.chain.from_iterable: _by_count(None, chain_from),
    itertools.combinations: _choose({2: pairs, 3: triples}, choices),
    itertools.combinations_with_replacement: _choose({2: pairs_with_self}),
    itertools.count: _by_count(count, count, count, names=("step",)),
    itertools.cycle: _by_count(None, cycle),
    itertools.dropwhile: _by_count(None, None, dropwhile),
    itertools.filterfalse: _by_count(None, None, dropped),
    itertools.islice: _islice,
    itertools.pairwise: _by_count(None, pairwise),
    itertools.permutations: _permutations,
    itertools.product: _product,
    itertools.repeat: _by_count(None, repeat_forever, repeat, names=("times",)),
    itertools.starmap: _by_count(None, None, starmap),
    itertools.takewhile: _by_count(None, None, takewhile),
    itertools.zip_longest: _zip_longest,
    np.ndenumerate: _by_count(None, indexed),
}
#: those that are loops of their own over sequences
SPACES = (builtins.zip, builtins.enumerate, builtins.reversed)


def is_endless(target: Any, given: int) -> bool:
    return target in (itertools.count, itertools.cycle) or (target is itertools.repeat and given == 1)
