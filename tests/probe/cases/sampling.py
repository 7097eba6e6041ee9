"""Random numbers: sources whose state advances exactly as in the plain call."""

# ruff: noqa: NPY002  the old functions are what is tested

import random

import numpy as np

from ..data import X3, X5
from ..harness import case


@case((1.1, 1.3), second=True)
def fresh_generator(mu, sigma):
    rng = np.random.default_rng(7)
    z = rng.normal(size=4)
    return np.sum((mu + sigma * z) ** 2)


@case((1.1, 1.3))
def standard_normal_loop(mu, sigma):
    rng = np.random.default_rng(3)
    s = mu
    for _ in range(5):
        s = s + sigma * 0.1 * rng.standard_normal() * s
    return s


@case((1.1, 1.3))
def legacy_seed(mu, sigma):
    np.random.seed(3)
    s = mu
    for _ in range(4):
        s = s * (1.0 + 0.1 * sigma * np.random.normal())
    return s + np.sum(np.random.rand(3)) * mu


@case((1.1, 1.3))
def legacy_state(mu, sigma):
    rs = np.random.RandomState(5)
    return np.sum(mu + sigma * rs.randn(3)) ** 2


@case((1.1, 1.3))
def python_random(mu, sigma):
    random.seed(4)
    s = mu
    for _ in range(3):
        s = s * random.gauss(0.0, 1.0) + sigma * random.random()
    return s


@case((1.1, 1.3))
def python_random_object(mu, sigma):
    r = random.Random(9)
    return mu * r.uniform(0.0, 1.0) + sigma * r.choice([1.0, 2.0]) ** 2


@case((X5,))
def dropout(x):
    rng = np.random.default_rng(1)
    mask = rng.random(x.shape) < 0.7
    return np.sum(np.where(mask, x * x / 0.7, 0.0))


@case((X5,))
def shuffled(x):
    rng = np.random.default_rng(1)
    p = rng.permutation(len(x))
    return np.sum(x[p] * np.arange(5))


@case((X5,))
def bootstrap(x):
    rng = np.random.default_rng(1)
    s = 0.0
    for _ in range(3):
        idx = rng.integers(0, len(x), size=len(x))
        s += np.var(x[idx])
    return s


@case((1.1, 1.3), (-0.4, 0.8))
def monte_carlo_branch(mu, sigma):
    rng = np.random.default_rng(2)
    s = 0.0
    for _ in range(8):
        z = mu + sigma * rng.standard_normal()
        if z > 0.5:
            s += z * z
        else:
            s -= z
    return s


def draw(rng, mu, sigma):
    return mu + sigma * rng.normal()


@case((1.1, 1.3))
def passed_generator(mu, sigma):
    rng = np.random.default_rng(2)
    return draw(rng, mu, sigma) * draw(rng, sigma, mu)


@case((1.1, 1.3))
def located_draw(mu, sigma):
    rng = np.random.default_rng(2)
    return rng.normal(mu, sigma) ** 2


@case((1.1, 1.3))
def choice_of_indices(mu, sigma):
    rng = np.random.default_rng(2)
    xs = np.array([mu, sigma, mu * sigma])
    return xs[rng.choice(3)] + np.sum(xs[rng.choice(3, size=2, replace=False)])


@case((X3,))
def metropolis(x):
    rng = np.random.default_rng(0)
    pos = x.copy()
    acc = 0.0
    for _ in range(6):
        prop = pos + 0.5 * rng.standard_normal(3)
        if np.log(rng.random()) < -0.5 * (np.sum(prop**2) - np.sum(pos**2)):
            pos = prop
        acc += np.sum(pos**2)
    return acc


@case((X3,))
def init_weights(x):
    rng = np.random.default_rng(0)
    w = rng.normal(0.0, 0.5, size=(4, 3))
    b = rng.uniform(-1.0, 1.0, 4)
    return np.tanh(w @ x + b).sum()


@case((1.1, 1.3, np.array([0.2, 0.4, -0.5])))
def located_arrays(mu, sigma, m):
    rng = np.random.default_rng(2)
    a = rng.normal(loc=mu, scale=sigma, size=(2, 3))
    b = rng.normal(m, 0.5)
    c = rng.uniform(mu, mu + sigma * sigma, size=3)
    d = rng.normal(m, sigma)
    return np.sum(a * b) + np.sum(c * c * d)


@case((1.1, 1.3))
def located_others(mu, sigma):
    rng = np.random.default_rng(2)
    s = rng.laplace(mu, sigma) * rng.gumbel(mu, sigma) + rng.logistic(mu, sigma)
    return s + rng.exponential(sigma) + rng.gamma(2.0, sigma) + rng.lognormal(mu, sigma) + rng.rayleigh(scale=mu)


@case((1.1, 1.3))
def located_legacy(mu, sigma):
    np.random.seed(3)
    return np.random.normal(mu, sigma) * np.sum(np.random.uniform(mu, 3.0, size=4))


@case((1.1, 1.3))
def shape_of_gamma(mu, sigma):
    rng = np.random.default_rng(2)
    return rng.gamma(mu, sigma)


@case((X3,))
def chosen_active(x):
    rng = np.random.default_rng(2)
    return rng.choice(x) * 2.0


@case((X3,))
def shuffled_in_place(x):
    rng = np.random.default_rng(2)
    order = np.arange(3)
    rng.shuffle(order)
    return np.sum(x[order] * np.array([1.0, 2.0, 3.0]))


class Noise:
    def __init__(self, seed, scale):
        self.rng = np.random.default_rng(seed)
        self.scale = scale

    def add(self, x):
        return x + self.scale * self.rng.normal(size=x.shape)


@case((X3, 0.3))
def noise_object(x, s):
    noise = Noise(4, s)
    for _ in range(3):
        x = np.tanh(noise.add(x) * 1.1)
    return np.sum(x)


@case((1.1, 1.3))
def unused_draws(mu, sigma):
    rng = np.random.default_rng(2)
    rng.normal(size=3)
    z = rng.random()
    _ = rng.integers(0, 5)
    return mu * sigma * rng.normal() + 0.0 * z


@case((1.1, 1.3))
def random_walk_while(mu, sigma):
    rng = np.random.default_rng(2)
    x, n = 0.0, 0
    while abs(x) < 3.0 and n < 50:
        x = x + mu * rng.standard_normal() + 0.1 * sigma
        n += 1
    return x * sigma


@case((X3,), second=True)
def choices_of_written_items(p):
    rng = np.random.default_rng(1)
    spins = rng.choice([-1, 1], size=(2, 3))
    spins[0, 1] *= -1
    signs = rng.choice((-1.0, 1.0), size=3, p=[0.3, 0.7])
    noise = rng.multivariate_normal(np.zeros(3), np.eye(3)) + rng.dirichlet([1.0, 2.0, 3.0])
    return np.sum(spins * p) + np.sum(signs * p**2) + noise @ p + rng.multinomial(5, [0.2, 0.3, 0.5]) @ p


@case((0.4, 1.3), second=True)
def draws_of_the_module_with_parameters(a, b):
    source = random.Random(3)
    x = source.gauss(a, b) * source.uniform(a, b) + source.expovariate(b) + source.lognormvariate(0.1 * a, b)
    return x * x + source.choices([0.5, 1.5], weights=[1, 2], k=2)[1] * a
