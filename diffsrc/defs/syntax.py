"""The syntax table: for every class of `ast` (Python 3.11 to 3.14) how it is lowered, or why it is refused.

`SYNTAX` is keyed by class name, since older Pythons lack some of the classes. `FEATURES` holds the
refusals that need more than the class to be seen: `*args` in a call, a captured variable that
changes later. Both drive the front end's errors (`refusal`), the list of supported syntax in the
docs, and a test that no class is undecided.
"""

from __future__ import annotations

from ..errors import UnsupportedError
from ..plain import dataclass
from ..source import NOWHERE, Loc


@dataclass(frozen=True, slots=True)
class Supported:
    """`by`: the part of the front end (or the node around it) that lowers the class."""

    by: str


@dataclass(frozen=True, slots=True)
class Refused:
    """`reason` and `hint` may have fields in braces, filled by `refusal`."""

    code: str
    reason: str
    hint: str = ""


Row = Supported | Refused

_ASYNC = Refused("DS110", "coroutines aren't supported", "call the function from synchronous code")
_CLASS = Refused("DS111", "a class defined inside a function isn't supported", "define it at module level")
_GUARD = Supported("guards")
_TRY_STAR = Refused("DS112", "`except*` isn't supported", "use `except`")
_MATCH = Supported("match")
_IMPORT = Supported("imports")
_GLOBAL = Refused("DS116", "assigning global variables isn't supported", "return the value, or keep it in an array")
_TYPES = Refused(
    "DS117",
    "type aliases and type parameters inside a function aren't supported",
    "move them to module level",
)
_STARRED = Refused("DS121", "a starred expression isn't supported here", "write the elements out, or use slices")
_TEMPLATE = Refused("DS122", "template strings aren't supported", "use an f-string")
_MODE = Refused("DS123", "only functions and lambdas are compiled")
_OLD = Refused("DS123", "this node class was replaced and isn't made by the parser any more")

_STATEMENT, _EXPRESSION, _OPERATOR = Supported("statements"), Supported("expressions"), Supported("operators")
_TARGET, _LOOP, _CALL, _CLOSURE = (
    Supported("targets"),
    Supported("loops"),
    Supported("calls"),
    Supported("closures"),
)
_COMPREHENSION, _CONTEXT = Supported("comprehensions"), Supported("the node around it")
_PRODUCER = Supported("producers")

