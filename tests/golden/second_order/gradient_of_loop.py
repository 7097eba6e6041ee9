"""The derivatives of a generated gradient with a loop and stores."""

import numpy as np

from tests.golden.harness import generated

gradient_of_loop = generated("loops/recurrence/vjp.py", "recurrence_vjp")

ARGUMENTS = (np.linspace(0.1, 1.2, 4), 0.5, 1.0)
