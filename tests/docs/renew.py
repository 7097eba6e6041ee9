"""Write what the documents' programs print into their output blocks:  python -m tests.docs.renew"""

import os
import sys
import tempfile
from pathlib import Path

from . import kinks, rules, syntax
from .test_docs import DOCUMENTS, blocks, run_document


def shown(expected: str, printed: str) -> str:
    """The new output; where the old one left out lines before its first line, so does the new one."""
    first, _, rest = expected.partition("\n")
    anchor = rest.partition("\n")[0]
    lines = printed.rstrip().splitlines()
    start = lines.index(anchor) if first == "..." and anchor in lines else 0
    return "\n".join(["..."] * (start > 0) + lines[start:]) + "\n"


def renewed(text: str, name: str, folder: Path) -> str:
    wrong = {line: (expected, printed) for line, expected, printed in run_document(text, folder, name)}
    lines = text.split("\n")
    found = blocks(text)
    for (_, _, first), (_, contents, start) in reversed(list(zip(found, found[1:]))):
        if first in wrong:
            lines[start - 1 : start - 1 + contents.count("\n")] = shown(*wrong[first]).split("\n")[:-1]
    return "\n".join(lines)


if __name__ == "__main__":
    for made in (kinks, rules, syntax):  # before programs of documents enter rows of their own
        made.PAGE.write_text(made.page(made.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            sys.path.insert(0, folder)
            name = f"document_{document.stem}".replace("-", "_")
            text = renewed(document.read_text(encoding="utf-8"), name, Path(folder))
            document.write_text(text, encoding="utf-8")
