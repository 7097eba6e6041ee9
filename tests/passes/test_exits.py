"""`normalise_exits`: text to text, and running programs before and after."""

import pytest

from diffsrc.compiler.interpret import run
from diffsrc.errors import DiffTypeError, UnsupportedError
from diffsrc.ir.ops import Break, Continue, For, Func, If, Return, Unreachable, While, Yield
from diffsrc.ir.parse import parse
from diffsrc.ir.text import to_text
from diffsrc.ir.verify import verify
from diffsrc.ir.walk import all_blocks, walk
from diffsrc.transform.exits import normalise_exits
from tests.ir.rows import resolve


def is_normal(func: Func) -> bool:
    """Whether a function has the form that `normalise_exits` promises."""
    verify(func)
    returns = [op for op in walk(func.body) if isinstance(op, Return)]
    assert all(op is func.body.ops[-1] for op in returns)
    for block in all_blocks(func.body):
        for op in block.ops:
            if isinstance(op, (For, While)):
                _check_tail(op.body, True)
                assert not isinstance(op.orelse.ops[-1], (Break, Continue))
    return True


def _check_tail(block, top):
    for op in block.body:
        if isinstance(op, If) and op is not block.ops[-2]:
            assert not any(isinstance(b.ops[-1], (Break, Continue)) for b in _arms(op))
    end = block.ops[-1]
    if isinstance(end, Unreachable) and isinstance(block.ops[-2], If):
        for arm in (block.ops[-2].then, block.ops[-2].other):
            _check_tail(arm, False)
    elif not top:
        assert not isinstance(end, (Yield, Return))
    else:
        assert not isinstance(end, (Continue, Return))


def _arms(op):
    for arm in (op.then, op.other):
        yield arm
        for inner in arm.ops:
            if isinstance(inner, If):
                yield from _arms(inner)


def normal(text: str) -> str:
    func = parse(text, resolve)
    verify(func)
    done = normalise_exits(func)
    assert is_normal(done)
    return to_text(done, locs=False)


EARLY_RETURN = """\
func f(%x) {
  %c = gt(%x, 1.0)
  if %c {
    return %x
  }
  %y = mul(%x, 2.0)
  return %y
}
"""


def test_early_return() -> None:
    assert (
        normal(EARLY_RETURN)
        == """\
func f(%x) {
  %c = gt(%x, 1.0)
  %out = if %c {
    yield %x
  } else {
    %y = mul(%x, 2.0)
    yield %y
  }
  return %out
}
"""
    )


def test_continue() -> None:
    text = """\
func f(%n) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = 0.0) {
    %c = gt(%i, 1)
    if %c {
      continue %s_1
    }
    %s_2 = add(%s_1, %i)
    yield %s_2
  }
  return %s
}
"""
    assert (
        normal(text)
        == """\
func f(%n) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = 0.0) {
    %c = gt(%i, 1)
    if %c {
      continue %s_1
    } else {
      %s_2 = add(%s_1, %i)
      continue %s_2
    }
    unreachable
  }
  return %s
}
"""
    )


def test_return_in_a_loop_moves_the_rest_into_else() -> None:
    text = """\
func f(%n) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = 0.0) {
    %c = gt(%i, 1)
    if %c {
      return %s_1
    }
    %s_2 = add(%s_1, %i)
    yield %s_2
  }
  %t = mul(%s, 2.0)
  return %t
}
"""
    assert (
        normal(text)
        == """\
func f(%n) {
  %out = for %i in range(0, %n, 1) carry (%s = 0.0) {
    %c = gt(%i, 1)
    if %c {
      break %s
    } else {
      %s_1 = add(%s, %i)
      continue %s_1
    }
    unreachable
  } else (%s_2) {
    %t = mul(%s_2, 2.0)
    yield %t
  }
  return %out
}
"""
    )


