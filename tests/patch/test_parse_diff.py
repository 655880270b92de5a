# SPDX-License-Identifier: GPL-2.0-or-later
"""parse_diff finds in a diff what git apply finds in it, and survives the rest."""

from __future__ import annotations

import contextlib
import time
from collections import Counter

import pytest
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk

from reviewer.errors import InputError, LimitExceeded
from reviewer.limits import Limits
from reviewer.patch.diff import parse_diff, parse_parts
from reviewer.patch.prefix import lacks_prefix
from reviewer.utf8 import decode, encode

HUNK = "@@ -1,3 +1,3 @@ int f(void)\n one\n-two\n+2\n three\n"
CREATION = "@@ -0,0 +1,2 @@\n+one\n+two\n"
DELETION = "@@ -1,2 +0,0 @@\n-one\n-two\n"


def git_diff(old: str = "a/mm/x.c", new: str = "b/mm/x.c", extra: str = "") -> str:
    return f"diff --git {old} {new}\n{extra}--- {old}\n+++ {new}\n{HUNK}"


ACCEPTED = {
    "git": git_diff(),
    "text before and after": "Subject: x\n\nwords\n---\n"
    + git_diff()
    + "-- \n2.39.5\n",
    "two files": git_diff() + git_diff("a/mm/y.c", "b/mm/y.c"),
    "index line": git_diff(extra="index 123456789abc..cba987654321 100644\n"),
    "mode and content": git_diff(extra="old mode 100644\nnew mode 100755\n"),
    "mode only": "diff --git a/s.sh b/s.sh\nold mode 100644\nnew mode 100755\n",
    "mode only, space in name": "diff --git a/x y b/x y\nold mode 100644\n"
    "new mode 100755\n",
    "created": "diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0000000..1234567\n"
    "--- /dev/null\n+++ b/n.c\n" + CREATION,
    "created empty": "diff --git a/n.c b/n.c\nnew file mode 100644\n"
    "index 0000000..e69de29\n",
    "deleted": "diff --git a/o.c b/o.c\ndeleted file mode 100644\n"
    "index 1234567..0000000\n--- a/o.c\n+++ /dev/null\n" + DELETION,
    "renamed": "diff --git a/mm/x.c b/mm/y.c\nsimilarity index 100%\n"
    "rename from mm/x.c\nrename to mm/y.c\n",
    "renamed and changed": "diff --git a/mm/x.c b/mm/y.c\nsimilarity index 90%\n"
    "rename from mm/x.c\nrename to mm/y.c\n--- a/mm/x.c\n+++ b/mm/y.c\n" + HUNK,
    "copied": "diff --git a/mm/x.c b/mm/y.c\nsimilarity index 100%\n"
    "copy from mm/x.c\ncopy to mm/y.c\n",
    "binary": "diff --git a/l.gif b/l.gif\nindex 1234567..7654321 100644\n"
    "Binary files a/l.gif and b/l.gif differ\n",
    "traditional": "--- a/mm/x.c\n+++ b/mm/x.c\n" + HUNK,
    "traditional with times": "--- linux/mm/x.c\t2024-01-02 03:04:05.5 +0100\n"
    "+++ linux-new/mm/x.c\t2024-01-02 03:04:05.5 +0100\n" + HUNK,
    "traditional, space before time": "--- linux/mm/x.c 2024-01-02 03:04:05 +0100\n"
    "+++ linux-new/mm/x.c 2024-01-02 03:04:05 +0100\n" + HUNK,
    "traditional, original kept": "--- linux/x.c.orig\n+++ linux/x.c\n" + HUNK,
    "traditional without folder": "--- x.c\n+++ x.c\n" + HUNK,
    "created at the epoch": "--- linux/n.c\t1970-01-01 00:00:00.000000000 +0000\n"
    "+++ linux/n.c\t2024-01-02 03:04:05.5 +0100\n" + CREATION,
    "deleted at the epoch": "--- linux/n.c\t2024-01-02 03:04:05.5 +0100\n"
    "+++ linux/n.c\t1969-12-31 19:00:00 -0500\n" + DELETION,
    "traditional creation": "--- /dev/null\n+++ b/n.c\n" + CREATION,
    "traditional deletion": "--- a/o.c\n+++ /dev/null\n" + DELETION,
    "quoted": 'diff --git "a/\\303\\251.c" "b/\\303\\251.c"\n'
    '--- "a/\\303\\251.c"\n+++ "b/\\303\\251.c"\n' + HUNK,
    "quoted mode change": 'diff --git "a/\\303\\251.c" "b/\\303\\251.c"\n'
    "old mode 100644\nnew mode 100755\n",
    "tab in name": 'diff --git "a/x\\ty" "b/x\\ty"\n--- "a/x\\ty"\n+++ "b/x\\ty"\n'
    + HUNK,
    "space in name": git_diff("a/x y", "b/x y"),
    "utf-8 name": git_diff("a/é.c", "b/é.c"),
    "carriage returns": git_diff().replace("\n", "\r\n"),
    "carriage returns in content": git_diff().replace("two\n", "two\r\n"),
    "no newline, both": git_diff() + "\\ No newline at end of file\n",
    "no newline inside": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n"
    "\\ No newline at end of file\n+a\n",
    "no newline, another language": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n"
    "\\ Kein Zeilenumbruch am Dateiende.\n+a\n",
    "empty context line without its space": git_diff().replace(" one", ""),
    "line that looks like a header": "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n"
    "--- a/y\n+++ b/y\n x\n",
    "several hunks": git_diff() + "@@ -50,2 +50,3 @@\n a\n+b\n c\n",
    "double slash": "--- a//mm//x.c\n+++ b//mm//x.c\n" + HUNK,
    "absolute": "--- /etc/x\n+++ /etc/x\n" + HUNK,
    "parent folder": "--- a/../../x\n+++ b/../../x\n" + HUNK,
    "quoted reply is text": "> diff --git a/x b/x\n> --- a/x\n" + git_diff(),
}


