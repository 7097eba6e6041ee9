"""`ds.pgdsgui`: run time against compile time, one marker per function: as a page (Bokeh), and as a figure (Matplotlib).

The page holds everything that it needs. A click on a marker, or on a line of the table below, shows what a function was
compiled for, at which cost, and what is advised.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .pgds import Pgds, Row, cells, pgds
from .snoop import InferenceTimingNode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_X, _Y = "run time (s)", "compile time (s)"


def pgdsgui(
    t: InferenceTimingNode, profile: Any, path: str | Path | None = None, *, ax: Axes | None = None
) -> Figure | None:
    """Draw run time against compile time, one marker per function that was compiled (see `pgds`).

    Both axes are logarithmic, with zero at their lower ends. The colour of a marker is the number of instances, its edge the
    share of calls with unknown types, from black (none) to red (all).

    With a path, this writes an HTML page that needs no network: a click on a marker shows the instances of that function with
    their costs, and says which argument to despecialise or standardise. It is drawn by Bokeh (`pip install 'diffsrc[gui]'`).
    Without one, this gives a Matplotlib figure, for notebooks.

    Args:
        t: the recording of `ds.snoop`.
        profile: as `pgds` takes it.
        path: of the page.
        ax: the axes to draw the figure into, to compare two side by side.

    Raises:
        ActivityError: the profile is none.
        ImportError: the library that draws isn't installed.

    >>> pgdsgui(t, profile, "pgds.html")
    >>> pgdsgui(t, profile)
    """
    rows = pgds(t, profile)
    if path is None:
        return rows.figure(ax)
    rows.html(path)
    return None


def _needs(library: str) -> ImportError:
    return ImportError(f"this is drawn by {library}, which isn't installed: pip install 'diffsrc[gui]'")


# --- where markers are -----------------------------------------------------------------------------------------


def floor_of(seconds: Sequence[float]) -> float:
    """Where zero is shown on a logarithmic axis: a power of ten below all else."""
    least = min((s for s in seconds if s > 0.0), default=1e-6)
    return 10.0 ** (math.floor(math.log10(least)) - 1)


def ends_of(seconds: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis: zero and the next power of ten, with what a marker takes beside them."""
    most = max((s for s in seconds if s > 0.0), default=1e-6)
    return floor_of(seconds) / 2.0, 10.0 ** math.ceil(math.log10(most)) * 2.0


def _edge(share: float) -> str:
    """From black to red."""
    return f"#{round(255 * share):02x}0000"


# --- the page --------------------------------------------------------------------------------------------------


def page(rows: Pgds) -> str:
    """The HTML page of rows.

    Raises:
        ImportError: Bokeh isn't installed.
    """
    try:
        from bokeh.embed import components
        from bokeh.resources import Resources
    except ImportError:
        raise _needs("Bokeh") from None
    script, plot = components(_plot(rows), wrap_script=True)
    data = json.dumps([_data(r) for r in rows]).replace("<", "\\u003c")
    texts = {
        "RESOURCES": Resources(mode="inline", components=["bokeh"]).render_js(),
        "SCRIPT": script,
        "PLOT": plot,
        "DATA": data,
        "LINES": "\n".join(map(_table_line, rows)),
    }
    text = files(__package__).joinpath("pgds.html").read_text(encoding="utf-8")
    for name, value in texts.items():
        text = text.replace(f"<!--{name}-->", value, 1)
    return text


def _table_line(row: Row) -> str:
    return f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in cells(row))}</tr>"


def _data(row: Row) -> dict[str, Any]:
    """What the panel shows of a function."""
    return {
        "label": row.label,
        "parameters": f"({', '.join(row.parameters)})",
        "summary": (
            f"{row.instances} instance{'s' * (row.instances != 1)}, compiled in {row.compile_seconds:.6f} s, ran"
            f" {row.run_seconds:.6f} s, {row.unknown_calls:.0%} of its calls of unknown types"
        ),
        "advice": row.suggest().splitlines(),
        "instances": [
            {
                "types": str(s),
                "seconds": f"{s.compile_seconds:.6f}",
                "phases": ", ".join(f"{mode} {seconds:.6f}" for mode, seconds in s.modes.items()),
                "result": str(s.result_type) if s.result_type is not None else "?",
            }
            for s in row.specializations
        ],
    }


