"""Dicts: their methods, keys known at run time only, sets, strings."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict

import numpy as np

from ..data import X3, X5, Y3
from ..harness import case


@case((1.5, 0.7, True), (1.5, 0.7, False), second=True)
def dict_on_two_paths_again(x, y, flag):
    d = {"a": x, "b": y} if flag else {"a": y, "b": x * y}
    return d["a"] * d["b"] ** 2


@case((1.5, 0.7), (0.2, 0.7), second=True)
def dict_other_keys_on_two_paths(x, y):
    if x > 1.0:
        d = {"a": x}
    else:
        d = {"a": y, "c": x}
    s = 0.0
    for k in d:
        s += d[k] * d[k]
    return s * d.get("c", 2.0)


@case((1.5, 0.7), second=True)
def dict_setdefault(x, y):
    d = {"a": x}
    b = d.setdefault("b", y)
    a = d.setdefault("a", 10.0)
    return a * b + d["b"] ** 2


@case((1.5, 0.7), second=True)
def dict_del_and_pop(x, y):
    d = {"a": x, "b": y, "c": x * y}
    del d["a"]
    b = d.pop("b")
    z = d.pop("zz", x)
    return d["c"] * b * z + len(d)


@case((1.5, 0.7), second=True)
def dict_merge_star(x, y):
    a = {"a": x, "b": y}
    b = {**a, "b": x * y, "c": 2.0}
    return b["a"] * b["b"] + b["c"] * a["b"]


@case((1.5, 0.7), second=True)
def dict_merge_or(x, y):
    a = {"a": x, "b": y}
    b = a | {"b": x * y, "c": y * y}
    a |= {"d": x}
    return b["a"] * b["b"] + b["c"] * a["d"]


@case((1.5, 0.7), second=True)
def dict_in(x, y):
    d = {"a": x}
    s = y
    if "a" in d:
        s = s * d["a"]
    if "b" not in d:
        d["b"] = s * s
    return s + d["b"]


@case(({"b": 1.5, "a": 0.7},), second=True)
def dict_sorted_keys(d):
    s = 1.0
    for i, k in enumerate(sorted(d)):
        s = s * d[k] + i
    return s


@case((1.5, 0.7), second=True)
def dict_comprehension_keys(x, y):
    names = ["u", "v", "w"]
    d = {n: x * (i + 1) + y for i, n in enumerate(names)}
    return d["u"] * d["v"] - d["w"]


@case((1.5, 4), second=True)
def dict_runtime_keys(x, n):
    memo = {}
    for i in range(n):
        memo[i] = x if i < 2 else memo[i - 1] * x + memo[i - 2]
    return memo[n - 1]


@case((1.5, 0.7), second=True)
def dict_memo_function(x, y):
    memo = {}

    def fib(k):
        if k < 2:
            return x if k == 0 else y
        return fib(k - 1) * 0.5 + fib(k - 2)

    for k in range(4):
        memo[k] = fib(k)
    s = 0.0
    for k, v in memo.items():
        s += k * v * v
    return s


@case((X5, [0, 1, 0, 2, 1]), second=True)
def dict_groups_of_sums(x, group):
    sums = {}
    for g, v in zip(group, x):
        sums[g] = sums.get(g, 0.0) + v * v
    total = 1.0
    for g in sums:  # noqa: PLC0206
        total *= sums[g]
    return total


@case((X5, [0, 1, 0, 2, 1]), second=True)
def defaultdict_of_lists(x, group):
    parts = defaultdict(list)
    for g, v in zip(group, x):
        parts[g].append(v)
    total = 0.0
    for g, vs in parts.items():
        s = sum(vs)
        total += s * s
    return total


@case((X5, [0, 1, 0, 2, 1]), second=True)
def defaultdict_of_floats(x, group):
    sums = defaultdict(float)
    for g, v in zip(group, x):
        sums[g] += v * v
    return sums[0] * sums[1] + sums[2]


@case((X5, ["a", "b", "a", "c", "b"]), second=True)
def counter_of_names(x, names):
    counts = Counter(names)
    s = 0.0
    for i, n in enumerate(names):
        s += x[i] ** 2 / counts[n]
    return s


@case((1.5, 0.7), second=True)
def dict_of_lists(x, y):
    h = {"t": [0.0], "u": [x]}
    for i in range(3):
        h["t"].append(h["t"][-1] + 0.1)
        h["u"].append(h["u"][-1] * y + h["t"][-1])
    return h["u"][-1] * h["u"][1]


@case((1.5, 0.7), second=True)
def dict_of_dicts(x, y):
    net = {"l1": {"w": x, "b": y}, "l2": {"w": x * y, "b": 1.0}}
    h = 0.3
    for name in ("l1", "l2"):
        h = np.tanh(net[name]["w"] * h + net[name]["b"])
    net["l1"]["w"] += h
    return h * net["l1"]["w"]


@case(({"w": X3, "b": 0.5}, {"w": Y3, "b": 0.1}), second=True)
def dict_sgd_update(params, grads):
    new = {}
    for k in params:
        new[k] = params[k] - 0.1 * grads[k] * params[k]
    return np.sum(new["w"] ** 2) + new["b"] ** 2


@case(({"w": X3, "b": 0.5}, {"w": Y3, "b": 0.1}), second=True)
def dict_sgd_in_place(params, grads):
    for k in params:
        params[k] = params[k] - 0.1 * grads[k] * params[k]
    return np.sum(params["w"] ** 2) + params["b"] ** 2


@case((1.5, 0.7), second=True)
def dict_keys_values_zip(x, y):
    d = dict(a=x, b=y)
    e = dict(zip(["p", "q"], [x * y, y]))
    f = dict([("m", x), ("n", e["p"])])
    return d["a"] * d["b"] + e["p"] * e["q"] + f["n"] * f["m"]


@case((1.5, 0.7), second=True)
def ordered_dict(x, y):
    d = OrderedDict()
    d["a"] = x
    d["b"] = x * y
    s = 0.0
    for v in d.values():
        s += v**2
    return s


@case((1.5, 0.7, "fast"), (1.5, 0.7, "slow"), second=True)
def dict_of_functions(x, y, how):
    table = {"fast": lambda v: v * y, "slow": lambda v: v * v}
    return table[how](x)


@case((1.5, 0.7), second=True)
def tuple_keys(x, y):
    d = {(0, 0): x, (0, 1): y, (1, 0): x * y}
    s = 0.0
    for (i, j), v in d.items():
        s += (i + 2 * j + 1) * v * v
    return s + d[0, 1]


@case((1.5, 0.7), second=True)
def sets_inactive(x, y):
    done = set()
    active = {1, 2, 3}
    s = x
    for i in range(6):
        if i in active and i not in done:
            s = s * y + i
            done.add(i)
    active.discard(2)
    both = done & active
    return s * len(both | {7})


@case((1.5, "linear,quad"), second=True)
def string_methods(x, spec):
    s = 0.0
    for part in spec.split(","):
        if part.startswith("lin"):
            s += x
        elif part.strip().upper() == "QUAD":
            s += x * x
    return s


@case((1.5, 3), second=True)
def fstring_keys(x, n):
    d = {}
    for i in range(n):
        d[f"layer{i}"] = x * (i + 1)
    return d["layer0"] * d["layer2"]


@case(({"w0": X3, "w1": Y3}, 2), second=True)
def fstring_keys_of_argument(p, n):
    h = 1.0
    for i in range(n):
        h = h * np.sum(p[f"w{i}"] ** 2)
    return h


@case((1.5, 0.7), second=True)
def dict_popitem_and_clear(x, y):
    d = {"a": x, "b": y}
    k, v = d.popitem()
    w = d["a"]
    d.clear()
    d["z"] = v * w
    return d["z"] * len(k) + len(d)


@case((1.5, 0.7), second=True)
def dict_copy(x, y):
    d = {"a": x, "b": y}
    e = d.copy()
    f = dict(d)
    e["a"] = x * y
    f["b"] = e["a"] * y
    return d["a"] * e["a"] + d["b"] * f["b"]


@case((1.5, 0.7), second=True)
def dict_nested_update_by_key(x, y):
    d = {"pos": x, "vel": y}
    hist = []
    for _ in range(3):
        d = {"pos": d["pos"] + 0.1 * d["vel"], "vel": d["vel"] - 0.1 * d["pos"]}
        hist.append(d["pos"])
    return hist[0] * hist[2] + d["vel"]


@case((1.5, 0.7), second=True)
def list_of_dicts(x, y):
    bodies = [{"m": x, "v": y}, {"m": 2.0, "v": x * y}]
    for b in bodies:
        b["v"] = b["v"] * b["m"]
    return sum(b["m"] * b["v"] ** 2 for b in bodies)


@case(np.array([0.7, -1.2, 2.1, 0.4]), second=True)
def best_paths(x):
    best = {0: (x[0], [0]), 1: (x[1], [1])}
    for t in range(3):
        new = {}
        for j in (0, 1):
            score, path = max((best[i][0] + x[(i + j + t) % 4] * x[2], best[i][1]) for i in (0, 1))
            new[j] = (score, path + [j])
        best = new
    return max(best.values())[0] + len(best[0][1]) * x[3]


@case(np.array([0.7, -1.2, 2.1, 0.4]), second=True)
def scores_with_empty_paths(x):
    beam = [(x[0] * x[1], [])]
    for t in range(2):
        grown = []
        for score, path in beam:
            for k in range(2):
                grown.append((score * x[k + t] + x[3], [*path, k]))
        beam = sorted(grown, key=lambda item: -item[0])[:3]
    return sum(score * (1 + sum(path)) for score, path in beam)
