"""`where` in front of a singularity: no nan comes out of the arm not taken."""

import numpy as np


def safe_log(x):
    return np.sum(np.where(x > 0.0, np.log(x) * np.sqrt(x), 0.0))


ARGUMENTS = (np.array([0.5, 1.2, 0.8]),)
