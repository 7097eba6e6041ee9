"""Write what the rule tables hold, and how exact it is, into docs/rules.md:  python -m tests.docs.rules

The errors are those that `python -m tests.rules.ulps` measured.
"""

from pathlib import Path

import numpy as np

from diffsrc.defs import packages, table
from diffsrc.defs.objects import as_listed
from diffsrc.defs.rows import VERSION  # noqa: F401  the rows fill the table

from .tables import between, rendered

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ULPS = Path(__file__).parents[1] / "rules" / "ulps.txt"
BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"
#: what Python's own functions and operators are listed under
PYTHON = "Python"


def package(name: str) -> str:
    """The heading of a row: `numpy.linalg` for "np.linalg.solve"."""
    head, _, _ = name.rpartition(".")
    if head.startswith("scipy.stats."):  # the methods of a distribution
        return "scipy.stats"
    if isinstance(getattr(np, head[3:], None), np.ufunc):  # np.add.at
        return "numpy"
    return f"numpy{head[2:]}" if head.partition(".")[0] == "np" else head if head and head != "builtins" else PYTHON


def errors() -> dict[str, str]:
    """The measured errors of a row's partials, as they are shown."""
    found: dict[str, list[str]] = {}
    for line in ULPS.read_text(encoding="utf-8").splitlines():
        name, _, inner, far = line.split()
        found.setdefault(name, []).append(f"{float(inner):.2g}" + (f" ({float(far):.2g})" if far != "-" else ""))
    return {name: "; ".join(shown) for name, shown in found.items()}


def arguments(d: table.Def) -> str:
    """The arguments that have a derivative, counted from 1."""
    if d.solver is not None:
        return d.solver.shown
    places = sorted(d.rules, key=lambda i: (isinstance(i, str), i))
    return ", ".join(f"`{i}`" if isinstance(i, str) else "all" if i < 0 else str(i + 1) for i in places)


def tables() -> str:
    packages.load_all()
    kinds = ("elementwise", "select", "general", "zero", "opaque")
    entered = [d for d in table.BY_NAME.values() if d.family in kinds and not d.own]
    listed = [shown for d in entered if (shown := as_listed(d)) is not None]
    measured, by_package = errors(), {}
    for d in sorted(listed, key=lambda d: d.name):
        by_package.setdefault(package(d.name), []).append(d)
    return _counts(by_package) + "".join(_section(name, by_package[name], measured) for name in sorted(by_package, key=_order))


def _order(name: str) -> tuple[bool, bool, str]:
    return (name.startswith("scipy"), not name.startswith("numpy"), name)


def _counts(by_package: dict[str, list[table.Def]]) -> str:
    lines = []
    for name in sorted(by_package, key=_order):
        ds = by_package[name]
        number = [sum(map(test, ds)) for test in (_by_text, _by_rule, _constant, _refused)]
        lines.append((name, *map(str, number)))
    return "## How many\n\n" + rendered(("module", "by text", "by rule", "constant", "refused"), lines) + "\n"


def _by_text(d: table.Def) -> bool:
    return d.family in ("elementwise", "select")


def _by_rule(d: table.Def) -> bool:
    return d.family == "general" and bool(d.rules or d.joint or (d.solver is not None and d.solver.shown))


def _constant(d: table.Def) -> bool:
    return d.family == "zero"


def _refused(d: table.Def) -> bool:
    return not (_by_text(d) or _by_rule(d) or _constant(d))


def _section(name: str, ds: list[table.Def], measured: dict[str, str]) -> str:
    text = f"## {name}\n\n"
    if found := list(filter(_by_text, ds)):
        lines = [(f"`{d.name}`", _texts(d), measured.get(d.name, ""), d.kink) for d in found]
        text += rendered(("function", "by text", "error (ulp)", "at kinks"), lines) + "\n"
    if found := list(filter(_by_rule, ds)):
        lines = [(f"`{d.name}`", arguments(d), d.kink or "; ".join(_refusals(d))) for d in found]
        text += rendered(("function", "arguments with a rule", "at kinks, or refused"), lines) + "\n"
    if found := list(filter(_constant, ds)):
        text += f"Constant: {', '.join(f'`{d.name}`' for d in found)}.\n\n"
    if found := list(filter(_refused, ds)):
        text += rendered(("refused where active", "why"), _reasons(found)) + "\n"
    return text


def _refusals(d: table.Def) -> list[str]:
    """What is refused, each reason once."""
    options = {} if d.solver is None else d.solver.refuse
    return list(dict.fromkeys([*d.refusals.values(), *(f"`{option}`: {why}" for option, why in options.items())]))


def _reasons(found: list[table.Def]) -> list[tuple[str, str]]:
    """Functions that are refused for one reason stand together."""
    by_reason: dict[str, list[str]] = {}
    for d in found:
        by_reason.setdefault(d.refusals.get(-1, "no rule"), []).append(f"`{d.name}`")
    return [(", ".join(names), why) for why, names in by_reason.items()]


def _texts(d: table.Def) -> str:
    return "; ".join(
        "-" if p is None else f"*not known* ({x})" if p.refusal else f"`{p.text}`" for x, p in zip(d.params, d.partials)
    )


def page(text: str) -> str:
    return between(text, BEGIN, END, tables())


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
