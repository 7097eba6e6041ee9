"""Derivatives that a program itself calls: unrolled training, Newton's method, mechanics, implicit layers, samplers."""

from dataclasses import dataclass
from functools import partial

import numpy as np

import diffsrc as ds

from ..data import A33, A34, B33, X3, X5, Y3, Y5
from ..harness import case


def bowl(x):
    return 0.25 * x**4 + 0.5 * x * x + np.sin(x)


def well(x, p):
    return np.sum(np.cos(p * x) * x * x)


def looped(x, p):
    s = 0.0
    for i in range(3):
        s = s + np.sin(x * p[i])
    return s * s


def squares(w, x, y):
    r = x * w[0] + w[1] - y
    return np.sum(r * r)


slope = ds.grad(bowl)
curvature = ds.grad(ds.grad(bowl))
value_and_slope = ds.value_and_grad(looped, argnums=(1, 0))


@case((1.2,))
def nested_grad(x):
    return ds.grad(bowl)(x) * x


@case((1.2,))
def nested_grad_of_module(x):
    return slope(x * x) + slope(x)


@case((0.7,))
def nested_grad_of_grad(x):
    return ds.grad(ds.grad(bowl))(x) + curvature(x)


@case((0.7,))
def nested_lambda(x):
    return ds.grad(lambda t: t * t * np.sin(t))(x)


@case((0.7, 1.3))
def nested_lambda_captures(x, y):
    return ds.grad(lambda t: t * t * np.sin(t * y))(x)


@case((0.7, 1.3))
def nested_twice(x, y):
    return ds.grad(lambda t: t * ds.grad(lambda s: s * s * t * y)(x))(y)


@case((1.1, X3))
def nested_closure(x, p):
    def h(y):
        return np.sum(p * y) * y**2 * x

    slope_of_h = ds.grad(h)
    return slope_of_h(x) * x


@case((1.1, X3))
def nested_argnums(x, p):
    a, b = ds.grad(looped, argnums=(0, 1))(x, p)
    c, d = ds.grad(looped, argnums=(1, 0))(x, p)
    return a * np.sum(b * c) + d


@case((1.1, X3))
def nested_argnum_by_name(x, p):
    return np.sum(ds.grad(looped, "p")(x, p=p) * p)


@case((1.1, X3))
def nested_value_and_grad(x, p):
    v, (dp, dx) = value_and_slope(x, p)
    return v * dx + dp.sum()


@case((1.1, X3))
def nested_has_aux(x, p):
    def f(t):
        r = t * p
        return np.sum(np.sin(r)), r

    g, aux = ds.grad(f, has_aux=True)(x)
    (v, more), h = ds.value_and_grad(f, has_aux=True)(x)
    return g * np.sum(aux) + v * h + more[0]


@case((X3,))
def nested_array_grad(x):
    return np.sum(ds.grad(lambda t: np.sum(t**3))(x) * x)


@case((X3, Y3))
def nested_array_result(x, y):
    return ds.grad(lambda t: np.sum(np.exp(t) * y))(x)


@case((X5, Y5))
def nested_descent(x, y):
    w = np.zeros(2)
    for _ in range(4):
        w = w - 0.05 * ds.grad(squares)(w, x, y)
    return squares(w, x, y)


@case((np.array([0.3, -0.2]), X5, Y5, 0.05))
def nested_descent_by_rate(w, x, y, rate):
    for _ in range(3):
        w = w - rate * ds.grad(squares)(w, x, y)
    return squares(w, x, y)


@case((np.array([0.3, -0.2]), X5, Y5))
def nested_momentum(w, x, y):
    g = ds.grad(squares)
    v = np.zeros_like(w)
    for _ in range(3):
        v = 0.9 * v + g(w, x, y)
        w = w - 0.01 * v
    return squares(w, x, y)


@case((np.array([0.3, -0.2]), X5, Y5))
def nested_in_place_descent(w, x, y):
    w = w.copy()
    for _ in range(3):
        w -= 0.05 * ds.grad(squares)(w, x, y)
    return squares(w, x, y)


@case((2.5,))
def nested_newton(a):
    def f(t):
        return t**3 - a

    x = 1.5
    for _ in range(6):
        x = x - f(x) / ds.grad(f)(x)
    return x


