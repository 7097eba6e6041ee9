"""Objects whose array fields are written: rebound, shared, swapped, kept by callees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import X3, X5, X6, Y3
from ..harness import case


class Sim:
    """A state that is written in place in one method and rebound in another."""

    def __init__(self, u, k):
        self.u = u.copy()
        self.k = k
        self.t = 0.0
        self.hist = []

    def step(self, dt):
        self.u += dt * np.sin(self.u) * self.k
        self.t += dt

    def smooth(self):
        new = self.u.copy()
        new[1:-1] = (self.u[:-2] + self.u[1:-1] * self.k + self.u[2:]) / 3.0
        self.u = new

    def record(self):
        self.hist.append(self.u.copy())


class Buffers:
    """Two buffers that are swapped."""

    def __init__(self, u):
        self.a = u.copy()
        self.b = np.zeros_like(u)

    def step(self, x):
        self.b[:] = np.sin(self.a) * x
        self.a, self.b = self.b, self.a


class Keeper:
    """Keeps a reference to what it is given."""

    def __init__(self, u):
        self.u = u

    def keep(self, u):
        self.u = u

    def scale(self, c):
        self.u *= c


@dataclass
class Particle:
    """Position and velocity."""

    pos: np.ndarray
    vel: np.ndarray
    mass: float


@dataclass
class Tree:
    """A node with two children below it."""

    w: np.ndarray
    left: object
    right: object


@dataclass
class Cell:
    """One array."""

    w: np.ndarray


@case((X6, 1.3, 4), second=True)
def sim_steps(u, k, n):
    sim = Sim(u, k)
    for _ in range(n):
        sim.step(0.1)
    return sim.u.sum() * sim.t


@case((X6, 1.3, 4), second=True)
def sim_steps_and_smooths(u, k, n):
    sim = Sim(u, k)
    for i in range(n):
        sim.step(0.1)
        if i % 2 == 0:
            sim.smooth()
    return (sim.u**2).sum() * sim.t


@case((X6, 1.3, 3), second=True)
def sim_records(u, k, n):
    sim = Sim(u, k)
    for i in range(n):
        sim.u[i] = sim.u[i + 1] * k
        sim.step(0.1)
        sim.record()
        sim.smooth()
    return sum([h[1] * h.sum() for h in sim.hist]) + sim.u[0]


@case((X3, 5), second=True)
def buffers_swapped(x, n):
    b = Buffers(x)
    for _ in range(n):
        b.step(x)
    return b.a.sum() + b.b[0] * b.a[1]


@case((X3, 5), second=True)
def attributes_swapped(x, n):
    b = Buffers(x)
    for _ in range(n):
        b.b[:] = np.sin(b.a) * x
        b.a, b.b = b.b, b.a
    return b.a.sum() + b.b[0] * b.a[1]


@case((X3, Y3), second=True)
def keeper_writes_later(x, y):
    a = x * y
    k = Keeper(x * 1.0)
    k.scale(y[0])
    k.keep(a)
    k.scale(y[1])
    a[0] *= x[2]
    return a.sum() + k.u[0] * k.u[1]


@case((X3, Y3), second=True)
def keepers_share(x, y):
    a = x * y
    p, q = Keeper(a), Keeper(a)
    p.scale(y[1])
    q.u[1] *= p.u[0]
    p.keep(q.u * 2.0)
    p.scale(3.0)
    return a.sum() * q.u[2] + p.u.sum()


@case((X3, Y3, 3), second=True)
def particles_moved(x, v, n):
    ps = []
    for i in range(3):
        ps.append(Particle(x * (i + 1.0), v * (i + 1.0), 1.0 + i))
    for _ in range(n):
        for p in ps:
            f = -p.pos * p.mass
            for q in ps:
                f = f + 0.1 * (q.pos - p.pos) * q.mass
            p.vel += 0.1 * f
        for p in ps:
            p.pos += 0.1 * p.vel
    return sum([p.mass * (p.vel**2).sum() for p in ps]) + ps[0].pos[1]


@case((X3, Y3, 3), second=True)
def particles_rebound(x, v, n):
    ps = [Particle(x * 1.0, v * 1.0, 1.5), Particle(x * 2.0, v * 0.5, 0.5)]
    for _ in range(n):
        for p in ps:
            p.vel += 0.1 * np.sin(p.pos)
            p.pos = p.pos + 0.1 * p.vel
            p.pos[0] *= p.mass
    return ps[0].pos.sum() * ps[1].vel.sum() + ps[1].pos[0]


@case((X3, Y3), second=True)
def objects_swapped_in_list(x, y):
    ps = [Particle(x * 1.0, y * 1.0, 1.5), Particle(x * 2.0, y * 0.5, 0.5)]
    ps[0], ps[1] = ps[1], ps[0]
    ps[0].pos *= y
    ps[1].vel[0] = ps[0].pos[1] * ps[1].mass
    ps[0].mass = ps[1].mass * 2.0
    return ps[0].pos.sum() * ps[0].mass + ps[1].vel.sum() * ps[1].mass


@case((X3, Y3), second=True)
def tree_written(x, y):
    root = Tree(x * 1.0, Cell(y * 1.0), Cell(x * y))
    root.left.w *= x
    root.right.w[0] = root.left.w[1]
    root.w += root.left.w * root.right.w
    root.left.w = root.w
    root.left.w[2] *= y[0]
    return root.w.sum() * root.right.w.sum() + root.left.w[0]


@case((X3, Y3), second=True)
def cell_shared_by_nodes(x, y):
    c = Cell(x * y)
    root = Tree(x * 1.0, c, c)
    root.left.w *= x
    root.right.w[0] *= root.w[1]
    c.w = c.w * y
    root.left.w[1] *= y[2]
    return c.w.sum() + root.right.w[1] * root.left.w[0]


def relax(b, x, n):
    for _ in range(n):
        b.b[:] = 0.5 * (b.a + x)
        b.a, b.b = b.b, b.a


def fill(out, x):
    for i in range(3):
        out.append(x * (i + 1.0))
    return out


def swap_ends(ws):
    ws[0], ws[-1] = ws[-1], ws[0]


def pick(ws, i):
    return ws[i]


def fresh_pair(x):
    a = x * 2.0
    a[0] = a[1] * a[2]
    return [a, np.sin(x)]


def make_sim(u, k):
    sim = Sim(u, k)
    sim.step(0.1)
    return sim


@case((X3, 3), second=True)
def callee_swaps(x, n):
    b = Buffers(x)
    relax(b, x * x, n)
    b.a *= x
    relax(b, x, n - 1)
    return b.a.sum() + b.b[0] * b.a[1]


@case((X3, Y3), second=True)
def callee_fills_list(x, y):
    rows = []
    fill(rows, x)
    rows[0] *= y
    rows[1][0] = rows[0][2] * rows[2][1]
    return sum([r.sum() for r in rows]) * rows[1][0]


@case((X3, Y3), second=True)
def callee_swaps_elements(x, y):
    ws = [x * 1.0, y * 1.0, x * y]
    ws[0] *= y
    swap_ends(ws)
    ws[0] *= x
    ws[2][0] *= ws[1][1]
    return ws[0].sum() + 2.0 * ws[1].sum() + ws[2][0] * ws[2][1]


@case((X3, Y3), second=True)
def callee_picks(x, y):
    ws = [x * 1.0, y * 1.0]
    w = pick(ws, 1)
    w *= x
    pick(ws, 0)[1] *= w[0]
    return ws[0].sum() * ws[1].sum()


@case((X3, Y3), second=True)
def callee_result_list_written(x, y):
    a, b = fresh_pair(x)
    a *= y
    ws = fresh_pair(y)
    ws[0][0] = a[0] * b[1]
    ws[1] += ws[0]
    return a.sum() * ws[1].sum()


@case((X3, 1.3, 3), second=True)
def callee_makes_object(u, k, n):
    sim = make_sim(u, k)
    for _ in range(n):
        sim.step(0.2)
        sim.u[0] *= k
    sim.smooth()
    sim.u *= 2.0
    return sim.u.sum() * sim.t


@case((X5, 3), second=True)
def object_buf_and_hist(x, n):
    sim = Sim(x, 1.0)
    for i in range(n):
        sim.u[i] = sim.u[i + 1] * sim.u[0]
        sim.hist.append(sim.u.copy())
    sim.hist[0][1] *= 2.0
    return sum([h.sum() for h in sim.hist]) * sim.hist[0][1]


@case((X3, Y3, True), (X3, Y3, False), second=True)
def object_chosen(x, y, flag):
    p, q = Cell(x * 1.0), Cell(y * 1.0)
    c = p if flag else q
    c.w *= x
    c.w[0] = p.w[1] * q.w[2]
    c.w = c.w * y
    return p.w.sum() + 2.0 * q.w.sum()


@case((X3, Y3, 3), second=True)
def objects_carried(x, y, n):
    p, q = Cell(x * 1.0), Cell(y * 1.0)
    for _ in range(n):
        q.w += p.w * x
        p, q = q, p
    return p.w.sum() + 2.0 * q.w[0]


@case((X3, Y3, 3), second=True)
def lists_carried(x, y, n):
    p, q = [x * 1.0, x * y], [y * 1.0, y * y]
    for i in range(n):
        q[i % 2] += p[(i + 1) % 2] * x
        p, q = q, p
    return p[0].sum() + 2.0 * q[1][0]


@case((Cell(X3), 2.0 * Y3), second=True)
def argument_field_rebound(c, y):
    c.w[0] *= y[1]
    c.w = c.w * y
    c.w[1] *= c.w[0]
    return c.w.sum() * y[0]


@case(([X3, Y3], 0.5 * X3), second=True)
def argument_list_replaced(ws, x):
    ws[0] *= x
    ws[1] = ws[0]
    ws[1][0] *= 2.0
    ws[0] = x * 3.0
    ws[0] *= ws[1]
    return ws[0].sum() + ws[1].sum() * x[0]


@case(({"w": X3, "b": Y3}, 0.5 * X3, 3), second=True)
def argument_dict_trained(params, x, n):
    for _ in range(n):
        grads = {"w": params["w"] * params["b"] + x, "b": np.sin(params["b"])}
        for k in params:
            params[k] -= 0.1 * grads[k]
    return (params["w"] * params["b"] * x).sum()


class Kept:
    """What it is given is changed later, by itself."""

    def __init__(self):
        self.kept = []
        self.last = None

    def keep(self, a):
        self.kept.append(a)
        self.last = a

    def later(self, k):
        for a in self.kept:
            a *= k
        self.last[0] += k


@case((X3, 0.7), second=True)
def kept_and_written_later(x, k):
    keeper = Kept()
    a = x * x
    keeper.keep(a)
    keeper.keep(a[1:])
    s = np.sum(a)
    keeper.later(k)
    return np.sum(a * a) + s


class Slot:
    """One slot, empty at first."""

    def __init__(self, a):
        self.a = a


def _put(slot, a):
    slot.a = a


@case((X3, 0.7), second=True)
def put_and_written_later(x, k):
    slot = Slot(None)
    a = x * k
    a[1] *= 2.0
    _put(slot, a)
    slot.a *= k
    return np.sum(slot.a * a)


@case((X3, 0.7), second=True)
def closure_kept_that_writes(x, k):
    a = x * k

    def bump():
        a[0] *= k

    slot, table = Slot(bump), {"f": bump, "p": (k, (a, x * k))}
    slot.a()
    slot.a()
    table["f"]()
    return np.sum(a * table["p"][1][1]) * table["p"][0]


def _pair(a):
    return a, a[1:]


@case((X3, 0.7), second=True)
def pair_kept_and_written(x, k):
    a = x * 2.0
    slot = Slot(_pair(a))
    slot.a[0][0] *= k
    slot.a[1][0] *= k
    return np.sum(a * a)


class _Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, h):
        return h * self.w + self.b


class _Squash:
    def __call__(self, h):
        return np.tanh(h)


class _Stack:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, h):
        for layer in self.layers:
            h = layer(h)
        return h


def _shift(stack, h):
    layers = stack.layers
    layers[0].w += h
    layers[2].b += h[0] * h[1]


@case((X3,), second=True)
def objects_of_different_classes_written_by_callee(x):
    first, last = _Dense(np.zeros(3), np.zeros(3)), _Dense(np.ones(3), np.zeros(3))
    _shift(_Stack([first, _Squash(), last]), x * x)
    return np.sum(first.w**2 * last.b)


@case((X3, Y3), second=True)
def layers_of_different_classes(x, y):
    model = _Stack([_Dense(x, y), _Squash(), _Dense(y * x, x)])
    model.layers[2].b *= 0.5
    return np.sum(model(np.array([0.3, -0.4, 0.8])) ** 2)
