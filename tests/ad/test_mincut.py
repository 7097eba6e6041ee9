"""The minimum cut against a graph library, on random small graphs."""

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from diffsrc.ad.mincut import source_side

edges = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)), st.integers(0, 20), max_size=30)


@given(edges)
@settings(max_examples=300, deadline=None)
def test_the_cut_is_as_cheap_as_a_librarys(capacity: dict[tuple[int, int], int]) -> None:
    graph: dict[int, dict[int, int]] = {0: {}, 7: {}}
    library = nx.DiGraph()
    library.add_nodes_from([0, 7])
    for (u, v), c in capacity.items():
        if u != v:
            graph.setdefault(u, {})[v] = c
            library.add_edge(u, v, capacity=c)
    side = source_side(graph, 0, 7)
    cut = sum(c for u, row in graph.items() for v, c in row.items() if u in side and v not in side)
    assert 0 in side
    assert 7 not in side
    assert cut == nx.minimum_cut_value(library, 0, 7)