def listing(diff: str) -> list[str]:
    """Our result as git's --numstat prints it."""
    lines = []
    for file in parse_diff(diff):
        kinds = Counter(line.kind for hunk in file.hunks for line in hunk.lines)
        counts = "-\t-" if file.binary else f"{kinds['+']}\t{kinds['-']}"
        name = file.path.replace("\t", "\\t")
        lines.append(f"{counts}\t" + (f'"{name}"' if name != file.path else name))
    return lines


@pytest.mark.parametrize("diff", ACCEPTED.values(), ids=ACCEPTED)
def test_files_and_counts_are_those_of_git(diff, git_apply_says):
    said, error = git_apply_says(encode(diff))
    assert said is not None, error
    numstat = [line for line in said if not line.startswith(" ")]
    assert listing(diff) == numstat


def test_without_prefix_the_names_are_those_of_git_with_p0(git_apply_says):
    diff = "diff --git mm/x.c mm/x.c\n--- mm/x.c\n+++ mm/x.c\n" + HUNK
    said, _ = git_apply_says(encode(diff))
    assert said == ["1\t1\tx.c"]  # with -p1, as for every patch
    assert listing(diff) == ["1\t1\tmm/x.c"]


STATUS = {
    "created": ("added", None, "n.c"),
    "created empty": ("added", None, "n.c"),
    "created at the epoch": ("added", None, "n.c"),
    "traditional creation": ("added", None, "n.c"),
    "deleted": ("deleted", "o.c", None),
    "deleted at the epoch": ("deleted", "n.c", None),
    "traditional deletion": ("deleted", "o.c", None),
    "renamed": ("renamed", "mm/x.c", "mm/y.c"),
    "renamed and changed": ("renamed", "mm/x.c", "mm/y.c"),
    "copied": ("copied", "mm/x.c", "mm/y.c"),
    "mode only": ("mode", "s.sh", "s.sh"),
    "mode and content": ("modified", "mm/x.c", "mm/x.c"),
    "carriage returns": ("modified", "mm/x.c", "mm/x.c"),
    "quoted": ("modified", "é.c", "é.c"),
}


@pytest.mark.parametrize(("name", "expected"), STATUS.items(), ids=STATUS)
def test_status_and_names(name, expected):
    (file,) = parse_diff(ACCEPTED[name])
    assert (file.status, file.old_path, file.new_path) == expected


def test_modes_and_blobs():
    (mode,) = parse_diff(ACCEPTED["mode only"])
    assert (mode.old_mode, mode.new_mode) == ("100644", "100755")
    (index,) = parse_diff(ACCEPTED["index line"])
    assert (index.old_blob, index.new_blob) == ("123456789abc", "cba987654321")
    assert (index.old_mode, index.new_mode) == ("100644", "100644")


