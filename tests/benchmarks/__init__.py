"""How fast generated gradients are: cases, hand-written rivals, and the table of docs/benchmarks.md."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "examples"))  # cases are taken from there
