# SPDX-License-Identifier: GPL-2.0-or-later
"""A ``git`` in front of the real one that ends the run at its N-th call.

It counts the calls in a file, and sends the signal to the process group of the run, or
to the run alone; then the real git goes on, if it is still there.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = """#!/bin/sh
echo "$1" >> "$KILL_CALLS"
if [ "$(wc -l < "$KILL_CALLS")" -eq "$KILL_WHEN" ]; then
    kill -s "$KILL_SIGNAL" -- "$KILL_WHOM$(cat "$KILL_CALLS.run")"
fi
exec REAL "$@"
"""


class Killer:
    """Runs the program and ends it at a call of git; counts without a number."""

    def __init__(self, folder: Path, cwd: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.cwd = cwd
        folder.mkdir()
        real = shutil.which("git")
        assert real is not None
        (folder / "git").write_text(SCRIPT.replace("REAL", real))
        (folder / "git").chmod(0o755)
        self.calls = folder / "calls"
        self.environment = environment | {
            "PATH": f"{folder}{os.pathsep}{environment['PATH']}",
            "KILL_CALLS": str(self.calls),
        }

    def run(
        self,
        words: tuple[str, ...],
        when: int = 0,
        number: signal.Signals = signal.SIGKILL,
        *,
        group: bool = True,
    ) -> int:
        """The exit status; ``count`` says how many calls there were."""
        self.calls.write_text("")

        def begin() -> None:
            os.setsid()
            self.calls.with_name("calls.run").write_text(str(os.getpid()))

        done = subprocess.run(
            [sys.executable, "-m", "reviewer.cli", *words],
            cwd=self.cwd,
            env=self.environment
            | {
                "KILL_WHEN": str(when),
                "KILL_SIGNAL": number.name.removeprefix("SIG"),
                "KILL_WHOM": "-" if group else "",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=begin,
            timeout=120,
            check=False,
        )
        return done.returncode

    @property
    def process(self) -> int:
        """The run that was ended."""
        return int(self.calls.with_name("calls.run").read_text())

    @property
    def count(self) -> int:
        return len(self.calls.read_text().splitlines())