SYNTAX: dict[str, Row] = {
    # statements
    "AnnAssign": _STATEMENT,
    "Assert": _STATEMENT,
    "Assign": _STATEMENT,
    "AsyncFor": _ASYNC,
    "AsyncFunctionDef": _ASYNC,
    "AsyncWith": _ASYNC,
    "AugAssign": _TARGET,
    "Break": _LOOP,
    "ClassDef": _CLASS,
    "Continue": _LOOP,
    "Delete": _STATEMENT,
    "Expr": _STATEMENT,
    "For": _LOOP,
    "FunctionDef": _CLOSURE,
    "Global": _STATEMENT,
    "If": _STATEMENT,
    "Import": _IMPORT,
    "ImportFrom": _IMPORT,
    "Match": _MATCH,
    "Nonlocal": _CLOSURE,
    "Pass": _STATEMENT,
    "Raise": _STATEMENT,
    "Return": _STATEMENT,
    "Try": _GUARD,
    "TryStar": _TRY_STAR,
    "TypeAlias": _TYPES,
    "While": _LOOP,
    "With": _GUARD,
    # expressions
    "Attribute": _EXPRESSION,
    "Await": _ASYNC,
    "BinOp": _EXPRESSION,
    "BoolOp": _EXPRESSION,
    "Call": _CALL,
    "Compare": _EXPRESSION,
    "Constant": _EXPRESSION,
    "Dict": _EXPRESSION,
    "DictComp": _COMPREHENSION,
    "FormattedValue": Supported("JoinedStr"),
    "GeneratorExp": _PRODUCER,
    "IfExp": _EXPRESSION,
    "Interpolation": _TEMPLATE,
    "JoinedStr": _EXPRESSION,
    "Lambda": _CLOSURE,
    "List": _EXPRESSION,
    "ListComp": _COMPREHENSION,
    "Name": _EXPRESSION,
    "NamedExpr": _EXPRESSION,
    "Set": _EXPRESSION,
    "SetComp": _COMPREHENSION,
    "Slice": _EXPRESSION,
    "Starred": _CONTEXT,
    "Subscript": _EXPRESSION,
    "TemplateStr": _TEMPLATE,
    "Tuple": _EXPRESSION,
    "UnaryOp": _EXPRESSION,
    "Yield": _PRODUCER,
    "YieldFrom": _PRODUCER,
    # operators
    "Add": _OPERATOR,
    "And": _OPERATOR,
    "BitAnd": _OPERATOR,
    "BitOr": _OPERATOR,
    "BitXor": _OPERATOR,
    "Div": _OPERATOR,
    "Eq": _OPERATOR,
    "FloorDiv": _OPERATOR,
    "Gt": _OPERATOR,
    "GtE": _OPERATOR,
    "In": _OPERATOR,
    "Invert": _OPERATOR,
    "Is": _OPERATOR,
    "IsNot": _OPERATOR,
    "LShift": _OPERATOR,
    "Lt": _OPERATOR,
    "LtE": _OPERATOR,
    "MatMult": _OPERATOR,
    "Mod": _OPERATOR,
    "Mult": _OPERATOR,
    "Not": _OPERATOR,
    "NotEq": _OPERATOR,
    "NotIn": _OPERATOR,
    "Or": _OPERATOR,
    "Pow": _OPERATOR,
    "RShift": _OPERATOR,
    "Sub": _OPERATOR,
    "UAdd": _OPERATOR,
    "USub": _OPERATOR,
    # parts of other nodes
    "Del": _CONTEXT,
    "ExceptHandler": _CONTEXT,
    "Load": _CONTEXT,
    "MatchAs": _MATCH,
    "MatchClass": _MATCH,
    "MatchMapping": _MATCH,
    "MatchOr": _MATCH,
    "MatchSequence": _MATCH,
    "MatchSingleton": _MATCH,
    "MatchStar": _MATCH,
    "MatchValue": _MATCH,
    "ParamSpec": _TYPES,
    "Store": _CONTEXT,
    "TypeIgnore": _CONTEXT,
    "TypeVar": _TYPES,
    "TypeVarTuple": _TYPES,
    "alias": _CONTEXT,
    "arg": _CONTEXT,
    "arguments": _CONTEXT,
    "comprehension": _COMPREHENSION,
    "keyword": _CALL,
    "match_case": _MATCH,
    "withitem": _CONTEXT,
    # whole programs
    "Expression": _MODE,
    "FunctionType": _MODE,
    "Interactive": _MODE,
    "Module": _MODE,
    # names that older Pythons keep
    "AugLoad": _OLD,
    "AugStore": _OLD,
    "Bytes": _OLD,
    "Ellipsis": _OLD,
    "ExtSlice": _OLD,
    "Index": _OLD,
    "NameConstant": _OLD,
    "Num": _OLD,
    "Param": _OLD,
    "Str": _OLD,
    "Suite": _OLD,
}

