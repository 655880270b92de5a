# SPDX-License-Identifier: GPL-2.0-or-later
"""Any diff that git accepts gives, in our model, git's post-image byte for byte.

``KPF_ROUND_TRIPS=5000`` tries so many examples instead of the few of every day.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from reviewer.errors import InputError
from reviewer.models import Change, FileDiff
from reviewer.patch.prefix import lacks_prefix
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series
from reviewer.utf8 import decode, encode

_spec = importlib.util.spec_from_file_location(
    "states", Path(__file__).with_name("states.py")
)
assert _spec is not None
assert _spec.loader is not None
states = sys.modules["states"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(states)

MAKEFILE = b"VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\n"
KERNEL = {
    b"Makefile": states.File(MAKEFILE),
    b"Kbuild": states.File(b"obj-y += mm/\n"),
    b"include/linux/x.h": states.File(b"\n"),
}
EXAMPLES = int(os.environ.get("KPF_ROUND_TRIPS", "60"))
UNENDED = tuple(
    {b"mm/a.c": states.File(text)} for text in (b"a\nb\nc\nd", b"a\nb\nc\nx\nd")
)
NO_CONTEXT = states.Asked(("-U0", "-M"), "", 0, False)
seen = {"tried": 0, "accepted": 0, "left out": 0, "refused": 0}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    yield states.Repository(tmp_path_factory.mktemp("diffs") / "repo.git")
    print(seen)
    assert seen["accepted"] > seen["tried"] / 10


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.shrink} if EXAMPLES < 1000 else set(Phase),
)
@example(UNENDED, NO_CONTEXT)
@given(states.changes(), states.asked)
def test_round_trip(repository, series, change, asked) -> None:
    before, after = change
    diff = states.mangled(repository.diff(before, after, asked.options), asked.mangled)
    base = after if "-R" in asked.options else before
    with tempfile.TemporaryDirectory() as place:
        ours, theirs = Path(place, "ours"), Path(place, "theirs")
        for folder in (ours, theirs):
            states.written(folder, base, asked)
            states.written(folder, KERNEL, states.Asked((), "", 0, False))
        status, said = git_apply(theirs, diff)
        if not diff.strip():
            return
        seen["tried"] += 1
        check(ours, theirs, series(decode(diff)), status, said)


def git_apply(folder: Path, diff: bytes) -> tuple[int, str]:
    """Apply the whole diff, all or nothing, as git does by itself.

    With -p0 where the names have no prefix, as a person would who sees that.
    """
    strip = ["-p0"] if lacks_prefix(diff.splitlines(keepends=True)) else []
    done = subprocess.run(
        ["git", "apply", *strip, "--whitespace=nowarn", "-"],
        input=diff,
        cwd=folder,
        capture_output=True,
        check=False,
        env={**states.ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )
    return done.returncode, decode(done.stderr)


def check(ours: Path, theirs: Path, series, status: int, said: str) -> None:
    """What git made of the tree is what the model says."""
    try:
        with open_tree(ours) as tree:
            (step,) = apply_series(series, tree, base=None).patches
    except InputError as error:
        if status == 0:
            pytest.fail(f"git takes it: {error}")
        return
    why = [change.why for change in step.changes]
    if any(one and one.startswith(("binary", "refused")) for one in why):
        seen["left out"] += 1  # by policy, whatever git makes of it
    elif not status and is_glued(step):
        seen["left out"] += 1
        assert not step.applied
        return
    elif status:
        seen["refused"] += 1
        assert not step.applied or not step.changes, said
        return
    else:
        seen["accepted"] += 1
        assert step.applied, why
    if status:
        return
    gone = {change.diff.old_path for change in step.changes if change.diff.old_path}
    for change in step.changes:
        if change.applied:
            compare(change, theirs, step.post_view)
        gone.discard(change.diff.new_path)
    for change in step.changes:
        path = change.diff.old_path
        if change.applied and path in gone and change.diff.status != "copied":
            assert not step.post_view.exists(path)
            assert not there(theirs, path).exists()


def is_glued(step) -> bool:
    """Whether git joins an added line to the last one of a file.

    It takes a hunk without context to the end of the file, and there the last line
    may have no end of its own: what comes of it stands in no diff.
    """
    for change in step.changes:
        path = change.diff.old_path
        data = step.pre_view.read(path) if path else None
        bare = any(hunk.old_length == 0 for hunk in change.diff.hunks)
        if bare and data and not data.endswith(b"\n"):
            return True
    return False


def compare(change: Change, theirs: Path, view) -> None:
    """One file: git's bytes, and those that follow from the hunks as they stand."""
    path = change.diff.new_path
    if path is None:
        assert change.post is None
        return
    wanted = there(theirs, path).read_bytes()
    assert change.post == wanted
    assert view.read(path) == wanted
    assert rebuilt(change.pre or b"", change.diff) == wanted
    executable = bool(there(theirs, path).stat().st_mode & 0o100)
    if change.diff.new_mode is not None:
        assert (change.diff.new_mode == "100755") == executable


def there(folder: Path, path: str) -> Path:
    return Path(os.fsdecode(os.path.join(os.fsencode(folder), encode(path))))


def rebuilt(pre: bytes, diff: FileDiff) -> bytes:
    """The post-image by the lines of the model alone: git is not asked."""
    old = pre.split(b"\n")
    old = [line + b"\n" for line in old[:-1]] + ([old[-1]] if old[-1] else [])
    new: list[bytes] = []
    at = 0  # lines of the pre-image that are taken over or removed
    for hunk in sorted(diff.hunks, key=first_line):
        for number, line in enumerate(hunk.lines):
            if line.kind == "\\":
                continue
            follows = hunk.lines[number + 1 : number + 2]
            ends = b"" if follows and follows[0].kind == "\\" else b"\n"
            if line.old is not None:
                new += old[at : line.old - 1]
                was = old[line.old - 1]
                # git diff -w shows the new side's end of a file, and git apply heeds it
                same = line.kind == " " and was.removesuffix(b"\n")
                assert encode(line.text) + ends in (was, same)
                at = line.old
            if line.kind == " ":
                new.append(encode(line.text) + ends)
            elif line.kind == "+":
                while line.new is not None and len(new) < line.new - 1:
                    new.append(old[at])
                    at += 1
                assert line.new == len(new) + 1
                new.append(encode(line.text) + ends)
    return b"".join(new + old[at:])


def first_line(hunk) -> int:
    return min(line.new or line.old or 0 for line in hunk.lines if line.kind != "\\")
