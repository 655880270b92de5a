# SPDX-License-Identifier: GPL-2.0-or-later
"""Every call of git of every command that writes: kill it there, look what is left.

python tests/bench/kill_sweep.py [PYTEST-OPTION...]

The tests of ``tests/hostile/test_git_kills.py`` with all points instead of a few.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "hostile/test_git_kills.py"


def main() -> int:
    """Run the tests; their exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", str(TESTS)]
    environment = {**os.environ, "KPF_KILL_POINTS": "100000"}
    return subprocess.run([*command, *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
