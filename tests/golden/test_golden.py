"""The golden files are what the compiler makes now; they parse back, and their derivatives are right.

To rewrite them:  pytest tests/golden --update-golden
"""

from __future__ import annotations

import copy
import difflib
from typing import Any

import numpy as np
import pytest

from diffsrc.defs import rows, table  # noqa: F401  the rows fill the table
from diffsrc.ir.parse import parse_all
from diffsrc.ir.text import to_text
from diffsrc.ir.verify import verify
from tests.oracles import differences
from tests.oracles.structure import flat, unflat

from .harness import IR_STAGES, ROOT, Golden, goldens, without_remarks

CASES = goldens()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_files_are_what_the_compiler_makes(case: Golden, request: pytest.FixtureRequest) -> None:
    texts = dict(case.texts())
    stale = [name for name, text in texts.items() if _text(case, name) != text]
    if request.config.getoption("--update-golden"):
        case.folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (case.folder / name).write_text(text, encoding="utf-8", newline="\n")
    elif stale:
        pytest.fail(
            f"{case}: {', '.join(stale)} changed; to rewrite: pytest tests/golden --update-golden\n"
            + _difference(_text(case, stale[-1]) or "", texts[stale[-1]]),
            pytrace=False,
        )


def _difference(old: str, new: str) -> str:
    return "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "golden", "now", n=1, lineterm=""))


def _text(case: Golden, name: str) -> str | None:
    file = case.folder / name
    return file.read_text(encoding="utf-8") if file.exists() else None


@pytest.mark.parametrize("case", CASES, ids=str)
def test_dumps_parse_back(case: Golden) -> None:
    for stage in IR_STAGES:
        text = (case.folder / f"{stage}.ir").read_text(encoding="utf-8")
        funcs = parse_all(text, table.BY_NAME.get)
        for func in funcs:
            verify(func)
        assert "\n".join(map(to_text, funcs)) == without_remarks(text)


def test_no_file_is_left_over() -> None:
    known = {case.folder for case in CASES}
    assert {p for p in ROOT.glob("*/*") if p.is_dir() and p.name != "__pycache__"} == known
    names = {f"{stage}.ir" for stage in IR_STAGES} | {"vjp.py", "jvp.py", "__pycache__"}
    assert all(p.name in names for folder in known for p in folder.iterdir())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reverse_mode_agrees_with_differences(case: Golden) -> None:
    fn, args = case.load()
    jac, error = differences.jacobian(fn, args)
    out = fn(*copy.deepcopy(args))
    vjp, activity = case.derived("vjp.py")
    rng = np.random.default_rng(3)
    seed = rng.standard_normal(flat(out).size)
    shadowed = [i for i, a in enumerate(activity) if a == "shadow"]
    shadows = {i: unflat(args[i], rng.standard_normal(flat(args[i]).size)) for i in shadowed}
    behind = [flat(shadows[i]) if i in shadows else 0.0 * flat(x) for i, x in enumerate(args)]
    expected = np.concatenate([seed, *behind]) @ jac
    given = copy.deepcopy(args)
    got_out, *cotangents = vjp(*given, *shadows.values(), *_leaves(unflat(out, seed)))
    np.testing.assert_array_equal(flat(got_out), flat(out))
    given_back = iter(cotangents)
    got = [shadows[i] if a == "shadow" else next(given_back) if a == "value" else None for i, a in enumerate(activity)]
    found = np.concatenate([0.0 * flat(x) if g is None else flat(g) for x, g in zip(args, got)])
    active = np.concatenate([np.full(flat(x).size, a != "const") for x, a in zip(args, activity)])
    np.testing.assert_allclose(found, np.where(active, expected, 0.0), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_forward_mode_agrees_with_differences(case: Golden) -> None:
    fn, args = case.load()
    jac, error = differences.jacobian(fn, args)
    jvp, activity = case.derived("jvp.py")
    v = np.random.default_rng(4).standard_normal(jac.shape[1])
    dots = unflat(args, v)
    given = copy.deepcopy(args)
    active = [i for i, a in enumerate(activity) if a != "const"]
    out, dot = jvp(*given, *(dots[i] for i in active))
    found = np.concatenate([flat(dot), *(flat(dots[i]) for i in active)])
    masks = [np.full(flat(x).size, i in active) for i, x in enumerate(args)]
    keep = np.concatenate([np.full(flat(out).size, True), *masks])
    np.testing.assert_allclose(found, (jac @ v)[keep], rtol=2e-6, atol=1e-7)


def _leaves(out: Any) -> list[Any]:
    return [leaf for part in out for leaf in _leaves(part)] if isinstance(out, tuple) else [out]
