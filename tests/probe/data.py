"""Arguments for the cases. They are copied before each run."""

from __future__ import annotations

import numpy as np

_RNG = np.random.default_rng(42)
X5 = np.array([0.5, -1.2, 0.8, 1.7, -0.3])
Y5 = np.array([1.1, 0.4, -0.7, 0.9, 2.0])
X3 = np.array([0.3, -0.6, 1.4])
Y3 = np.array([1.5, 0.2, -0.8])
P5 = np.array([0.5, 1.2, 0.8, 1.7, 2.3])  # positive
X6 = np.array([0.4, -0.9, 1.3, 0.2, -1.6, 0.7])
A34 = _RNG.standard_normal((3, 4))
A43 = _RNG.standard_normal((4, 3))
B34 = _RNG.standard_normal((3, 4))
A33 = _RNG.standard_normal((3, 3)) + 3.0 * np.eye(3)
B33 = _RNG.standard_normal((3, 3))
S33 = A33 @ A33.T + np.eye(3)  # symmetric, positive definite
T234 = _RNG.standard_normal((2, 3, 4))
EMPTY = np.zeros(0)
ONE = np.array([0.7])
