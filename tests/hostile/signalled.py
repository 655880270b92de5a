# SPDX-License-Identifier: GPL-2.0-or-later
"""kpf-review, which sends itself a signal at the N-th call of a function.

python signalled.py N SIGNAL FILE ARGUMENT...

With N = 0 nothing is sent, and the number of calls is written to FILE.  A signal by
the clock hits another place on every machine; this one goes through all of them.
The whole process group gets it, as with Ctrl-C at a terminal.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from reviewer import cli

WHEN, NUMBER, REPORT = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
calls = 0


def count(_frame: object, event: str, _argument: object) -> None:
    """At each call of a function, ours or not."""
    global calls
    if event in ("call", "c_call"):
        calls += 1
        if calls == WHEN:
            sys.setprofile(None)
            os.killpg(0, NUMBER)


sys.argv[:] = ["kpf-review", *sys.argv[4:]]
sys.setprofile(count)
status = cli.main()
sys.setprofile(None)
if not WHEN:
    REPORT.write_text(str(calls))
sys.exit(status)
