"""docs/benchmarks.md, section by section."""

import re
from pathlib import Path

FILE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def renew(title: str, section: str) -> None:
    """Write a section anew, at the end of the document."""
    text = FILE.read_text(encoding="utf-8")
    kept = re.sub(rf"\n*{re.escape(title)}\n.*?(?=\n## |\Z)", "\n", text, flags=re.DOTALL).rstrip()
    FILE.write_text(f"{kept}\n\n{section}", encoding="utf-8")
