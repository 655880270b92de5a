# SPDX-License-Identifier: GPL-2.0-or-later
"""A small kernel repository of ours, and commits on top of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
KERNEL = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += lib/\n",
    "include/linux/kernel.h": "#include <linux/bits.h>\n",
    "include/linux/bits.h": "#define BIT(nr) (1UL << (nr))\n",
    "lib/one.c": "int one(int x)\n{\n\treturn x;\n}\n",
    "lib/two.c": "int two(int x)\n{\n\treturn x;\n}\n",
}
SIGNED = "\n\nSigned-off-by: Ann Author <ann@example.org>"


class Repo:
    """A repository with the user's identity and nothing of the machine's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "B4_", "KPF_"))
        }
        self.env = kept | {
            "PYTHONPATH": str(TOP),
            "HOME": str(path.parent),
            "XDG_CONFIG_HOME": str(path.parent / "config"),
            "XDG_RUNTIME_DIR": str(path.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        for name, value in (
            ("user.name", "Ann Author"),
            ("user.email", "ann@example.org"),
        ):
            self.git("config", name, value)

    def git(self, *words: str, check: bool = True, **more) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.path,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            **more,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def write(self, name: str, text: str) -> None:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def read(self, name: str) -> str:
        return (self.path / name).read_text()

    def commit(self, message: str, **files: str) -> str:
        """Commit files (``lib/one.c`` is given as ``lib__one.c``); returns the id."""
        for name, text in files.items():
            path = name.replace("__", "/")
            self.write(path, text)
            self.git("add", "--", path)
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def kpf(self, *arguments, cwd: Path | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "reviewer.cli", *map(str, arguments)],
            cwd=cwd or self.path,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "linux")
    for name, text in KERNEL.items():
        made.write(name, text)
    made.git("add", ".")
    made.git("commit", "-q", "-m", "the kernel")
    made.git("tag", "base")
    return made


BAD = "x & 0x10 == 0x10"


def function(name: str, test: str, tail: str = "") -> str:
    return (
        f"int {name}(int x)\n{{\n\tif ({test})\n\t\treturn 1;\n\treturn x;\n}}\n{tail}"
    )


TAIL = "\nint again(int x)\n{{\n\tif ({test})\n\t\treturn 2;\n\treturn 0;\n}}\n"


@pytest.fixture
def branch(repo: Repo) -> Repo:
    """Five commits with three faults in the code and two in the messages."""
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit(f"lib: read the header{SIGNED}", Kbuild="obj-y += lib/\nobj-y += mm/\n")
    repo.commit(
        f"lib: one: test the bit{SIGNED}", **{"lib__one.c": function("one", BAD)}
    )
    repo.commit(
        f"lib: two: test the bit\n\nIt is asked for.\n---\nv2: more bits\n---{SIGNED}",
        **{"lib__two.c": function("two", "x & 0x20 == 0x20")},
    )
    tail = TAIL.format(test="x & 0x40 == 0x40")
    repo.commit(
        f"lib: one: test it again{SIGNED}",
        **{"lib__one.c": function("one", BAD, tail)},
    )
    repo.commit(
        f"lib: say more{SIGNED}\nSigned-off-by: Olga Other <olga@example.org>",
        Kbuild="# what is built\nobj-y += lib/\nobj-y += mm/\n",
    )
    return repo
