# SPDX-License-Identifier: GPL-2.0-or-later
"""Subject prefixes as people write them, where b4 takes them for nothing."""

from __future__ import annotations

import pytest

from reviewer.mail.subject import read_subject


@pytest.mark.parametrize(
    ("line", "version", "number", "expected"),
    [
        ("[PATCH v6,1/2] x", 6, 1, 2),
        ("[PATCH v6, 1/2] x", 6, 1, 2),
        ("[PATCH,v6,1/2] x", 6, 1, 2),
        ("[v2,3/5] x", 2, 3, 5),  # as patchwork writes it
        ("[net-next,v2,3/5] x", 2, 3, 5),
        ("[PATCH1/2] x", 1, 1, 2),
        ("[PATCHv2 1/2] x", 2, 1, 2),
        ("[PATCH-v2 1/2] x", 2, 1, 2),
        ("[PATCH v2-1/2] x", 2, 1, 2),
        ("[PATCH_v2_1/2] x", 2, 1, 2),
        ("[PATCH 1/2v3] x", 3, 1, 2),
        ("[PATCH v2 1 of 3] x", 2, 1, 3),
        ("[PATCH 0 of 3] x", 1, 0, 3),
        ("[PATCH 1 / 3] x", 1, 1, 3),
        ("[PATCH/RFC v2 1/3] x", 2, 1, 3),
        ("[PATCH 1/3/RESEND] x", 1, 1, 3),
        ("[PATCH (v2) 1/3] x", 2, 1, 3),
        ("[PATCH v 2 1/3] x", 2, 1, 3),
        ("[PATCH rev2 1/3] x", 2, 1, 3),
        ("[RFC][PATCH][v2] x", 2, 1, 1),
        ("[PATCH -next v3 02/11] x", 3, 2, 11),
        ("[PATCHSET v2 0/3] x", 2, 0, 3),
        ("[bug#60788] [PATCH RFC net-next v3 1/2] x", 3, 1, 2),
        ("bug#60788: [PATCH v3 1/2] x", 3, 1, 2),
        ("***SPAM*** [PATCH v3 1/2] x", 3, 1, 2),
        ("PATCH v2 1/2: x", 2, 1, 2),
        ("[PATCH v2.1 3/5] x", 2, 3, 5),
    ],
)
def test_what_people_write(line, version, number, expected):
    read = read_subject(line)
    assert (read.revision, read.counter, read.expected) == (version, number, expected)
    assert read.title == "x"
    assert not read.reply


@pytest.mark.parametrize(
    "line",
    [
        "[PATCH v5.4 1/2] a kernel",
        "[PATCH 6.1/6.6 1/2] two kernels",
        "[PATCH for-v6.6 1/2] a branch",
        "[PATCH 5.10 1/2] a kernel",
        "[PATCH net-next/main 1/2] a branch",
    ],
)
def test_kernels_and_branches_are_no_versions(line):
    read = read_subject(line)
    assert (read.revision, read.counter, read.expected) == (1, 1, 2)
    assert not read.revision_given


@pytest.mark.parametrize("line", ["mm: move [some patch] away", "mm: a [1/2] of it"])
def test_brackets_in_a_title_are_no_prefix(line):
    read = read_subject(line)
    assert (read.title, read.patch, read.counter_given) == (line, False, False)


@pytest.mark.parametrize(
    "line",
    [
        "RE: [PATCH 0/2] x",
        "Re[2]: [PATCH 0/2] x",
        "Antw: [PATCH 0/2] x",
        "回复: [PATCH 0/2] x",
        "答复：[PATCH 0/2] x",
        "Re: bug#60788: [PATCH 0/2] x",
        "FW: [PATCH 0/2] x",
    ],
)
def test_replies_in_other_tongues(line):
    assert read_subject(line).reply
