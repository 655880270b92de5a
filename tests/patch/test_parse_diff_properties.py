# SPDX-License-Identifier: GPL-2.0-or-later
"""Properties of parse_diff over diffs that git itself makes."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import InputError
from reviewer.patch.diff import parse_diff
from reviewer.utf8 import decode, encode

LINE = st.sampled_from([b"", b"a", b"b", b"}", b"\tint x;", b"-- x", b"++ y", b"\r"])
TEXT = st.builds(
    lambda lines, end: b"\n".join(lines) + end,
    st.lists(
        LINE | st.binary(max_size=4).filter(lambda b: b"\0" not in b), max_size=30
    ),
    st.sampled_from([b"", b"\n"]),
)
QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def diff_of(tmp_path):
    """diff_of(old, new, context) -> what git diff says about two contents."""

    def make(old: bytes, new: bytes, context: int) -> bytes:
        (tmp_path / "old").write_bytes(old)
        (tmp_path / "new").write_bytes(new)
        return subprocess.run(
            ["git", "diff", "--no-index", "--text", f"-U{context}", "old", "new"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        ).stdout

    return make


@QUIET
@given(TEXT, TEXT, st.sampled_from([0, 1, 3]))
def test_counts_and_sides_are_those_of_git(diff_of, git_apply_says, old, new, context):
    diff = diff_of(old, new, context)
    files = parse_diff(decode(diff))
    if not diff:
        assert files == ()
        return
    said, error = git_apply_says(diff)
    assert said is not None, error
    (file,) = files
    added, deleted, _ = said[0].split("\t")
    lines = [line for hunk in file.hunks for line in hunk.lines]
    assert sum(line.kind == "+" for line in lines) == int(added)
    assert sum(line.kind == "-" for line in lines) == int(deleted)
    old_lines, new_lines = old.split(b"\n"), new.split(b"\n")
    for line in lines:
        if line.old is not None:
            assert old_lines[line.old - 1] == encode(line.text)
        if line.new is not None:
            assert new_lines[line.new - 1] == encode(line.text)


@QUIET
@given(TEXT, TEXT, st.data())
def test_a_damaged_diff_is_read_as_git_reads_it(
    diff_of, git_apply_says, old, new, data
):
    diff = diff_of(old, new, 3)
    if not diff:
        return
    at = data.draw(st.integers(0, len(diff)))
    junk = data.draw(st.sampled_from([b"", b"\n", b" ", b"+", b"-", b"\r", b"/", b'"']))
    keep = data.draw(st.integers(0, 3))
    damaged = diff[:at] + junk + diff[at + keep :]
    said, _ = git_apply_says(damaged)
    try:
        files = parse_diff(decode(damaged))
    except InputError:
        assert said is None
        return
    if said is None:
        assert files == ()  # git calls a text without a patch an error
        return
    assert len(files) == sum(not line.startswith(" ") for line in said)
    for line, file in zip(said, files, strict=False):
        lines = [line for hunk in file.hunks for line in hunk.lines]
        added, deleted, _ = line.split("\t")
        assert sum(line.kind == "+" for line in lines) == int(added)
        assert sum(line.kind == "-" for line in lines) == int(deleted)
