"""The text of the IR: one op per line, the same for every stage (see docs/ir.md).

Names are deterministic: a value takes the user's name, later versions of it `_1`, `_2`, temporaries are
numbered in the order of the text.  `# line:column` stands at a fixed column, so that a change of one line
leaves the others as they are.

    literals   by repr; `$np.pi` is a literal with a text; `<class C>` one that has no literal form
    callees    `np.sin(%x)` a Def, `call g(%x)` a user function, `method sum(%x)` a method not resolved yet,
               `%f(%x)` a value; `np.sum(%x) as .sum` was written as a method by the user
    omitted    an `else` that yields only its parameters (loops) or nothing (`if`); the type Any
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import copysign, isnan
from pathlib import Path

from ..source import NOWHERE, Loc
from .ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Load,
    Method,
    Op,
    Place,
    Raise,
    Range,
    Return,
    Reversed,
    Seq,
    Slice,
    Space,
    Store,
    Unreachable,
    View,
    While,
    Yield,
    Zip,
)  # fmt: skip
from .types import ANY, BOTTOM, Type, join, strip
from .values import Literal, Operand, Value, is_undef
from .walk import defined, results, walk

COMMENT_COLUMN = 56


def to_text(func: Func, notes: Mapping[object, str] | None = None, locs: bool = True, every: bool = False) -> str:
    """The function as text. `notes` gives ops remarks (trailing comments); `locs=False` omits the places. `every`: the type Any
    is written, too."""
    return _Printer(func, notes or {}, locs, every).text()


def op_text(op: Op) -> str:
    """The first line of one op, for messages: values are named by themselves only."""
    printer = _Printer(Func("", (), Block((), ())), {}, False)
    printer.op(op, 0)
    return printer.lines[0]


class _Namer:
    """Printed names of values, in order of first sight."""

    def __init__(self) -> None:
        self.names: dict[Value, str] = {}
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}
        self._temporaries = 0

    def __call__(self, value: Value) -> str:
        if value not in self.names:
            self.names[value] = self._fresh(value.name) if value.name else self._number()
        return "%" + self.names[value]

    def _number(self) -> str:
        self._temporaries += 1
        return str(self._temporaries - 1)

    def _fresh(self, name: str) -> str:
        fresh = name
        while fresh in self._taken:
            self._next[name] = self._next.get(name, 0) + 1
            fresh = f"{name}_{self._next[name]}"
        self._taken.add(fresh)
        return fresh


def literal_text(literal: Literal) -> str:
    """A literal as printed: its text behind `$`, its repr, or `<kind name>` when it has neither."""
    if literal.text is not None:
        return "$" + (literal.text if re.fullmatch(r"[\w.]+", literal.text) else ascii(literal.text))
    if is_undef(literal):
        return "undef"
    return value_text(literal.value)


def value_text(value: object) -> str:
    """A Python constant; never an address."""
    if value is Ellipsis:
        return "..."
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    if type(value) is complex:
        imag = "nan" if isnan(value.imag) else repr(abs(value.imag))
        return f"{value.real!r}{'-' if copysign(1.0, value.imag) < 0 else '+'}{imag}j"
    if type(value) in (str, bytes):
        return ascii(value)
    return getattr(value, "ir_text", None) or _opaque_text(value)


def _opaque_text(value: object) -> str:
    if isinstance(value, Func):
        return f"<func {value.name}>"
    if isinstance(value, type):
        return f"<class {value.__qualname__}>"
    if callable(value):
        return f"<function {getattr(value, '__qualname__', type(value).__name__)}>"
    number = f" {value}" if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0 else ""
    return f"<object {type(value).__qualname__}{number}>"


class _Printer:
    def __init__(self, func: Func, notes: Mapping[object, str], locs: bool, every: bool = False) -> None:
        self.func = func
        self.notes = notes
        self.locs = locs
        self.every = every
        self.name = _Namer()
        self.lines: list[str] = []

    def text(self) -> str:
        func = self.func
        params = ", ".join(map(self.decl, func.params))
        self.line(0, f"func {func.name}({params}){self.result_type()} {{", func)
        self.lines += [f"  mem {name}: {text}" for name, text in func.mems]
        self.lines += [f"  mem overlap: {', '.join(map(repr, group))}" for group in func.overlap]
        self.block(func.body, 1)
        self.lines.append("}")
        return "\n".join(self.lines) + "\n"

    def result_type(self) -> str:
        """` -> type` when the function is typed."""
        if not self.every and all(v.type == ANY for v in (*self.func.params, *defined(self.func.body))):
            return ""
        found: Type = BOTTOM
        for op in walk(self.func.body):
            if isinstance(op, Return):
                found = join(found, strip(op.value.type))
        return "" if found == BOTTOM or (found == ANY and not self.every) else f" -> {found}"

    def line(self, depth: int, text: str, source: Op | Func | None = None) -> None:
        text = "  " * depth + text
        if comment := self.comment(source):
            text = f"{text:<{COMMENT_COLUMN - 2}}  # {comment}"
        self.lines.append(text)

    def comment(self, source: Op | Func | None) -> str:
        loc = getattr(source, "loc", NOWHERE)
        parts = [self.place_text(source, loc)] if self.locs and loc.line else []
        if source in self.notes:
            parts.append(self.notes[source])
        return "  ".join(filter(None, parts))

    def place_text(self, source: Op | Func | None, loc: Loc) -> str:
        if isinstance(source, Yield):
            return ""
        if source is self.func or loc.file != self.func.loc.file:
            column = f":{loc.column}" if source is not self.func else ""
            file = "_".join(Path(loc.file).name.split())
            return f"{file}:{loc.line}{column}"
        return f"{loc.line}:{loc.column}"

    def decl(self, value: Value) -> str:
        """A value where it is defined: name, type, alias class, activity."""
        text = self.name(value)
        if value.type != ANY or self.every:
            text += f": {value.type}"
        if value.mem:
            text += f" @{value.mem}"
        if value.active is not None:
            text += " active" if value.active else " const"
        return text

    def operand(self, operand: Operand) -> str:
        if isinstance(operand, Value):
            return self.name(operand)
        if isinstance(operand, Literal):
            return literal_text(operand)
        inner = self.operands(operand.items)
        if operand.kind != "tuple":
            return f"[{inner}]" if operand.kind == "list" else f"{{{inner}}}"
        return f"({inner},)" if len(operand.items) == 1 else f"({inner})"

    def operands(self, items: tuple[Operand, ...]) -> str:
        return ", ".join(map(self.operand, items))

    def block(self, block: Block, depth: int) -> None:
        for op in block.ops:
            self.op(op, depth)

    def op(self, op: Op, depth: int) -> None:
        names = ", ".join(map(self.decl, results(op)))
        head = f"{names} = " if names else ""
        match op:
            case For() | While() | If() | Guard():
                self.region(op, head, depth)
            case _:
                self.line(depth, head + self.leaf(op), op)

    def leaf(self, op: Op) -> str:
        match op:
            case Apply():
                return self.apply(op)
            case Load(src, place) | View(src, place):
                return f"{'load' if isinstance(op, Load) else 'view'} {self.place(src, place)}"
            case Store(dst, place, value, add):
                return f"{'accum' if add else 'store'} {self.place(dst, place)} = {self.operand(value)}"
            case Yield(values) | Break(values) | Continue(values):
                return f"{type(op).__name__.lower()} {self.operands(values)}".rstrip()
            case Return(value):
                return f"return {self.operand(value)}"
            case Raise(value, _, cause):
                return f"raise {self.operand(value)}" + ("" if cause is None else f" from {self.operand(cause)}")
            case Unreachable():
                return "unreachable"
        raise AssertionError(op)

    def apply(self, op: Apply) -> str:
        named = [f"{k}={self.operand(v)}" for k, v in op.kwargs]
        args = ", ".join([*map(self.operand, op.args), *named])
        match op.fn:
            case Value() as value:
                callee = self.name(value)
            case Method(name):
                callee = f"method {name}"
            case FuncRef(name):
                callee = f"call {name}"
            case _:
                callee = op.fn.name
        return f"{callee}({args})" + (f" as .{op.method}" if op.method else "")

    def place(self, src: Operand, place: Place) -> str:
        text = self.operand(src)
        if isinstance(place, Attr):
            return f"{text if isinstance(src, Value) else f'({text})'}.{place.name}"
        items = (self.slice(i) if isinstance(i, Slice) else self.operand(i) for i in place.items)
        return f"{text}[{', '.join(items)}]"

    def slice(self, item: Slice) -> str:
        def part(operand: Operand) -> str:
            omitted = isinstance(operand, Literal) and operand.value is None and operand.text is None
            return "" if omitted else self.operand(operand)

        step = part(item.step)
        return f"{part(item.lower)}:{part(item.upper)}" + (f":{step}" if step else "")

    def space(self, space: Space) -> str:
        match space:
            case Range(start, stop, step):
                return f"range({self.operands((start, stop, step))})"
            case Seq(value):
                return self.operand(value)
            case Zip(items):
                return f"zip({', '.join(map(self.space, items))})"
            case Enumerate(item, start):
                return f"enumerate({self.space(item)}, {self.operand(start)})"
            case Reversed(item):
                return f"reversed({self.space(item)})"

    def region(self, op: For | While | If | Guard, head: str, depth: int) -> None:
        match op:
            case If(cond, then, other):
                self.line(depth, f"{head}if {self.operand(cond)} {{", op)
                self.block(then, depth + 1)
                self.tail(other, depth, isinstance(other.ops[0], Yield) and not other.ops[0].values)
            case For(space, inits, body, orelse):
                leaves = len(body.params) - len(inits)
                shown = self.space(space)  # named before the parameters, which stand before it in the line
                names = ", ".join(map(self.decl, body.params[:leaves]))
                carry = self.carry(body.params[leaves:], inits)
                self.line(depth, f"{head}for {names} in {shown}{carry} {{", op)
                self.block(body, depth + 1)
                self.tail(orelse, depth, passes_on(orelse))
            case While(inits, cond, body, orelse):
                self.line(depth, f"{head}while{self.carry(cond.params, inits)} {{", op)
                self.block(cond, depth + 1)
                self.line(depth, f"}} do {self.params(body)}{{")
                self.block(body, depth + 1)
                self.tail(orelse, depth, passes_on(orelse))
            case Guard():
                self.guard(op, head, depth)

    def guard(self, op: Guard, head: str, depth: int) -> None:
        """`try { .. } except C (%err) { .. }`, `with %m as %f { .. }`."""
        if op.context is not None:
            self.line(depth, f"{head}with {self.operand(op.context)} as {self.decl(op.body.params[0])} {{", op)
        else:
            names = f" sharing ({', '.join(op.shared)})" if op.shared else ""
            self.line(depth, f"{head}try{names} {{", op)
        self.block(op.body, depth + 1)
        for kind, block in zip(op.classes, op.handlers):
            self.line(depth, f"}} except {self.operand(kind)} {self.params(block)}{{")
            self.block(block, depth + 1)
        self.line(depth, "}")

    def carry(self, params: tuple[Value, ...], inits: tuple[Operand, ...]) -> str:
        if not params:
            return ""
        pairs = [(self.operand(init), param) for param, init in zip(params, inits)]
        return f" carry ({', '.join(f'{self.decl(p)} = {i}' for i, p in pairs)})"

    def params(self, block: Block) -> str:
        return f"({', '.join(map(self.decl, block.params))}) " if block.params else ""

    def tail(self, block: Block, depth: int, trivial: bool) -> None:
        """The `else` of an op, unless it says nothing."""
        if not trivial:
            self.line(depth, f"}} else {self.params(block)}{{")
            self.block(block, depth + 1)
        self.line(depth, "}")


def passes_on(block: Block) -> bool:
    """Whether a block only yields its parameters."""
    first = block.ops[0]
    return isinstance(first, Yield) and first.values == block.params


def value_names(func: Func) -> Iterator[tuple[Value, str]]:
    """Each value of a function with its printed name (without `%`)."""
    printer = _Printer(func, {}, False)
    printer.text()
    yield from printer.name.names.items()
