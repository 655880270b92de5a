# SPDX-License-Identifier: GPL-2.0-or-later
"""Trees before and after a patch, as hypothesis makes them, and git's diff of them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

ENVIRONMENT = {
    **{
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    },
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
}
NAMES = [
    *b"mm/a.c mm/b.c mm/a fs/\\.c fs/-rf top.c b/mm/a.c mm/+x.c a/b/c/d.c".split(),
    *b'mm/\'$(x).c mm/a.c.orig dev/null fs/\xff.c fs/\xc3\xa9.c fs/"q".c'.split(),
    *(b"fs/a b.c", b"fs/x  y .h", b"fs/a b/a b", b"fs/x\ty.c"),
]
LINES = [
    *b"a b } { -- x\r x\x0by x\xe2\x80\xa8y x\xc2\x85y \xff\xfe \xe2\x80\xae".split(
        b" "
    ),
    *(b"", b" ", b"\r", b"\t}", b"\tint x;", b"int f(void)", b"x\x0cy", b"a" * 300),
    *(
        b"-- x",
        b"-- ",
        b"++ y",
        b"--- a/mm/a.c",
        b"+++ b/mm/a.c",
        b"diff --git a/x b/x",
    ),
    *(b"@@ -1,2 +1,2 @@", b"\\ No newline", b"From x", b"index 1..2"),
]


@dataclass(frozen=True)
class File:
    """One file of a tree."""

    data: bytes
    executable: bool = False

    @property
    def mode(self) -> str:
        return "100755" if self.executable else "100644"


State = dict[bytes, File]


@dataclass(frozen=True)
class Asked:
    """How git is asked for the diff, and what a mail then does to it."""

    options: tuple[str, ...]
    mangled: str
    shift: int  # lines that the tree has above, which the diff does not know
    changed: bool  # whether a line of the tree is another


DEEDS = [*["edit"] * 5, "mode", "move", "copy", "gone", "same"]
PREFIXES = ["--no-prefix", "--src-prefix=i/ --dst-prefix=w/"]
PREFIXES += ["--src-prefix=x/y/ --dst-prefix=x/y/"]
OTHER = ["--full-index", "--text", "--binary", "--inter-hunk-context=9", "--patience"]
OTHER += ["-w", "-R"]
lines = st.lists(st.sampled_from(LINES), max_size=14)
names = st.sampled_from(NAMES)


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """A text; now and then empty, of one end of line, or binary."""
    kind = draw(
        st.sampled_from([*["text"] * 12, "empty", "crlf", "long", "long", "binary"])
    )
    if kind == "empty":
        return b""
    if kind == "binary":
        return b"\0\x01" + draw(st.binary(max_size=20))
    some = draw(lines)
    if kind == "long":
        some = some * 3 + [b"line %d" % n for n in range(40)] + some
    end = b"\r\n" if kind == "crlf" else b"\n"
    return end.join(some) + draw(st.sampled_from([end, end, b""]))


@st.composite
def edited(draw: st.DrawFn, data: bytes) -> bytes:
    """The text with a few lines changed, at several places."""
    some = data.split(b"\n")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(some)))
        to = min(len(some), at + draw(st.integers(0, 2)))
        some[at:to] = draw(st.lists(st.sampled_from(LINES), max_size=3))
    return b"\n".join(some)


@st.composite
def changes(draw: st.DrawFn) -> tuple[State, State]:
    """A tree, and what a patch makes of it."""
    files = st.builds(File, contents(), st.booleans())
    before: State = draw(st.dictionaries(names, files, min_size=1, max_size=4))
    after: State = {}
    for name, file in before.items():
        what = draw(st.sampled_from(DEEDS))
        new = File(draw(edited(file.data)), file.executable)
        if what == "mode":
            new = File(new.data, not file.executable)
        if what == "same":
            new = file
        if what == "copy":
            after[draw(names)] = new
            new = file
        if what != "gone":
            after[draw(names) if what == "move" else name] = new
    if draw(st.booleans()):
        after[draw(names)] = draw(files)
    return _possible(before), _possible(after)


def _possible(state: State) -> State:
    """Without the files in whose place there is a folder."""
    folders = {
        b"/".join(name.split(b"/")[:depth])
        for name in state
        for depth in range(1, name.count(b"/") + 1)
    }
    return {name: file for name, file in state.items() if name not in folders}


asked = st.builds(
    Asked,
    st.tuples(
        st.sampled_from(["-U3", "-U3", "-U1", "-U0", "-U8", "--function-context"]),
        st.sampled_from(["-M", "-M20%", "-C", "-C -C", "-B -M", "--no-renames", "-D"]),
        st.sampled_from(["", "", "", *PREFIXES, *OTHER]),
    ).map(lambda words: tuple(" ".join(words).split())),
    st.sampled_from(["", "", "", "crlf", "stripped", "words", "signature", "language"]),
    st.sampled_from([0, 0, 0, 0, 1, 40]),
    st.sampled_from([*[False] * 7, True]),
)


class Repository:
    """A repository into which two trees go for each diff."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run(["git", "init", "-q", "--bare", folder], check=True)

    def diff(self, before: State, after: State, options: tuple[str, ...]) -> bytes:
        """What ``git diff`` says with these options."""
        stream = b"".join(
            _commit(name, state) for name, state in (("one", before), ("two", after))
        )
        self._git(
            "fast-import", "--quiet", "--force", "--date-format=raw", stdin=stream
        )
        # two trees, else git diff gives the second one's paths in the index
        return self._git("diff", *options, "one^{tree}", "two^{tree}")

    def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        return subprocess.run(
            ["git", "-C", self.folder, *words],
            input=stdin,
            capture_output=True,
            check=True,
            env=ENVIRONMENT,
        ).stdout


def _commit(name: str, state: State) -> bytes:
    head = f"commit refs/heads/{name}\ncommitter A <a@b> 0 +0000\ndata 0\n\ndeleteall\n"
    return head.encode() + b"".join(
        b"M %s inline %s\ndata %d\n%s\n"
        % (file.mode.encode(), quoted(path), len(file.data), file.data)
        for path, file in state.items()
    )


def quoted(path: bytes) -> bytes:
    """A path in git's quotes."""
    return b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'


def mangled(diff: bytes, how: str) -> bytes:
    """What mail programs and people do to a diff."""
    if how == "crlf":
        return diff.replace(b"\n", b"\r\n")
    if how == "stripped":  # empty context lines lose their space
        return diff.replace(b"\n \n", b"\n\n")
    if how == "words":
        return b"Hello,\n--- and +++ and @@\n\n" + diff + b"\nBye\n"
    if how == "signature":
        return diff + b"-- \n2.39.5\n\n"
    if how == "language":
        return diff.replace(
            b"\n\\ No newline at end of file", b"\n\\ Kein Zeilenumbruch."
        )
    return diff


def written(folder: Path, state: State, asked: Asked) -> None:
    """The tree that the diff is applied to."""
    top = b"".join(b"line %d above\n" % n for n in range(asked.shift))
    for path, file in state.items():
        data = file.data
        if b"\0" not in data and data:
            data = top + data
        if asked.changed and data:
            some = data.split(b"\n")
            some[len(some) // 2] += b" changed"
            data = b"\n".join(some)
        place = Path(os.fsdecode(os.path.join(os.fsencode(folder), path)))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o755 if file.executable else 0o644)