FEATURES: dict[str, Refused] = {
    "generator value": Refused("DS120", "a generator expression is kept as a value here", "use a list comprehension"),
    "global": _GLOBAL,
    "no source": Refused(
        "DS101",
        "there is no source for {name}",
        "define it in a file, with `def` or `lambda`; to another process send its derivative, made here",
    ),
    "changed source": Refused(
        "DS102",
        "the source of {name} isn't what is running",
        "reload the module; code rewritten on import isn't supported",
    ),
    "ambiguous lambda": Refused("DS102", "several lambdas in this line can't be told apart", "give each its own line"),
    "unbound": Refused("DS103", "the name {name} isn't bound", "define it before the function is differentiated"),
    "unbound here": Refused(
        "DS103", "the variable {name} has no value here", "assign it on every path that leads here"
    ),
    "long integer": Refused("DS139", "an integer of more than 4,000 digits", "compute it, or read it from a global"),
    "too deep": Refused("DS105", "the program is nested too deeply", "split long expressions and `elif` chains"),
    "signature": Refused("DS106", "*args and **kwargs in a signature aren't supported", "name the parameters"),
    "star arguments": Refused("DS107", "*args and **kwargs in a call aren't supported", "write the arguments out"),
    "frame function": Refused(
        "DS108", "{name}() runs text or reads the running frame, and isn't supported", "name the value itself"
    ),
    "threads": Refused(
        "DS138", "{name}: threads, processes and coroutines aren't supported", "call the functions one after the other"
    ),
    "Starred": _STARRED,
    "not callable": Refused("DS109", "{name} isn't callable"),
    "del place": Refused("DS124", "`del` is supported for variables, items, and the rest of a list: `del xs[n:]`"),
    "exit before finally": Refused(
        "DS125",
        "a `try` that is left by `return`, `break` or `continue` and has more than simple statements in its `finally`",
        "assign the value, and leave behind the `try`",
    ),
    "insert form": Refused(
        "DS126", "`insert_grad_of` in this form isn't supported", "with ds.insert_grad_of(x) as dx: alone in its `with`"
    ),
    "insert of expression": Refused(
        "DS126", "`insert_grad_of` takes a variable", "name the value first, and use that name from there on"
    ),
    "exit in insert": Refused(
        "DS126", "statements of the reverse sweep can't leave the function", "assign to the cotangent instead"
    ),
    "variable in insert": Refused(
        "DS126",
        "statements of the reverse sweep assign {name}, a variable of the function: a plain call doesn't run them",
        "use another name there",
    ),
    "import fails": Refused("DS115", "this import fails: {why}", "import it at module level, where that can be handled"),
    "import twice": Refused(
        "DS115", "{name} is imported in this function, and stands for something else besides", "import it under another name"
    ),
    "exit in finally": Refused(
        "DS125",
        "`return`, `break` and `continue` in a `finally` aren't supported: they would swallow exceptions",
        "leave behind the `try`",
    ),
    "pattern class": Refused(
        "DS114",
        "a class pattern with a class that isn't known when the program is compiled",
        "name a class of a module, or use `isinstance`",
    ),
    "pattern arguments": Refused("DS114", "{name} has fewer positional patterns (`__match_args__`) than are given"),
    "iterator": Refused("DS118", "this use of {name}() isn't supported", "write a loop, or list({name}(...))"),
    "iterator twice": Refused(
        "DS118", "an iterator is kept here, and may be read more than once, or without end", "make a list of it"
    ),
    "iterator value": Refused(
        "DS118", "an iterator is kept as a value here", "use it where it is made: in a `for`, or in list(...)"
    ),
    "generator": Refused(
        "DS118", "{name} is a generator, which has no derivative", "differentiate a function that returns list(...) of it"
    ),
    "generator writes": Refused(
        "DS118",
        "this call of {name}() can't be a list: the generator or what reads it writes, or ends early",
        "make it a function of the module, or append to a list and return it",
    ),
    "yield here": Refused(
        "DS118", "`yield` is supported as a statement of its own, in loops and conditions", "append to a list and return it"
    ),
    "many yields": Refused("DS118", "a loop over a generator with many `yield`s isn't supported", "yield in a loop"),
    "nested format": Refused("DS126", "a computed format specification isn't supported", "write it as text"),
    "unpack count": Refused("DS127", "{count} values can't be unpacked into {targets} targets"),
    "dict spread": Refused("DS128", "`**` in a dict display isn't supported", "write the keys out"),
    "zip strict": Refused("DS129", "this argument of {name}() isn't supported", "compare the lengths before the loop"),
    "captured changes": Refused(
        "DS130",
        "a function that captures {name} is passed on as a value, and {name} may be assigned later",
        "bind the value when the function is made: a parameter with default, {name}={name}",
    ),
    "shadowed variable": Refused(
        "DS131",
        "this function has a variable {name}, and calls another function that uses the {name} around it",
        "rename one of them",
    ),
    "arguments": Refused("DS133", "the arguments don't fit {name}: {why}"),
    "shadowed capture": Refused(
        "DS137",
        "{name} is a variable of this comprehension, and an inner function captures another {name}",
        "rename one of them",
    ),
    "loop exit": Refused(
        "DS135",
        "`break` and `continue` aren't supported in the `else` of a loop with this condition",
        "use `while True` with `if ...: break`",
    ),
    "del captured": Refused("DS136", "`del` of a variable that an inner function captures isn't supported"),
}


def listing() -> list[tuple[str, str, str, str]]:
    """Every class of `ast`, then what needs more than the class to be seen: (what, code, reason, hint); no code where
    it is supported."""
    return [
        (name, "", "supported", "") if isinstance(row, Supported) else (name, row.code, row.reason, row.hint)
        for name, row in (*SYNTAX.items(), *FEATURES.items())
    ]


def refusal(key: str, loc: Loc = NOWHERE, **fields: object) -> UnsupportedError:
    """The exception for a refused ast class or feature.

    >>> raise refusal("With", loc)
    """
    row: Row = FEATURES[key] if key in FEATURES else SYNTAX.get(key, _MODE)
    if isinstance(row, Supported):
        row = Refused("DS123", f"{key} isn't supported here")
    return UnsupportedError(row.reason.format(**fields), loc=loc, hint=row.hint.format(**fields), code=row.code)
