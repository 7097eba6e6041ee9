"""One small program for each class of `ast`: the function `f` of one number (a few helpers beside it).

Programs of supported classes are differentiated; those of refused ones are refused with the code of the table.
"""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

#: the function's body, where that is enough
BODIES: dict[str, str] = {
    # statements
    "AnnAssign": "y: float = x * x\nreturn y * x",
    "Assert": "assert x > 0.0, 'positive'\nreturn x * x",
    "Assign": "a = b = x * x\nreturn a * b",
    "AsyncFor": "async def g():\n    async for v in x:\n        pass\nreturn x * x",
    "AsyncFunctionDef": "async def g():\n    return x\nreturn x * x",
    "AsyncWith": "async def g():\n    async with x:\n        pass\nreturn x * x",
    "AugAssign": "y = x\ny *= x\ny -= 2.0 * x\nreturn y * y",
    "Break": "y = x\nfor k in range(9):\n    y = y * x\n    if y > 5.0:\n        break\nreturn y",
    "ClassDef": "class C:\n    pass\nreturn x * x",
    "Continue": "y = x\nfor k in range(5):\n    if k == 2:\n        continue\n    y = y * x\nreturn y",
    "Delete": "y = x * x\nz = y * x\ndel y\nreturn z",
    "Expr": "xs = [x]\nxs.append(x * x)\nreturn xs[1] * xs[0]",
    "For": "y = x\nfor k in range(3):\n    y = y * x + k\nreturn y",
    "FunctionDef": "def g(y):\n    return y * x\nreturn g(x) * g(2.0)",
    "Global": "global SCALE\nreturn x * x * SCALE",
    "If": "if x > 1.0:\n    return x * x\nelif x > 0.5:\n    return x\nelse:\n    return 1.0",
    "Import": "import math\nreturn math.sin(x) * x",
    "ImportFrom": "from math import sin\nreturn sin(x) * x",
    "Match": "match 3:\n    case 3:\n        return x * x\n    case _:\n        return x",
    "Nonlocal": "y = x\ndef g():\n    nonlocal y\n    y = y * x\ng()\ng()\nreturn y",
    "Pass": "if x > 0.0:\n    pass\nreturn x * x",
    "Raise": "if x < 0.0:\n    raise ValueError('negative')\nreturn x * x",
    "Return": "return x * x * x",
    "Try": "try:\n    y = x / x * x\nexcept ZeroDivisionError:\n    y = 0.0\nreturn y * x",
    "TryStar": "try:\n    y = x * x\nexcept* ValueError:\n    y = x\nreturn y",
    "TypeAlias": "type T = float\nreturn x * x",
    "While": "y = x\nwhile y < 9.0:\n    y = y * x\nreturn y",
    "With": "with np.errstate(all='ignore'):\n    y = np.log(x)\nreturn y * x",
    # expressions
    "Attribute": "return np.square(x) * np.pi",
    "Await": "async def g():\n    await x\nreturn x * x",
    "BinOp": "return x * x - x / 3.0",
    "BoolOp": "y = x > 0.0 and x < 2.0\nreturn x * x if y or x > 5.0 else x",
    "Call": "return np.sin(x) * max(x, 1.0)",
    "Compare": "return x * x if 0.0 < x <= 2.0 else x",
    "Constant": "return 2.0 * x * x",
    "Dict": "d = {'a': x, 'b': x * x}\nreturn d['a'] * d['b']",
    "DictComp": "d = {k: x * x for k in ('a', 'b')}\nreturn d['a'] * d['b']",
    "FormattedValue": "s = f'{3:d}{2!r}'\nreturn x * x * len(s)",
    "GeneratorExp": "return sum(x**k for k in range(1, 4))",
    "IfExp": "return x * x if x > 0.0 else -x",
    "Interpolation": "s = t'{x}'\nreturn x * x",
    "JoinedStr": "s = f'a{1}b'\nreturn x * x * len(s)",
    "Lambda": "g = lambda y: y * x\nreturn g(x) * x",
    "List": "xs = [x, x * x]\nreturn xs[0] * xs[1]",
    "ListComp": "xs = [x * k for k in range(4) if k != 2]\nreturn xs[1] * xs[2]",
    "Name": "y = x\nreturn y * x",
    "NamedExpr": "if (y := x * x) > 0.0:\n    return y * x\nreturn y",
    "Set": "s = {1, 2, 3}\nreturn x * x * len(s)",
    "SetComp": "s = {k % 2 for k in range(5)}\nreturn x * x * len(s)",
    "Slice": "a = np.array([x, x * x, 2.0])\nreturn np.sum(a[:2] * a[1:])",
    "Starred": "a, *b = x, x * x, 2.0 * x\nreturn a * b[0] * b[1]",
    "Subscript": "xs = (x, x * x)\nreturn xs[0] * xs[-1]",
    "TemplateStr": "s = t'a'\nreturn x * x",
    "Tuple": "a, b = x, x * x\nreturn a * b",
    "UnaryOp": "return -x * +x",
    # operators
    "Add": "return x + x * x",
    "And": "return x * x if x > 0.0 and x < 9.0 else x",
    "BitAnd": "return x * x * (6 & 3)",
    "BitOr": "return x * x * (6 | 3)",
    "BitXor": "return x * x * (6 ^ 3)",
    "Div": "return x / (1.0 + x)",
    "Eq": "return x * x if x == x else x",
    "FloorDiv": "return x * x * (7 // 2)",
    "Gt": "return x * x if x > 0.0 else x",
    "GtE": "return x * x if x >= 0.0 else x",
    "In": "return x * x if 2 in (1, 2) else x",
    "Invert": "return x * x * (~3)",
    "Is": "return x * x if x is not None and None is None else x",
    "IsNot": "return x * x if x is not None else x",
    "LShift": "return x * x * (1 << 3)",
    "Lt": "return x * x if x < 9.0 else x",
    "LtE": "return x * x if x <= 9.0 else x",
    "MatMult": "a = np.array([x, x * x])\nreturn a @ a",
    "Mod": "return (5.0 * x) % 3.0 * x",
    "Mult": "return x * x",
    "Not": "return x if not x > 0.0 else x * x",
    "NotEq": "return x * x if x != 2.0 else x",
    "NotIn": "return x * x if 3 not in (1, 2) else x",
    "Or": "return x * x if x < 0.0 or x > 1.0 else x",
    "Pow": "return x**3",
    "RShift": "return x * x * (9 >> 1)",
    "Sub": "return x * x - x",
    "UAdd": "return +x * x",
    "USub": "return -x * x",
    # parts of other nodes
    "Del": "y = x * x\nz = y * y\ndel y\nreturn z",
    "ExceptHandler": "try:\n    y = x / (x - x)\nexcept ZeroDivisionError as err:\n    y = x * x\nreturn y",
    "Load": "return x * x",
    "MatchAs": "match (1, 2):\n    case (a, b) as c:\n        return x * x * a * b * len(c)\nreturn x",
    "MatchClass": "match 3:\n    case int():\n        return x * x\nreturn x",
    "MatchMapping": "match {'a': x}:\n    case {'a': y}:\n        return y * x\nreturn x",
    "MatchOr": "match 3:\n    case 1 | 3:\n        return x * x\nreturn x",
    "MatchSequence": "match (x, 2.0):\n    case (a, b):\n        return a * a * b\nreturn x",
    "MatchSingleton": "match None:\n    case None:\n        return x * x\nreturn x",
    "MatchStar": "match (x, 2.0, 3.0):\n    case (a, *b):\n        return a * a * b[0]\nreturn x",
    "MatchValue": "match 'a':\n    case 'a':\n        return x * x\nreturn x",
    "Store": "y = x * x\nreturn y",
    "TypeIgnore": "return x * x  # type: ignore",
    "alias": "import math as m\nreturn m.sin(x) * x",
    "comprehension": "return sum([x * k for k in range(3) for j in range(k)])",
    "keyword": "return np.sum(np.array([x, x * x]), axis=0)",
    "match_case": "match 3:\n    case k if k > 2:\n        return x * x\nreturn x",
    "withitem": "with np.errstate(divide='ignore') as e:\n    y = x * x\nreturn y * x",
    "arg": "def g(a, b=2.0):\n    return a * b\nreturn g(x) * x",
    "arguments": "def g(a, /, b, *, c=2.0):\n    return a * b * c\nreturn g(x, x)",
    "ParamSpec": "def g[**P](y):\n    return y * y\nreturn g(x)",
    "TypeVar": "def g[T](y: T) -> T:\n    return y * y\nreturn g(x)",
    "TypeVarTuple": "def g[*Ts](y):\n    return y * y\nreturn g(x)",
}
#: whole texts, where `f` is more than a body
TEXTS: dict[str, str] = {
    "Yield": "def g(x):\n    yield x\n    yield x * x\n\ndef f(x):\n    s = 0.0\n    for v in g(x):\n        s += v * v\n    return s\n",
    "YieldFrom": "def h(x):\n    yield x\n\ndef g(x):\n    yield from h(x)\n\ndef f(x):\n    s = 0.0\n    for v in g(x):\n        s += v * v\n    return s\n",
}
#: classes that no function holds: whole programs, and what older Pythons made
NONE = {
    "Expression", "FunctionType", "Interactive", "Module", "AugLoad", "AugStore", "Bytes", "Ellipsis", "ExtSlice",
    "Index", "NameConstant", "Num", "Param", "Str", "Suite",
}  # fmt: skip
#: refused by name, though their class is supported: the body, and the code
BY_NAME: dict[str, tuple[str, str]] = {
    "exec": ("exec('y = 1.0')\nreturn x * x", "DS108"),
    "eval": ("return eval('x * x')", "DS108"),
    "locals": ("return locals()['x'] * x", "DS108"),
    "globals": ("return globals()['np'].sin(x)", "DS108"),
    "vars": ("return vars()['x'] * x", "DS108"),
    "input": ("return x * float(input())", "DS108"),
    "breakpoint": ("breakpoint()\nreturn x * x", "DS108"),
    "threading.Thread": ("t = threading.Thread(target=print)\nt.start()\nreturn x * x", "DS138"),
    "threading.Lock": ("with threading.Lock():\n    return x * x", "DS138"),
    "futures": ("pool = futures.ThreadPoolExecutor()\nreturn pool.submit(np.sin, x).result()", "DS138"),
    "multiprocessing": ("return multiprocessing.Pool(2).map(np.sin, [x])[0]", "DS138"),
    "asyncio": ("return asyncio.run(x)", "DS138"),
    "subprocess": ("subprocess.run(['true'])\nreturn x * x", "DS138"),
    "__import__": ("return __import__('math').sin(x)", "DS108"),
    "compile": ("return x * len(compile('1', 'a', 'eval').co_code)", "DS108"),
}


def text_of(name: str) -> str:
    """The program for a class."""
    return TEXTS[name] if name in TEXTS else function(BODIES[name])


def function(body: str) -> str:
    return "SCALE = 1.0\n\ndef f(x):\n" + "".join(f"    {line}\n" for line in body.split("\n"))