@case((2.5,))
def nested_newton_with_break(a):
    f = lambda t: t * t - a  # noqa: E731
    df = ds.grad(f)
    x = 2.0
    for _ in range(30):
        step = f(x) / df(x)
        x = x - step
        if abs(step) < 1e-9:
            break
    return x


@case((1.4,))
def nested_newton_while(a):
    x = 1.0
    n = 0
    while abs(np.exp(x) - a - 2.0) > 1e-7 and n < 40:
        x -= (np.exp(x) - a - 2.0) / ds.grad(lambda t: np.exp(t))(x)
        n += 1
    return x


@case((np.array([0.4, -0.3]), X5, Y5))
def nested_meta_learning(w, x, y):
    total = 0.0
    for k in range(2):
        tasks = y * (1.0 + 0.5 * k)
        inner = w
        for _ in range(2):
            inner = inner - 0.02 * ds.grad(squares)(inner, x, tasks)
        total += squares(inner, x, tasks)
    return total


@case((0.5, 0.8, 1.3))
def nested_hamiltonian(q, p, k):
    def energy(q, p):
        return 0.5 * p * p + k * (1.0 - np.cos(q))

    dt = 0.1
    for _ in range(4):
        p = p - 0.5 * dt * ds.grad(energy, 0)(q, p)
        q = q + dt * ds.grad(energy, 1)(q, p)
        p = p - 0.5 * dt * ds.grad(energy, argnums=0)(q, p)
    return q * q + energy(q, p)


@case((X3, Y3, 1.3))
def nested_leapfrog(q, p, scale):
    def log_density(z):
        return -0.5 * np.sum(z * z) / scale - np.sum(z**4) * 0.05

    force = ds.grad(log_density)
    for _ in range(3):
        p = p + 0.05 * force(q)
        q = q + 0.1 * p
        p = p + 0.05 * force(q)
    return np.sum(q * p)


@case((X3, 0.3, B33))
def nested_langevin(z, step, noise):
    for k in range(3):
        z = z + step * ds.grad(lambda t: -np.sum(t**2 + 0.1 * t**4))(z) + np.sqrt(2.0 * step) * noise[k]
    return np.sum(z * z)


@case((np.array([0.4, -0.9]), np.array([0.3, 0.5]), 1.7))
def nested_lagrangian(q, v, m):
    def lagrangian(q, v):
        kinetic = 0.5 * m * np.sum(v * v) + 0.3 * v[0] * v[1] * np.cos(q[0] - q[1])
        return kinetic + np.sum(np.cos(q))

    mass = ds.hessian(lagrangian, 1)(q, v)
    force = ds.grad(lagrangian, 0)(q, v)
    coriolis = ds.jvp(lambda t: ds.grad(lagrangian, 1)(t, v), (q,), (v,))[1]
    a = np.linalg.solve(mass, force - coriolis)
    return np.sum(a * a)


@case((np.array([0.6, -0.4, 0.9, 0.2]), X5))
def nested_residual(w, points):
    def u(t):
        return w[0] * np.tanh(w[1] * t + w[2]) + w[3]

    loss = 0.0
    for t in points:
        r = ds.grad(u)(t) + u(t)
        loss += r * r
    return loss + (u(0.0) - 1.0) ** 2


@case((np.array([0.6, -0.4, 0.9]), X3))
def nested_second_residual(w, points):
    def u(t):
        return w[0] * np.sin(w[1] * t) + w[2] * t**2

    u_tt = ds.grad(ds.grad(u))
    loss = 0.0
    for t in points:
        loss += (u_tt(t) + u(t)) ** 2
    return loss


@case((np.array([0.6, -0.4]), X5, Y5))
def nested_per_example(w, x, y):
    def loss(w, a, b):
        return (w[0] * a + w[1] - b) ** 2

    norms = 0.0
    for a, b in zip(x, y):
        g = ds.grad(loss)(w, a, b)
        norms += np.sqrt(np.sum(g * g) + 1.0)
    return norms


@case((np.array([0.6, -0.4]), X5, Y5))
def nested_gradients_in_list(w, x, y):
    grads = [ds.grad(lambda w, a, b: (w[0] * a + w[1] - b) ** 2)(w, a, b) for a, b in zip(x, y)]
    return np.sum(np.stack(grads) ** 2)


