"""Passes validated by running: every function before and after every pass, on the arguments of the first call.

With `DIFFSRC_VALIDATE=1` in the environment each compiled derivative keeps what it was after every pass. Its first call runs all
of that in the interpreter, on copies of the arguments. Result, and arguments as the call leaves them, must be the same bit for
bit: from the user's own function through typed and prepared IR, and from the raw derivative through every pass to the printed
text. Four passes are algebra that changes rounding (`ALGEBRA`): these are held to a relative tolerance here, and to exact
equality by tests that run them on a finite field.

Callees are validated with the arguments that the raw derivative passes them. What can't be run twice (random numbers, output,
functions without source) or takes too long is skipped, and counted with its reason in `TALLY`.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from ..defs.table import Def
from ..errors import InternalError
from ..ir.ops import Apply, Func, FuncRef
from ..ir.walk import walk
from .interpret import Machine, NotInterpretedError, OutOfStepsError, Swap, same

#: passes whose result differs by rounding, and by how much, in units of the last place
ALGEBRA = frozenset({"fold", "products", "sums", "joins"})
ULPS = 1e6
#: ops that one run may execute, and array elements that may be copied for it
STEPS = 200_000
ELEMENTS = 200_000

#: applications validated, by pass; what was skipped, by reason
TALLY: Counter[str] = Counter()


def enabled() -> bool:
    return os.environ.get("DIFFSRC_VALIDATE", "") not in ("", "0")


class DifferenceError(Exception):
    """Two outcomes differ."""


class SkippedError(Exception):
    """This can't be validated."""


@dataclass(eq=False, slots=True)
class Trail:
    """What a derivative was on its way: the user's function by stages, and each derived function after each pass.

    primal      (stage, function), the first one the Python function itself
    n_args      how many arguments the user's function takes: with them derivatives begin, reverse halves excepted
    derived     by name: (pass, function), the first one raw
    final       the functions that are printed; `texts` what became of them
    seen        the functions that were validated
    """

    primal: list[tuple[str, Any]]
    n_args: int
    opened: Callable[[Func], Func]
    derived: dict[str, list[tuple[str, Func]]] = field(default_factory=dict)
    final: dict[str, Func] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    #: numbers of another kind: what stands for functions and constants, and when two results are equal
    swap: Swap = same
    equal: Callable[[Any, Any, float], None] | None = None

    def note(self, func: Func) -> Callable[[str, Func], None]:
        """Where the passes report what they made of a function."""
        steps = self.derived[func.name] = [("raw", func)]
        return lambda name, made: steps.append((name, made))

    def first(self, name: str, args: Sequence[Any]) -> None:
        """Validate everything that a call of a derived function reaches, the first time.

        Raises:
            InternalError: a pass changed the meaning.
        """
        if name in self.seen or name not in self.derived:
            return
        self.seen.add(name)
        with np.errstate(all="ignore"):
            try:
                self._check(name, tuple(args))
            except SkippedError as why:
                TALLY[f"skipped: {why}"] += 1

    def _check(self, name: str, args: tuple[Any, ...]) -> None:
        self._refuse_effects()
        if sum(np.size(leaf) for leaf in _arrays(args)) > ELEMENTS:
            raise SkippedError("large arguments")
        if not name.endswith("_rev"):
            stages = [(n, self._primal_run(f)) for n, f in self.primal if self.swap is same or isinstance(f, Func)]
            self._compare("primal", stages, args[: self.n_args])
        given: dict[str, tuple[Any, ...]] = {name: args}
        raw = self.derived[name][0][1]
        _outcome(self._runner(raw, given, self._raw()), args)
        for callee, own in list(given.items()):
            self._passes(callee, own)
        if self.swap is same:
            printed = [("linked", self._runner(self.final[name], None, self.final)), ("text", self.texts[name])]
            self._compare(name, printed, args)

    def _passes(self, name: str, args: tuple[Any, ...]) -> None:
        self.seen.add(name)
        self._compare(name, [(n, self._runner(f, None, self._raw())) for n, f in self.derived[name]], args)

    def _raw(self) -> dict[str, Func]:
        return {name: steps[0][1] for name, steps in self.derived.items()}

    def _compare(self, what: str, runs: list[tuple[str, Callable[..., Any]]], args: tuple[Any, ...]) -> None:
        """Each outcome against the one before it."""
        (before, run), *others = runs
        wanted = _outcome(run, args)
        if wanted is None:
            raise SkippedError("the call raises")
        coarsest = max((_eps(a.dtype) for a in _arrays(args)), default=0.0)
        for name, other in others:
            got = _outcome(other, args)
            try:
                if got is None and self.swap is not same:
                    raise SkippedError("numbers of another kind")
                if got is None:
                    raise DifferenceError("it raises")
                (self.equal or partial(_same, coarsest=coarsest))(wanted, got, ULPS if name in ALGEBRA else 0.0)
            except DifferenceError as why:
                raise InternalError(f"{what}: {name} isn't what it was after {before}: {why}") from None
            TALLY[name] += 1
            before, wanted = name, got

    def _primal_run(self, found: Any) -> Callable[..., Any]:
        if not isinstance(found, Func):
            return found  # type: ignore[no-any-return]
        machine = Machine(swap=self.swap, steps=STEPS)
        return lambda *args: machine.call(found, args)

    def _runner(
        self, func: Func, given: dict[str, tuple[Any, ...]] | None, library: dict[str, Func]
    ) -> Callable[..., Any]:
        """The function in the interpreter; `given` notes with what callees are called first."""

        def resolve(ref: FuncRef) -> Any:
            inner = getattr(ref.target, "func", None)
            if isinstance(inner, Func):
                return self.opened(inner)
            if ref.target is not None:
                return ref.target
            found = library[ref.name]
            if given is None or ref.name in given:
                return found

            def noted(*args: Any) -> Any:
                given.setdefault(ref.name, copy.deepcopy(args))
                return machine.call(found, args)

            return noted

        machine = Machine(resolve, self.swap, STEPS)

        def run(*args: Any) -> Any:
            machine.steps = STEPS
            return machine.call(func, args)

        return run

    def _refuse_effects(self) -> None:
        funcs = [f for _, f in self.primal if isinstance(f, Func)]
        funcs += [steps[0][1] for steps in self.derived.values()]
        known: set[int] = set()
        while funcs:
            func = funcs.pop()
            if id(func) in known:
                continue
            known.add(id(func))
            for op in walk(func.body):
                if isinstance(op, Apply):
                    funcs += _inner(op)


