"""Write what syntax is supported and refused, from the syntax table, into docs/syntax.md:  python -m tests.docs.syntax"""

from pathlib import Path

from diffsrc.defs.syntax import SYNTAX, listing

from .tables import between, rendered

PAGE = Path(__file__).parents[2] / "docs" / "syntax.md"
BEGIN, END = "<!-- syntax: begin -->\n", "<!-- syntax: end -->\n"
#: classes that the parser of no supported Python makes
OLD = "replaced and isn't made"


def tables() -> str:
    rows = [row for row in listing() if OLD not in row[2]]
    classes = [row for row in rows if row[0] in SYNTAX]
    supported = ", ".join(f"`{name}`" for name, code, _, _ in classes if not code)
    refused = sorted((row for row in classes if row[1]), key=lambda row: (row[1], row[0]))
    features = sorted((row for row in rows if row[1] and row not in classes), key=lambda row: (row[1], row[2]))
    return (
        f"Supported: {supported}.\n\nRefused:\n\n"
        + rendered(("class of `ast`", "code", "reason", "instead"), [(f"`{n}`", c, r, h) for n, c, r, h in refused])
        + "\nRefused where they are used so:\n\n"
        + rendered(("code", "reason", "instead"), [(c, r, h) for _, c, r, h in features])
    )


def page(text: str) -> str:
    return between(text, BEGIN, END, tables())


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