@case((X3, Y3))
def nested_jvp(x, v):
    out, dot = ds.jvp(lambda t: np.sin(t) * t, (x,), (v,))
    return np.sum(out * dot)


@case((1.2, 0.7))
def nested_jvp_of_two(x, y):
    out, dot = ds.jvp(lambda a, b: a * np.sin(b), (x, y), (y, 1.0))
    return out * dot


@case((1.2, 0.7))
def nested_jvp_with_none(x, y):
    return ds.jvp(lambda a, b: a * np.sin(b), (x, y), (None, x))[1]


@case((X3, Y3))
def nested_vjp(x, u):
    out, pull = ds.vjp(lambda t: np.sin(t) * t, x)
    (g,) = pull(u * out)
    return np.sum(g * g)


@case((X3, 1.3))
def nested_vjp_of_two(x, a):
    def f(x, a):
        return x * a, np.sum(x) * a

    (first, second), pull = ds.vjp(f, x, a)
    dx, da = pull((first, second))
    ex, ea = pull((x, 1.0))
    return np.sum(dx * ex) + da * ea


@case((X3,))
def nested_vjp_after_write(x):
    z = x.copy()
    _, pull = ds.vjp(lambda t: np.sum(t * t * t), z)
    z[0] = 5.0
    (g,) = pull(1.0)
    return np.sum(g * z)


@case((X3, Y3))
def nested_linearize(x, v):
    out, push = ds.linearize(lambda t: t**3, x)
    return np.sum(push(v) * out) + np.sum(push(x))


@case((X3, Y3))
def nested_hvp(x, v):
    return np.sum(ds.hvp(lambda t: np.sum(t**4) + t[0] * t[1], x, v) * v)


@case((X3, Y3))
def nested_hvp_maker(x, v):
    product = ds.hvp(well, argnums=0)
    return np.sum(product(x, v, v))


@case((X3, Y3))
def nested_hessian(x, y):
    h = ds.hessian(lambda t: np.sum(t**3 * y) + t[0] * t[1] * t[2])(x)
    return y @ h @ x + np.trace(h)


@case((X3,))
def nested_jacobian(x):
    j = ds.jacobian(lambda t: np.sin(t) * np.sum(t))(x)
    k = ds.jacfwd(lambda t: t * t[0])(x)
    return np.sum(j * k) + np.sum(j @ x)


@case((X3, A33))
def nested_jacobian_determinant(x, a):
    return np.linalg.det(ds.jacrev(lambda t: np.tanh(a @ t) + t)(x))


@case((1.3, X3))
def nested_jacobian_of_number(x, p):
    return np.sum(ds.jacfwd(lambda t: np.sin(t * p))(x) * p)


@case((A33,))
def nested_jacobian_of_matrix(a):
    j = ds.jacobian(lambda m: m @ m)(a)
    return np.sum(j * j) + j[0, 1, 2, 0]


@case((X3,))
def nested_newton_system(x):
    def f(t):
        return np.array([t[0] * t[0] + t[1] - x[0], t[1] ** 3 + t[2] - x[1], t[2] + 0.1 * t[0] - x[2]])

    t = np.array([1.0, 1.2, 0.8])
    for _ in range(3):
        t = t - np.linalg.solve(ds.jacobian(f)(t), f(t))
    return np.sum(t * t)


@case((X3, Y3))
def nested_gauss_newton(x, y):
    def residual(w):
        return np.exp(-w[0] * x) * w[1] + w[2] - y

    w = np.array([0.5, 1.0, 0.1])
    for _ in range(2):
        j, r = ds.jacfwd(residual)(w), residual(w)
        w = w - np.linalg.solve(j.T @ j + 0.1 * np.eye(3), j.T @ r)
    return np.sum(w * w)


@case((X3, Y3))
def nested_elementwise(x, y):
    return np.sum(ds.elementwise_grad(lambda t: np.tanh(t) * t)(x) * y)


@case((np.array([1.0, 2.0]), 0.5), exact=(np.array([1.0, 2.0]), 5.0))
def nested_stop_gradient(x, a):
    target = ds.stop_gradient(ds.grad(lambda t: np.sum(t * t * a))(x))
    return np.sum(x * target) + np.sum(x * x) * (a - 0.5)


