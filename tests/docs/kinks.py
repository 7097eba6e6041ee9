"""Write the conventions at kinks, from the rule rows, into docs/semantics.md:  python -m tests.docs.kinks"""

from itertools import groupby
from pathlib import Path

from diffsrc.defs import rows  # noqa: F401  # enters all rows
from diffsrc.defs.table import BY_NAME

from .tables import between

PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
BEGIN, END = "<!-- conventions: begin -->\n", "<!-- conventions: end -->\n"


def table() -> str:
    """Rows of one convention stand together, in the order of their first names."""
    pairs = sorted((d.kink, name) for name, d in BY_NAME.items() if d.kink and not name.startswith("scipy."))
    groups = [([name for _, name in same], kink) for kink, same in groupby(pairs, key=lambda pair: pair[0])]
    lines = [f"| {', '.join(f'`{name}`' for name in names)} | {kink} |\n" for names, kink in sorted(groups)]
    return "| functions | convention |\n|---|---|\n" + "".join(lines)


def page(text: str) -> str:
    return between(text, BEGIN, END, table())


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
