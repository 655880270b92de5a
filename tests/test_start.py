# SPDX-License-Identifier: GPL-2.0-or-later
"""What an ordinary patch makes the program load, compile and start: counts, no seconds.

A bound is what there was when it was written, and a little.  Who goes over one asks
first whether the new thing can be loaded where it is used.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COUNTING = """
import sys
started, compiled = [], []
def heed(event, arguments):
    if event == "subprocess.Popen":
        started.append([str(word) for word in arguments[1]])
sys.addaudithook(heed)
import re._compiler
make = re._compiler.compile
def counted(text, flags=0):
    compiled.append(str(text))
    return make(text, flags)
re._compiler.compile = counted
from reviewer.cli import main
status = main(sys.argv[1:])
import json
sys.stdout.flush()
print(json.dumps({"status": status, "modules": sorted(sys.modules),
                  "started": started, "compiled": len(compiled)}))
"""
C_FILE = """\
#include <linux/kernel.h>

static int total(int count)
{
	int sum;
	int i;

	sum = 0;
	for (i = 0; i < count; i++)
		sum += note(i);
	return sum;
}

int report(int count)
{
	return total(count) + 1;
}
"""
FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += lib/\n",
    "include/linux/kernel.h": "extern int note(int one);\n",
    "lib/Makefile": "obj-y += total.o\n",
    "lib/total.c": C_FILE,
}
IDENTITY = ["-c", "user.name=Nadia", "-c", "user.email=nadia@example.org"]
HEAVY = {
    *("z3", "jinja2", "b4", "markdown_it", "rich", "dataclasses", "email"),
    *("hashlib", "sqlite3", "difflib"),
}


def git(folder: Path, *words: str) -> bytes:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", folder, *IDENTITY, *words]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True
    ).stdout


def counts(*words: str, cwd: Path) -> dict:
    """What one run in a process of its own loads, compiles and starts."""
    top = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": top, "XDG_CACHE_HOME": str(cwd / "cache")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory) -> dict:
    """The counts of a patch of a few lines, of which there is nothing to say."""
    folder = tmp_path_factory.mktemp("start")
    tree = folder / "linux"
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    git(folder, "init", "-q", str(tree))
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "base")
    changed = C_FILE.replace("\tint sum;\n", "\tint sum = 0;\n")
    changed = changed.replace("\tsum = 0;\n", "")
    (tree / "lib/total.c").write_text(changed)
    message = "lib: start at zero\n\nText.\n\nSigned-off-by: Nadia <nadia@example.org>"
    git(tree, "commit", "-qam", message)
    (folder / "one.patch").write_bytes(git(tree, "format-patch", "-1", "--stdout"))
    git(tree, "checkout", "-q", "HEAD~1")
    found = counts("one.patch", "--tree", "linux", "--offline", "-q", cwd=folder)
    assert found["status"] == 0
    return found


def test_heavy_modules_are_not_loaded(ordinary) -> None:
    assert HEAVY.isdisjoint(ordinary["modules"])


def test_few_of_our_modules_are_loaded(ordinary) -> None:
    ours = [name for name in ordinary["modules"] if name.startswith("reviewer")]
    assert len(ours) <= 155


def test_few_patterns_are_compiled(ordinary) -> None:
    assert ordinary["compiled"] <= 175


def test_git_is_started_once_for_each_thing_that_only_git_knows(ordinary) -> None:
    told = [" ".join(words) for words in ordinary["started"]]
    kinds = ["config --file", "config --null", "mailinfo", "cat-file", "apply"]
    assert all(any(kind in words for kind in kinds) for words in told)
    assert len(told) <= 6


def test_the_version_loads_next_to_nothing(tmp_path) -> None:
    found = counts("--version", cwd=tmp_path)
    ours = [name for name in found["modules"] if name.startswith("reviewer")]
    assert len(ours) <= 4
    assert found["started"] == []
    assert "msgspec" not in found["modules"]
