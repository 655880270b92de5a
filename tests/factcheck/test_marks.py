# SPDX-License-Identifier: GPL-2.0-or-later
"""Each mark on a mail of ours, and the remarks beside it that must get none."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.factcheck import Decision, check_remarks
from reviewer.mail import series_from_messages
from reviewer.mail.postings import postings
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series
from tests.factcheck.conftest import (
    answer,
    checked,
    diff_of,
    patch_mail,
    quote,
    written,
)

BUS = """\
#include <linux/bus.h>

static int count;

struct page *bus_page(struct bus *b)
{
\tif (!b)
\t\treturn NULL;
\treturn &b->page;
}

struct page *bus_opened(struct bus *b)
{
\tif (!b)
\t\treturn ERR_PTR(-EINVAL);
\treturn &b->page;
}

int bus_mode(struct bus *b)
{
\tif (!b)
\t\treturn -EINVAL;
\treturn 0;
}

static void bus_count(struct bus *b)
{
\tb->count++;
\tcount++;
}

static void bus_name(struct bus *b)
{
\tb->name++;
}

int bus_fill(struct bus *b, void *buffer, int size)
{
\tmemset(buffer, 0, size);
\tbus_settle(b);
\tif (b->broken)
\t\treturn -EIO;
\treturn bus_copy(b, buffer);
}

int bus_probe(struct bus *b)
{
\tint ret;

\tmutex_lock(&b->count_lock);
\tbus_count(b);
\tmutex_unlock(&b->count_lock);
\tmutex_lock(&b->count_lock);
\tret = bus_start(b);
\tif (ret) {
\t\tmutex_unlock(&b->count_lock);
\t\treturn ret;
\t}
\tbus_count(b);
\tmutex_unlock(&b->count_lock);
\tbus_name(b);
\treturn (b->raw - 1) * 255;
}
"""
KCONFIG = """\
menuconfig WIRE
\ttristate "Wires"
\tselect CABLE

config CABLE
\ttristate "Cables"

config PLUG
\tbool "Plugs"

config SOCKET
\ttristate "Sockets"
\tdepends on CABLE
"""
TREE = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kconfig": 'source "drivers/bus/Kconfig"\n',
    "Kbuild": "",
    "include/linux/kernel.h": "",
    "kernel/fork.c": "",
    "init/main.c": "",
    "drivers/bus/Kconfig": KCONFIG,
    "drivers/bus/bus.c": BUS,
    "drivers/base/wire.c": "int wire_off(struct bus"
    " *b)\n{\n\twire_cut(b);\n\treturn 0;\n}\n",
    "include/linux/wire.h": (
        "int wire_off(struct bus *b);\n"
        "static inline int wire_off(struct bus *b) { return -ENODEV; }\n"
    ),
    "include/linux/bus.h": "#define BUS_LIMIT 4\nint bus_copy(struct bus *b, void"
    " *p);\n",
}
PROBED = BUS.replace(
    "\tint ret;\n\n",
    "\tint ret;\n\n\tif (bus_fill(b, b->buffer, 4))\n\t\treturn bus_mode(b);\n",
)
DIFF = diff_of("drivers/bus/bus.c", BUS, PROBED)
THING = """\
int new_thing(struct bus *b)
{
\tb->late = bus_mode(b);
\tb->ready = 1;
\treturn b->late;
}
"""
NEW = diff_of("drivers/bus/new.c", None, THING)
MEND = diff_of(
    "drivers/bus/new.c",
    THING,
    THING.replace("\tb->ready", "\tif (b->late)\n\t\treturn b->late;\n\tb->ready", 1),
)
READY = "+\tb->ready = 1;"
LATE = "+\tb->late = bus_mode(b);"
FILLED = "+\tif (bus_fill(b, b->buffer, 4))\n+\t\treturn bus_mode(b);"


@pytest.fixture(scope="session")
def kernel(tmp_path_factory) -> Path:
    return written(TREE, tmp_path_factory.mktemp("linux"))


def marks(kernel: Path, text: str, *, under: str = FILLED, diff: str = DIFF):
    """The marks on one remark below quoted lines of one patch."""
    found = checked(kernel, [patch_mail(diff), answer(f"{quote(under)}\n{text}\n")])
    assert len(found) == 1
    return {mark.kind: mark for mark in found[0].marks}


# --- old code ---------------------------------------------------------------------

SHOWN = """\
This is a pre-existing issue, but can this underflow?

