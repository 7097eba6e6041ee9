"""The gradients that diffsrc writes, as calls with no arguments: by `ds.grad`, and from a built module."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffsrc as ds

from .cases import Case


def dispatched(case: Case) -> Callable[[], Any]:
    """`ds.grad(f)(...)`: what a user calls, who pays for finding the instance each time."""
    gradient, arguments = ds.grad(case.primal), case.arguments()
    return lambda: gradient(*arguments)


def built(case: Case, folder: Path) -> Callable[[], Any]:
    """The `<f>_grad` of a built module, which knows nothing of diffsrc."""
    path = folder / f"{case.primal.__name__}_grad.py"
    arguments = case.arguments()
    ds.build(case.primal, *arguments, wrt=0, modes=("reverse",), path=path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    gradient = getattr(module, f"{case.primal.__name__}_grad")
    return lambda: gradient(*arguments)
