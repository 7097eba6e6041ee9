"""The op classes: a closed union. Everything else is data in `defs`.

Regions are blocks of ops inside `For`, `While`, `If` and `Guard`; a block ends with exactly one terminator.

* `Yield` ends a block normally and passes values: of an `If` arm to the op's results, of a loop body to the next
  iteration's carried parameters, of a loop's `orelse` to the op's results, of a `While` condition the condition itself.
* `Continue` passes the next iteration's carried values, `Break` passes the loop's *results*, `Return` the function's
  result, from any depth. `Unreachable` ends a block whose last op never completes (an `if` that leaves on both sides).

A loop's `orelse` block has the carried values as parameters, runs when the loop wasn't left by `break`, and yields the
loop's results (which need not have the arity of the carried values).  Without an `else:` it only yields its parameters.
"""

from __future__ import annotations

from inspect import Signature
from typing import Protocol, Union

from ..errors import UnsupportedError
from ..plain import dataclass
from ..source import NOWHERE, Loc
from .values import Literal, Operand, Value


class Callee(Protocol):
    """What `Apply.fn` needs: a Def of the rule table, a FuncRef, or a Method."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Method:
    """A method by name, before `typed` resolves it; the object is the first argument."""

    name: str


@dataclass(frozen=True, eq=False, slots=True)
class FuncRef:
    """A user function. Before `typed`: `target` is the Python function or the lifted inner `Func`. After: its instance."""

    name: str
    target: object


@dataclass(frozen=True, eq=False, slots=True)
class Slice:
    lower: Operand
    upper: Operand
    step: Operand


@dataclass(frozen=True, eq=False, slots=True)
class Index:
    """A subscript: operands, slices, Literal(None) for newaxis, Literal(Ellipsis). `Index((Literal(Ellipsis),))` is the whole."""

    items: tuple[Union[Operand, Slice], ...]


@dataclass(frozen=True, slots=True)
class Attr:
    name: str


Place = Union[Index, Attr]


@dataclass(frozen=True, eq=False, slots=True)
class Range:
    start: Operand
    stop: Operand
    step: Operand


@dataclass(frozen=True, eq=False, slots=True)
class Seq:
    """The elements of an array (its rows), list, tuple, dict (its keys) or other sequence."""

    value: Operand


@dataclass(frozen=True, eq=False, slots=True)
class Zip:
    items: tuple[Space, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Enumerate:
    item: Space
    start: Operand


@dataclass(frozen=True, eq=False, slots=True)
class Reversed:
    item: Space


#: what a `for` runs over; each leaf (Range, Seq, the counter of Enumerate) is one leading parameter of the body
Space = Union[Range, Seq, Zip, Enumerate, Reversed]


@dataclass(frozen=True, eq=False, slots=True)
class Apply:
    """A leaf op: arithmetic, a NumPy function, a builtin, a container, a user call. Most have one result; a derived
    function may have several. `method`: written as a method of the first argument (`x.sum()`), and printed so."""

    fn: Callee
    args: tuple[Operand, ...]
    kwargs: tuple[tuple[str, Operand], ...] = ()
    results: tuple[Value, ...] = ()
    loc: Loc = NOWHERE
    method: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Load:
    """Read an element, attribute or (advanced index) a fresh copy of elements."""

    src: Operand
    place: Place
    result: Value
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A basic-index view of an array: the result shares memory with `src`. Made by `typed` from Load."""

    src: Operand
    place: Index
    result: Value
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Store:
    """`dst[place] = value`; with `add`, true accumulation (repeated indices add up): only derivatives make it."""

    dst: Operand
    place: Place
    value: Operand
    add: bool = False
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Yield:
    values: tuple[Operand, ...] = ()
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Break:
    values: tuple[Operand, ...] = ()
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Continue:
    values: tuple[Operand, ...] = ()
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Return:
    """`value` is Literal(None) for a bare return, a Pack for `return a, b`."""

    value: Operand
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Raise:
    """`raise exc from cause`: the exception class or instance as an operand (Literal(None) re-raises). `cause` is None for
    a plain `raise exc`, Literal(None) for `from None`."""

    value: Operand
    loc: Loc = NOWHERE
    cause: Operand | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Unreachable:
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    params: tuple[Value, ...]
    ops: tuple[Op, ...]

    @property
    def body(self) -> tuple[Op, ...]:
        return self.ops[:-1]

    @property
    def terminator(self) -> Op:
        return self.ops[-1]


