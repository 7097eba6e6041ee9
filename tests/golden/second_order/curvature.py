"""The derivatives of a generated gradient: Hessian times vector, forwards and backwards."""

import numpy as np

from tests.golden.harness import generated

curvature = generated("arrays/chain/vjp.py", "chain_vjp")

ARGUMENTS = (np.array([0.5, 1.2, 0.8]), 1.0)
