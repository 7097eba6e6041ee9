"""One program judged: right, refused, WRONG or CRASH; void when the program itself fails."""

from __future__ import annotations

import copy
import itertools
import linecache
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import diffsrc as ds
from tests.oracles import differences
from tests.oracles.structure import flat, floats, unflat
from tests.probe.harness import Mismatch, _equal, _holds_in_place, _same, _shapes

from . import reference
from .programs import Program

RTOL = 1e-9
STEPS = 20_000
_NUMBER = itertools.count()


@dataclass(frozen=True)
class Verdict:
    """right | refused | WRONG | CRASH | void; the code of a refusal; what was seen."""

    kind: str
    code: str = ""
    detail: str = ""


def load(source: str) -> Callable[..., Any]:
    """The function `f` of a source text, which inspection can find."""
    name = f"<program {next(_NUMBER)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, name, "exec"), space)
    fn: Callable[..., Any] = space["f"]
    return fn


def judge(p: Program, second: bool = False) -> Verdict:
    """Run every check on every point."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            f = load(p.source)
        except Exception:  # noqa: BLE001  shrinking leaves nonsense
            return Verdict("void")
        verdicts = [_point(p.source, f, args, second) for args in p.points]
    for kind in ("CRASH", "WRONG", "refused", "right"):
        for verdict in verdicts:
            if verdict.kind == kind:
                return verdict
    return Verdict("void")


def limited(f: Callable[..., Any], args: Any) -> Any:
    """A call that gives up after many lines: shrinking makes endless loops."""
    left = STEPS

    def step(frame: Any, event: str, _: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("the program doesn't end")
        return step if frame.f_code.co_filename.startswith("<program") else None

    sys.settrace(step)
    try:
        return f(*args)
    finally:
        sys.settrace(None)


def _point(source: str, f: Callable[..., Any], args: tuple[Any, ...], second: bool) -> Verdict:
    after = copy.deepcopy(args)
    try:
        out = limited(f, after)
    except Exception:  # noqa: BLE001  a program that fails says nothing
        return Verdict("void")
    sizes = np.abs(np.concatenate([flat(out), flat(after)]))
    if not floats(out) or not np.all(sizes < 1e4):
        return Verdict("void")
    refusals, problem = [], None
    for check in (_Checks.forward, _Checks.reverse, _Checks.in_place, *([_Checks.second] if second else [])):
        try:
            check(_Checks(source, f, args, out, after))
        except Mismatch as wrong:
            problem = problem or Verdict("WRONG", check.__name__, str(wrong))
        except ds.ActivityError:
            continue  # numbers of frozen classes have no shadows
        except ds.InternalError as fault:
            problem = problem or Verdict("CRASH", f"DS900 {check.__name__}", fault.render())
        except ds.UnsupportedError as refusal:
            refusals.append(Verdict("refused", f"{refusal.code} {check.__name__}", refusal.render()))
        except Exception as err:  # noqa: BLE001  any other exception is a fault
            problem = problem or Verdict(
                "CRASH", f"{type(err).__name__} {check.__name__}", f"{type(err).__name__}: {err}"
            )
    return problem or (refusals[0] if refusals else Verdict("right"))


class _Checks:
    """The checks of a program at a point."""

    def __init__(self, source: str, f: Callable[..., Any], args: Any, out: Any, after: Any) -> None:
        self.source, self.f, self.args, self.out, self.after = source, f, args, out, after
        self.rng = np.random.default_rng(11)
        self.tangents = unflat(args, self.rng.standard_normal(flat(args).size))

    def wanted(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Tangents of the result and the arguments, with a tolerance: dual numbers, else differences."""
        try:
            dots = reference.run(self.source, self.args, self.tangents, self.out, self.after)
        except Exception:  # noqa: BLE001  what dual numbers can't do
            try:
                both, error = differences.directional(self.f, self.args, flat(self.tangents))
            except _BESIDE:
                raise _Unsure from None
            rows = flat(self.out).size
            if np.max(error, initial=0.0) > 1e-5:
                raise _Unsure from None
            return both[:rows], both[rows:], 1e-5
        if max(np.max(np.abs(d), initial=0.0) for d in dots) > 1e6:
            raise _Unsure  # rounding has grown as the tangents have
        return (*dots, RTOL)

    def forward(self) -> None:
        mine, kept = copy.deepcopy(self.args), copy.deepcopy(self.tangents)
        got, dot = ds.jvp(self.f, mine, self.tangents)
        _same(got, self.out, "the result (forward)")
        _same(mine, self.after, "an argument (forward)")
        _same(self.tangents, kept, "a tangent handed in")
        _shapes(dot, self.out, "tangent")
        try:
            wanted, _, rtol = self.wanted()
        except _Unsure:
            return
        _close(flat(dot), wanted, rtol, "forward")

    def reverse(self) -> None:
        mine = copy.deepcopy(self.args)
        got, pullback = ds.vjp(self.f, *mine)
        _same(got, self.out, "the result (reverse)")
        _same(mine, self.after, "an argument (reverse)")
        _spoil(mine)
        ct = unflat(self.out, self.rng.standard_normal(flat(self.out).size))
        kept = copy.deepcopy(ct)
        first = pullback(ct)
        for a, g in zip(self.args, first):
            if floats(a):
                _shapes(g, a, "gradient")
        _same(ct, kept, "a cotangent handed in")
        again = pullback(ct)
        _close(flat(again), flat(first), 0.0, "pullback, second call")
        self._transpose(ct, first)
        if isinstance(self.out, float):
            self._grad(pullback(1.0))

    def _transpose(self, ct: Any, gradient: Any) -> None:
        try:
            wanted, _, rtol = self.wanted()
        except _Unsure:
            return
        v, g = flat(self.tangents), flat(gradient)
        one, other = float(np.dot(flat(ct), wanted)), float(np.dot(g, v))
        if not abs(one - other) <= rtol * (1.0 + np.linalg.norm(flat(ct)) * np.linalg.norm(wanted)):
            raise Mismatch(f"reverse: {other} along the tangents, not {one}; gradient {gradient}")

    def _grad(self, pulled: Any) -> None:
        active = tuple(i for i, a in enumerate(self.args) if floats(a))
        found = ds.grad(self.f, active)(*copy.deepcopy(self.args))
        for i, g in zip(active, found):
            _shapes(g, self.args[i], "gradient (grad)")
        _close(flat(found), flat(pulled), RTOL, "grad against pullback")

    def in_place(self) -> None:
        """The shadow of a written argument is its cotangent on entry and on return."""
        if _equal(self.args, self.after) or not isinstance(self.out, float):
            return
        if any(floats(a) and not _holds_in_place(a) and not isinstance(a, float) for a in self.args):
            return
        if any(flat(a).size != flat(b).size for a, b in zip(self.args, self.after)):
            return  # a list that grows has no shadow of one length
        mine = copy.deepcopy(self.args)
        held = [_holds_in_place(a) for a in self.args]
        shadows = [unflat(a, self.rng.standard_normal(flat(a).size)) if h else None for a, h in zip(self.args, held)]
        before = copy.deepcopy(shadows)
        wrapped = [
            ds.Duplicated(m, s) if s is not None else ds.Active(m) if isinstance(m, float) else ds.Const(m)
            for m, s in zip(mine, shadows)
        ]
        found = ds.autodiff(ds.Reverse, self.f, ds.Active, *wrapped)
        _same(mine, self.after, "an argument (in place)")
        try:
            out, after, rtol = self.wanted()
        except _Unsure:
            return
        at, one, other, size = 0, float(out.sum()), 0.0, 1.0
        for a, b, t, s, old, g in zip(self.args, self.after, self.tangents, shadows, before, found):
            n = flat(a).size
            if n and s is not None:
                changed = not _equal(a, b)
                seed = flat(old)
                one += float(np.dot(seed, after[at : at + n])) if changed else float(np.dot(seed, flat(t)))
                other += float(np.dot(flat(s), flat(t)))
                size += float(np.abs(flat(s)).sum())
            elif n:
                other += float(np.dot(flat(g), flat(t)))
            at += n
        if not abs(one - other) <= rtol * (size + abs(one)):
            raise Mismatch(f"in place: {other} along the tangents, not {one}; shadows {shadows}, result {found}")

    def second(self) -> None:
        if not isinstance(self.out, float):
            return
        active = tuple(i for i, a in enumerate(self.args) if floats(a))

        def gradient(*point: Any) -> Any:
            return ds.grad(self.f, active)(*point)

        try:
            wanted, error = differences.directional(
                lambda *p: gradient(*copy.deepcopy(p)), self.args, flat(self.tangents)
            )
        except _BESIDE:
            return
        product = ds.hvp(self.f, *copy.deepcopy(self.args), tuple(self.tangents[i] for i in active), argnums=active)
        rows = flat(product).size
        if np.max(error, initial=0.0) < 1e-6:
            _close(flat(product), wanted[:rows], 1e-5, "second order")


#: a point beside the one looked at takes another way, on which the program fails or makes a longer list
_BESIDE = (ValueError, IndexError, UnboundLocalError, RecursionError)


class _Unsure(Exception):
    """The references don't know."""


def _spoil(args: Any) -> None:
    """What a caller may do between a call and its pullback."""
    for leaf in floats(args):
        if isinstance(leaf, np.ndarray):
            leaf += 17.0


def _close(got: np.ndarray, wanted: np.ndarray, rtol: float, what: str) -> None:
    if got.shape != wanted.shape:
        raise Mismatch(f"{what}: {got.shape[0]} derivatives, not {wanted.shape[0]}")
    if not np.all(np.abs(got - wanted) <= rtol * (1.0 + np.linalg.norm(wanted))):
        raise Mismatch(f"{what}: {got}, not {wanted}")
