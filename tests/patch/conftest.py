# SPDX-License-Identifier: GPL-2.0-or-later
"""What git says about a diff, to compare with."""

from __future__ import annotations

import os
import subprocess

import pytest


@pytest.fixture(scope="session")
def git_apply_says(tmp_path_factory):
    """git_apply_says(diff) -> (numstat and summary lines, None) or (None, error)."""
    folder = tmp_path_factory.mktemp("no-repository")

    def ask(diff: bytes) -> tuple[list[str] | None, str | None]:
        done = subprocess.run(
            ["git", "-c", "core.quotePath=false", "apply", "--numstat", "--summary"],
            input=diff,
            cwd=folder,
            capture_output=True,
            check=False,
            env={
                **os.environ,
                "LC_ALL": "C",
                "GIT_CEILING_DIRECTORIES": str(folder.parent),
            },
        )
        if done.returncode:
            return None, done.stderr.decode(errors="replace").partition("\n")[0]
        return done.stdout.decode("utf-8", "surrogateescape").splitlines(), None

    return ask
