"""The forms that expressions take: `and`, `or`, chained comparisons, augmented assignment; and what the
user wrote.
"""

from __future__ import annotations

import re

from ..defs.table import Def
from ..ir.ops import Apply, Block, If, Op, Store, Yield
from ..ir.types import BOOL, strip
from ..ir.values import Literal, Operand, Value, is_undef
from ..ir.walk import place_operands
from .flow import Flow, reads_of
from .printed import order_of
from .syntax import compare


def completes_with_value(block: Block) -> bool:
    return isinstance(block.terminator, Yield) and not is_undef(block.terminator.values[0])


def chain_middle(op: If, flow: Flow) -> tuple[Value, Op] | None:
    """The middle of `a < b < c` and the op of the second comparison, for an `if` that has this form."""
    first = flow.define.get(op.cond) if isinstance(op.cond, Value) else None
    if not isinstance(first, Apply) or not is_chain(op, flow):
        return None
    second = chain_head(op.then, flow)
    middle = first.args[1]
    return (middle, second) if isinstance(middle, Value) and second is not None else None


def is_chain(op: If, flow: Flow) -> bool:
    """Whether `if a < b: yield b < c else: yield a < b`: printed as a chained comparison."""
    first = flow.define.get(op.cond) if isinstance(op.cond, Value) else None
    second = chain_head(op.then, flow)
    if not compare(first) or second is None or not isinstance(first, Apply) or not isinstance(second, Apply):
        return False
    a, b = first.args[1], second.args[0]
    return (a is b or same_literal(a, b)) and yields_condition(op.other, op, False)


def same_literal(a: Operand, b: Operand) -> bool:
    return isinstance(a, Literal) and isinstance(b, Literal) and a.text == b.text and a.value is b.value


def chain_head(block: Block, flow: Flow) -> Op | None:
    """The comparison that the value of an arm begins with."""
    last = block.terminator
    if not isinstance(last, Yield) or len(last.values) != 1 or not isinstance(last.values[0], Value):
        return None
    made = flow.define.get(last.values[0])
    if isinstance(made, If) and is_chain(made, flow) and isinstance(made.cond, Value):
        made = flow.define.get(made.cond)
    if made is None or made not in block.body:
        return None
    fn = made.fn.name if isinstance(made, Apply) and isinstance(made.fn, Def) else ""
    return made if compare(made) and fn != "contains" else None


def yields_condition(block: Block, op: If, constant: bool) -> bool:
    """Whether an arm does nothing but yield the condition itself, or the constant it has there."""
    if yields(block, op.cond):
        return True
    if len(block.ops) != 1 or not isinstance(block.terminator, Yield) or len(block.terminator.values) != 1:
        return False
    value = block.terminator.values[0]
    return isinstance(value, Literal) and value.value is constant and strip(op.cond.type) == BOOL


def yields(block: Block, value: Operand) -> bool:
    """Whether an arm does nothing but yield this value."""
    last = block.terminator
    return len(block.ops) == 1 and isinstance(last, Yield) and len(last.values) == 1 and last.values[0] is value


def evaluation(op: Op, flow: Flow) -> tuple[Operand, ...]:
    """The operands of an op in the order in which the printed text evaluates them."""
    if isinstance(op, Store):
        place = place_operands(op.place)
        return (op.dst, *place, op.value) if op.add else (op.value, op.dst, *place)
    if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.name == "contains" and len(op.args) == 2:
        return (op.args[1], op.args[0])
    if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.printed:
        return order_of(op)
    return reads_of(op, flow)


def written_as_statement(op: If) -> bool:
    """Whether the user wrote an `if` statement here, as far as the source can tell."""
    text = op.loc.text() if op.loc.line else ""
    return bool(op.loc.column) and text[op.loc.column - 1 :].startswith(("if ", "if(", "elif ", "elif("))


def written_plain(op: Op, name: str) -> bool:
    """Whether the user wrote `name... = ...` here: then it isn't turned into an augmented assignment."""
    text = op.loc.text().strip() if op.loc.line else ""
    return re.match(re.escape(name) + r"(\[[^=]*\]|\.\w+)?\s*=[^=]", text) is not None


def written_augmented(op: Op, name: str) -> bool:
    """Whether the user wrote an augmented assignment to this name here."""
    text = op.loc.text().strip() if op.loc.line else ""
    return re.match(re.escape(name) + r"\s*(\*\*|//|<<|>>|[-+*/%@&|^])=", text) is not None
