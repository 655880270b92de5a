# SPDX-License-Identifier: GPL-2.0-or-later
"""The other kinds' pairs one call further away."""

from __future__ import annotations

import re

from . import (
    callees,
    control,
    headers,
    kernel_c,
    language,
    macros,
    macros_more,
    memory,
    values,
)
from .draft import DIFFERS, EQUAL, HEAD, MAKERS, PATH, Dice, Draft, Files, kind

SOURCES = (
    callees, control, headers, kernel_c, language, macros, macros_more, memory, values,
)  # fmt: skip
HEADER = "include/linux/kpf_@_w.h"


def single(d: Dice) -> tuple[Draft, str]:
    """A draft of one file, and the type that f@() returns on both sides."""
    while True:
        makers = [m for name in MAKERS if name != "wrapped" for m in MAKERS[name]]
        draft = d.rng.choice(makers)(d)
        if set(draft.before) != {PATH} or set(draft.after) != {PATH}:
            continue
        types = {returned(side[PATH]) for side in (draft.before, draft.after)}
        if len(types) == 1 and None not in types:
            return draft, str(types.pop())


def returned(text: str) -> str | None:
    found = re.search(r"^([a-z]\w*(?: [a-z]\w*)*) f@\(", text, re.MULTILINE)
    return found[1] if found else None


def called(draft: Draft, kind_: str, d: Dice) -> str:
    """f@() that calls b@(): once, under a condition or twice."""
    names = [re.split(r"[\s*]+", a.strip())[-1] for a in draft.args.split(",")]
    number = next(
        n for n, a in zip(names, draft.args.split(","), strict=True) if "*" not in a
    )
    call = f"b@({', '.join(names)})"
    if kind_ == "void":
        bodies = [f"{call};", f"if ({number} & 1) {call};", f"{call}; {call};"]
    else:
        bodies = [
            f"return {call};",
            f"{kind_} got = {call}; return got;",
            f"if ({number} & 1) return {call}; return 3;",
            f"{kind_} got = {call}; return got + 3 * {call};",
            f"for (int i = 0; i < 2; i++) sink({call}); return 0;",
            f"return {call} ? 1 : 2;",
        ]
    return f"{kind_} f@({draft.args}) {{ {d.rng.choice(bodies)} }}\n"


def helper(text: str) -> str:
    """The file's text with f@() as a static b@()."""
    text = re.sub(r"\bf@", "b@", text)
    return re.sub(r"^([a-z][\w ]*) b@\(", r"static \1 b@(", text, flags=re.MULTILINE)


@kind("wrapped")
def one_call_away(d: Dice) -> Draft:
    """The body becomes a static helper, in the file or in a header.

    Mostly its caller is spelled another way, too, so that it is a changed function.
    """
    draft, type_ = single(d)
    caller = called(draft, type_, d)
    in_header = d.coin()
    sides: list[Files] = []
    for files in (draft.before, draft.after):
        text = helper(files[PATH])
        if files is draft.after and d.rng.random() < 0.8:
            caller = re.sub(r"\bb@\([^)]*\)", r"(\g<0>)", caller)
        if in_header:
            main = f"#include <linux/kpf_@_w.h>\n{caller}"
            sides.append({HEADER: text, PATH: HEAD + main})
        else:
            sides.append({PATH: text + caller})
    return Draft(
        sides[0], sides[1], draft.claim, draft.args, draft.shared, draft.setup,
        draft.pointers, draft.registers,
    )  # fmt: skip


@kind("wrapped")
def two_changes(d: Dice) -> Draft:
    """Two pairs of ints in one: equal if both are."""
    first, second = plain(d), plain(d)
    sides: list[Files] = []
    for after in (False, True):
        texts = []
        for letter, draft in (("p", first), ("q", second)):
            text = (draft.after if after else draft.before)[PATH]
            text = helper(text.partition("take(void *);\n")[2])
            texts.append(re.sub(r"(?<=[A-Za-z_])@", f"@{letter}", text))
        use = "int r = b@p(x, y); return r - b@q(y, x);"
        if after and d.coin():
            use = "int r = b@p(x, y), s = b@q(y, x); return r - s;"
        texts.append(f"int f@(int x, int y) {{ {use} }}\n")
        sides.append({PATH: HEAD + "".join(texts)})
    equal = first.claim == EQUAL and second.claim == EQUAL
    return Draft(sides[0], sides[1], EQUAL if equal else DIFFERS)


def plain(d: Dice) -> Draft:
    """A draft of one file over two ints, without variables of the file."""
    while True:
        draft, type_ = single(d)
        bare = draft.args == "int x, int y" and not draft.shared and not draft.setup
        if bare and type_ == "int" and "__LINE__" not in draft.before[PATH]:
            return draft
