"""Which faults are planted: so many of each area, spread evenly over the sites of its modules."""

from __future__ import annotations

from dataclasses import dataclass

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


#: area: number of faults, modules
AREAS: dict[str, tuple[int, str]] = {
    "rules of elements": (50, "defs.numpy_elementwise defs.math_mod"),
    "rules of arrays": (
        45, "defs.power defs.numpy_reduce defs.numpy_shape defs.numpy_products defs.numpy_linalg defs.numpy_index"
    ),
    "alias classes": (25, "analysis.alias"),
    "activity": (25, "ad.activity"),
    "save plan": (25, "ad.plan ad.mincut ad.rebuild"),
    "exits": (25, "transform.exits transform.ways transform.returns"),
    "broadcasting": (20, "ad.broadcasting"),
    "reverse sweep": (40, "ad.reverse ad.reverse_loop ad.reverse_stores ad.reverse_rules ad.shadows ad.twins ad.patterns"),
    "forward mode": (15, "ad.forward"),
    "printer": (30, "codegen.exprs codegen.fold codegen.ranges codegen.names codegen.effects"),
    "passes": (25, "transform.dce transform.mark transform.cse transform.hoist transform.tidy transform.fold"),
    "specialisation key": (25, "api.engine api.guards api.short analysis.typeof"),
}  # fmt: skip
#: functions without influence on what is computed: messages, dumps, prices
LEFT_OUT = ("remark", "describe", "_describe", "__repr__", "refuse", "_price", "show")


def catalogue() -> list[Fault]:
    """All faults, area by area."""
    return [fault for area in AREAS for fault in of_area(area)]


def of_area(area: str) -> list[Fault]:
    """The faults of one area."""
    count, names = AREAS[area]
    modules = [f"diffsrc.{name}" for name in names.split() if file_of(f"diffsrc.{name}").exists()]
    found = [
        (Fault(area, module, site.key, site.line), site.inert)
        for module in modules
        for site in parsed(module)[1]
        if not any(part in site.function for part in LEFT_OUT)
    ]
    step = max(1.0, len(found) / count)
    chosen = [found[int(k * step)] for k in range(min(count, len(found)))]
    return [fault for fault, inert in chosen if not inert]