def test_lines_of_a_hunk_are_numbered_and_keep_their_text():
    (file,) = parse_diff(ACCEPTED["carriage returns in content"])
    (hunk,) = file.hunks
    assert hunk.section == "int f(void)"
    assert [(x.kind, x.text, x.old, x.new) for x in hunk.lines] == [
        (" ", "one", 1, 1),
        ("-", "two\r", 2, None),
        ("+", "2", None, 2),
        (" ", "three", 3, 3),
    ]


def test_missing_newline_is_a_line_of_its_own():
    (file,) = parse_diff(ACCEPTED["no newline, another language"])
    assert [line.kind for line in file.hunks[0].lines] == ["-", "\\", "+"]


def test_text_without_a_diff_has_no_files():
    assert parse_diff("") == ()
    assert parse_diff("Hello,\n\nwhat about --- and +++ ?\n") == ()


def test_bytes_that_are_no_text_survive():
    data = encode(git_diff()).replace(b"two", b"\xff\xfe").replace(b"x.c", b"\xe9.c")
    (file,) = parse_diff(decode(data))
    assert encode(file.path) == b"mm/\xe9.c"
    assert encode(file.hunks[0].lines[1].text) == b"\xff\xfe"


def test_parts_are_the_diff_without_the_words_around_it():
    parts = parse_parts(ACCEPTED["text before and after"])
    assert [part.text.decode() for part in parts] == [git_diff()]


CORRUPT = {
    "hunk too short": (git_diff()[: -len(" three\n")], "corrupt patch"),
    "cut inside a line": (git_diff()[:-3], "corrupt patch"),
    "wrapped line": (git_diff().replace("-two", "-tw\no"), "corrupt patch"),
    "no space before context": (git_diff().replace(" one", "one"), "corrupt patch"),
    "nothing changes": ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n", "corrupt patch"),
    "more removed than stated": (
        git_diff().replace("@@ -1,3", "@@ -1,2"),
        "corrupt patch",
    ),
    "hunk without file": (HUNK, "patch fragment without header"),
    "negative": (git_diff().replace("-1,3", "-1,-3"), "corrupt patch"),
    "new file with old lines": (
        "--- /dev/null\n+++ b/x\n" + HUNK,
        "new file x depends on old contents",
    ),
    "deleted file that stays": (
        "--- a/x\n+++ /dev/null\n" + HUNK,
        "deleted file x still has contents",
    ),
    "no name": (
        "diff --git a b\nold mode 100644\nnew mode 100755\n",
        "git diff header lacks filename information",
    ),
    "created and deleted": (
        "diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n",
        "inconsistent header lines 2 and 3",
    ),
    "not a mode": (
        "diff --git a/x b/x\nold mode rwxr-xr-x\nnew mode 100644\n",
        "invalid mode on line 2",
    ),
    "no end of the mode": (  # for git, a vertical tab is no space
        "diff --git a/x b/x\nnew file mode 100644\v\n",
        "invalid mode on line 2",
    ),
    "another name below": (
        "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/y\n" + CREATION,
        "inconsistent new filename",
    ),
}


@pytest.mark.parametrize(("diff", "reason"), CORRUPT.values(), ids=CORRUPT)
def test_what_git_rejects_is_rejected_with_its_reason(diff, reason, git_apply_says):
    _, error = git_apply_says(encode(diff))
    assert error is not None
    if "line" not in reason:
        assert reason in error
    with pytest.raises(InputError, match=reason) as caught:
        parse_diff(diff)
    assert "\n" not in str(caught.value)


def test_messages_show_no_control_characters():
    with pytest.raises(InputError) as caught:
        parse_diff(git_diff().replace(" one", "\x1b]8;;http://x\x07one"))
    assert str(caught.value).isprintable()


def test_numbers_that_overflow_are_corrupt():
    # git 2.39 cuts the number down to 2^64 - 1, later versions refuse it
    for number in ("99999999999999999999999", "9" * 5000):
        with pytest.raises(InputError, match="corrupt patch"):
            parse_diff(git_diff().replace("-1,3", f"-{number},3"))


