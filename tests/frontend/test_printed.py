"""Lowered and printed again, a program is Python that does what the original does."""

from __future__ import annotations

from typing import Any

import pytest

from diffsrc.codegen.module import module_text
from diffsrc.frontend.lower import lower_function
from tests.frontend.test_programs import RUNS, outcome, same


@pytest.mark.parametrize(("f", "args"), RUNS, ids=[f"{f.__name__}-{n}" for n, (f, _) in enumerate(RUNS)])
def test_printed_program(f: Any, args: tuple[Any, ...]) -> None:
    func = lower_function(f)
    printed = module_text([func])
    space: dict[str, Any] = dict(printed.names)
    exec(compile(printed.text, "<printed>", "exec"), space)
    expected = outcome(f, args)
    got = outcome(space[func.name], args)
    assert same(got, expected), (got, expected, printed.text)
