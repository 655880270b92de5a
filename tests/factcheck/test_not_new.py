# SPDX-License-Identifier: GPL-2.0-or-later
"""A test that a remark takes for new, and that stood there before; and what is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.factcheck import Decision
from tests.factcheck.conftest import (
    answer,
    checked,
    diff_of,
    patch_mail,
    quote,
    written,
)

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
KERNEL = ("Kbuild", "Kconfig", "include/linux/kernel.h", "kernel/fork.c", "init/main.c")
PATH = "drivers/wire/parse.c"
PARSE = """\
int wire_parse(struct wire *w, u32 length)
{
\tu32 offset = 0;
\tint i;

\tfor (i = 0; i < 4; i++) {
\t\tif (offset >= length)
\t\t\treturn -ENODATA;

\t\tif (wire_word(w, offset))
\t\t\treturn -EIO;

\t\tw->words++;

\t\toffset += 4;
\t}

\tif (offset != length)
\t\treturn -ENOMSG;
\treturn 0;
}
"""
END = "\tif (offset != length)\n\t\treturn -ENOMSG;\n"
FOUND = "In wire_parse() it evaluates offset >= length as true. "


@pytest.fixture(scope="module")
def kernel(tmp_path_factory) -> Path:
    return written(
        {"Makefile": MAKEFILE, **dict.fromkeys(KERNEL, ""), PATH: PARSE},
        tmp_path_factory.mktemp("linux"),
    )


def refuting(kernel: Path, text: str, after: str) -> list[str]:
    """The facts against a remark on what a patch makes of the function."""
    under = next(
        x for x in diff_of(PATH, PARSE, after).split("\n")[5:] if x[:1] in "+-"
    )
    body = f"{quote(under)}\n{text}\n"
    (found,) = checked(kernel, [patch_mail(diff_of(PATH, PARSE, after)), answer(body)])
    return [one.fact for one in found.marks if one.refutes and one.kind is Decision.OLD]


@pytest.mark.parametrize(
    "text",
    [
        f"{FOUND}Will this now fail the whole call with -ENODATA?",
        f"{FOUND}With the updated code the call returns -ENODATA.",
        f"{FOUND}A short answer is no longer taken, and wire_parse() returns -ENODATA.",
    ],
)
def test_a_test_that_was_there(kernel, text: str) -> None:
    after = PARSE.replace(END, "").replace("offset += 4", "offset = ALIGN(offset, 4)")
    assert refuting(kernel, text, after) == [
        f"that test and its -ENODATA stand there before the series: {PATH}:7"
    ]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        # the remark says by what the operands are others now
        (f"{FOUND}ALIGN() rounds it up: does it now fail with -ENODATA?", ""),
        # another error, test or function; nothing is said to be new
        (f"{FOUND}Will this now fail the whole call with -EIO?", ""),
        ("wire_parse() has offset > length: will it now fail with -ENODATA?", ""),
        ("In wire_read() offset >= length: will it now fail with -ENODATA?", ""),
        (f"{FOUND}Can that fail with -ENODATA?", ""),
        # the patch writes the test
        (f"{FOUND}Will this now fail with -ENODATA?", "offset >= length"),
    ],
)
def test_what_may_be_new_gets_no_mark(kernel, text: str, changed: str) -> None:
    after = PARSE.replace(END, "").replace("offset += 4", "offset = ALIGN(offset, 4)")
    if changed:
        after = after.replace("\t\tif (offset >=", "\t\tw->all++;\n\t\tif (offset  >=")
        after = after.replace("\t\tw->words++;\n", "\t\tif (offset >= length)\n")
    assert refuting(kernel, text, after) == []