def test_return_in_a_nested_loop() -> None:
    text = """\
func f(%n) {
  for %i in range(0, %n, 1) {
    for %j in range(0, %i, 1) {
      %c = gt(%j, 1)
      if %c {
        return %j
      }
      yield
    }
    yield
  }
  return -1
}
"""
    assert (
        normal(text)
        == """\
func f(%n) {
  %out = for %i in range(0, %n, 1) {
    %exited: bool, %j = for %j_1 in range(0, %i, 1) {
      %c = gt(%j_1, 1)
      if %c {
        break True, %j_1
      } else {
        continue
      }
      unreachable
    } else {
      yield False, undef
    }
    if %exited {
      break %j
    } else {
      continue
    }
    unreachable
  } else {
    yield -1
  }
  return %out
}
"""
    )


def test_partial_exits_take_a_flag() -> None:
    text = """\
func f(%n, %x) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = %x) {
    %c = gt(%i, 1)
    %s_2 = if %c {
      %d = gt(%i, 2)
      if %d {
        break %s_1
      }
      yield %x
    } else {
      %e = gt(%x, 2)
      if %e {
        %s_3 = neg(%s_1)
        continue %s_3
      }
      yield %s_1
    }
    %s_4 = add(%s_2, %i)
    yield %s_4
  }
  return %s
}
"""
    assert (
        normal(text)
        == """\
func f(%n, %x) {
  %s = for %i in range(0, %n, 1) carry (%s_1 = %x) {
    %c = gt(%i, 1)
    %s_2, %exit_id: int, %s_3 = if %c {
      %d = gt(%i, 2)
      %s_4, %exit_id_1: int, %s_5 = if %d {
        yield undef, 2, undef
      } else {
        yield %x, 0, undef
      }
      yield %s_4, %exit_id_1, %s_5
    } else {
      %e = gt(%x, 2)
      %s_6, %exit_id_2: int, %s_7 = if %e {
        %s_8 = neg(%s_1)
        yield undef, 1, %s_8
      } else {
        yield %s_1, 0, undef
      }
      yield %s_6, %exit_id_2, %s_7
    }
    %0: bool = eq(%exit_id, 1)
    if %0 {
      continue %s_3
    } else {
      %1: bool = eq(%exit_id, 2)
      if %1 {
        break %s_1
      } else {
        %s_9 = add(%s_2, %i)
        continue %s_9
      }
      unreachable
    }
    unreachable
  }
  return %s
}
"""
    )


def test_endless_loop() -> None:
    text = """\
func f(%x) {
  %y = while carry (%y_1 = %x) {
    yield True
  } do (%y_2) {
    %c = lt(%y_2, 1.0)
    if %c {
      return %y_2
    }
    %y_3 = mul(%y_2, 0.5)
    yield %y_3
  }
  return None
}
"""
    done = normal(text)
    assert "yield undef" in done and done.endswith("return %y\n}\n")
    assert run(normalise_exits(parse(text, resolve)), (5.0,)) == 0.625


def test_results_of_returns() -> None:
    text = "func f(%c, %x) {{\n  if %c {{\n    return {}\n  }}\n  return {}\n}}\n"
    assert "return (%x, %out)" in normal(text.format("(%x, 1)", "(%x, 2)"))
    assert "return None" in normal(text.format("None", "None"))
    assert "%x = if" not in normal(text.format("%x", "%x"))
    for one, two in [("(%x, 1)", "%x"), ("(%x,)", "(%x, %x)"), ("[%x]", "(%x,)")]:
        with pytest.raises(DiffTypeError, match="different structure"):
            normal(text.format(one, two))


def test_typed_results() -> None:
    text = "func f(%c: bool, %x: float, %t: (float, int)) {{\n  if %c {{\n    return {}\n  }}\n  return {}\n}}\n"
    done = normal(text.format("(%x, 1)", "%t"))
    assert "load %t[0]" in done and "%out: float, %out_1: int = if" in done
    assert "%out: float | None = if" in normal(text.format("%x", "None"))


def test_always_raises() -> None:
    text = "func f(%c) {\n  if %c {\n    raise $A\n  } else {\n    raise $B\n  }\n  unreachable\n}\n"
    assert normal(text) == text


def test_what_has_no_value_is_refused():
    ir = """func f(%x: float) {
      %c: bool = gt(%x, 0.0)
      %y: float = if %c {
        return %x
      } else {
        yield undef
      }
      %z: float = mul(%y, 2.0)
      return %z
    }"""
    with pytest.raises(UnsupportedError, match="variable y has no value"):
        normalise_exits(parse(ir, resolve))
