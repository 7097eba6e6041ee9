"""A golden case: a small function, and the files that hold what the compiler makes of it.

    <topic>/<case>.py              the function `<case>` and a point, `ARGUMENTS`
    <topic>/<case>/lowered.ir, typed.ir, activity.ir, reverse.ir, optimized.ir
    <topic>/<case>/vjp.py, jvp.py  the generated derivatives, as modules that need NumPy alone
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from diffsrc.api import seeing
from diffsrc.codegen.module import Options, module_text
from diffsrc.defs.variant import Variant

ROOT = Path(__file__).parent
IR_STAGES = ("lowered", "typed", "activity", "reverse", "optimized")


def generated(path: str, name: str) -> Callable[..., Any]:
    """A function of a golden module."""
    file = ROOT / path
    spec = importlib.util.spec_from_file_location(f"golden_{path[:-3].replace('/', '_')}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


@dataclass(frozen=True)
class Golden:
    topic: str
    name: str

    def __str__(self) -> str:
        return f"{self.topic}/{self.name}"

    @property
    def folder(self) -> Path:
        return ROOT / self.topic / self.name

    @property
    def readable(self) -> bool:
        """Whether arrays keep memory of their own: everywhere but in the topic that is about that."""
        return self.topic != "buffers"

    def load(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """The function, and the point at which it is looked at."""
        module = importlib.import_module(f"tests.golden.{self.topic}.{self.name}")
        return getattr(module, self.name), copy.deepcopy(module.ARGUMENTS)

    def texts(self) -> Iterator[tuple[str, str]]:
        """The name and contents of each file."""
        fn, args = self.load()
        for stage in IR_STAGES:
            yield f"{stage}.ir", str(seeing.code(fn, stage, *args, readable=self.readable))
        for mode, file in (("reverse", "vjp.py"), ("forward", "jvp.py")):
            yield file, _module(fn, seeing.derive(fn, args, mode, variant=Variant(readable=self.readable)), mode)

    def derived(self, file: str) -> tuple[Callable[..., Any], tuple[str, ...]]:
        """The main function of a golden module, and the activities of its arguments."""
        fn, args = self.load()
        mode = "reverse" if file == "vjp.py" else "forward"
        d = seeing.derive(fn, args, mode, variant=Variant(readable=self.readable))
        return generated(f"{self}/{file}", d.funcs[0].name), d.activity


def _module(fn: Any, d: Any, mode: str) -> str:
    types = ", ".join(f"{p}: {t} {a}" for p, t, a in zip(fn.__code__.co_varnames, d.arg_types, d.activity))
    last = {f.name: f.params[-1].name for f in d.funcs if f.params}
    defaults = {d.funcs[0].name: {"dout": 1.0}} if last.get(d.funcs[0].name) == "dout" else {}
    if "dout=1.0" not in d.source:
        defaults = {}
    options = Options(standalone=True, scope=dict(fn.__globals__))
    funcs = [replace(f, doc="") for f in d.funcs]
    return module_text(funcs, [f"{mode} mode of {fn.__name__}({types})"], "", options, defaults).text


def goldens() -> list[Golden]:
    """All cases, those that build on others last."""
    return [Golden(p.parent.name, p.stem) for p in sorted(ROOT.glob("*/*.py"))]


def without_remarks(text: str) -> str:
    """A dump without the remarks behind the places (they aren't part of what is parsed)."""
    text = re.sub(r" +# (?!\S*\d+(?::\d+)?(?:  |$)).*", "", text, flags=re.M)
    return re.sub(r"(# (?:\S+:)?\d+(?::\d+)?)  .*", r"\1", text)
