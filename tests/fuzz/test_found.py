# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers found, each by itself."""

from __future__ import annotations

import subprocess

import pytest

from reviewer.c.source import parse
from reviewer.errors import InputError
from reviewer.patch.diff import parse_diff
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.rules.stale_reference.maintainers import pattern_covers

HEAD = "diff --git a/mm/x.c b/mm/x.c\n"
BEYOND = {  # dots beyond the line, and whether git then refuses what follows them
    "index 123\ncase 1 ... 3:\n": True,
    "index 123\n\n\n.. x\n": True,
    "index 123\ncase 1 .. 100644\n": False,
    "index 123\ncase 1 ..100644\n": False,
    "index 123\n" + "x" * 50 + ".. 3:\n": False,
    "index 123\nno dots\n": False,
    # a mode is what strtoul(3) reads, which passes over the ends of lines
    "index 12..34 \n": True,
    "index 12..34  \t\n\n--- a/mm/x.c\n": True,
    "index 12..34 \n100644\n": False,
    "index 12..34 \n\n\n9\n": True,
    f"index 12..34 1006{'4' * 40}\n": False,
    "old mode \r\v\n100644\n": False,
    "new mode \nnew mode 100644\n": True,
}


@pytest.mark.parametrize("text", BEYOND, ids=repr)
def test_git_looks_for_dots_and_modes_beyond_their_line(text: str) -> None:
    """The diff is refused where what it finds there is no mode."""
    diff = f"{HEAD}old mode 100644\nnew mode 100755\n{text}"
    words = ["git", "apply", "--numstat", "-"]
    done = subprocess.run(words, input=diff.encode(), capture_output=True, check=False)
    assert bool(done.returncode) is BEYOND[text], done.stderr
    if not done.returncode:
        assert parse_diff(diff)
    else:
        with pytest.raises(InputError, match="invalid mode"):
            parse_diff(diff)


NAMELESS = ['  T ""', ' ""', '\ta/T T ""', 'T ""', '""', '"" ""']


@pytest.mark.parametrize("names", NAMELESS)
def test_an_empty_name_is_none_without_its_prefix(names: str) -> None:
    """It made the whole diff one of --no-prefix, which git does not read so."""
    for before in ("", "--- a/x.h\n+++ b/x.h\n@@ -1,2 +1 @@\n int a;\n-int b;\n"):
        diff = f"{before}diff --git {names}\n\tunsigned long a = b;\n"
        words = ["git", "apply", "--numstat", "-"]
        done = subprocess.run(words, input=diff.encode(), capture_output=True)
        try:
            read = bool(parse_diff(diff))
        except InputError:
            read = False
        assert read is (done.returncode == 0 and bool(done.stdout)), done.stderr


BEFORE = b"u64 f(u64 a)\n{\n\treturn g(a, X);\n}\n"


@pytest.mark.parametrize("odd", [b"g\xff", b"\xfeg"])
def test_names_that_are_no_text_are_not_compared(odd: bytes) -> None:
    """z3 takes names as UTF-8 and raised UnicodeEncodeError."""
    pre = parse("mm/x.c", BEFORE.replace(b"g", odd))
    post = parse("mm/x.c", BEFORE.replace(b"g", odd).replace(b"a, ", b"a + 1, "))
    (verdict,) = compare_functions(pre, post, None, None, "f")
    assert verdict.verdict is Verdict.NOT_DECIDED


def test_names_do_not_end_at_a_nul() -> None:
    """z3 takes names as C strings: two that differ behind a NUL were one."""
    pre, post = (
        parse("mm/x.c", BEFORE.replace(b"X", b'"a\0%d"' % n)) for n in range(2)
    )
    (verdict,) = compare_functions(pre, post, None, None, "f")
    assert verdict.verdict is not Verdict.EQUAL


@pytest.mark.parametrize("number", ["08", "9" * 5000, "0b1" + "0" * 5000])
def test_a_number_that_is_none_is_not_compared(number: str) -> None:
    """In a macro that only the prover reads: Python raised ValueError."""
    head = b"#ifdef CONFIG_A\n#define X %s\n#else\n#define X 1\n#endif\n"
    text = head % number.encode() + BEFORE.replace(b"g(a, X)", b"a + X")
    pre, post = (parse("mm/x.c", text.replace(b"a +", b"a %c" % o)) for o in b"+-")
    (verdict,) = compare_functions(pre, post, None, None, "f")
    assert verdict.verdict is not Verdict.EQUAL


@pytest.mark.parametrize(
    ("pattern", "path", "stands"),
    [
        ("lib/[x", "lib/x.c", True),  # no pattern: nothing is claimed of it
        ("lib/**.c", "lib/a.c", True),
        ("lib/*.c", "lib/a.h", False),
        ("drivers/*/x*", "drivers/a/xb.c", True),
        ("drivers/*/x*", "drivers/a/b/x", False),
        ("lib/" + "*a" * 40 + "b", "lib/" + "a" * 200, False),  # took for ever
    ],
)
def test_any_pattern_of_maintainers_is_read(pattern: str, path: str, stands) -> None:
    assert pattern_covers(pattern, path) is stands
