"""The Builder: ops land in the innermost block, results are typed."""

import pytest

from diffsrc.ir.build import Builder, place_type
from diffsrc.ir.lex import parse_type
from diffsrc.ir.ops import Attr, Block, Func, If, Index, Return, Slice, Yield
from diffsrc.ir.text import to_text
from diffsrc.ir.values import Literal, Value
from diffsrc.ir.verify import verify
from tests.ir.rows import resolve

NONE = Literal(None)
REST = Slice(Literal(1), NONE, NONE)


def test_builds_blocks() -> None:
    x, a = Value("x", parse_type("float")), Value("a", parse_type("f64[n]"))
    b = Builder()
    c = b.apply(resolve("gt"), (x, Literal(0.0)), name="c")
    with b.block() as then:
        v = b.view(a, Index((REST,)))
        b.store(v, Index((Literal(0),)), x, add=True)
        b.emit(Yield((b.load(v, Index((Literal(0),))),)))
    y = Value("y", parse_type("float"))
    b.emit(If(c, Block((), tuple(then)), Block((), (Yield((x,)),)), (y,)))
    b.emit(Return(y))
    func = Func("f", (x, a), b.finish())
    verify(func)
    assert to_text(func) == (
        "func f(%x: float, %a: f64[n]) -> float {\n"
        "  %c: bool = gt(%x, 0.0)\n"
        "  %y: float = if %c {\n"
        "    %0: f64[:] = view %a[1:]\n"
        "    accum %0[0] = %x\n"
        "    %1: f64 = load %0[0]\n"
        "    yield %1\n"
        "  } else {\n"
        "    yield %x\n"
        "  }\n"
        "  return %y\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("source", "place", "found"),
    [
        ("f64[n, m]", Index((Literal(0),)), "f64[m]"),
        ("f64[n, m]", Index((Literal(0), Literal(1))), "f64"),
        ("f64[n, m]", Index((Literal(Ellipsis),)), "f64[n, m]"),
        ("f64[n, m]", Index((Literal(Ellipsis), Literal(0))), "f64[n]"),
        ("f64[n]", Index((NONE, REST)), "f64[1, :]"),
        ("f64[]", Index(()), "f64"),
        ("list[f64[n]]", Index((Literal(0),)), "f64[n]"),
        ("(int, float)", Index((Literal(1),)), "float"),
        ("{'a': int}", Index((Literal("a"),)), "int"),
        ("P{w: f64[n]}", Attr("w"), "f64[n]"),
        ("f64[n]", Index((Value("m", parse_type("b1[n]")),)), "Any"),
    ],
)
def test_place_types(source: str, place: Index | Attr, found: str) -> None:
    assert str(place_type(parse_type(source), place)) == found
