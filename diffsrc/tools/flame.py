"""Flame graphs as HTML pages, of recordings and profiles; recordings for speedscope."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .snoop import InferenceTimingNode

_COLOURS = {
    "parse": "#9ecae1", "lower": "#6baed6", "infer": "#fd8d3c", "activity": "#a1d99b", "differentiate": "#31a354",
    "optimize": "#bcbddc", "emit": "#756bb1", "exec": "#fdd0a2", "native": "#e6550d", "load": "#c7e9c0", "run": "#d9d9d9",
}  # fmt: skip
_ROW = 20

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 13px sans-serif; margin: 16px; }}
#graph {{ position: relative; height: {height}px; overflow: hidden; }}
#graph div {{ position: absolute; height: 18px; line-height: 18px; overflow: hidden; white-space: nowrap; cursor: pointer;
  text-indent: 3px; box-shadow: inset -1px 0 white; border-radius: 2px; }}
#graph div:hover {{ filter: brightness(0.85); }}
.key {{ display: inline-block; padding: 1px 6px; margin-right: 4px; border-radius: 2px; }}
</style></head><body><h1>{title}</h1><p>{keys}</p><p id="shown">Click a bar to widen it, ROOT to see all.</p>
<div id="graph">{bars}</div>
{below}
<script>
const bars = [...document.querySelectorAll("#graph div")];
function zoom(bar) {{
  const from = +bar.dataset.from, wide = +bar.dataset.wide, slack = wide * 1e-5;  // of rounded seconds
  document.getElementById("shown").textContent = bar.title;
  for (const b of bars) {{
    const left = (+b.dataset.from - from) / wide * 100, width = +b.dataset.wide / wide * 100;
    const around = +b.dataset.from <= from + slack && +b.dataset.from + +b.dataset.wide >= from + wide - slack;
    b.style.left = (around ? 0 : left) + "%";
    b.style.width = (around ? 100 : width) + "%";
    b.style.display = around || (left > -1e-3 && left + width < 100 + 1e-3) ? "" : "none";
  }}
}}
for (const b of bars) b.addEventListener("click", () => zoom(b));
</script></body></html>
"""


@dataclass(eq=False, slots=True)
class Bar:
    """A bar, and those that stand on it side by side, which are together no wider."""

    label: str
    seconds: float
    colour: str
    tip: str
    above: list[Bar] = field(default_factory=list)


def page(root: InferenceTimingNode) -> str:
    """The HTML page of a recording: a node's children first, then its own phases."""
    return drawn("Compile time", _bar_of(root), _COLOURS)


def _bar_of(root: InferenceTimingNode) -> Bar:
    def bar(node: InferenceTimingNode) -> Bar:
        most = max(node.phases, key=lambda p: node.phases[p], default="run")
        return Bar(node.label, node.inclusive, _COLOURS.get(most, "#ddd"), _tip(node))

    first = bar(root)
    waiting = [(root, first)]
    while waiting:
        node, drawn = waiting.pop()
        drawn.above = [bar(c) for c in node.children]
        waiting += zip(node.children, drawn.above)
        drawn.above += [Bar(p, s, _COLOURS.get(p, "#ddd"), f"{p}: {s:.6f} s") for p, s in node.phases.items()]
    return first


def drawn(title: str, root: Bar, keys: Mapping[str, str], below: str = "") -> str:
    """The HTML page of bars. `keys`: what colours mean; `below`: HTML to stand below."""
    bars: list[str] = []
    deepest = 0
    waiting = [(root, 0.0, 0)]
    while waiting:
        bar, at, depth = waiting.pop()
        bars.append(_div(bar, at, depth, root.seconds or 1e-9))
        deepest = max(deepest, depth)
        for each in bar.above:
            waiting.append((each, at, depth + 1))
            at += each.seconds
    shown = "".join(f'<span class="key" style="background:{c}">{p}</span>' for p, c in keys.items())
    return _PAGE.format(title=html.escape(title), height=(deepest + 1) * _ROW, bars="\n".join(bars), keys=shown, below=below)


def _div(bar: Bar, start: float, depth: int, whole: float) -> str:
    wide = bar.seconds / whole * 100
    style = f"left:{start / whole * 100:.5f}%;width:{wide:.5f}%;top:{depth * _ROW}px;background:{bar.colour}"
    data = f'data-from="{start:.12f}" data-wide="{max(bar.seconds, 1e-12):.12f}"'
    return f'<div style="{style}" {data} title="{html.escape(bar.tip)}">{html.escape(bar.label)}</div>'


def _tip(node: InferenceTimingNode) -> str:
    file, line = node.place
    parts = ", ".join(f"{p} {s:.6f}" for p, s in node.phases.items())
    return f"{node.label}: {node.inclusive:.6f} s, own {node.exclusive:.6f} s ({parts}) {file}:{line}"


def speedscope(root: InferenceTimingNode) -> dict[str, Any]:
    """A recording in the file format of speedscope: a node's children first, then its own phases."""
    frames: dict[tuple[str, str, int], int] = {}
    events: list[dict[str, Any]] = []

    def frame(name: str, file: str, line: int) -> int:
        return frames.setdefault((name, file, line), len(frames))

    def visit(node: InferenceTimingNode, at: float) -> float:
        own = frame(node.label, *node.place)
        events.append({"type": "O", "frame": own, "at": at})
        for child in node.children:
            at = visit(child, at)
        for phase, seconds in node.phases.items():
            events.append({"type": "O", "frame": frame(phase, "", 0), "at": at})
            at += seconds
            events.append({"type": "C", "frame": frame(phase, "", 0), "at": at})
        events.append({"type": "C", "frame": own, "at": at})
        return at

    end = visit(root, 0.0)
    shown = [{"name": name, **({"file": file, "line": line} if file else {})} for name, file, line in frames]
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "diffsrc",
        "name": "compile time",
        "shared": {"frames": shown},
        "profiles": [
            {"type": "evented", "name": "compile time", "unit": "seconds", "startValue": 0, "endValue": end, "events": events}
        ],
    }
