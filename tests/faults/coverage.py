"""Which cases of the probe run which lines of our modules: a fault can be noticed by these cases only."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

from .catalogue import AREAS
from .plant import ROOT, file_of


def traced_files() -> dict[str, str]:
    return {str(file_of(name)): name for area in AREAS.values() for name in area.modules}


class _Tracer:
    """Collects the lines of some files that run."""

    def __init__(self) -> None:
        self.files = traced_files()
        self.seen: set[tuple[str, int]] = set()

    def call(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self.line if frame.f_code.co_filename in self.files else None

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self.line


def measure() -> dict[str, Any]:
    """By "module:line" the names of the cases, cheapest first; and the verdict of each case."""
    import time

    from tests.probe.collect import cases
    from tests.probe.harness import judge

    tracer, lines, seconds, verdicts = _Tracer(), defaultdict(list), {}, {}
    for c in cases():
        tracer.seen = set()
        start = time.monotonic()
        sys.settrace(tracer.call)
        try:
            verdicts[c.name] = judge(c).kind
        finally:
            sys.settrace(None)
        seconds[c.name] = time.monotonic() - start
        for file, line in tracer.seen:
            lines[f"{tracer.files[file]}:{line}"].append(c.name)
    ordered = {key: sorted(names, key=seconds.__getitem__) for key, names in lines.items()}
    return {"lines": ordered, "verdicts": verdicts}


def noticed(module: str, line: int, known: dict[str, Any]) -> str:
    """The first case whose verdict isn't what it was, of those that run this line (any, where that isn't known)."""
    from tests.probe.collect import cases
    from tests.probe.harness import judge

    from .suite import start_clock

    by_name = {c.name: c for c in cases()}
    names = known["lines"].get(f"{module}:{line}") or (list(by_name) if not line else [])
    for name in names:
        start_clock()
        if name in by_name and name in known["verdicts"] and judge(by_name[name]).kind != known["verdicts"][name]:
            return f"probe: {name}"
    return ""


def load(file: Path) -> dict[str, Any]:
    """What `measure` gave, measured in this process if the file isn't there."""
    if not file.exists():
        sys.path.insert(0, str(ROOT))
        file.write_text(json.dumps(measure()), encoding="utf-8")
    return dict(json.loads(file.read_text(encoding="utf-8")))
