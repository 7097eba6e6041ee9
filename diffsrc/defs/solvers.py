"""What is known of functions that solve something for a function they are given: which equation their result solves.

Rows of other packages hold one; the calls are typed in `analysis/infer_solvers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..ir.types import ANY, Type


@dataclass(frozen=True, eq=False, slots=True)
class Solver:
    """A function that is given a function, by the names of its parameters.

    equation   what the result solves, a key of `analysis/infer_solvers.py: EQUATIONS`: "root", "fixed point", "minimum", ...
    function   the parameter for the function
    like       the parameter that the solution is like; "" where it is a number
    args       the parameter for further arguments of the function
    record     the class of the result, where the solution is a field of it; what fields there are
    refuse     options with which no derivative is known: parameter -> why; those at their defaults are not meant
    bounds     how `bounds=` says between which numbers the solution lies: "pairs", "ends"; "" where it isn't differentiated
    scalar     the type of a solution that is like a number: "number", "array" (of one element), "array0" (without axes)
    body       equation "body": a function of the compiler's reading that computes the same, of whose text the derivative is made
    parts      the parameters of the body: arguments that are differentiated; then those in `constants`, known when it is compiled
    pairs      those of the parts that are pairs of numbers
    functions  with a body: the parameters that are functions, and of how many arguments, beside those of `args`
    full       how many results there are with full_output=True
    why        why there is no derivative at all; the type of the result then
    """

    equation: str = ""
    function: str = "f"
    like: str = ""
    args: str = "args"
    record: Callable[[], type] | None = None
    fields: tuple[str, ...] = ()
    refuse: Mapping[str, str] = field(default_factory=dict)
    bounds: str = ""
    scalar: str = "number"
    body: Callable[..., object] | None = None
    parts: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    functions: Mapping[str, int] = field(default_factory=dict)
    full: int = 0
    why: str = ""
    result: Type = ANY

    @property
    def shown(self) -> str:
        """What is differentiated, in words; "" for nothing."""
        if not self.equation:
            return ""
        given = [f"`{n}`" for n in self.parts]
        if self.function:
            given.append(f"what `{self.function}` captures" + (f" or is given by `{self.args}`" if self.args else ""))
        return ", ".join(given)
