"""The parser of the IR text: reads what `text.to_text` prints, for every stage.

`resolve` maps the name of a callee to its row (the rule table lies above this layer); `classes` gives the
Python classes named in types, `names` the values of literals such as `$np.pi`.  What isn't found becomes a
placeholder that prints the same.  A name `y_1` is a later version of `y` when `y` was defined before it.
Comments are ignored, except that `# line:column` gives an op its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..source import NOWHERE, Loc
from .lex import Placeholder, TypeParser
from .ops import (
    NONE_LIT,
    TERMINATORS,
    Apply,
    Attr,
    Block,
    Break,
    Callee,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Index,
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
from .types import ANY
from .values import UNDEF, Literal, Operand, Pack, Value

Resolve = Callable[[str], "Callee | None"]


_SPACES = ("range", "zip", "enumerate", "reversed")


def parse(
    text: str,
    resolve: Resolve = lambda name: None,
    classes: Mapping[str, type] | None = None,
    names: Mapping[str, object] | None = None,
) -> Func:
    """The function of a text.

    Raises:
        DiffsrcError: when the text isn't IR; the message names the line.
    """
    return _Parser(text, resolve, classes or {}, names or {}).func()


def parse_all(
    text: str,
    resolve: Resolve = lambda name: None,
    classes: Mapping[str, type] | None = None,
    names: Mapping[str, object] | None = None,
) -> list[Func]:
    """The functions of a text, in order.

    Raises:
        DiffsrcError: when the text isn't IR; the message names the line.
    """
    parser = _Parser(text, resolve, classes or {}, names or {})
    found: list[Func] = []
    parser.newlines()
    while parser.token.kind != "end":
        found.append(parser.func())
        parser.newlines()
    return found


class _Parser(TypeParser):
    def __init__(self, text: str, resolve: Resolve, classes: Mapping[str, type], names: Mapping[str, object]) -> None:
        super().__init__(text, classes)
        self.resolve = resolve
        self.literals = names
        self.values: dict[str, Value] = {}
        self.file = NOWHERE.file

    # -- values and operands

    def define(self) -> Value:
        """A value where it is defined."""
        loc = self.loc()
        text = self.take("value")[1:]
        if text in self.values:
            self.at -= 1
            raise self.fail("a new value (this one is defined twice)")
        kind = self.type() if self.accept(":") else ANY
        mem = self.take("mem")[1:] if self.token.kind == "mem" else None
        active = True if self.accept("active") else False if self.accept("const") else None
        self.values[text] = Value(self.user_name(text), kind, mem, active, loc)
        return self.values[text]

    def user_name(self, text: str) -> str | None:
        if text.isdigit():
            return None
        base, _, version = text.rpartition("_")
        return base if version.isdigit() and base in self.values else text

    def operand(self) -> Operand:
        token = self.token
        if token.kind == "value":
            if token.text[1:] not in self.values:
                raise self.fail("a value defined before")
            return self.values[self.next().text[1:]]
        if token.kind == "text":
            return self.named_literal(self.next().text[1:])
        if self.accept("undef"):
            return UNDEF
        if self.accept("["):
            return Pack(tuple(self.separated("]", self.operand)), "list")
        if self.accept("{"):
            return Pack(tuple(self.separated("}", self.operand)), "function")
        if self.accept("("):
            items = self.separated(")", self.operand)
            grouped = len(items) == 1 and self.tokens[self.at - 2].text != ","
            return items[0] if grouped else Pack(tuple(items))
        return Literal(self.constant())

    def named_literal(self, text: str) -> Literal:
        name = str(ast.literal_eval(text)) if text[0] in "'\"" else text
        return Literal(self.literals.get(name, Placeholder(f"<object {name}>")), name)

    def operands(self) -> tuple[Operand, ...]:
        """Operands up to the end of the line."""
        if self.token.kind == "newline":
            return ()
        out = [self.operand()]
        while self.accept(","):
            out.append(self.operand())
        return tuple(out)

    def place(self) -> tuple[Operand, Place]:
        src = self.operand()
        if self.token.kind == "name" and self.token.text.startswith("."):
            return src, Attr(self.next().text[1:])
        self.expect("[")
        return src, Index(tuple(self.separated("]", self.item)))

    def item(self) -> Operand | Slice:
        lower = NONE_LIT if self.sees(":") else self.operand()
        if not self.accept(":"):
            return lower
        upper = NONE_LIT if self.sees(":", ",", "]") else self.operand()
        step = self.operand() if self.accept(":") else NONE_LIT
        return Slice(lower, upper, step)

    def space(self) -> Space:
        if not (self.token.kind == "name" and self.token.text in _SPACES):
            return Seq(self.operand())
        kind = self.next().text
        self.expect("(")
        if kind == "range":
            start, stop, step = self.separated(")", self.operand)
            return Range(start, stop, step)
        if kind == "zip":
            return Zip(tuple(self.separated(")", self.space)))
        inner = self.space()
        if kind == "reversed":
            self.expect(")")
            return Reversed(inner)
        self.expect(",")
        counter = self.operand()
        self.expect(")")
        return Enumerate(inner, counter)

    # -- functions, blocks, ops

    def loc(self) -> Loc:
        found = re.match(r"#\s*(?:(\S+):)?(\d+):(\d+)\b", self.comments.get(self.token.line, ""))
        return Loc(found[1] or self.file, int(found[2]), int(found[3])) if found else NOWHERE

    def func(self) -> Func:
        self.newlines()
        self.values, self.file = {}, NOWHERE.file
        header = re.match(r"#\s*(\S+):(\d+)(?:  |\s*$)", self.comments.get(self.token.line, ""))
        if header:
            self.file = header[1]
        self.expect("func")
        name = self.take("name")
        self.expect("(")
        params = tuple(replace(p, loc=NOWHERE) for p in self.separated(")", self.define))
        self.values = dict(zip(self.values, params))
        if self.accept("->"):
            self.type()
        self.expect("{")
        self.newlines()
        mems = self.mems()
        body = self.block(())
        self.expect("}")
        overlap = tuple(ast.literal_eval(f"({text},)") for key, text in mems if key == "overlap")
        mems = tuple((key, text) for key, text in mems if key != "overlap")
        loc = Loc(self.file, int(header[2])) if header else NOWHERE
        return Func(name, params, body, mems, loc, overlap=overlap)

    def mems(self) -> tuple[tuple[str, str], ...]:
        out = []
        while self.accept("mem"):
            name = self.take("name")
            self.expect(":")
            end = self.text.find("\n", self.token.start)
            out.append((name, self.text[self.token.start : end].rstrip()))
            while self.token.kind != "newline":
                self.next()
            self.newlines()
        return tuple(out)

    def block(self, params: tuple[Value, ...]) -> Block:
        """Ops up to (not including) the closing brace."""
        ops: list[Op] = []
        self.newlines()
        while not self.sees("}"):
            ops.append(self.op())
            if not isinstance(ops[-1], TERMINATORS) and self.token.kind != "newline":
                raise self.fail("the end of the line")
            self.newlines()
        return Block(params, tuple(ops))

    def op(self) -> Op:
        loc = self.loc()
        results: list[Value] = []
        if self.token.kind == "value" and self.ahead().text != "(":
            results.append(self.define())
            while self.accept(","):
                results.append(self.define())
            self.expect("=")
        word = self.token.text
        if word not in _WORDS:
            if self.ahead().text != "(" or self.token.kind not in ("name", "value"):
                raise self.fail("an op")
            return self.apply(tuple(results), loc)
        self.next()
        return _WORDS[word](self, tuple(results), loc)

    def apply(self, results: tuple[Value, ...], loc: Loc) -> Apply:
        if self.token.kind == "value":
            callee = self.operand()
            assert isinstance(callee, Value)
            return self.arguments(callee, results, loc)  # type: ignore[arg-type]
        name = self.take("name")
        return self.arguments(self.resolve(name) or FuncRef(name, None), results, loc)

    def arguments(self, fn: Callee, results: tuple[Value, ...], loc: Loc) -> Apply:
        args: list[Operand] = []
        kwargs: list[tuple[str, Operand]] = []

        def argument() -> None:
            if self.token.kind == "name" and self.ahead().text == "=":
                key = self.next().text
                self.expect("=")
                kwargs.append((key, self.operand()))
            else:
                args.append(self.operand())

        self.expect("(")
        self.separated(")", argument)
        method = self.take("name")[1:] if self.accept("as") else ""
        return Apply(fn, tuple(args), tuple(kwargs), results, loc, method)

    def region(self, params: tuple[Value, ...]) -> Block:
        self.expect("{")
        block = self.block(params)
        self.expect("}")
        return block

    def carry(self) -> tuple[tuple[Value, ...], tuple[Operand, ...]]:
        if not self.accept("carry"):
            return (), ()

        def pair() -> tuple[Value, Operand]:
            value = self.define()
            self.expect("=")
            return value, self.operand()

        self.expect("(")
        pairs = self.separated(")", pair)
        return tuple(v for v, _ in pairs), tuple(i for _, i in pairs)

    def params(self) -> tuple[Value, ...]:
        return tuple(self.separated(")", self.define)) if self.accept("(") else ()

    def loop_else(self, params: tuple[Value, ...]) -> Block:
        if self.accept("else"):
            return self.region(self.params())
        fresh = tuple(replace(p) for p in params)
        return Block(fresh, (Yield(fresh),))


def _op_call(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    return p.arguments(FuncRef(p.take("name"), None), results, loc)


def _op_method(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    return p.arguments(Method(p.take("name")), results, loc)


def _op_load(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    return Load(*p.place(), results[0], loc)


def _op_view(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    src, place = p.place()
    assert isinstance(place, Index)
    return View(src, place, results[0], loc)


def _op_store(p: _Parser, add: bool, loc: Loc) -> Op:
    dst, place = p.place()
    p.expect("=")
    return Store(dst, place, p.operand(), add, loc)


def _op_for(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    leaves = [p.define()]
    while p.accept(","):
        leaves.append(p.define())
    p.expect("in")
    space = p.space()
    params, inits = p.carry()
    body = p.region((*leaves, *params))
    return For(space, inits, body, p.loop_else(params), results, loc)


def _op_while(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    params, inits = p.carry()
    cond = p.region(params)
    p.expect("do")
    body = p.region(p.params())
    return While(inits, cond, body, p.loop_else(params), results, loc)


def _op_if(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    cond = p.operand()
    then = p.region(())
    other = p.region(()) if p.accept("else") else Block((), (Yield(),))
    return If(cond, then, other, results, loc)


def _op_raise(p: _Parser, loc: Loc) -> Op:
    value = p.operand()
    return Raise(value, loc, p.operand() if p.accept("from") else None)


def _op_with(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    context = p.operand()
    p.expect("as")
    return Guard(context, p.region((p.define(),)), (), (), results, (), loc)


def _op_try(p: _Parser, results: tuple[Value, ...], loc: Loc) -> Op:
    shared: list[str] = []
    if p.accept("sharing"):
        p.expect("(")
        shared = p.separated(")", lambda: p.take("name"))
    body = p.region(())
    classes, handlers = [], []
    while p.accept("except"):
        classes.append(p.operand())
        handlers.append(p.region(p.params()))
    return Guard(None, body, tuple(classes), tuple(handlers), results, tuple(shared), loc)


_WORDS: dict[str, Callable[[_Parser, tuple[Value, ...], Loc], Op]] = {
    "call": _op_call,
    "method": _op_method,
    "load": _op_load,
    "view": _op_view,
    "store": lambda p, results, loc: _op_store(p, False, loc),
    "accum": lambda p, results, loc: _op_store(p, True, loc),
    "for": _op_for,
    "while": _op_while,
    "if": _op_if,
    "yield": lambda p, results, loc: Yield(p.operands()),
    "break": lambda p, results, loc: Break(p.operands(), loc),
    "continue": lambda p, results, loc: Continue(p.operands(), loc),
    "return": lambda p, results, loc: Return(p.operand(), loc),
    "raise": lambda p, results, loc: _op_raise(p, loc),
    "try": _op_try,
    "with": _op_with,
    "unreachable": lambda p, results, loc: Unreachable(loc),
}