def test_a_nul_in_a_name_is_refused():
    # git would take the name to end there
    with pytest.raises(InputError, match="NUL byte"):
        parse_diff(git_diff().replace("x.c", "x\0.c"))


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(diff_files=1), "kpf.diffFiles"),
        (Limits(diff_hunks=1), "kpf.diffHunks"),
        (Limits(diff_lines=5), "kpf.diffLines"),
        (Limits(diff_line_bytes=10), "kpf.diffLineBytes"),
    ],
)
def test_every_limit_is_kept_and_named(limits, name):
    with pytest.raises(LimitExceeded, match=name):
        parse_diff(git_diff() + git_diff("a/y", "b/y"), limits)


@pytest.mark.parametrize(
    "diff",
    [
        "diff --git " + "a/ " * 300_000 + "\n" + HUNK.replace("@@", "--"),
        'diff --git "' + "\\303" * 200_000 + "\n",
        "--- " + " " * 900_000 + "\n+++ b/x\n" + HUNK,
        "--- " + "/" * 900_000 + "\n+++ b/x\n" + HUNK,
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" + "x" * 900_000 + "\n+y\n",
        "--- a/x\t" + "2024-01-02 " * 80_000 + "\n+++ b/x\n" + HUNK,
        "@@ -" * 200_000 + "\n",
        "diff --git a/x b/x\n" * 60_000,
        "index ..\n--- a/x\n" * 100_000,
        "--- a/x\n+++ b/x\n" * 100_000,
    ],
    ids=range(10),
)
def test_hostile_lines_cost_little(diff):
    start = time.process_time()
    with contextlib.suppress(InputError):
        parse_diff(diff)
    assert time.process_time() - start < 10


def test_a_thousand_files():
    diff = "".join(git_diff(f"a/d/{n}.c", f"b/d/{n}.c") for n in range(1000))
    assert len(parse_diff(diff)) == 1000


TRAPS_FOR_LINE_NUMBERS = {
    "translated markers": git_diff().replace(
        "three\n", "three\n\\ Kein Zeilenumbruch\n"
    )
    + git_diff("a/mm/y.c", "b/mm/y.c"),
    "lines that look like headers": git_diff(
        extra="index 123456789abc..cba987654321 100644\n"
    ).replace("-two\n+2\n", "--- a/mm/z.c\n+++ b/mm/z.c\n"),
    "an empty line that lost its blank": git_diff().replace(" one\n", "\n"),
    "words between the hunks' files": git_diff()
    + "\nwords\n\n"
    + git_diff("a/y", "b/y"),
    "carriage returns": git_diff().replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", [*ACCEPTED.values(), *TRAPS_FOR_LINE_NUMBERS.values()])
def test_every_line_knows_its_place_in_the_diff(text: str) -> None:
    lines = text.split("\n")
    for file in parse_diff(text):
        assert tuple(lines[file.at : file.at + len(file.header)]) == file.header
        for hunk in file.hunks:
            assert lines[hunk.at].startswith(f"@@ -{hunk.old_start}")
            for line in hunk.lines:
                marked = lines[line.at]
                assert marked[:1] == line.kind or (line.kind == " " and not marked)
                assert line.kind == "\\" or marked[1:] == line.text


@pytest.mark.parametrize(
    "reading",
    [
        lambda lines: [],  # no file
        lambda lines: [[]],  # a file without hunks
        lambda lines: [[Hunk(1, 3, 1, 2)]],  # another length
        lambda lines: [[Hunk(1, 3, 1, 3)]],  # no lines
    ],
)
def test_where_unidiff_reads_otherwise_the_diff_is_corrupt(reading, monkeypatch):
    monkeypatch.setattr("unidiff.patch.PatchSet", reading)
    with pytest.raises(InputError, match=r"corrupt patch in mm/x\.c"):
        parse_diff(git_diff())


def test_what_unidiff_refuses_is_corrupt(monkeypatch) -> None:
    def refuse(lines):
        raise UnidiffParseError("Hunk is longer than expected")

    monkeypatch.setattr("unidiff.patch.PatchSet", refuse)
    with pytest.raises(InputError, match="Hunk is longer than expected"):
        parse_diff(git_diff())


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "header",
    [
        b'diff --git "fs/\\377.c" "fs/\\377.c"',
        b"diff --git mm/a.c mm/a.c",
        b'diff --git "fs/\\377.c" mm/a.c|rename from "fs/\\377.c"|rename to mm/a.c',
        b'diff --git mm/a.c "fs/\\377.c"|rename from mm/a.c|rename to "fs/\\377.c"',
    ],
)
def test_names_without_prefix_whatever_ends_a_line(header, end) -> None:
    assert lacks_prefix([line + end for line in header.split(b"|")])