@case((1.2, 0.7), exact=(0.0, 1.2))
def nested_stop_inside(x, a):
    return ds.grad(lambda t: ds.stop_gradient(t) * t * a)(x)


@case((1.2, 0.7))
def nested_confusion(x, y):
    return ds.grad(lambda a: a * ds.grad(lambda b: a + b)(y))(x) * x


@case((1.2,))
def nested_confusion_squared(x):
    return ds.grad(lambda a: a * ds.grad(lambda b: a * b * b)(a))(x)


@case((1.2,))
def nested_in_branch(x):
    if x > 1.0:
        return slope(x) * x
    return bowl(x)


def cubic(t):
    return t**3


@case((1.2, 0.4))
def nested_of_chosen(x, y):
    f = cubic if x > 1.0 else bowl
    return ds.grad(f)(y) * x


@case((1.2, 0.4))
def nested_of_either(x, y):
    f = (lambda t: t * t * y) if x > 1.0 else (lambda t: t**3 + y)
    return ds.grad(f)(y) * x


def apply(f, x):
    return f(x) * f(x + 1.0)


@case((1.2, 0.4))
def nested_passed_on(x, y):
    return apply(ds.grad(lambda t: np.sin(t * y)), x) + apply(slope, y)


def derivative_of(f):
    return ds.grad(f)


@case((1.2, 0.4))
def nested_returned(x, y):
    return derivative_of(lambda t: t * t * t * y)(x) + derivative_of(derivative_of(bowl))(y)


@case((1.2, 0.4))
def nested_partial(x, y):
    return ds.grad(partial(looped, p=np.array([y, x, 1.0])))(x)


@case((1.3,))
def nested_int_argument(x):
    return ds.grad(lambda t, n: t**3 * n)(2, 3) * x


@dataclass
class Layer:
    w: np.ndarray
    b: float

    def __call__(self, x):
        return np.sum(np.tanh(self.w * x + self.b))

    def energy(self, x):
        return np.sum(self.w * x * x) + self.b * x


@case((Layer(X3, 0.4), 1.2))
def nested_instance(layer, x):
    return ds.grad(layer)(x) * x + ds.grad(layer.energy)(x)


@dataclass(frozen=True)
class Spring:
    k: float
    rest: float

    def energy(self, x):
        return 0.5 * self.k * (x - self.rest) ** 2


@case((Spring(1.3, 0.2), 1.2))
def nested_frozen_instance(spring, x):
    return ds.grad(spring.energy)(x) ** 2 + spring.k


def fit(params, x):
    return np.sum((params["w"] * x + params["b"]) ** 2)


@case(({"w": X3, "b": 0.4}, Y3))
def nested_dict_gradient(params, x):
    g = ds.grad(fit)(params, x)
    return np.sum(g["w"] * params["w"]) + g["b"] ** 2


@case(({"w": X3, "b": 0.4}, Y3))
def nested_dict_descent(params, x):
    for _ in range(3):
        g = ds.grad(fit)(params, x)
        params = {"w": params["w"] - 0.1 * g["w"], "b": params["b"] - 0.1 * g["b"]}
    return fit(params, x)


@case(([X3, Y3], 1.2))
def nested_list_gradient(ws, x):
    g = ds.grad(lambda ws: np.sum(ws[0] * ws[1] ** 2) * x)(ws)
    return np.sum(g[0] * g[1])


@case(((X3, 0.4), Y3))
def nested_tuple_gradient(params, x):
    def loss(params):
        w, b = params
        return np.sum((w * x + b) ** 2)

    dw, db = ds.grad(loss)(params)
    return np.sum(dw * dw) + db


@case((Layer(X3, 0.4), 1.2))
def nested_object_gradient(layer, x):
    g = ds.grad(lambda m: m(x))(layer)
    return np.sum(g.w * layer.w) + g.b


@case((X3, Y3))
def nested_of_writer(x, y):
    def f(t):
        z = np.zeros(3)
        for i in range(3):
            z[i] = t[i] * y[i]
            z[i] += z[i - 1] ** 2
        return np.sum(z * z)

    return np.sum(ds.grad(f)(x) * x)


