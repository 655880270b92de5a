# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers that a file includes: which of several places is meant."""

from __future__ import annotations

from reviewer.facts.includes import headers_included

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
