"""Every Python block of the documents runs, in order, as one program, and prints what the document shows.

A block fenced as `python` is run; one fenced as `output` right after it is its expected output, where a line
`...` stands for any lines. Other blocks are not run.
"""

import contextlib
import io
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[str, str, int]]:
    """(language, contents, line of the first line of contents) of each fenced block."""
    return [(m[1], m[2], text.count("\n", 0, m.start(2)) + 1) for m in FENCE.finditer(text)]


def same(expected: str, printed: str) -> bool:
    """Whether a text is what was expected, where a line `...` matches any number of lines."""
    lines = expected.rstrip().splitlines()
    pattern = "".join(r"(?:.*\n)*" if line.strip() == "..." else re.escape(line) + r"\n" for line in lines)
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None


def run_document(text: str, folder: Path, name: str) -> list[tuple[int, str, str]]:
    """Run the Python blocks, as a notebook does its cells; where they differ: (line, expected, printed).

    Each block is a file of its own, with the line numbers of the document.
    """
    wrong, found = [], blocks(text)
    module = sys.modules[name] = types.ModuleType(name)
    for (language, contents, first), (follower, expected, _) in zip(found, [*found[1:], ("", "", 0)]):
        if language != "python":
            continue
        path = folder / f"{name}_line_{first}.py"
        path.write_text("\n" * (first - 1) + contents, encoding="utf-8")
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, module.__dict__)
        if follower == "output" and not same(expected, printed.getvalue()):
            wrong.append((first, expected, printed.getvalue()))
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_runs(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    name = f"document_{document.stem}".replace("-", "_")
    try:
        wrong = run_document(document.read_text(encoding="utf-8"), tmp_path, name)
    finally:
        sys.modules.pop(name, None)
    assert not wrong, "\n".join(f"line {line}: expected\n{want}\ngot\n{got}" for line, want, got in wrong)


def test_a_wrong_output_is_noticed(tmp_path: Path):
    text = "# x\n```python\nprint(1)\n```\n```output\n2\n```\n"
    assert run_document(text, tmp_path, "document_wrong") == [(3, "2\n", "1\n")]


def test_dots_stand_for_lines():
    assert same("a\n...\nb\n", "a\n1\n2\nb\n")
    assert same("a\n...\n", "a\n1\n")
    assert not same("a\n...\nb\n", "a\n1\n2\n")


def test_links_lead_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_table_of_conventions_is_fresh():
    """To renew it:  python -m tests.docs.kinks"""
    from .kinks import PAGE, page

    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text


def test_rules_are_what_the_tables_hold() -> None:
    """To renew it:  python -m tests.docs.rules"""
    fresh = "from tests.docs.rules import PAGE, page; text = PAGE.read_text(encoding='utf-8'); assert text == page(text)"
    subprocess.run([sys.executable, "-c", fresh], check=True, cwd=ROOT)  # where no other test has entered rows


def test_syntax_is_what_the_table_says() -> None:
    """To renew it:  python -m tests.docs.syntax"""
    from .syntax import PAGE, page

    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text
