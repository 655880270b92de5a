# SPDX-License-Identifier: GPL-2.0-or-later
"""Small kernels: enough of a tree for one to be recognised."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reviewer.models import Address, Headers, Patch, Series

MAKEFILE = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\n"
PAGE_C = "".join(f"line {number}\n" for number in range(1, 41))
FILES = {
    "Makefile": MAKEFILE,
    "Kbuild": "obj-y += mm/\n",
    "include/linux/page.h": "#define PG_one 1\n#define PG_two\t2\n",
    "mm/page.c": PAGE_C,
    "mm/util.c": "int PG_one_more;\nint x = PG_one;\n",
    "Documentation/page.rst": "PG_one\n",
}


def write_tree(folder: Path, files: dict[str, str] = FILES) -> Path:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    """A plain unpacked kernel."""
    return write_tree(tmp_path / "linux")


@pytest.fixture
def git():
    """git("-C", folder, ...) -> its output."""

    def run(*arguments: object, stdin: bytes = b"") -> str:
        return subprocess.run(
            ["git", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_AUTHOR_NAME": "A",
                "GIT_AUTHOR_EMAIL": "a@example.org",
                "GIT_COMMITTER_NAME": "C",
                "GIT_COMMITTER_EMAIL": "c@example.org",
            },
        ).stdout.decode()

    return run


@pytest.fixture
def repo(folder, git) -> Path:
    """The same kernel as a repository with one commit."""
    git("init", "-q", "-b", "main", folder)
    git("-C", folder, "add", "-A")
    git("-C", folder, "commit", "-q", "-m", "base")
    return folder


@pytest.fixture
def series():
    """series(diff, ..., base_commit=None) -> a Series of patches with these diffs."""

    def make(*diffs: str, base_commit: str | None = None) -> Series:
        nobody = Address("A", "a@example.org")
        headers = Headers(None, "[PATCH] x", "", nobody)
        patches = tuple(
            Patch(number, headers, nobody, "x", "", (), "", "", diff)
            for number, diff in enumerate(diffs, 1)
        )
        return Series(
            None, "x", 1, patches, expected=len(diffs), base_commit=base_commit
        )

    return make
