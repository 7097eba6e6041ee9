"""Which faults are planted: so many of each area, spread evenly over the sites of its modules when they were chosen.

What was chosen stands in `chosen.txt`, so that another line in a module doesn't choose others. `python -m
tests.faults.catalogue` fills up areas that have fewer faults than they should.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .plant import file_of, parsed


@dataclass(frozen=True)
class Fault:
    """One fault. `key` finds it in its module."""

    area: str
    module: str
    key: str
    line: int

    def __str__(self) -> str:
        return f"{self.module.removeprefix('diffsrc.')}:{self.key}"


@dataclass(frozen=True)
class Area:
    """Modules, how many faults are planted in them, and of which kind where it is one only."""

    count: int
    names: str
    kind: str = ""

    @property
    def modules(self) -> list[str]:
        return [f"diffsrc.{name}" for name in self.names.split()]


AREAS: dict[str, Area] = {
    "rules of elements": Area(50, "defs.numpy_elementwise defs.math_mod"),
    "rules of arrays": Area(
        45, "defs.power defs.numpy_reduce defs.numpy_shape defs.numpy_products defs.numpy_linalg defs.numpy_index"
    ),
    "alias classes": Area(25, "analysis.alias"),
    "activity": Area(25, "ad.activity"),
    "save plan": Area(25, "ad.plan ad.mincut ad.rebuild"),
    "exits": Area(25, "transform.exits transform.ways transform.returns"),
    "broadcasting": Area(20, "ad.broadcasting"),
    "reverse sweep": Area(
        40, "ad.reverse ad.reverse_loop ad.reverse_stores ad.reverse_rules ad.shadows ad.twins ad.patterns"
    ),
    "forward mode": Area(15, "ad.forward"),
    "printer": Area(30, "codegen.exprs codegen.fold codegen.ranges codegen.names codegen.effects"),
    "passes": Area(25, "transform.dce transform.mark transform.cse transform.hoist transform.tidy transform.fold"),
    "specialisation key": Area(25, "api.engine compiler.guards compiler.reads api.short analysis.typeof"),
    "algebra of passes": Area(
        14, "transform.sums transform.products transform.ranges transform.indices transform.simplify compiler.pipelines"
    ),
    "twins": Area(10, "ad.twins ad.mirror"),
    "bundles and what is unread": Area(16, "ad.bundles ad.unread"),
    "classes at run time": Area(14, "analysis.dispatch analysis.recursive"),
    "slots": Area(12, "transform.slots transform.memory"),
    "refusals": Area(
        16,
        "frontend.calls frontend.closures frontend.comprehensions frontend.expressions frontend.guards frontend.inserts "
        "frontend.loops frontend.match frontend.parse frontend.producers frontend.splice frontend.state "
        "frontend.statements frontend.targets analysis.infer_writers analysis.infer_places analysis.infer_inplace "
        "ad.shadows ad.twins ad.reverse_stores ad.forward",
        kind="refusal ignored",
    ),
}
#: functions without influence on what is computed: messages, dumps, prices
LEFT_OUT = ("remark", "describe", "_describe", "__repr__", "refuse", "_price", "show")
CHOSEN = Path(__file__).parent / "chosen.txt"


def catalogue() -> list[Fault]:
    """All faults, area by area: of those chosen, the ones whose place is still there."""
    found = {(area, str(f)): f for area in AREAS for f in possible(area)}
    return [found[at] for at in chosen() if at in found]


def chosen() -> Iterator[tuple[str, str]]:
    for line in CHOSEN.read_text(encoding="utf-8").splitlines():
        area, _, name = line.partition(": ")
        yield area, name


def possible(area: str) -> list[Fault]:
    """All faults that can be planted in an area."""
    return [
        Fault(area, module, site.key, site.line)
        for module in AREAS[area].modules
        if file_of(module).exists()
        for site in parsed(module)[1]
        if not site.inert and not any(part in site.function for part in LEFT_OUT)
        if not AREAS[area].kind or f":{AREAS[area].kind}:" in site.key
    ]


def fill_up() -> None:
    """Choose more faults where an area has too few, spread evenly over those that aren't chosen anywhere."""
    known = catalogue()
    taken = {str(f) for f in known}
    lines = []
    for area, spec in AREAS.items():
        own = [f for f in known if f.area == area]
        free = [f for f in possible(area) if str(f) not in taken]
        more = max(0, min(spec.count - len(own), len(free)))
        own += [free[k * len(free) // more] for k in range(more)]
        taken.update(map(str, own))
        lines += [f"{area}: {f}" for f in own]
    CHOSEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    fill_up()
