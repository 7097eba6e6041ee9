"""Write the gradient modules that are committed beside the examples:  python -m tests.examples.renew"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

import diffsrc as ds  # noqa: E402


def build(example: Any, path: Path) -> None:
    ds.build(example.function, *example.arguments(), wrt=0, modes=("reverse",), path=path)


if __name__ == "__main__":
    from .test_examples import EXAMPLES, TABLE

    for example in TABLE:
        build(example, EXAMPLES / f"{example.module}.py")
