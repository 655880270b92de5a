# SPDX-License-Identifier: GPL-2.0-or-later
"""kpf-review: the engine of a patch-review assistant for the kernel's mailing lists.

Data flows one way: mail -> series -> change -> facts -> findings -> output.
"""

import sys


def _look_for_no_modules_here() -> None:
    """Take the current folder from Python's path, which ``-m`` puts first.

    It is the tree under review, as a rule, and nothing of that is run.
    """
    from os import path

    ours = path.dirname(path.dirname(path.abspath(__file__)))
    if sys.argv[:1] == ["-m"] and sys.path[:1] != [ours]:
        del sys.path[:1]


if not sys.flags.safe_path:
    _look_for_no_modules_here()

__version__ = "0.1.0"
