"""`ds.build`: a module that imports NumPy and holds the derivatives of one function, for use without diffsrc.

It defines `<f>_vjp`, `<f>_jvp`, `<f>_grad` and `<f>_value_and_grad` for given argument types. The first two
are the compiler's; the last two are thin: they make the shadows, call `<f>_vjp` and return the gradients.
For one version of diffsrc the text depends on the function and the types alone.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

from ..defs.variant import Variant, variant_of
from ..errors import ActivityError, UnsupportedError
from ..ir.ops import Func
from ..ir.types import Array, Dict, List, Scalar, Struct, Tuple, Type, carries_derivative, strip
from ..runtime.helpers import new_like
from . import engine, seeing
from .gradient import loc_of
from .modes import Mode
from .signature import Argnums
from .sizes import entry_test

MODES = ("reverse", "forward")


def build(
    f: Callable[..., Any],
    *types: Any,
    wrt: Argnums | None = None,
    modes: Sequence[str | Mode] = MODES,
    path: str | Path | None = None,
    backend: str = "numpy",
    unroll: bool = False,
    readable: bool = False,
) -> str:
    """The text of a stand-alone module with the derivatives of `f`; written to `path` if it is given.

    Args:
        f: the function.
        types: of its arguments, as values or text such as `"f64[:, :]"`.
        wrt: which arguments to differentiate; by default all that carry a derivative.
        modes: "reverse", "forward", or both; with "primal" the module has the function itself, too.
        path: the file to write.
        backend: "numpy".
        unroll: as for `ds.grad`, for the sizes in `types`.
        readable: as for `ds.grad`.

    Raises:
        UnsupportedError: the function can't be differentiated, or refers to objects that can't be written
        out.
    """
    engine.check_backend(backend)
    fn = seeing.behind(f, types)
    names = [_mode_name(m) for m in modes]
    variant = Variant(unroll, readable)
    derived = {name: seeing.derive(f, types, name, wrt, variant) for name in dict.fromkeys(names)}
    if not derived:
        raise ActivityError("modes is empty", hint='modes are "reverse" and "forward"')
    text = _module(fn, derived, variant)
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    return text


def _mode_name(mode: str | Mode) -> str:
    if isinstance(mode, Mode):
        return "reverse" if mode.reverse else "forward"
    if mode not in (*MODES, "primal"):
        raise ActivityError(f"mode {mode!r}", hint='modes are "reverse" and "forward"; "primal" is the function itself')
    return mode


def _module(fn: Any, derived: dict[str, Any], variant: Variant) -> str:
    from ..codegen.module import Options, module_text

    funcs: dict[str, Func] = {}
    docs: dict[str, str] = {}
    for mode, d in derived.items():
        main = replace(d.funcs[0], doc=_doc(fn, d, mode))
        docs[main.name] = main.doc
        for func in (main, *d.funcs[1:]):
            funcs.setdefault(func.name, func)
    alone = _alone(fn, derived.get("reverse"), funcs, variant)
    if alone is not None:
        funcs |= {func.name: func for func in alone.funcs}
        funcs[alone.name] = replace(alone.funcs[0], doc=_doc(fn, alone, "gradient"))
    defaults = {name: {"dout": 1.0} for name, func in funcs.items() if _has_number_seed(func)}
    options = Options(standalone=True, scope=dict(fn.__globals__))
    first = min(derived.items(), key=lambda pair: pair[0] == "primal")[1]
    text = module_text(list(funcs.values()), _header(fn, first), "", options, defaults).text
    reverse = derived.get("reverse")
    if reverse is not None and _one_number(reverse.result_type):
        parts = _wrappers(fn, reverse)[: 1 if alone is not None else 2]
        if any("new_like(" in part for part in parts) and "def new_like(" not in text:
            parts.insert(0, inspect.getsource(new_like).replace(": Any", "").replace(" -> Any", ""))
        text += "".join(f"\n\n{part}" for part in parts)
    main = [*derived.values(), *([alone] if alone is not None else [])]
    return _with_numpy(_annotated(text, {d.funcs[0].name: d for d in main}))


def _alone(fn: Any, d: Any, funcs: dict[str, Func], variant: Variant) -> Any:
    """The gradient without the result, where it needs no shadows and shares its helpers with the rest of the module."""
    from ..compiler import driver
    from ..ir.text import to_text

    if d is None or "shadow" in d.activity or not _one_number(d.result_type):
        return None
    alone = driver.derive_gradient(fn, d.arg_types, d.activity, (), variant_of(fn, variant))
    if alone is None:
        return None
    same = all(f.name not in funcs or to_text(funcs[f.name]) == to_text(f) for f in alone.funcs)
    return alone if same else None


def _with_numpy(text: str) -> str:
    """Wrappers and type hints say `np` also where the derivative itself doesn't."""
    if "np." not in text or "\nimport numpy as np\n" in text:
        return text
    header, _, rest = text.partition("\n\n")
    gap = "" if rest.startswith(("import ", "from ")) else "\n"
    return f"{header}\n\nimport numpy as np\n{gap}{rest}"


