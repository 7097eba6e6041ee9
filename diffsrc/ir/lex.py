"""The parser of the IR text, lower half: tokens, constants and types."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import NamedTuple, TypeVar

from ..errors import DiffsrcError
from .types import (
    ANY,
    BOTTOM,
    NONE,
    SCALAR_KINDS,
    STR,
    Array,
    Back,
    Dict,
    Dim,
    FuncType,
    List,
    Lit,
    Maybe,
    Opaque,
    Scalar,
    SetOf,
    Struct,
    Table,
    Tuple,
    Type,
    is_object,
    kinds_of,
    united,
)  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True)
class Placeholder:
    """Stands for a value that has no literal form; prints as it was read."""

    ir_text: str

    @property
    def name(self) -> str:
        return self.ir_text.strip("<>").split(" ", 1)[-1]

    def __repr__(self) -> str:
        return self.ir_text


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    line: int


_NUMBER = r"(?:inf|nan|\d+(?:\.\d*)?(?:e[+-]?\d+)?)"
_NAME = r"(?:[^\W\d]\w*|<\w+>)"
_TOKENS = re.compile(
    rf"""(?P<space>[ \t]+)|(?P<comment>\#[^\n]*)|(?P<newline>\n)
    |(?P<value>%\w+)|(?P<mem>@[\w|]+)|(?P<text>\$(?:[\w.]+|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    |(?P<string>b?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    |(?P<opaque><\w+[ ](?:[^<>\n]|<\w+>)*>)
    |(?P<number>-?{_NUMBER}[+-]{_NUMBER}j(?!\w)|-?{_NUMBER}(?!\w))
    |(?P<dots>\.\.\.)|(?P<arrow>->)|(?P<name>\.?{_NAME}(?:\.{_NAME})*)|(?P<sign>[^\s\w])""",
    re.VERBOSE,
)
_CONSTANTS: dict[str, object] = {"None": None, "True": True, "False": False}


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    line = 1
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), match.start(), line))
        line += kind == "newline"
    return [*found, Token("end", "", len(text), line)]


class _Tokens:
    """A cursor over tokens; comments are kept aside, by line."""

    def __init__(self, text: str) -> None:
        self.text = text
        every = _tokens(text)
        self.tokens = [t for t in every if t.kind != "comment"]
        self.comments = {t.line: t.text for t in every if t.kind == "comment"}
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, n: int = 1) -> Token:
        return self.tokens[min(self.at + n, len(self.tokens) - 1)]

    def fail(self, wanted: str) -> DiffsrcError:
        token = self.token
        return DiffsrcError(f"IR text, line {token.line}: expected {wanted}, found {token.text!r}")

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def sees(self, *texts: str) -> bool:
        return self.token.text in texts and self.token.kind != "string"

    def accept(self, text: str) -> bool:
        found = self.sees(text)
        self.at += found
        return found

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(repr(text))

    def take(self, kind: str) -> str:
        if self.token.kind != kind:
            raise self.fail(f"a {kind}")
        return self.next().text

    def newlines(self) -> None:
        while self.token.kind == "newline":
            self.at += 1

    def separated(self, close: str, item: Callable[[], T]) -> list[T]:
        """Items with commas between them up to a closing sign (a trailing comma is allowed)."""
        out: list[T] = []
        while not self.accept(close):
            out.append(item())
            if not self.sees(close):
                self.expect(",")
        return out


class TypeParser(_Tokens):
    """The types."""

    def __init__(self, text: str, classes: Mapping[str, type]) -> None:
        super().__init__(text)
        self.classes = classes

    def type(self) -> Type:
        base = self.base_type()
        while self.accept("|"):
            if self.accept("None"):
                return Maybe(base)
            other = self.base_type()
            if not is_object(base) or not is_object(other):
                raise self.fail("None, or an instance on both sides of `|`")
            base = united((*kinds_of(base), *kinds_of(other)))
        if not self.sees("=") or self.text[self.token.start - 1].isspace():
            return base  # `%y: int = ...` is a definition, `int=3` a literal type
        self.next()
        return Lit(self.constant(), base)

    def base_type(self) -> Type:
        if self.accept("("):
            return Tuple(tuple(self.separated(")", self.type)))
        if self.accept("["):
            return Tuple(tuple(self.separated("]", self.type)), listed=True)
        if self.accept("{"):
            entries = self.separated("}", self.entry)
            return Dict(tuple(e for e in entries if e is not None), None in entries)
        if self.accept("^"):
            name = self.take("name")
            return Back(self.classes.get(name) or type(name, (), {}))
        name = self.take("name")
        simple: dict[str, Type] = {"undef": BOTTOM, "Any": ANY, "None": NONE, "str": STR}
        if name in simple:
            return simple[name]
        if name == "func":
            return FuncType(Placeholder(f"<function {self.next().text}>"))
        if name in SCALAR_KINDS:
            return self.array(name) if self.accept("[") else Scalar(name)
        if name == "object":
            self.expect("[")
            cls = self.take("name")
            held = self.type() if self.accept(":") else None
            self.expect("]")
            return Opaque(self.classes.get(cls) or type(cls, (), {}), held)
        if name == "dict":
            self.expect("[")
            key = self.type()
            self.expect(",")
            item = self.type()
            self.expect("]")
            return Table(item, key)
        if name in ("list", "set") and self.accept("["):
            item = self.type()
            self.expect("]")
            return List(item) if name == "list" else SetOf(item)
        return self.nominal(name)

    def array(self, kind: str) -> Array:
        return Array(kind, tuple(self.separated("]", self.dim)))

    def dim(self) -> Dim:
        start, depth = self.token.start, 0
        while depth or not self.sees(",", "]"):
            depth += self.sees("(") - self.sees(")")
            self.next()
        text = self.text[start : self.token.start].strip()
        return None if text == ":" else int(text) if re.fullmatch(r"\d+", text) else text

    def entry(self) -> tuple[object, Type] | None:
        """A key with its type; None for the dots of an open dict."""
        if self.accept("..."):
            return None
        key = self.constant()
        self.expect(":")
        return key, self.type()

    def field(self) -> tuple[str, Type]:
        name = self.take("name")
        self.expect(":")
        return name, self.type()

    def nominal(self, name: str) -> Type:
        cls = self.classes.get(name) or type(name, (), {})
        if self.accept("{"):
            params = getattr(cls, "__dataclass_params__", None) if is_dataclass(cls) else None
            return Struct(cls, tuple(self.separated("}", self.field)), bool(params and params.frozen))
        if not self.accept("("):
            raise self.fail(f"a type (unknown name {name!r})")
        fields = self.separated(")", self.field)
        return Tuple(tuple(t for _, t in fields), cls, tuple(n for n, _ in fields))

    def constant(self) -> object:
        """A constant of the text: number, string, True, False, None, `...`, or a placeholder."""
        token = self.next()
        match token.kind:
            case "number":
                return _number(token.text)
            case "string":
                return ast.literal_eval(token.text)
            case "dots":
                return Ellipsis
            case "opaque":
                return Placeholder(token.text)
            case "name" if token.text in _CONSTANTS:
                return _CONSTANTS[token.text]
        if token.text == "-" and self.token.text in ("inf", "nan"):
            return -float(self.next().text)
        self.at -= 1
        raise self.fail("a constant")


def _number(text: str) -> object:
    if text.endswith("j"):
        found = re.fullmatch(rf"(-?{_NUMBER})([+-])({_NUMBER})j", text)
        assert found is not None
        return complex(float(found[1]), float(found[2] + found[3]))
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def parse_type(text: str, classes: Mapping[str, type] | None = None) -> Type:
    """The type of a text such as `f64[n, :]` or `(float, list[int])`."""
    return TypeParser(text, classes or {}).type()