drivers/bus/bus.c:bus_probe() {
    ...
    return (b->raw - 1) * 255;
}
"""


def test_old_code_that_a_remark_shows(kernel) -> None:
    mark = marks(kernel, SHOWN)[Decision.OLD]
    assert [(one.file, one.line) for one in mark.evidence] == [
        (
            "drivers/bus/bus.c",
            BUS.split("\n").index("\treturn (b->raw - 1) * 255;") + 1,
        )
    ]
    assert mark.statement.startswith("This is a pre-existing issue")


def test_old_code_that_a_remark_names(kernel) -> None:
    text = (
        "This isn't a bug introduced by this patch, but does bus_count() need a lock?"
    )
    mark = marks(kernel, text, under=" \tbus_count(b);")[Decision.OLD]
    assert mark.evidence[0].file == "drivers/bus/bus.c"
    assert "bus_count" in mark.evidence[0].text


@pytest.mark.parametrize(
    "text",
    [
        "This is an existing issue, but can bus_count() race?",
        "It may not be a regression introduced by the new code, but bus_count() races.",
        "This predates this patch, yet bus_count() races.",
        "This was not caused by this series, but bus_count() races.",
        "Unrelated to this patch: bus_count() races.",
    ],
)
def test_old_code_is_said_in_many_words(kernel, text: str) -> None:
    assert Decision.OLD in marks(kernel, text, under=" \tbus_count(b);")


@pytest.mark.parametrize(
    "text",
    [
        "Can bus_probe() underflow here?",
        "This is a pre-existing issue, but the newly added call makes it reachable.",
        "This is a pre-existing issue, but this patch now exposes bus_probe() to it.",
        "This isn't a pre-existing pattern. Is bus_mode() right?",
        "This is not a pre-existing issue: bus_probe() was right.",
        "Is this a pre-existing issue of bus_probe()?",
        "If this is a pre-existing issue, can bus_probe() be mended too?",
        "This is a pre-existing issue, but does bus_fill() sleep here?",
    ],
)
def test_not_old_where_the_remark_is_about_the_patch(kernel, text: str) -> None:
    assert Decision.OLD not in marks(kernel, text)


def test_not_old_where_the_series_brings_the_code(kernel) -> None:
    shown = "This is a pre-existing issue.\n\nnew_thing() {\n    b->ready = 1;\n}\n"
    assert Decision.OLD not in marks(kernel, shown, under="+\tb->ready = 1;", diff=NEW)
    named = "This is a pre-existing issue, but does new_thing() need a lock?"
    assert Decision.OLD not in marks(kernel, named, under="+\tb->ready = 1;", diff=NEW)


def test_a_remark_on_older_code_behind_another_is_one_of_its_own(kernel) -> None:
    """What is said of the second must not be said of the first."""
    text = f"Can bus_fill() sleep here?\n\nAdditionally, t{SHOWN[1:]}"
    mails = [patch_mail(DIFF), answer(f"{quote(FILLED)}\n{text}\n")]
    first, second = checked(kernel, mails)
    assert first.marks == ()
    assert [mark.kind for mark in second.marks] == [Decision.OLD]


def test_what_is_said_late_in_a_remark_is_not_about_all_of_it(kernel) -> None:
    text = (
        "Can bus_count() race? It can sleep. Then it fails. This is a pre-existing bug."
    )
    assert Decision.OLD not in marks(kernel, text, under=" \tbus_count(b);")


def test_old_code_in_a_function_that_the_patch_calls(kernel) -> None:
    text = "This is a pre-existing issue, but does bus_fill() race?\n\n"
    shown = (
        "int bus_fill(struct bus *b, void *buffer, int size)\n{\n\tbus_settle(b);\n}\n"
    )
    mark = marks(kernel, text + shown)[Decision.OLD]
    assert mark.evidence[0].text == "bus_settle(b);"


def test_the_function_around_a_remark_is_old(kernel) -> None:
    text = (
        "This isn't a bug introduced by this patch, but is a lock missing in this path?"
    )
    assert (
        marks(kernel, text)[Decision.OLD].evidence[0].text
        == "int bus_probe(struct bus *b)"
    )
    text = "This isn't a bug introduced by this patch, but is b->buffer locked?"
    assert Decision.OLD not in marks(kernel, text)


def test_lines_that_the_patch_only_moves_are_old(kernel) -> None:
    body = "\tb->count++;\n\tcount++;\n"
    helper = f"\nvoid bus_add(struct bus *b)\n{{\n{body}}}\n"
    diff = diff_of("drivers/bus/bus.c", BUS, BUS.replace(body, "") + helper)
    text = "This is a pre-existing issue, but does bus_add() need a lock?"
    under = "+\tb->count++;\n+\tcount++;"
    mark = marks(kernel, text, under=under, diff=diff)[Decision.OLD]
    assert mark.evidence[0].text == "b->count++;"
    new = BUS + helper.replace("count", "total")
    diff = diff_of("drivers/bus/bus.c", BUS, new)
    under = under.replace("count", "total")
    assert Decision.OLD not in marks(kernel, text, under=under, diff=diff)


def test_a_line_that_is_only_rewritten_is_old(kernel) -> None:
    diff = diff_of("drivers/bus/bus.c", BUS, BUS.replace("b->raw", "b->hw.raw"))
    text = SHOWN.replace("b->raw", "b->hw.raw")
    assert Decision.OLD in marks(kernel, text, under=" \tbus_name(b);", diff=diff)


# --- later ------------------------------------------------------------------------


def two(text: str, *, title: str = "bus: leave early", second: str = MEND):
    return [
        patch_mail(NEW, of=2, title="bus: a new thing"),
        patch_mail(second, number=2, of=2, title=title),
        answer(f"{quote(READY)}\n{text}\n"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'Is b->late checked? This is fixed later in the series by "bus: leave early".',
        "Is b->late checked? This is addressed later in the series.",
        "Is b->late tested? I see this was fixed in commit 1234567890ab (“bus:"
        " leave early”).",
        "Is b->late tested? A later patch in this series fixes that: patch 2/2"
        " fixes it.",
    ],
)
def test_mended_later_in_the_series(kernel, text: str) -> None:
    (found,) = checked(kernel, two(text))
    mark = next(one for one in found.marks if one.kind is Decision.MENDED)
    assert mark.fact.startswith("patch 2/2 of the series changes that")
    assert mark.evidence[0].file == "drivers/bus/new.c"


@pytest.mark.parametrize(
    "text",
    [
        "Is b->late checked?",
        'Is b->late checked? It is fixed later in the series by "mm: another patch".',
        "Is b->late checked? Even if it is fixed later in the series, bisection"
        " breaks.",
        "Is b->late checked? It is not fixed later in the series.",
        "Is b->late checked? It persists after it is fixed later in the series.",
        "b->late is wrong even after a later patch of the series fixes the other bug.",
        "b->late is wrong: the later patch of the series that fixes it does not"
        " fix it.",
        "Is b->late checked? It should be fixed in a later patch of the series.",
        "Is q->other checked? This is fixed later in the series.",
    ],
)
def test_not_mended_where_no_patch_is_seen_to(kernel, text: str) -> None:
    (found,) = checked(kernel, two(text))
    assert Decision.MENDED not in {mark.kind for mark in found.marks}


def test_a_commit_of_the_robots_tree_is_known_by_its_own_mails(kernel) -> None:
    mails = two(
        "Is b->late checked? This is fixed later in the series by commit abcdef012345."
    )
    head = "It found 0 issues.\n--\n\ncommit abcdef0123456789abcdef\nAuthor: x\n\nx\n"
    (found,) = checked(kernel, [*mails, answer(head, number=2)])
    assert Decision.MENDED in {mark.kind for mark in found.marks}


def versions(kernel, second: str):
    mails = [patch_mail(NEW), patch_mail(second, version=2)]
    mails.append(answer(f"{quote(READY)}\nIs this too early?\n"))
    (found,) = postings(mails)
    first, _ = found.every
    with open_tree(kernel) as tree:
        applied = apply_series(first, tree, base=None)
        (one,) = check_remarks(first, applied, newer=found.newer_than(first))
    return {mark.kind: mark for mark in one.marks}


def test_gone_in_the_next_version(kernel) -> None:
    without = diff_of("drivers/bus/new.c", None, THING.replace("\tb->ready = 1;\n", ""))
    assert "v2" in versions(kernel, without)[Decision.GONE].fact
    assert Decision.GONE not in versions(kernel, NEW.replace("b->late;", "0;"))


# --- quotes -----------------------------------------------------------------------


def test_quoted_code_that_is_in_no_patch(kernel) -> None:
    under = "+\tif (bus_fill(b, b->other_buffer, 400000))"
    assert marks(kernel, "Is it large?", under=under)[Decision.NOT_IN_PATCH].refutes
    wrapped = "+\tif (bus_fill(b,\n+\t\t     b->buffer, 4))\n+\t\treturn   bus_mode(b);"
    assert Decision.NOT_IN_PATCH not in marks(kernel, "Is it large?", under=wrapped)
    assert Decision.NOT_IN_PATCH not in marks(kernel, "Why this?", under="+\treturn 0;")


def test_quoted_code_of_another_patch_is_told_so(kernel) -> None:
    mails = two("", second=MEND)[:2]
    mails.append(answer(f"{quote(LATE)}\nWhy is it so?\n", number=2))
    (found,) = checked(kernel, mails)
    told = [mark for mark in found.marks if mark.kind is Decision.NOT_IN_PATCH]
    assert not told  # it is context of 2/2
    mails[2] = answer(
        f"{quote('+int new_thing(struct bus *b, int mode)')}\nWhy is it so?\n"
    )
    (found,) = checked(kernel, mails)
    assert [mark.refutes for mark in found.marks] == [True]


# --- names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("No Kconfig defines SOCKET.", "drivers/bus/Kconfig:11"),
        ("CONFIG_SOCKET does not exist in the tree.", "drivers/bus/Kconfig:11"),
        ("bus_mode() is not defined anywhere.", "drivers/bus/bus.c:19"),
        ("The macro BUS_LIMIT is undefined.", "include/linux/bus.h:1"),
        ("Does SOCKET_OR_WIRE exist? No, but is BUS_LIMIT defined?", "bus.h:1"),
        ("It needs BUS_LIMIT, which is not defined anywhere.", "bus.h:1"),
        ("bus_mode() cannot be found; will it fail if b is NULL?", "bus.c:19"),
        ("This is missing an #include <linux/bus.h>.", "drivers/bus/bus.c:1"),
        ("This uses the undefined function bus_fill().", "drivers/bus/bus.c:37"),
    ],
)
def test_it_is_there(kernel, text: str, place: str) -> None:
    mark = marks(kernel, text)[Decision.THERE]
    assert mark.fact.endswith(place)
    assert mark.refutes


@pytest.mark.parametrize(
    "text",
    [
        "CONFIG_NOWHERE does not exist in the tree.",
        "If CONFIG_SOCKET=n, bus_mode() is not defined.",
        "bus_mode() is not defined in include/linux/bus.h.",
        "bus_mode() is not defined yet at this point of the series.",
        "The property bus-mode does not exist.",
        "Such a device does not exist.",
        "bus_mode() no longer exists.",
        "Without CONFIG_SOCKET bus_mode() is not defined.",
        "bus_mode() is not defined when b is NULL.",
        "bus_mode() is not defined for 32-bit builds.",
        "This is missing an #include <linux/slab.h>.",
        "Is bus_mode() right?",
    ],
)
def test_nothing_is_there_that_the_remark_does_not_miss(kernel, text: str) -> None:
    assert Decision.THERE not in marks(kernel, text)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("bus_vanish() clears the count here.", "the tree has no bus_vanish"),
        ("drivers/bus/away.c does the same.", "there is no drivers/bus/away.c"),
        ("See drivers/bus/bus.c:4711 for that.", "drivers/bus/bus.c has 65 lines"),
    ],
)
def test_what_is_named_and_not_in_this_tree(kernel, text: str, fact: str) -> None:
    assert marks(kernel, text)[Decision.NO_SUCH].fact == fact


@pytest.mark.parametrize(
    "text",
    [
        "Use bus_vanish() here, please.",
        "bus_vanish() would be better instead.",
        "Should there be a bus_vanish() for that?",
        "There is no bus_vanish() yet.",
        "drivers/bus/bus.c:12 does the same with bus_fill().",
        "The user space header <bus/away.h> is not here.",
    ],
)
def test_what_is_proposed_or_there_is_not_missed(kernel, text: str) -> None:
    assert Decision.NO_SUCH not in marks(kernel, text)


# --- configurations ---------------------------------------------------------------


def test_a_select_rules_a_configuration_out(kernel) -> None:
    mark = marks(kernel, "What if CONFIG_WIRE=m and CONFIG_CABLE=n?")[Decision.SELECTED]
    assert mark.fact.endswith("drivers/bus/Kconfig:3")
    assert mark.refutes
    bool_one = marks(kernel, "What if CONFIG_PLUG=m?")[Decision.SELECTED]
    assert "bool" in bool_one.fact


@pytest.mark.parametrize(
    "text",
    [
        "What if CONFIG_SOCKET=m and CONFIG_WIRE=n?",
        "What if CONFIG_WIRE=n and CONFIG_CABLE=n?",
        "What if CONFIG_WIRE=m or CONFIG_CABLE=n?",
        "What if CONFIG_WIRE is disabled?",
        "What if CONFIG_NOWHERE=m and CONFIG_CABLE=n?",
        "What if CONFIG_SOCKET=m and"
        " CONFIG_CABLE=n?",  # by a dependency: a menu may differ
    ],
)
def test_a_possible_configuration_gets_no_mark(kernel, text: str) -> None:
    assert Decision.SELECTED not in marks(kernel, text)


# --- functions --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "refutes"),
    [
        ("Can bus_page() return NULL here?", False),
        ("But bus_page() never returns NULL.", True),
        ("Since bus_opened() can return NULL, this may crash.", True),
        ("bus_opened() returns an error pointer.", False),
        ("bus_mode() returns -EINVAL then.", False),
        ("bus_mode() returns -EBUSY then.", True),
    ],
)
def test_what_a_function_returns(kernel, text: str, refutes: bool) -> None:
    mark = marks(kernel, text)[Decision.RETURNS]
    assert mark.refutes is refutes
    assert mark.evidence[0].file == "drivers/bus/bus.c"


@pytest.mark.parametrize(
    "text",
    [
        "bus_probe() returns -ENOMEM then.",  # it returns what another returns
        "bus_fill() can return NULL.",  # no pointer
        "nowhere_at_all() can return NULL.",
        "bus_page() never returns an error pointer.",
    ],
)
def test_nothing_is_said_of_returns_that_are_not_read(kernel, text: str) -> None:
    assert Decision.RETURNS not in marks(kernel, text)


@pytest.mark.parametrize(
    "text",
    [
        "But bus_fill() does not call bus_settle() first.",
        "Is this missing a call to bus_settle()?",
        "Should this new error path also call bus_settle()?",
        "The b->buffer is uninitialized stack memory here.",
    ],
)
def test_what_the_callee_does(kernel, text: str) -> None:
    mark = marks(kernel, text)[Decision.CALLEE]
    assert mark.refutes
    assert mark.evidence[0].file == "drivers/bus/bus.c"


@pytest.mark.parametrize(
    "text",
    [
        "But bus_fill() does not call bus_copy() first.",  # only where it is not broken
        "Is this missing a call to bus_start()?",
        "The b->other is uninitialized here.",
        "The b->buffer is too small.",
    ],
)
def test_a_callee_that_may_not_do_it_gets_no_mark(kernel, text: str) -> None:
    assert Decision.CALLEE not in marks(kernel, text)


def test_a_stub_of_a_header_is_not_the_function(kernel) -> None:
    text = "Is this missing a call to wire_cut()? Then wire_off() returns -ENODEV."
    called = BUS.replace("\tbus_name(b);\n", "\twire_off(b);\n")
    diff = diff_of("drivers/bus/bus.c", BUS, called)
    found = marks(kernel, text, under="+\twire_off(b);", diff=diff)
    assert found[Decision.CALLEE].fact.endswith("drivers/base/wire.c:3")
    assert Decision.RETURNS not in found  # the stub does return it


def test_the_lock_that_every_caller_holds(kernel) -> None:
    text = "bus_count() writes b->count without holding count_lock, which may race."
    mark = marks(kernel, text, under=" \tbus_count(b);")[Decision.LOCKED]
    assert mark.refutes
    assert len(mark.evidence) == 2
    assert "mutex_lock(&b->count_lock)" in mark.evidence[0].text


@pytest.mark.parametrize(
    "text",
    [
        "bus_name() writes b->name without holding count_lock, which may race.",
        "bus_mode() runs without holding count_lock.",  # anybody may call it
        "bus_count() runs without holding other_lock.",
        "bus_count() runs without holding any lock.",
    ],
)
def test_a_lock_that_a_caller_may_lack_gets_no_mark(kernel, text: str) -> None:
    assert Decision.LOCKED not in marks(kernel, text)


EARLY = BUS.replace("\t\treturn -EINVAL;\n\treturn 0;", "\t\treturn -EIO;\n\treturn 0;")
EQUAL = BUS.replace(
    "\tif (!b)\n\t\treturn -EINVAL;", "\tif (b == NULL)\n\t\treturn -EINVAL;"
)


def test_the_same_is_proved(kernel) -> None:
    diff = diff_of("drivers/bus/bus.c", BUS, EQUAL)
    text = "Does this change the return value of bus_mode()?"
    mark = marks(kernel, text, under="+\tif (b == NULL)", diff=diff)[Decision.SAME]
    assert mark.refutes
    assert mark.fact.startswith("bus_mode() computes the same before and after, proved")
    other = "Does this change the return value of bus_probe()?"
    assert Decision.SAME not in marks(
        kernel, other, under="+\tif (b == NULL)", diff=diff
    )
    plain = "Should this be !b?"
    assert Decision.SAME not in marks(
        kernel, plain, under="+\tif (b == NULL)", diff=diff
    )


def test_what_differs_is_not_the_same(kernel) -> None:
    diff = diff_of("drivers/bus/bus.c", BUS, EARLY)
    text = "Does this change the return value of bus_mode()?"
    assert Decision.SAME not in marks(
        kernel, text, under="+\t\treturn -EIO;", diff=diff
    )


def test_without_a_tree_only_the_series_speaks() -> None:
    series = series_from_messages(
        [
            patch_mail(DIFF),
            answer(f"{quote(FILLED)}\n{SHOWN}\nCONFIG_SOCKET=m, CONFIG_X=n\n"),
        ]
    )
    (found,) = check_remarks(series, apply_series(series, None, base=None))
    assert {mark.kind for mark in found.marks} <= {Decision.OLD}


def test_hostile_remarks_end_in_time_and_get_no_mark(kernel) -> None:
    bodies = [
        "bus_" * 20_000 + "() can return NULL.",
        "f() does not call " * 3000 + "g()",
        "without holding " * 5000,
        "CONFIG_A=m and " * 3000 + "CONFIG_B=n",
        "pre-existing issue " * 4000 + "() {\n    x;\n" * 500,
        "fixed later " * 4000 + "(" * 4000 + '"' * 4000,
        "\x00\x1b[31m\u202e is not defined\ud800".encode("utf-8", "replace").decode(),
        "no " * 8000 + "defines " * 2000,
        "`" * 5000 + "X_Y" + "'" * 5000 + " does not exist",
    ]
    mails = [answer(f"{quote(FILLED)}\n{body}\n") for body in bodies]
    for found in checked(kernel, [patch_mail(DIFF), *mails]):
        assert not [mark for mark in found.marks if mark.refutes]