@case((X3, Y3))
def nested_of_argument_writer(x, y):
    def f(t):
        t[0] *= 2.0
        t[1] = t[0] * t[2]
        return np.sum(t * y)

    z = x.copy()
    g = ds.grad(f)(z)
    return np.sum(g * z)


@case((1.2, 0.6))
def nested_of_while(x, y):
    def f(t):
        s = 0.0
        while s < 3.0:
            s = s + t * t * y
            if s > 2.5:
                break
        return s * t

    return ds.grad(f)(x) * y


def tree(x, depth):
    if depth == 0:
        return np.sin(x)
    return tree(x * 0.9, depth - 1) * tree(x + 0.1, depth - 1)


@case((0.7,))
def nested_of_recursion(x):
    return ds.grad(tree)(x, 2) * x


@case((X3,))
def nested_of_list(x):
    def f(t):
        parts = []
        for a in t:
            parts.append(a * a)
            if len(parts) > 1:
                parts[-1] *= parts[-2]
        return sum(parts)

    return np.sum(ds.grad(f)(x) * x)


@case((X3, Y3))
def nested_implicit(x, y):
    def energy(z):
        return np.sum((z - x) ** 2) + 0.1 * np.sum(z**4 * y**2)

    z = x.copy()
    for _ in range(4):
        z = z - np.linalg.solve(ds.hessian(energy)(z), ds.grad(energy)(z))
    return np.sum(z * y)


@case((1.1,))
def nested_taylor(x):
    f = lambda t: np.exp(t) * np.sin(t)  # noqa: E731
    d1 = ds.grad(f)
    d2 = ds.grad(d1)
    return f(x) + d1(x) * 0.1 + d2(x) * 0.005


@case((np.array([0.2, 0.5, -0.3]),))
def nested_divergence(x):
    def field(t):
        return np.array([t[0] * t[1], np.sin(t[1]) * t[2], t[2] * t[0]])

    return np.trace(ds.jacobian(field)(x)) ** 2


@case((X3, 0.9))
def nested_size_one(x, a):
    return np.sum(ds.grad(lambda t: np.array([np.sum(t * t) * a]))(x) * x)


@case((1.3, 0.4))
def nested_default(x, a):
    def f(t, k=2.0):
        return t**3 * k * a

    return ds.grad(f)(x) + ds.grad(f)(x, k=a)


@case((1.3, X3))
def nested_in_comprehension(x, p):
    return sum(ds.grad(lambda t, a: t * t * a)(x, a) for a in p)


@case((1.3, 0.4))
def nested_float32(x, a):
    y = np.float32(1.5)
    return ds.grad(lambda t: t * t * a)(x) + float(ds.grad(lambda t: t * t)(y)) * x


@case((A34[:2, :3], X3[:2], 0.6), second=True)
def gradient_over_list_of_pairs(w, b, k):
    params = {"layers": [(w, b), (w.T @ w, b[0] + w[0])]}

    def loss(p):
        h = np.ones(3) * k
        for m, c in p["layers"]:
            h = np.tanh(m @ h + c)
            h = np.concatenate((h, h))[:3]
        return np.sum(h**2)

    g = ds.grad(loss)(params)
    return np.sum(g["layers"][0][0] ** 2) + np.sum(g["layers"][1][1] ** 3)


@case((X3, 0.5), second=True)
def pullback_over_structures(p, k):
    q = {"w": p * 1.0, "s": k}

    def inner(q):
        return {"a": q["w"] * k, "b": np.sum(q["w"] ** 3) * q["s"]}

    out, pull = ds.vjp(inner, q)
    q["w"] *= 2.0
    q["s"] = 3.0
    (g,) = pull({"a": out["a"], "b": 2.0})
    return np.sum(g["w"] ** 2) + g["s"] * q["w"][0]


@case((X3, 0.5), second=True)
def value_and_gradient_over_dict(p, k):
    def loss(q):
        return np.sum(q["w"] ** 3) * q["s"]

    def with_aux(q):
        return loss(q), q["w"] * k

    v, g = ds.value_and_grad(loss)({"w": p, "s": k})
    h, aux = ds.grad(with_aux, has_aux=True)({"w": p, "s": k})
    return v * np.sum(g["w"] * aux) * h["s"]
