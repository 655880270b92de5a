# SPDX-License-Identifier: GPL-2.0-or-later
"""Our own diffs are taken by git and give the file that they were made from."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.patch.write import unified_diff

lines = st.lists(st.sampled_from(["a", "b", "c", "", " d", "\té"]), max_size=14)


def text(parts: list[str], newline: bool) -> bytes:
    joined = "\n".join(parts)
    return (joined + "\n" if newline and joined else joined).encode()


@settings(max_examples=60, deadline=None)
@given(lines, lines, st.booleans(), st.booleans())
def test_git_applies_what_we_write(old, new, old_newline, new_newline):
    before, after = text(old, old_newline), text(new, new_newline)
    if not before or not after or before == after:
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "f.c")
        place.write_bytes(before)
        diff = unified_diff("f.c", before, after).encode()
        command = ["git", "apply", "--whitespace=nowarn"]
        subprocess.run(command, cwd=folder, input=diff, check=True)
        assert place.read_bytes() == after


def test_a_large_file_is_no_matter():
    before = b"".join(b"line %d\n" % n for n in range(200_000))
    after = before.replace(b"line 100000\n", b"other\n")
    diff = unified_diff("f.c", before, after)
    assert diff.count("\n") == 2 + 1 + 8
    assert "@@ -99998,7 +99998,7 @@" in diff


def test_nothing_changed():
    assert unified_diff("f.c", b"a\n", b"a\n") == ""
