"""atheris over C -> facts -> rules -> every format and draft, without git.

python tests/fuzz/fuzz_code.py -max_total_time=600 CORPUS tests/fuzz/seeds/code
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
with atheris.instrument_imports(include=["reviewer"]):
    import pipeline

    pipeline.import_all()

TREE = pipeline.demo_tree()


def one_input(data: bytes) -> None:
    pipeline.review_code(data, TREE)


if __name__ == "__main__":
    pipeline.quiet()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
