"""The syntax table decides every class of `ast`, and the front end keeps to it."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

import pytest

from diffsrc.defs.syntax import FEATURES, SYNTAX, Refused, Supported, refusal
from diffsrc.errors import UnsupportedError
from diffsrc.frontend import lower  # noqa: F401  it fills the tables
from diffsrc.frontend.expressions import BINARY, COMPARE, UNARY
from diffsrc.frontend.lower import check_syntax, lower_function
from diffsrc.frontend.state import EXPRESSIONS, STATEMENTS
from diffsrc.frontend.targets import IN_PLACE
from tests.frontend import refused

ABSTRACT = {
    "AST", "boolop", "cmpop", "excepthandler", "expr", "expr_context", "mod", "operator", "pattern", "slice",
    "stmt", "type_ignore", "type_param", "unaryop",
}  # fmt: skip


def ast_classes() -> list[str]:
    found = [n for n in dir(ast) if isinstance(getattr(ast, n), type) and issubclass(getattr(ast, n), ast.AST)]
    return [n for n in found if n not in ABSTRACT and not n.startswith("_")]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_class_is_decided() -> None:
    assert not set(ast_classes()) - set(SYNTAX)


def test_newer_pythons_are_decided() -> None:
    assert {"TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation"} <= set(SYNTAX)


def test_supported_classes_have_handlers() -> None:
    handled = {c.__name__ for c in (*EXPRESSIONS, *STATEMENTS)}
    parts = {"the node around it", "operators", "JoinedStr", "comprehensions", "calls", "producers"}
    for name, row in SYNTAX.items():
        is_pattern = name.lower().startswith("match") and name != "Match"
        if isinstance(row, Supported) and row.by not in parts and name != "Slice" and not is_pattern:
            assert name in handled, name
    assert not [n for n in handled if isinstance(SYNTAX.get(n), Refused)]


def test_operators_have_functions() -> None:
    operators = {n for n, row in SYNTAX.items() if isinstance(row, Supported) and row.by == "operators"}
    mapped = {c.__name__ for table in (BINARY, UNARY, COMPARE) for c in table}
    assert operators == mapped | {"And", "Or", "NotIn"}
    assert set(IN_PLACE) == set(BINARY)


def test_rows_are_whole() -> None:
    for key, row in {**SYNTAX, **FEATURES}.items():
        if isinstance(row, Refused):
            assert re.fullmatch(r"DS1\d\d", row.code), key
            assert row.reason, key


CASES = [getattr(refused, n) for n in dir(refused) if n.startswith("ds")]


@pytest.mark.parametrize("f", CASES, ids=[f.__name__ for f in CASES])
def test_refusals(f: Any) -> None:
    """Functions named `ds123_...` are refused with that code; the line is marked with `# <-`."""
    with pytest.raises(UnsupportedError) as info:
        lower_function(f)
    err = info.value
    assert err.code == f.__name__[:5].upper(), err
    assert "# <-" in err.loc.text(), err
    assert err.loc.file == refused.__file__
    assert "^" in str(err)


def test_refused_by_class_at_once() -> None:
    check_syntax(refused.fine_but_unbound)
    with pytest.raises(UnsupportedError) as info:
        check_syntax(refused.ds112_try_star)
    assert info.value.code == "DS112"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_type_alias() -> None:
    assert refusal("TypeAlias").code == "DS117"
