"""The map of the source names every file, and no file that isn't there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_is_on_the_map() -> None:
    package = ROOT / "diffsrc"
    files = {str(p.relative_to(package)) for p in package.rglob("*.py") if p.name != "__init__.py"}
    rooms = MAP.partition("## The rooms")[2].partition("## Invariants")[0]
    named = set(re.findall(r"`([\w/]+\.py)`", rooms))
    assert files - named == set()
    assert named - files == set()
