"""Every clause of the verifier: the fault is named and the op marked."""

from dataclasses import replace

import pytest

from diffsrc.errors import InternalError
from diffsrc.ir.ops import Block, Break, Return, Yield
from diffsrc.ir.parse import parse
from diffsrc.ir.values import UNDEF, Value
from diffsrc.ir.verify import verify

GOOD = """\
func f(%x, %n) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = undef) {
    %c = gt(%i, 3)
    %t = if %c {
      yield %x
    } else {
      break %s_1
    }
    yield %t
  } else (%s_2) {
    yield %s_2
  }
  return %s
}
"""

FAULTS = {
    "passes 2 values, 1 are received": GOOD.replace("yield %t", "yield %t, %t"),
    "no such exit here": GOOD.replace("return %s", "break"),
    "a terminator stands inside a block": GOOD.replace("return %s", "return %s\n  return %s"),
    "a block ends without terminator": GOOD.replace("    yield %t\n", ""),
    "this can be reached": GOOD.replace("return %s", "unreachable"),
    "reads undef": GOOD.replace("gt(%i, 3)", "gt(undef, 3)"),
    "ends in a return": GOOD.replace("return %s", "yield"),
}


def test_good() -> None:
    verify(parse(GOOD))
    verify(parse("func f() {\n  while {\n    yield True\n  } do {\n    return 1\n  }\n  unreachable\n}\n"))


@pytest.mark.parametrize("reason", FAULTS)
def test_faults_in_text(reason: str) -> None:
    with pytest.raises(InternalError, match=reason) as caught:
        verify(parse(FAULTS[reason]))
    assert "<-- " in caught.value.__notes__[0]


def test_faults_in_data() -> None:
    func = parse(GOOD)
    loop, last = func.body.ops
    body = loop.body

    def with_loop(**changes):
        return replace(func, body=Block((), (replace(loop, **changes), last)))

    cases = {
        "the body has 3 parameters": with_loop(body=Block((*body.params, Value()), body.ops)),
        "the else has 2 parameters": with_loop(orelse=Block((*loop.orelse.params, Value()), loop.orelse.ops)),
        "is listed twice": replace(func, params=(*func.params, func.params[0])),
        "defined twice": replace(func, body=Block((), (loop, loop, last))),
        "is not defined here": replace(func, body=Block((), (Return(loop.results[0]),))),
        "no parameters of its own": replace(func, body=Block((loop.results[0],), (last,))),
        "is empty": replace(func, body=Block((), ())),
        "no exit may stand": parse("func f() {\n  while {\n    return 1\n  } do {\n    yield\n  }\n  return 1\n}\n"),
        "no such exit": parse("func f() {\n  while {\n    break\n  } do {\n    yield\n  }\n  return 1\n}\n"),
        "reads undef": replace(func, body=Block((), (loop, Return(UNDEF)))),
    }
    for reason, bad in cases.items():
        with pytest.raises(InternalError, match=reason):
            verify(bad)
    assert isinstance(body.ops[-1], Yield) and isinstance(body.ops[1].other.ops[0], Break)


def test_values_of_an_arm_stay_there() -> None:
    with pytest.raises(Exception, match="a value defined before|is not defined"):
        verify(parse("func f(%x) {\n  if %x {\n    %y = neg(%x)\n    yield\n  }\n  return %y\n}\n"))
