# SPDX-License-Identifier: GPL-2.0-or-later
"""atheris over mail -> diff -> apply -> C -> facts -> rules -> behaviour -> draft.

python tests/fuzz/fuzz_mail.py -max_total_time=600 CORPUS
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
with atheris.instrument_imports(include=["reviewer"]):
    import pipeline

    pipeline.import_all()

import harness  # noqa: E402
import mutate  # noqa: E402
import samples  # noqa: E402

TREE = pipeline.demo_tree()


def one_input(data: bytes) -> None:
    pipeline.review_mail(data, TREE)


if __name__ == "__main__":
    harness.run(one_input, mutate.mail, samples.mails())
