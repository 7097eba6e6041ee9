"""A minimum cut between two nodes of a small directed graph, by shortest augmenting paths (Edmonds and Karp, J. ACM 19, 1972).

The graphs are recomputation graphs of one region: tens of nodes. A graph library would serve as well, but importing one takes
longer than compiling a first gradient; the tests compare with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
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
        came_from = _reached(left, source)
        if sink not in came_from:
            return set(came_from)
        path = [sink]
        while path[-1] != source:
            path.append(came_from[path[-1]])
        edges_of_path = list(zip(path[1:], path))
        flow = min(left[u][v] for u, v in edges_of_path)
        for u, v in edges_of_path:
            left[u][v] -= flow
            left[v][u] += flow


def _reached(left: Graph[Node], source: Node) -> dict[Node, Node]:
    """Breadth first: each node that the source reaches over edges with capacity left, and where it was reached from."""
    came_from = {source: source}
    waiting = deque([source])
    while waiting:
        u = waiting.popleft()
        for v, c in left.get(u, {}).items():
            if c > 0 and v not in came_from:
                came_from[v] = u
                waiting.append(v)
    return came_from
