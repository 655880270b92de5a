# SPDX-License-Identifier: GPL-2.0-or-later
"""A header is read as C for the names that it may define, not for those it uses."""

from __future__ import annotations

from functools import cached_property

import pytest

from reviewer.facts import Facts
from reviewer.facts.header import Header
from reviewer.facts.lookup import _defines
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

# Every way to write a name; which of them define it is what a full reading says.
WAYS = (
    "#define NAME 1\n", "#define\tNAME(x) x\n", "# define NAME\n", "#define NAME_2 1\n",
    "#define X NAME\n", "#define /* a */ NAME 1\n", "#define\\\n NAME 1\n",
    "#define \\\n\\\n\tNAME 1\n", "  #\tdefine  NAME 1\n", "// #define NAME 1\n",
    '"#define NAME 1"\n', "/*\n#define NAME 1\n*/\n", "#/* */define/* */NAME 1\n",
    "#define\x0cNAME 1\n", "#define\xa0NAME 1\n", "#undef NAME\n", "int NAME(void);\n",
    "int x = NAME;\n", "enum { NAME };\n", "enum { A, NAME = 1, B };\n",
    "enum e {\n\tA,\n\tNAME\n};\n", "enum { A,/* a */NAME/* b */};\n",
    "enum { NAME(1) };\n", "enum { NAME __attribute__((x)) = 1 };\n",
    "enum { A = NAME, B };\n", "enum { A = f(NAME) };\n",
    "enum { NAME /* ( */ , B };\n",
    "enum { A,\n#ifdef B\n\tNAME,\n#endif\n\tC };\n", "enum e f(NAME);\n",
    "enum { A }; int NAME(int);\n", "enum { A }; int NAME;\n", "x->NAME\n", "ANAME\n",
    "enum { NAME  (1), B };\n", "enum { NAME\n(1), B };\n", "#define NAMEÄ 1\n",
    "#define $NAME 1\n", "#define NAME$ 1\n", "#def\\\nine NAME 1\n",
    "#d\\\nefine\tNAME 1\n", "int x = a \\\nb NAME;\n", "#def\\\r\nine NAME 1\r\n",
)  # fmt: skip


@pytest.mark.parametrize("first", WAYS)
def test_what_is_left_unread_defines_nothing(first: str) -> None:
    for second in ("", *WAYS):
        data = (first + second).encode()
        read = Header("x.h", data)
        whole = "NAME" in read.macros or "NAME" in read.enum_of
        assert _defines(Header("x.h", data), "NAME") is whole, data


def test_headers_that_only_use_a_name_are_not_read(monkeypatch) -> None:
    """Of thirty headers with the word in them the one is read that defines it."""
    monkeypatch.setattr("reviewer.facts.lookup.header", Header)
    read: list[str] = []
    macros = Header.macros.func

    def counted(of: Header):
        read.append(of.path)
        return macros(of)

    spied = cached_property(counted)
    spied.__set_name__(Header, "macros")
    monkeypatch.setattr(Header, "macros", spied)
    names = [f"linux/use{n}.h" for n in range(30)]
    files = {f"include/{name}": b"enum e { A };\nint value(int);\n" for name in names}
    files["include/linux/made.h"] = b"#define value(x) ((x) + 1)\n"
    lines = [f"#include <{name}>\n" for name in [*names, "linux/made.h"]]
    files["lib/x.c"] = "".join(lines).encode()
    facts = Facts(OverlayView(EmptyView(), files))
    (found,) = facts.define("value", near="lib/x.c")
    assert found.name == "value"
    assert set(read) == {"include/linux/made.h"}
