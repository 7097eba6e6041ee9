"""What `ds.elementwise_grad` does at a call: a reverse sweep seeded with ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..defs.variant import PLAIN, Variant
from ..errors import DiffTypeError, UnsupportedError
from ..ir.types import Tuple, is_complex, strip
from . import engine
from .gradient import loc_of, to_differentiate
from .higher import Program, Source, again, forward_program, place_tangent, push, reverse_program
from .signature import Argnums, Call, Place, as_tuple, name_of


class ElementwiseOf:
    """The sum of each column of the Jacobian, which for an elementwise function is its derivative."""

    __slots__ = ("argnums", "forward", "fused", "single", "source", "split")

    def __init__(self, f: Any, argnums: Argnums, variant: Variant = PLAIN) -> None:
        self.source = Source(f, variant=variant)
        self.argnums = as_tuple(argnums)
        self.single = isinstance(argnums, (int, str))
        self.fused, self.split, self.forward = (
            engine.Site("reverse"),
            engine.Site("split"),
            engine.Site("forward"),
        )

    def __call__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        program = self.source.program(args, kwargs)
        call = program.call
        places = self._places(call)
        found = self._by_tangent(program, places) if not program.plain else self._by_seed(call, places)
        return found[0] if self.single else tuple(found)

    def _places(self, call: Call) -> list[Place]:
        places = [call.place(a) for a in self.argnums]
        for arg, place in zip(self.argnums, places):
            call.replace(place, to_differentiate(call, place, f"argument {arg!r} of {name_of(call.fn)}"))
        return places

    def _by_seed(self, call: Call, places: Sequence[Place]) -> list[Any]:
        active = frozenset(index for index, _ in places)
        derived = self.split.find(call, tuple("value" if i in active else "const" for i in range(len(call.args))))
        self._check(call, derived)
        run = engine.Split(call, derived)
        gradients = run.pull([ones_like(run.out)], active)
        return [gradients.at(call, a) for a in self.argnums]

    def _check(self, call: Call, derived: Any) -> None:
        """Refuse overlapping memory, and results that aren't one real array or number."""
        engine.check_overlap(call, derived)
        t = strip(derived.result_type)
        if is_complex(t) or len(engine.seed_types(t)) != 1 or isinstance(t, Tuple):
            raise DiffTypeError(
                f"{name_of(call.fn)} returns {engine.describe(t)}",
                loc=loc_of(call.fn),
                hint="elementwise_grad takes a function that returns one real array or number",
            )

    def _by_tangent(self, program: Program, places: Sequence[Place]) -> list[Any]:
        """Of a derivative: it is elementwise, so one run with a tangent of ones tells all elements."""
        found = []
        for n, place in enumerate(places):
            run = program if n == len(places) - 1 else again(program)
            tangents = place_tangent(run.call, [place], [ones_like(run.call.value(place))])
            found.append(push(run, self.forward, tangents)[1])
        return found

    def program(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Program:
        """As for a gradient, with seeds of ones in the shape of the result."""
        inner = self.source.program(args, kwargs)
        call = inner.call
        places = self._places(call)
        if len(places) != 1:
            raise UnsupportedError("elementwise_grad of elementwise_grad takes one argument", hint="use one argnum")
        if not inner.plain:
            tangents = place_tangent(call, places, [ones_like(call.value(places[0]))])
            return forward_program(inner, self.forward, tangents, lambda out, dot: dot)
        active = frozenset([places[0][0]])
        derived = self.fused.find(call, tuple("value" if i in active else "const" for i in range(len(call.args))))
        self._check(call, derived)
        seeds = [ones_like(engine.plain_result(call))]
        return reverse_program(call, derived, seeds, active, lambda call, out, found: found.at(call, self.argnums[0]))


def ones_like(x: Any) -> Any:
    return np.ones_like(x) if isinstance(x, np.ndarray) else type(x)(1)
