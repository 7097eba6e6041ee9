"""A minimum cut between two nodes of a directed graph, by blocking flows in layers (Dinic, Soviet Math. Doklady 11, 1970).

The graphs are recomputation graphs of one region: tens of nodes, thousands in a long loop body. A graph library would serve as
well, but importing one takes longer than compiling a first gradient; the tests compare with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from itertools import pairwise
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
#: node -> node -> capacity, in whole numbers: sums of fractions would leave crumbs behind
Graph = dict[Node, dict[Node, int]]


def source_side(capacity: Graph[Node], source: Node, sink: Node) -> set[Node]:
    """The nodes on the source's side of a minimum cut: those still reachable when no path can carry more.

    `capacity[u][v]` is what the edge from u to v carries; every path from source to sink has an edge of finite capacity.
    """
    left: Graph[Node] = {}
    for u, edges in capacity.items():
        for v, c in edges.items():
            row = left.setdefault(u, {})
            row[v] = row.get(v, 0) + c
            left.setdefault(v, {}).setdefault(u, 0)
    while True:
        layer = _layers(left, source)
        if sink not in layer:
            return set(layer)
        _block(left, layer, source, sink)


def _layers(left: Graph[Node], source: Node) -> dict[Node, int]:
    """The nodes that the source reaches over edges with capacity left, each with its distance."""
    layer = {source: 0}
    waiting = deque([source])
    while waiting:
        u = waiting.popleft()
        for v, c in left.get(u, {}).items():
            if c > 0 and v not in layer:
                layer[v] = layer[u] + 1
                waiting.append(v)
    return layer


def _block(left: Graph[Node], layer: dict[Node, int], source: Node, sink: Node) -> None:
    """Push flow along shortest paths until none of them has capacity left. Each edge that leads nowhere is tried once."""
    untried = {u: [v for v in left.get(u, {}) if layer.get(v) == at + 1] for u, at in layer.items()}
    path = [source]
    while path:
        u = path[-1]
        ahead = untried[u]
        while ahead and not left[u][ahead[-1]]:
            ahead.pop()
        if u == sink:
            _push(left, path)
            path = [source]
        elif ahead:
            path.append(ahead[-1])
        else:
            path.pop()
            if path:
                untried[path[-1]].pop()


def _push(left: Graph[Node], path: list[Node]) -> None:
    edges = list(pairwise(path))
    flow = min(left[u][v] for u, v in edges)
    for u, v in edges:
        left[u][v] -= flow
        left[v][u] += flow