def _has_number_seed(func: Func) -> bool:
    last = func.params[-1] if func.params else None
    return last is not None and last.name == "dout" and strip(last.type) in (Scalar("float"), Scalar("f64"))


def _one_number(t: Type) -> bool:
    return isinstance(strip(t), Scalar) and carries_derivative(t)


def _header(fn: Any, d: Any) -> list[str]:
    from .. import __version__

    shown = ", ".join(f"{p}: {t}" for p, t in zip(_params(fn), d.arg_types))
    active = ", ".join(f"{p}: {a}" for p, a in zip(_params(fn), d.activity))
    return [
        f"Derivatives of {fn.__name__} ({Path(fn.__code__.co_filename).name}) by diffsrc {__version__}.",
        f"source {content_hash(fn)}",
        f"types  ({shown})",
        f"active ({active})",
        "This file is generated: change the function and build it again.",
    ]


def content_hash(fn: FunctionType) -> str:
    """A hash of what the function and the functions that it calls say, without places and comments."""
    from ..frontend.lower import lower
    from ..ir.text import to_text

    texts: list[str] = []
    waiting, seen = [fn], set()
    while waiting:
        f = waiting.pop(0)
        if f in seen or (f.__module__ or "").split(".")[0] in ("numpy", "math"):
            continue
        seen.add(f)
        try:
            func, reads = lower(f)
        except UnsupportedError:
            continue
        texts.append(to_text(func, locs=False))
        waiting += [value for _, _, value in reads if isinstance(value, FunctionType)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _params(fn: Any) -> list[str]:
    code = fn.__code__
    return list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _doc(fn: Any, d: Any, mode: str) -> str:
    """The docstring of a derivative: what it takes and returns, in order."""
    params = _params(fn)
    if mode == "primal":
        return f"What {fn.__name__} computes."
    if mode == "forward":
        dots = [f"{p}_dot" for p, a in zip(params, d.activity) if a != "const"]
        taken = f"takes {', '.join(params)}, then the tangents {', '.join(dots)}"
        return f"Forward mode of {fn.__name__}: {taken}. Returns the result and its tangent."
    values = [f"d{p}" for p, a in zip(params, d.activity) if a == "value"]
    if mode == "gradient":
        return f"The gradient of {fn.__name__}: {', '.join(values)}."
    shadows = [f"d{p}" for p, a in zip(params, d.activity) if a == "shadow"]
    added = f" The gradients of the shadows {', '.join(shadows)} are added to them." if shadows else ""
    returned = f"Returns the result{', then ' + ', '.join(values) if values else ''}."
    return f"Reverse mode of {fn.__name__}({', '.join(params)}). {returned}{added}"


def _wrappers(fn: Any, d: Any) -> list[str]:
    """`<f>_value_and_grad` and `<f>_grad`, from `<f>_vjp`."""
    params, name = _params(fn), d.funcs[0].name.removesuffix("_vjp")  # the user may have set __name__ to any text
    own = _fresh("gradient", params)
    lines, cotangents, gradients = [], [], []
    for p, a, t in zip(params, d.activity, d.arg_types):
        if a == "const":
            continue
        gradients.append(_fresh(f"d{p}", params))
        if a == "shadow":
            lines.append(f"{gradients[-1]} = {_zero(t, p, loc_of(fn))}")
        else:
            cotangents.append(gradients[-1])
    shadows = [g for g in gradients if g not in cotangents]
    out = _fresh("out", [*params, *gradients])
    call = f"{d.funcs[0].name}({', '.join([*params, *shadows])})"
    lines.append(f"{', '.join([out, *cotangents])}{'' if cotangents else ','} = {call}")
    result = gradients[0] if len(gradients) == 1 else f"({', '.join(gradients)})"
    signature = ", ".join(f"{p}: {_hint(t)}" for p, t in zip(params, d.arg_types))
    both, listed = f"{name}_value_and_grad", ", ".join(gradients)
    return [
        _function(
            both,
            signature,
            f"The result of {name}, and its gradient: {listed}.",
            [*lines, f"return {out}, {result}"],
        ),
        _function(
            f"{name}_grad",
            signature,
            f"The gradient of {name}: {listed}.",
            [f"_, {own} = {both}({', '.join(params)})", f"return {own}"],
        ),
    ]


def _function(name: str, signature: str, doc: str, body: Sequence[str]) -> str:
    return "".join(
        f"{line}\n" for line in (f"def {name}({signature}):", f'    """{doc}"""', *(f"    {b}" for b in body))
    )


def _fresh(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _zero(t: Type, name: str, loc: Any) -> str:
    """An expression that makes the zero shadow of a value."""
    t = strip(t)
    match t:
        case Array():
            return f"np.zeros_like({name})"
        case Scalar() if carries_derivative(t):
            return "0.0"
        case List(item):
            return f"[{_zero(item, 'item', loc)} for item in {name}]"
        case Dict(items):
            inner = ", ".join(f"{key!r}: {_zero(part, f'{name}[{key!r}]', loc)}" for key, part in items)
            return f"{{{inner}}}"
        case Struct():
            inner = ", ".join(f"{key}={_zero(part, f'{name}.{key}', loc)}" for key, part in t.fields)
            return f"new_like({name}, {inner})"
        case Tuple() if not t.names:
            parts = [_zero(part, f"{name}[{k}]", loc) for k, part in enumerate(t.items)]
            return f"({''.join(part + ', ' for part in parts)})"
    if not carries_derivative(t):
        return name
    raise UnsupportedError(
        f"a built module can't make the shadow of {name}: {t}",
        loc=loc,
        hint='build modes=("forward",), or use ds.grad',
    )


def _hint(t: Type) -> str:
    t = strip(t)
    if isinstance(t, Array):
        return "np.ndarray"
    if isinstance(t, Scalar):
        return {"f64": "float", "i64": "int", "c128": "complex", "b1": "bool"}.get(t.kind, t.kind if t.kind in
               ("float", "int", "bool", "complex") else "np.generic")  # fmt: skip
    return {"List": "list", "Dict": "dict", "Tuple": "tuple"}.get(type(t).__name__, "object")


def _annotated(text: str, main: dict[str, Any]) -> str:
    """Type hints for the parameters of the compiler's own functions."""
    lines = text.split("\n")
    for node in reversed(ast.parse(text).body):
        if not isinstance(node, ast.FunctionDef) or node.name not in main:
            continue
        d = main[node.name]
        types = [p.type for p in d.funcs[0].params]
        given = node.args.defaults
        first = len(node.args.args) - len(given)
        parts = []
        for i, (a, t) in enumerate(zip(node.args.args, types)):
            default = f" = {ast.unparse(given[i - first])}" if i >= first else ""
            parts.append(f"{a.arg}: {_hint(t)}{default}")
        head = f"def {node.name}({', '.join(parts)}):"
        if len(head) > 100:
            head = f"def {node.name}(\n    " + ",\n    ".join(parts) + ",\n):"
        tests = [f"    {line}" for a, t in zip(node.args.args, d.arg_types) for line in entry_test(a.arg, t)]
        lines[_doc_end(node) : _doc_end(node)] = tests
        lines[node.lineno - 1 : node.body[0].lineno - 1] = head.split("\n")
    new = "\n".join(lines)
    ast.parse(new)
    return new


def _doc_end(node: ast.FunctionDef) -> int:
    """The line behind the docstring."""
    first = node.body[0]
    is_doc = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return (first.end_lineno or first.lineno) if is_doc else first.lineno - 1


def is_current(path: str | Path, text: str) -> bool:
    """Whether the module at `path` holds this text."""
    file = Path(path)
    return file.exists() and file.read_text(encoding="utf-8") == text
