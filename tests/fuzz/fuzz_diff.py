# SPDX-License-Identifier: GPL-2.0-or-later
"""atheris over parse_diff, beside what git apply reads in the same bytes.

python tests/fuzz/fuzz_diff.py -max_total_time=600 CORPUS
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
with atheris.instrument_imports(include=["reviewer"]):
    import pipeline

import harness  # noqa: E402
import mutate  # noqa: E402
import samples  # noqa: E402

if __name__ == "__main__":
    harness.run(pipeline.compare_with_git, mutate.diff, samples.diffs())
