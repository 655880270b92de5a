# SPDX-License-Identifier: GPL-2.0-or-later
"""Marks from the function around a remark, from other bindings, from the patch's words,
and from what a later patch does; and the remarks beside them that must get none.
"""

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

OPEN = """\
/*
 * The mode that a user set by sysctl is overwritten here.
 */
int wire_open(struct wire *w)
{
\tstruct cable *cable = wire_cable(w);
\tstruct plug *plug;
\tvoid *late;
\tstruct page fresh, stale;
\tint mode = 0;

\tif (!cable)
\t\treturn -ENODEV;
\tplug = devm_kzalloc(w->dev, sizeof(*plug), GFP_KERNEL);
\tif (plug && !w->late)
\t\treturn -EBUSY;
\tlate = kmalloc(4, GFP_KERNEL);
\twire_take(w, &fresh, &stale);
\tguard(mutex)(&w->mode_lock);
\tw->mode = cable->mode + plug->mode;
\treturn mode;
}
"""
LATER = OPEN.replace("w->mode = cable->mode + plug->mode", "w->mode = cable->mode")
HEADER = """\
static inline int page_request(struct wire *w, struct page *page, int write)
{
\tif (w->busy)
\t\treturn -EAGAIN;
\tif (page) {
\t\tif (write)
\t\t\tmemcpy(w->page, page, 4);
\t\telse
\t\t\tmemset(page, 0, sizeof(*page));
\t}
\treturn w->start(w);
}

static inline int wire_take(struct wire *w, struct page *a, struct page *b)
{
\tint ret = page_request(w, NULL, 0);

\tif (ret)
\t\treturn ret;
\tif (w->clears)
\t\tmemset(b, 0, sizeof(*b));
\treturn page_request(w, a, 0);
}

#if !(TICKS % HZ)
static inline unsigned long _to_ticks(const unsigned int u)
{
\treturn (u + (TICKS / HZ) - 1) / (TICKS / HZ);
}
#else
static inline unsigned long _to_ticks(const unsigned int u)
{
\treturn (WIRE_TO_HZ_MUL32 * u + WIRE_TO_HZ_ADJ32)
\t\t>> WIRE_TO_HZ_SHR32;
}
#endif

#ifdef CONFIG_WIRE_FAST
static inline unsigned long _to_beats(const unsigned int u)
{
\treturn (u + BEATS - 1) / BEATS;
}
#else
static inline unsigned long _to_beats(const unsigned int u)
{
\treturn u / BEATS;
}
#endif

static inline unsigned long to_beats(const unsigned int u)
{
\treturn _to_beats(u);
}

static inline unsigned long to_ticks(const unsigned int u)
{
\tif (u > 1000)
\t\treturn MOST;
\treturn _to_ticks(u);
}

static inline unsigned long to_whole_ticks(const unsigned int u)
{
\tif (u > 1000)
\t\treturn MOST;
\treturn u / TICKS;
}
"""
PORTS = """\
properties:
  port@{0}:
    type: object
examples:
  - |
    x = <&clk {0}>;
"""
FOLDER = "Documentation/devicetree/bindings"
TREE = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
    "KBUILD_CFLAGS += -fno-strict-aliasing -fno-strict-overflow\n",
    "drivers/wire/word.c": "\t.val_format_endian = REGMAP_ENDIAN_BIG,\n",
    "Kconfig": "",
    "Kbuild": "",
    "include/linux/kernel.h": "",
    "kernel/fork.c": "",
    "include/linux/ticks.h": HEADER,
    "init/main.c": "",
    **{f"{FOLDER}/wire/w{n}.yaml": PORTS.format(n) for n in range(3)},
}
MODE = "+\tw->mode = cable->mode + plug->mode;"
SOURCE = "drivers/wire/wire.c"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory) -> Path:
    return written(TREE, tmp_path_factory.mktemp("linux"))


def marks(kernel: Path, text: str, under: str = MODE, diff: str | None = None):
    """The marks on one remark below quoted lines of one patch, by kind."""
    diff = diff or diff_of(SOURCE, None, OPEN)
    mails = [patch_mail(diff), answer(f"{quote(under)}\n{text}\n")]
    (found,) = checked(kernel, mails)
    return {mark.kind: mark for mark in found.marks}


