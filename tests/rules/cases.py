"""Calls of library functions, each checked twice: its rules as they stand, and as a program in every mode and to second order.

A case is a call `fn(*args, **options)`. Floats and complex numbers in `args` are differentiated, also inside tuples; items of the
result that aren't numbers with derivatives are left out.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import numpy as np

import diffsrc as ds
from tests.rules.harness import active, check, check_narrow
from tests.rules.several import check_several

HEAD = '''import numpy as np
from scipy import fft, linalg, ndimage, signal


def weigh(x):
    return np.sum(np.cos(np.arange(1.0, np.size(x) + 1.0)) * np.ravel(x))


def weigh_complex(x):
    return weigh(np.real(x)) + weigh(np.imag(x) * 1.5)
'''


@dataclass
class Case:
    """`wrt`: positions that are differentiated, where not all are; `second`: whether the second order is checked."""

    module: str
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)
    wrt: tuple[int, ...] | None = None
    second: bool = True
    #: results that aren't compared: they aren't unique
    skip: tuple[int, ...] = ()

    @property
    def fn(self) -> Callable[..., Any]:
        return getattr(importlib.import_module(f"scipy.{self.module}"), self.name)

    def __str__(self) -> str:
        shown = [_shown(a) for a in self.args] + [f"{k}={_shown(v)}" for k, v in self.options.items()]
        return f"{self.name}({', '.join(shown)})"

    def run(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.fn(*self.args, **self.options)

    def check_rules(self) -> None:
        """The rules, called on arrays."""
        out = self.run()
        options = {} if self.wrt is None else {"wrt": self.wrt}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(out, (tuple, list)):
                skip = {*self.skip, *(k for k, x in enumerate(out) if not active(np.asarray(x)))}
                check_several(self.fn, *self.args, skip=tuple(skip), second=self.second, **options, **self.options)
            else:
                check(self.fn, *self.args, second=self.second, **options, **self.options)

    def check_narrow(self) -> None:
        """The rules in single precision."""
        check_narrow(self.fn, *self.args, **self.options)

    def source(self, name: str) -> str:
        """A program that makes one number of the result."""
        names = iter(f"a{k}" for k in range(20))
        shown = [self._argument(a, k, names) for k, a in enumerate(self.args)]
        shown += [f"{k}={_literal(v)}" for k, v in self.options.items()]
        call = f"{self.module}.{self.name}({', '.join(shown)})"
        out = self.run()
        if isinstance(out, (tuple, list)):
            parts = [k for k, x in enumerate(out) if active(np.asarray(x)) and k not in self.skip]
            total = " + ".join(_weighed(out[k], f"r[{k}]") for k in parts)
            body = f"    r = {call}\n    return {total}\n"
        else:
            body = f"    r = {call}\n    return {_weighed(out, 'r')}\n"
        return f"def {name}({', '.join(f'a{k}' for k in range(len(self.given())))}):\n{body}"

    def _argument(self, a: Any, k: int, names: Any) -> str:
        if isinstance(a, (tuple, list)):
            items = ", ".join(self._argument(item, k, names) for item in a)
            return f"({items},)" if isinstance(a, tuple) else f"[{items}]"
        return next(names) if self._is_given(a, k) else _literal(a)

    def _is_given(self, a: Any, k: int) -> bool:
        return active(a) and (self.wrt is None or k in self.wrt)

    def given(self) -> tuple[Any, ...]:
        """What is differentiated: the arguments of the program."""
        found = []
        for k, a in enumerate(self.args):
            found += [item for item in (a if isinstance(a, (tuple, list)) else [a]) if self._is_given(item, k)]
        return tuple(found)

    def check_program(self, f: Callable[..., Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            order = 2 if self.second else 1
            ds.check_grads(f, self.given(), order=order, directions=1, rtol=1e-5, atol=1e-5)


def _weighed(x: Any, name: str) -> str:
    if np.ndim(x) == 0:
        return f"np.real({name}) + 1.5 * np.imag({name})" if np.iscomplexobj(x) else name
    return f"weigh_complex({name})" if np.iscomplexobj(x) else f"weigh({name})"


def _literal(a: Any) -> str:
    if isinstance(a, np.ndarray):
        return f"np.array({a.tolist()!r}, dtype=np.{a.dtype.name})"
    if isinstance(a, type):
        return f"np.{a.__name__}"
    return repr(a)


def _shown(a: Any) -> str:
    if isinstance(a, np.ndarray):
        return f"{a.dtype.kind}{'x'.join(map(str, a.shape))}"
    return f"({','.join(map(_shown, a))})" if isinstance(a, (tuple, list)) else _literal(a)


def programs(cases: list[Case], folder: Path, more: str = "") -> ModuleType:
    """A module with a function `case_0`, `case_1`, ... per case, and further programs."""
    path = folder / "programs.py"
    path.write_text("\n\n".join([HEAD, *(c.source(f"case_{k}") for k, c in enumerate(cases)), more]))
    spec = importlib.util.spec_from_file_location(f"programs_of_{folder.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
