# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers that a file includes: which of several places is meant."""

from __future__ import annotations

import pytest
from view_of_texts import Files

from reviewer.facts.includes import IncludedLevels, headers_included, meant_in
from reviewer.tree.views import OverlayView

TREE = {
    "include/linux/signal.h": b"#include <uapi/linux/signal.h>\n",
    "include/uapi/linux/signal.h": b"",
    "include/linux/types.h": b"",
    "mm/types.h": b"",
}


def test_the_first_place_that_is_there_is_meant() -> None:
    seen = {"mm/x.c"}
    source = ("mm/x.c", b'#include "types.h"\n#include <linux/types.h>\n')
    found = headers_included(TREE.get, [source], seen)
    assert [path for path, _ in found] == ["mm/types.h", "include/linux/types.h"]
    assert seen == {"mm/x.c", "mm/types.h", "include/linux/types.h"}


def test_a_header_is_seen_though_a_namesake_of_it_was() -> None:
    """<linux/signal.h> is not what include/uapi/linux/signal.h is."""
    source = ("mm/x.c", b"#include <linux/signal.h>\n")
    found = headers_included(
        TREE.get, [source], {"mm/x.c", "include/uapi/linux/signal.h"}
    )
    assert [path for path, _ in found] == ["include/linux/signal.h"]


def test_what_was_seen_is_left_out() -> None:
    source = ("mm/x.c", b'#include "types.h"\n#include "nowhere.h"\n')
    assert headers_included(TREE.get, [source], {"mm/types.h"}) == []


MAKEFILES = {
    "fs/ours/Makefile": b"ccflags-y += -I $(src)/lib # both\n"
    b"ccflags-y += -I$(srctree)/drivers/theirs -I$(WHO_KNOWS)/x -I../../../etc\n",
    "fs/ours/scrub/common.h": b"",
    "fs/ours/lib/shared.h": b"",
    "drivers/theirs/their.h": b"",
    "../../etc/passwd": b"not ours",
}


def test_what_is_nowhere_else_is_where_the_makefiles_say() -> None:
    """fs/xfs/Makefile builds scrub/x.c, which includes "scrub/x.h"."""
    source = (
        "fs/ours/scrub/common.c",
        b'#include "shared.h"\n#include "scrub/common.h"\n#include <their.h>\n',
    )
    found = headers_included(MAKEFILES.get, [source], set())
    assert [path for path, _ in found] == [
        "fs/ours/lib/shared.h",
        "fs/ours/scrub/common.h",
        "drivers/theirs/their.h",
    ]


def test_no_makefile_leads_out_of_the_tree() -> None:
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return MAKEFILES.get(path)

    source = ("fs/ours/x.c", b'#include "passwd"\n')
    assert headers_included(read, [source], set()) == []
    assert not [path for path in asked if path.startswith("..")]


def test_a_makefile_of_many_folders_is_asked_for_few() -> None:
    tree = {"fs/Makefile": b"".join(b"-I d%d\n" % n for n in range(5000))}
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return tree.get(path)

    lines = b"".join(b'#include "n%d.h"\n' % n for n in range(10))
    headers_included(read, [("fs/x.c", lines)], set())
    assert len(asked) < 600


class Counting(Files):
    """A tree that says what was asked of it."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.asked: list[str] = []

    def read(self, path):
        self.asked.append(path)
        return super().read(path)


ADDED = b"ccflags-y += -I$(srctree)/include/linux\n"
SEEN = {
    "mm/x.c": "#include <linux/a.h>\n",
    "mm/Makefile": "\n",
    "include/linux/a.h": "#include <linux/b.h>\n",
    "include/uapi/linux/b.h": "int b;\n",
    "include/linux/c.h": "int c;\n",
}


def included(view) -> dict[str, bytes]:
    levels = IncludedLevels(view.read, lambda _level: None, meant_in(view))
    return {path: data for level in levels.of("mm/x.c") for path, data in level}


def test_where_a_header_stands_is_asked_once_for_all_states_of_a_tree() -> None:
    """<linux/b.h> may stand in two places: the next patch need not look there."""
    tree = Counting(SEEN)
    included(tree)
    tree.asked.clear()
    state = OverlayView(tree, {"mm/x.c": b"#include <linux/a.h>\nint x;\n"})
    assert list(included(state)) == ["include/linux/a.h", "include/uapi/linux/b.h"]
    assert tree.asked == ["include/linux/a.h", "include/uapi/linux/b.h"]


@pytest.mark.parametrize(
    ("edits", "path", "data"),
    [
        # another content, and other lines in an edited header
        ({"include/uapi/linux/b.h": b"int d;\n"}, "include/uapi/linux/b.h", b"int d"),
        ({"include/linux/a.h": b"#include <linux/c.h>\n"}, "include/linux/c.h", b"int"),
        # a file that stands before, or is gone
        ({"include/linux/b.h": b"int e;\n"}, "include/linux/b.h", b"int e"),
        ({"include/uapi/linux/b.h": None}, "include/uapi/linux/b.h", None),
        # what a makefile adds
        (
            {"mm/x.c": b'#include "c.h"\n', "mm/Makefile": ADDED},
            "include/linux/c.h",
            b"int",
        ),
    ],
)  # fmt: skip
def test_what_an_edit_changes_is_not_taken_of_another_state(edits, path, data) -> None:
    tree = Files(SEEN)
    before = included(tree)
    found = included(OverlayView(tree, edits))
    assert found[path].startswith(data) if data else path not in found, found
    assert included(tree) == before  # nor of the edited one
    again = included(OverlayView(tree, {"mm/x.c": SEEN["mm/x.c"].encode()}))
    assert again == before