@pytest.mark.parametrize(
    ("text", "fact", "line"),
    [
        ("Is it right that mode is uninitialized there?", "mode is initialised", 10),
        ("Since plug is not initialized, this adds garbage.", "plug points to is", 14),
        ("If cable can be NULL, this crashes.", "cable is checked before", 12),
        ("cable may be NULL: a NULL pointer dereference?", "cable is checked", 12),
        ("Does this leak plug where it fails?", "plug is from devm_kzalloc()", 14),
        ("Is plug never freed?", "released with the device", 14),
        (
            "It returns without releasing mode_lock.",
            "mode_lock is taken by a guard",
            19,
        ),
    ],
)
def test_what_is_missed_is_there(kernel, text: str, fact: str, line: int) -> None:
    mark = marks(kernel, text)[Decision.INSIDE]
    assert fact in mark.fact
    assert mark.refutes
    assert [(one.file, one.line) for one in mark.evidence] == [(SOURCE, line)]


@pytest.mark.parametrize(
    "text",
    [
        "late is not initialized.",  # kmalloc() does not clear
        "Is w->mode uninitialized before?",
        "If plug can be NULL, this crashes.",  # looked at, and gone on with
        "w->late can be NULL, and crashes.",
        "If cable can be NULL, this returns early.",  # as it does
        "Does this leak late where it fails?",
        "Does this leak plug until unbind, as devm_kzalloc() does?",
        "It returns without releasing other_lock.",
    ],
)
def test_what_may_be_missing_gets_no_mark(kernel, text: str) -> None:
    assert Decision.INSIDE not in marks(kernel, text)


def test_what_is_rounded_up_is_not_zero(kernel) -> None:
    mark = marks(kernel, "Will to_ticks(333) evaluate to 0?")[Decision.CALLEE]
    assert mark.fact == "to_ticks() rounds up: include/linux/ticks.h:28"
    assert mark.refutes
    for text in (
        "Will to_whole_ticks(333) evaluate to 0?",
        "Will to_beats(333) evaluate to 0?",  # in one of its two versions
        "Will to_ticks(0) evaluate to 0?",
        "Will to_ticks(333) evaluate to 4?",
    ):
        assert Decision.CALLEE not in marks(kernel, text)


def test_what_is_cleared_by_what_the_callee_calls(kernel) -> None:
    under = "+\tstruct page fresh, stale;"
    mark = marks(kernel, "Is fresh uninitialized stack memory?", under)[Decision.CALLEE]
    assert mark.fact == "wire_take() clears fresh first: include/linux/ticks.h:9"
    assert mark.refutes
    text = "Are fresh and stale uninitialized stack memory?"
    told = marks(kernel, text, under)[Decision.CALLEE].fact
    assert told.endswith("ticks.h:9; of stale that is not seen")
    for text in ("Is stale uninitialized stack memory?", "Is fresh the right one?"):
        assert Decision.CALLEE not in marks(kernel, text, under)


def test_a_comment_says_what_is_asked_to_be_unintended(kernel) -> None:
    text = "Does this silently discard the mode of the sysctl interface?"
    under = "+int wire_open(struct wire *w)"
    mark = marks(kernel, text, under)[Decision.TOLD]
    assert mark.fact == f"a comment there says so: {SOURCE}:2"
    for other in (
        "Does this discard the mode of the sysctl interface?",
        "Does this silently truncate the mode of the sysctl interface?",
        "Does this silently discard the cable?",
    ):
        assert Decision.TOLD not in marks(kernel, other, under)


def test_the_message_says_what_is_asked_to_be_unintended(kernel) -> None:
    text = "Does it unintentionally ignore the length of a broken cable?"
    diff = diff_of(SOURCE, None, OPEN)
    for message, expected in (
        ("A broken cable is ignored, whatever its length.", True),
        ("A broken cable is not ignored, whatever its length.", False),
    ):
        mail = patch_mail(diff, message=message)
        (found,) = checked(kernel, [mail, answer(f"{quote(MODE)}\n{text}\n")])
        assert (Decision.TOLD in {one.kind for one in found.marks}) is expected


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("The signed shift overflows, which is undefined behavior in C.", "Makefile"),
        ("A sign bit is shifted out: undefined behaviour.", "Makefile"),
        ("The cast breaks strict aliasing.", "Makefile"),
        ("It is signed; a shift by 32 is undefined behavior.", ""),
        ("UBSAN tells of undefined behavior of the signed overflow.", ""),
        ("This signed overflow gives a wrong mode.", ""),
        ("The compiler may remove the NULL check.", ""),  # the Makefile lacks the flag
    ],
)
def test_a_flag_of_the_build_decides(kernel, text: str, file: str) -> None:
    mark = marks(kernel, text).get(Decision.SETTING)
    assert (mark.evidence[0].file if mark else "") == file