def _plot(rows: Pgds) -> Any:
    from bokeh.models import (
        ColorBar,
        ColumnDataSource,
        CustomJS,
        CustomJSTickFormatter,
        HoverTool,
        LogColorMapper,
        Range1d,
        TapTool,
    )
    from bokeh.palettes import Viridis256
    from bokeh.plotting import figure as bokeh_figure

    run, compiled = [r.run_seconds for r in rows], [r.compile_seconds for r in rows]
    left, bottom = floor_of(run), floor_of(compiled)
    source = ColumnDataSource(
        {
            "x": [s or left for s in run],
            "y": [s or bottom for s in compiled],
            "name": [r.label for r in rows],
            "run": [f"{s:.6f} s" for s in run],
            "compile": [f"{s:.6f} s" for s in compiled],
            "instances": [r.instances for r in rows],
            "unknown": [f"{r.unknown_calls:.0%}" for r in rows],
            "edge": [_edge(r.unknown_calls) for r in rows],
        },
        name="functions",
    )
    colours = LogColorMapper(palette=Viridis256, low=1, high=max((r.instances for r in rows), default=1) + 1)
    p = bokeh_figure(
        x_axis_type="log", y_axis_type="log", x_axis_label=_X, y_axis_label=_Y, name="scatter",
        x_range=Range1d(*ends_of(run)), y_range=Range1d(*ends_of(compiled)),
        tools="pan,wheel_zoom,box_zoom,reset,save", sizing_mode="stretch_width", height=520,
    )  # fmt: skip
    fill = {"field": "instances", "transform": colours}
    marks = p.scatter(
        "x", "y", source=source, size=16, line_width=3, line_color="edge", fill_color=fill,
        nonselection_fill_alpha=0.6, nonselection_line_alpha=0.6,
    )  # fmt: skip
    shown = [("", "@name"), ("run", "@run"), ("compile", "@compile"), ("instances", "@instances"), ("unknown calls", "@unknown")]
    p.add_tools(HoverTool(renderers=[marks], tooltips=shown), TapTool(renderers=[marks]))
    p.add_layout(ColorBar(color_mapper=colours, title="instances", width=12), "right")
    for axis, zero in ((p.xaxis, left), (p.yaxis, bottom)):
        axis.formatter = CustomJSTickFormatter(args={"zero": zero}, code=_TICK)
    source.selected.js_on_change("indices", CustomJS(code="showFunctions(cb_obj.indices)"))
    p.toolbar.logo = None
    return p


_TICK = "return tick <= zero * 1.001 ? '0' : String(Number(tick.toPrecision(3)))"


# --- the figure ------------------------------------------------------------------------------------------------


def figure(rows: Pgds, ax: Axes | None = None) -> Figure:
    """The Matplotlib figure of rows.

    Raises:
        ImportError: Matplotlib isn't installed.
    """
    try:
        from matplotlib.colors import LogNorm
        from matplotlib.figure import Figure
    except ImportError:
        raise _needs("Matplotlib") from None
    if ax is None:
        ax = Figure(figsize=(7.0, 5.0), layout="constrained").subplots()
    run, compiled = [r.run_seconds for r in rows], [r.compile_seconds for r in rows]
    left, bottom = floor_of(run), floor_of(compiled)
    marks = ax.scatter(
        [s or left for s in run], [s or bottom for s in compiled], s=90, c=[r.instances for r in rows], cmap="viridis",
        norm=LogNorm(1, max((r.instances for r in rows), default=1) + 1), linewidths=2.0,
        edgecolors=[_edge(r.unknown_calls) for r in rows],
    )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel=_X, ylabel=_Y, xlim=ends_of(run), ylim=ends_of(compiled))
    for axis, zero in ((ax.xaxis, left), (ax.yaxis, bottom)):
        axis.set_major_formatter(_ticks(zero))
    for row in rows[:_NAMED]:
        at = (row.run_seconds or left, row.compile_seconds or bottom)
        ax.annotate(row.name, at, xytext=(8, 4), textcoords="offset points", fontsize="small")
    ax.figure.colorbar(marks, ax=ax, label="instances")
    return ax.figure


#: how many markers have their names beside them
_NAMED = 5


def _ticks(zero: float) -> Any:
    from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation

    plain = LogFormatterSciNotation()
    return FuncFormatter(lambda x, _: "0" if x <= zero * 1.001 else plain(x))