def _inner(op: Apply) -> list[Func]:
    """The functions that a call reaches.

    Raises:
        SkippedError: it does what can't be done twice.
    """
    if isinstance(op.fn, Def):
        if op.fn.effect in ("random", "io") and op.fn.family != "structural":
            raise SkippedError(f"effect of {op.fn.name}")
        if op.fn.family == "opaque":
            raise SkippedError("a function without source")
        return []
    if isinstance(op.fn, FuncRef):
        found = getattr(op.fn.target, "func", None)
        if isinstance(found, Func):
            return [found]
        if op.fn.target is not None and not isinstance(op.fn.target, Func):
            raise SkippedError("a function without source")
    return []


def _outcome(run: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """The result, and the arguments afterwards; None if the call raises."""
    try:
        mine = copy.deepcopy(args)
    except Exception:  # noqa: BLE001  files, generators
        raise SkippedError("arguments that can't be copied") from None
    try:
        return run(*mine), mine
    except OutOfStepsError:
        raise SkippedError("a long run") from None
    except NotInterpretedError as why:
        raise SkippedError(why.reason) from None
    except RecursionError:
        raise SkippedError("deep recursion") from None  # the interpreter needs more of the stack
    except Exception:  # noqa: BLE001  the program's own
        return None


def _arrays(x: Any) -> list[Any]:
    """The arrays that are in `x`, its containers and objects: each of these is entered once, they may hold one another."""
    found, rest, seen = [], [x], set()
    while rest:
        item = rest.pop()
        if isinstance(item, np.ndarray):
            found.append(item)
        elif id(item) not in seen and _is_plain(item) and not isinstance(item, ModuleType):
            seen.add(id(item))
            rest += _items(item)
    return found


def _items(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return list(x)
    return list(x.values() if isinstance(x, dict) else getattr(x, "__dict__", {}).values())


def _is_plain(x: Any) -> bool:
    return not isinstance(x, type) and not callable(x)


def _same(a: Any, b: Any, ulps: float, coarsest: float = 0.0) -> None:
    """Compare two results: structure, dtype and every bit, or numbers to a tolerance in ulps, of their own precision or that of
    what they were computed from (`coarsest`). Each container or object is entered once.

    Raises:
        DifferenceError: with the place where they differ.
    """
    rest, seen = [(a, b)], set()
    while rest:
        a, b = rest.pop()
        if isinstance(a, (np.ndarray, np.generic, int, float, complex)) or isinstance(b, np.ndarray):
            _same_arrays(a, b, ulps, coarsest)
        elif (id(a), id(b)) not in seen:
            seen.add((id(a), id(b)))
            rest += _same_items(a, b)


def _same_items(a: Any, b: Any) -> list[tuple[Any, Any]]:
    """What has to be compared in two containers, or objects.

    Raises:
        DifferenceError: they aren't alike.
    """
    if isinstance(a, (list, tuple)):
        if type(a) is not type(b) or len(a) != len(b):
            raise DifferenceError(f"{_shown(b)} for {_shown(a)}")
        return list(zip(a, b))
    if isinstance(a, dict):
        if not isinstance(b, dict) or list(a) != list(b):
            raise DifferenceError(f"{_shown(b)} for {_shown(a)}")
        return [(a[key], b[key]) for key in a]
    if hasattr(a, "__dict__") and _is_plain(a):
        return [(vars(a), getattr(b, "__dict__", None))]
    return []


def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0


def _same_arrays(a: Any, b: Any, ulps: float, coarsest: float = 0.0) -> None:
    if np.shape(a) != np.shape(b) or isinstance(a, np.ndarray) != isinstance(b, np.ndarray):
        raise DifferenceError(f"{_shown(b)} for {_shown(a)}")
    x, y = np.asarray(a), np.asarray(b)
    if x.dtype != y.dtype and not ulps:
        raise DifferenceError(f"dtype {y.dtype} for {x.dtype}")
    if x.dtype.kind not in "fc" and y.dtype.kind not in "fc":
        if not np.array_equal(x, y):
            raise DifferenceError(f"{_shown(b)} for {_shown(a)}")
        return
    equal = (x == y) | ((x != x) & (y != y))
    if ulps:
        size = np.max(np.abs(np.where(np.isfinite(x), x, 0.0)), initial=0.0)
        equal |= np.abs(x - y) <= ulps * max(_eps(x.dtype), _eps(y.dtype), coarsest) * (1.0 + size)
    if not np.all(equal):
        raise DifferenceError(f"{_shown(b)} for {_shown(a)}")


def _shown(x: Any) -> str:
    text = repr(x)
    return text if len(text) < 200 else text[:200] + "..."