def test_the_byte_order_of_a_file_decides(kernel) -> None:
    text = "i2c_smbus_write_word_data() transmits the least significant byte first."
    word = "\t.val_format_endian = REGMAP_ENDIAN_BIG,\n"

    def found(added: str) -> bool:
        diff = diff_of("drivers/wire/word.c", word, f"{word}{added}\n")
        return Decision.SETTING in marks(kernel, text, f"+{added}", diff)

    assert found("\t.val_bits = 16,")
    plain = "The word goes least significant byte first."
    diff = diff_of("drivers/wire/word.c", word, f"{word}\t.val_bits = 16,\n")
    assert Decision.SETTING not in marks(kernel, plain, "+\t.val_bits = 16,", diff)


BINDING = f"{FOLDER}/wire/new.yaml"
NEW = diff_of(BINDING, None, "properties:\n  plug@4: false\nexamples:\n  y = <&vdd>;\n")


@pytest.mark.parametrize(
    ("under", "text"),
    [
        ("+  plug@4: false", "Keys below properties must not contain an @."),
        ("+  plug@4: false", "plug@4 under properties is invalid in dt-schema."),
        ("+  y = <&vdd>;", "The vdd label is not defined in the example."),
        ("+  y = <&vdd>;", "dtc fails, since the phandle <&vdd> cannot be resolved."),
    ],
)
def test_other_bindings_do_the_same(kernel, under: str, text: str) -> None:
    mark = marks(kernel, text, under, NEW)[Decision.OTHERS]
    assert mark.fact.startswith("3 bindings of 6.12.0 ")
    assert mark.evidence[0].file == f"{FOLDER}/wire/w0.yaml"


@pytest.mark.parametrize(
    ("under", "text"),
    [
        ("+  plug@4: false", "Should plug@4 be in the properties?"),
        ("+  plug@4: false", "Keys below patternProperties must not contain an @."),
        ("+  y = <&vdd>;", "Should the vdd label be vcc?"),
        ("+  y = <&vdd>;", "The name of y cannot be right."),
    ],
)
def test_another_matter_of_a_binding_gets_no_mark(kernel, under, text: str) -> None:
    assert Decision.OTHERS not in marks(kernel, text, under, NEW)


def test_a_line_that_a_later_patch_changes(kernel) -> None:
    def kinds(later: str) -> set[Decision]:
        mails = [
            patch_mail(diff_of(SOURCE, None, OPEN), of=2),
            patch_mail(diff_of(SOURCE, OPEN, later), number=2, of=2),
            answer(f"{quote(MODE)}\nIs this the right mode?\n"),
        ]
        (found,) = checked(kernel, mails)
        for mark in found.marks:
            assert not mark.refutes
            assert mark.fact == f"2/2 changes that line again: {SOURCE}:20"
        return {mark.kind for mark in found.marks}

    assert kinds(LATER) == {Decision.AGAIN}
    assert kinds(OPEN.replace("int mode = 0", "int mode = 1")) == set()
    moved = OPEN.replace(f"{MODE[1:]}\n", "").replace(
        "\treturn mode", f"\t{MODE[1:]}\n\treturn mode"
    )
    assert kinds(moved) == set()


CACHED = """\
int wire_all(struct wire *w)
{
\tint mode = wire_mode_now();

\tif (wire_mode_now() != MODE_OFF)
\t\treturn wire_each(w, &mode);
\treturn 0;
}
"""
AGAIN = "+\tif (wire_mode_now() != MODE_OFF)"


@pytest.mark.parametrize(
    ("text", "later", "kind"),
    [
        ("Does the live state instead of the cached mode race?", "mode", "mended"),
        ("Is wire_mode_now() re-read here?", "mode", "mended"),
        ("Does the live state instead of the cached limit race?", "mode", "again"),
        ("Is wire_open() re-read here?", "mode", "again"),
        ("Is this right, instead of mode?", "wire_mode_then()", "again"),
        ("Does it race, instead of the cached mode?", "mode + 1", "again"),
    ],
)
def test_what_a_later_patch_puts_there(kernel, text, later: str, kind: str) -> None:
    after = CACHED.replace("if (wire_mode_now()", f"if ({later}")
    mails = [
        patch_mail(diff_of(SOURCE, None, CACHED), of=2),
        patch_mail(diff_of(SOURCE, CACHED, after), number=2, of=2),
        answer(f"{quote(AGAIN)}\n{text}\n"),
    ]
    (found,) = checked(kernel, mails)
    (mark,) = [one for one in found.marks if one.kind is Decision[kind.upper()]]
    assert not mark.refutes
    told = {"mended": "puts mode there", "again": "changes that line again"}[kind]
    assert mark.fact == f"2/2 {told}: {SOURCE}:5"
