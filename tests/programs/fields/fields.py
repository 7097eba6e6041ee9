"""Partial differential equations and grids."""

import numpy as np


def heat_implicit(kappa, u0, steps=3):
    n = len(u0)
    r = kappa * 0.1
    A = np.diag(np.full(n, 1 + 2 * r)) - np.diag(np.full(n - 1, r), 1) - np.diag(np.full(n - 1, r), -1)
    u = u0
    for _ in range(steps):
        u = np.linalg.solve(A, u)
    return np.sum(u**2)


def wave(c, u0, steps=6):
    dt, dx = 0.05, 0.1
    prev = u0.copy()
    cur = u0.copy()
    for _ in range(steps):
        nxt = np.zeros_like(cur)
        nxt[1:-1] = 2 * cur[1:-1] - prev[1:-1] + (c * dt / dx) ** 2 * (cur[2:] - 2 * cur[1:-1] + cur[:-2])
        prev, cur = cur, nxt
    return np.sum(cur**2) + cur[3]


def burgers(nu, u):
    """In place, periodic, with np.roll."""
    u = u.copy()
    dt, dx = 0.01, 0.1
    for _ in range(5):
        left, right = np.roll(u, 1), np.roll(u, -1)
        flux = u * (u - left) / dx
        u -= dt * (flux - nu * (right - 2 * u + left) / dx**2)
    return np.mean(u**3)


def upwind(velocity, q0):
    q = q0.copy()
    for n in range(4):
        old = q.copy()
        for i in range(1, len(q) - 1):
            if velocity[i] > 0:
                q[i] = old[i] - 0.2 * velocity[i] * (old[i] - old[i - 1])
            else:
                q[i] = old[i] - 0.2 * velocity[i] * (old[i + 1] - old[i])
        q[0] = q[-2]
        q[-1] = q[1]
    return q @ q


def multigrid(f, u, level=0):
    """One V-cycle for -u'' = f."""
    n = len(u)
    h = 1.0 / (n - 1)
    for _ in range(2):
        u[1:-1] = 0.5 * (u[:-2] + u[2:] + h * h * f[1:-1])
    if n <= 3:
        return u
    r = np.zeros(n)
    r[1:-1] = f[1:-1] - (2 * u[1:-1] - u[:-2] - u[2:]) / h**2
    coarse = np.zeros((n + 1) // 2)
    coarse[1:-1] = 0.25 * (r[1:-2:2] + 2 * r[2:-1:2] + r[3::2])
    e = multigrid(coarse, np.zeros_like(coarse), level + 1)
    fine = np.zeros(n)
    fine[::2] = e
    fine[1::2] = 0.5 * (e[:-1] + e[1:])
    u += fine
    for _ in range(2):
        u[1:-1] = 0.5 * (u[:-2] + u[2:] + h * h * f[1:-1])
    return u


def poisson_energy(f):
    u = np.zeros_like(f)
    for _ in range(2):
        u = multigrid(f, u)
    return np.dot(u, f)


class Grid:
    """A scalar field with its own stepping."""

    def __init__(self, values, spacing):
        self.values = values.copy()
        self.spacing = spacing
        self.time = 0.0

    def laplacian(self):
        v = self.values
        lap = np.zeros_like(v)
        lap[1:-1, 1:-1] = (v[2:, 1:-1] + v[:-2, 1:-1] + v[1:-1, 2:] + v[1:-1, :-2] - 4 * v[1:-1, 1:-1]) / self.spacing**2
        return lap

    def step(self, k, dt):
        self.values += dt * k * self.laplacian()
        self.time += dt

    def apply_bc(self):
        self.values[0, :] = self.values[1, :]
        self.values[-1, :] = 0.0


def grid_simulation(k, v0):
    g = Grid(v0, 0.5)
    while g.time < 0.1:
        g.step(k, 0.03)
        g.apply_bc()
    return np.sum(g.values**2)


def gray_scott(F, k, U0, V0, steps=3):
    U, V = U0.copy(), V0.copy()

    def lap(Z):
        return np.roll(Z, 1, 0) + np.roll(Z, -1, 0) + np.roll(Z, 1, 1) + np.roll(Z, -1, 1) - 4 * Z

    for _ in range(steps):
        uvv = U * V * V
        U += 0.16 * lap(U) - uvv + F * (1 - U)
        V += 0.08 * lap(V) + uvv - (F + k) * V
    return V.sum() + U[0, 0]


def spectral_kdv(amp, n=16, steps=3):
    x = 2 * np.pi * np.arange(n) / n
    u = amp * np.cos(x)
    k = np.fft.fftfreq(n, d=1.0 / n)
    dt = 1e-3
    for _ in range(steps):
        ux = np.real(np.fft.ifft(1j * k * np.fft.fft(u)))
        uxxx = np.real(np.fft.ifft((1j * k) ** 3 * np.fft.fft(u)))
        u = u - dt * (6 * u * ux + uxxx)
    return np.sum(u**4)


def shallow_water(h0, g=9.8, steps=3):
    h, hu = h0.copy(), np.zeros_like(h0)
    dt_dx = 0.01
    for _ in range(steps):
        u = hu / h
        c = np.abs(u) + np.sqrt(g * h)
        a = np.maximum(c[:-1], c[1:])
        fh = 0.5 * (hu[:-1] + hu[1:]) - 0.5 * a * (h[1:] - h[:-1])
        mom = hu * u + 0.5 * g * h * h
        fm = 0.5 * (mom[:-1] + mom[1:]) - 0.5 * a * (hu[1:] - hu[:-1])
        h[1:-1] -= dt_dx * (fh[1:] - fh[:-1])
        hu[1:-1] -= dt_dx * (fm[1:] - fm[:-1])
    return np.sum(h**2) + np.sum(hu**2)


def finite_elements(E, area, load):
    """A plane truss: assembly with np.ix_, fixed nodes, compliance."""
    nodes = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 1.0], [1.5, 1.0]])
    bars = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    K = np.zeros((8, 8))
    for e, (i, j) in enumerate(bars):
        d = nodes[j] - nodes[i]
        L = np.sqrt(d @ d)
        c, s = d / L
        k = E * area[e] / L * np.array([[c * c, c * s], [c * s, s * s]])
        dofs = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        block = np.block([[k, -k], [-k, k]])
        K[np.ix_(dofs, dofs)] += block
    free = np.array([2, 4, 5, 6, 7])
    f = np.zeros(8)
    f[7] = -load
    u = np.zeros(8)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], f[free])
    return f @ u


def game_of_diffusion(p, steps=2):
    """Boundary by index arithmetic, neighbours by loops."""
    n, m = p.shape
    cur = p.copy()
    for _ in range(steps):
        new = np.zeros_like(cur)
        for i in range(n):
            for j in range(m):
                acc, count = 0.0, 0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        ii, jj = i + di, j + dj
                        if (di or dj) and 0 <= ii < n and 0 <= jj < m:
                            acc += cur[ii, jj]
                            count += 1
                new[i, j] = 0.5 * cur[i, j] + 0.5 * acc / count
        cur = new
    return (cur**2).sum()