@dataclass(frozen=True, eq=False, slots=True)
class For:
    """Body parameters: one per leaf of `space`, then one per init. `orelse` parameters: one per init."""

    space: Space
    inits: tuple[Operand, ...]
    body: Block
    orelse: Block
    results: tuple[Value, ...]
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class While:
    """`cond`, `body` and `orelse` each have one parameter per init; `cond` yields the condition and is free of effects."""

    inits: tuple[Operand, ...]
    cond: Block
    body: Block
    orelse: Block
    results: tuple[Value, ...]
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class If:
    """Arms have no parameters. Results are what the arms that complete normally yield."""

    cond: Operand
    then: Block
    other: Block
    results: tuple[Value, ...]
    loc: Loc = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Guard:
    """A body that runs under a guard: `try` (handlers of exceptions) or `with` (a context that is entered and left).

    `context` is the context manager, None for a `try`; then the body has no parameters, else one: what `__enter__` gave.
    `classes[k]` says what `handlers[k]` catches: a class, a tuple of them, None for everything; a handler's first parameter
    is the exception. Results are what the region that completes normally yields. An exception discards what the body
    defined; memory that it wrote stays written.

    As lowered, further parameters of the handlers (`shared`, one list of names for all) are variables which the body assigns:
    they have the value of the last `note` op before the exception. Typing removes them, see `analysis/infer_guards.py`."""

    context: Operand | None
    body: Block
    classes: tuple[Operand, ...]
    handlers: tuple[Block, ...]
    results: tuple[Value, ...]
    shared: tuple[str, ...] = ()
    loc: Loc = NOWHERE

    @property
    def is_try(self) -> bool:
        return self.context is None


Terminator = Union[Yield, Break, Continue, Return, Raise, Unreachable]
Op = Union[Apply, Load, View, Store, For, While, If, Guard, Yield, Break, Continue, Return, Raise, Unreachable]
TERMINATORS = (Yield, Break, Continue, Return, Raise, Unreachable)


@dataclass(frozen=True, eq=False, slots=True)
class Func:
    """A function. `mems` describes its alias classes (name, text) once they are known. `doc` is the docstring of
    generated functions. The first `held` parameters of a lifted inner function are the captured variables and the
    defaults; `signature` tells how Python binds the arguments of a call to the others. One that `yields` gives the list of
    what a generator function yields."""

    name: str
    params: tuple[Value, ...]
    body: Block
    mems: tuple[tuple[str, str], ...] = ()
    loc: Loc = NOWHERE
    doc: str = ""
    held: int = 0
    signature: Signature | None = None
    yields: bool = False
    transients: tuple[Transient, ...] = ()
    #: parameters, or places in them (position, slots), that may share memory, in groups; others lie apart
    overlap: tuple[tuple[int | tuple[int | str, ...], ...], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Transient:
    """A closure that is handed to a call although the variable `name`, which it captures, is assigned later: if anything
    keeps it, the call is refused, unless the variable can be a cell of the function with this `code`."""

    value: Value
    name: str
    refused: UnsupportedError
    code: object


NONE_LIT = Literal(None)
WHOLE = Index((Literal(Ellipsis),))


def is_whole(place: Place) -> bool:
    """Whether a place is all of what it is a place of: `a[...]`."""
    if not isinstance(place, Index) or len(place.items) != 1:
        return False
    return isinstance(place.items[0], Literal) and place.items[0].value is Ellipsis
