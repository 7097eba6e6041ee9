"""The clean-up passes, text to text: a case of `cases/*.ir` is a body, `=>`, and what becomes of it."""

from pathlib import Path

import pytest

from diffsrc.analysis.alias import Summary
from diffsrc.compiler.pipelines import CLEAN, clean
from diffsrc.ir.ops import Apply
from diffsrc.ir.parse import parse
from diffsrc.ir.text import to_text
from diffsrc.ir.verify import verify
from diffsrc.transform.buffers import reuse_buffers
from diffsrc.transform.cse import cse
from diffsrc.transform.dce import dce
from diffsrc.transform.fold import fold
from diffsrc.transform.hoist import hoist
from diffsrc.transform.products import order_products
from diffsrc.transform.ranges import plain_ranges
from diffsrc.transform.simplify import simplify
from diffsrc.transform.slots import fill_slots
from diffsrc.transform.sums import factor_sums
from diffsrc.transform.tidy import join_sums, tidy
from tests.ir.rows import resolve

HEAD = "func f(%x: float, %y: float, %n: int, %a: f64[n], %b: f64[n], %c: bool) {\n"
PASSES = {
    "dce": lambda func: dce(func, keep_raising=False),
    "simplify": simplify,
    "cse": cse,
    "fold": fold,
    "hoist": hoist,
    "slots": fill_slots,
    "tidy": tidy,
    "joins": join_sums,
    "products": lambda func: dce(order_products(func, lambda op: True), keep_raising=False),
    "sums": lambda func: dce(factor_sums(func, lambda op: True), keep_raising=False),
    "ranges": plain_ranges,
    "buffers": lambda func: reuse_buffers(func)[0],
}


def cases():
    for name in PASSES:
        text = (Path(__file__).parent / "cases" / f"{name}.ir").read_text()
        for case in text.split("\n== ")[1:]:
            title, _, rest = case.partition("\n")
            before, _, after = rest.partition("=>")
            yield pytest.param(name, before, before if after.strip() == "unchanged" else after, id=f"{name}: {title}")


def function(body):
    func = parse(f"{HEAD}{body}}}\n", resolve)
    verify(func)
    return func


@pytest.mark.parametrize("name, before, after", list(cases()))
def test_case(name, before, after):
    done = PASSES[name](function(before))
    verify(done)
    assert to_text(done) == to_text(function(after))


def test_dce_of_what_may_raise():
    def rows(name):
        row = resolve(name)
        return row and type(row)(name, row.fn, "general", raises=True)

    func = parse("func f(%a: f64[n, n]) {\n  %0: f64[n, n] = np.linalg.inv(%a)\n  return %a\n}\n", rows)
    assert to_text(dce(func, True)) == to_text(func)
    assert len(dce(func, False).body.ops) == 1


def test_dce_of_pure_calls():
    func = parse("func f(%a) {\n  %0 = call g(%a)\n  %1 = call h(%a)\n  return %a\n}\n")
    done = dce(func, True, lambda op: isinstance(op, Apply) and op.fn.name == "g")
    assert [op.fn.name for op in done.body.ops[:-1]] == ["h"]


def test_fold_leaves_the_primal():
    func = function("  %0: float = mul(%x, 1.0)\n  return %0\n")
    assert to_text(fold(func, lambda op: False)) == to_text(func)


def test_each_pass_is_noted():
    f = parse("func f(%x: float) {\n%0: float = mul(2.0, %x)\nreturn %0\n}", resolve)
    heard: list[str] = []
    clean(f, set(), lambda ref: Summary(), lambda name, func: heard.append(name))
    assert heard == [name for name, _ in CLEAN]
