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
