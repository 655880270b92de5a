# SPDX-License-Identifier: GPL-2.0-or-later
"""What a setting decides: a flag of the kernel's build, a driver's byte order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import decode

# What is said, the flag of the top Makefile, and what that flag makes of it
FLAGS = tuple(
    (regex(pattern, re.IGNORECASE), flag, fact)
    for pattern, flag, fact in (
        (
            r"(?=.*\bsign(?:ed)?\b)(?=.*(?:overflow|shift)).*\bundefined behaviou?r\b",
            "-fno-strict-overflow",
            "signed arithmetic wraps, as the kernel is built with -fno-strict-overflow",
        ),
        (
            r"\bstrict[- ]aliasing\b|\baliasing rules?\b",
            "-fno-strict-aliasing",
            "the kernel is built with -fno-strict-aliasing",
        ),
        (
            r"\bcompiler\b.*\b(?:optimi[sz]e|remove|delete|drop|eliminate)s? (?:\w+ )?"
            r"(?:NULL|null)[- ](?:pointer )?checks?\b",
            "-fno-delete-null-pointer-checks",
            "the kernel is built with -fno-delete-null-pointer-checks",
        ),
    )
)
# Undefined whatever the flags: a shift by the width; told by sanitizers: another matter
STILL = regex(r"\b(?:sanitizer|UBSAN|width|or more bits|by 32|by 64)\b", re.IGNORECASE)
ELSEWHERE = ("tools/", "samples/", "scripts/", "usr/", "test/")  # other compiler flags
# include/linux/i2c.h: words go low byte first; _swapped and a regmap may turn them
LOW_FIRST = regex(
    r"\b(?P<call>i2c_smbus_(?:read|write)_word_data)\(\).*"
    r"\b(?:least significant byte|LSB|low(?:er)? byte) first\b"
    r"|\b(?P<also>i2c_smbus_(?:read|write)_word_data)\(\).*\blittle[- ]endian\b",
    re.IGNORECASE,
)
TURNED = regex(r"\bREGMAP_ENDIAN_BIG\b|\bi2c_smbus_(?:read|write)_word_swapped\s*\(")


def settings_decide(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark where a build flag or the byte order of the file is against what a
    remark says."""
    view, anchor = ground.base, remark.anchor
    path = anchor.file if anchor is not None else ""
    if view is None or not path or path.startswith(ELSEWHERE):
        return
    for sentence in claims_in(remark.text).sentences:
        for pattern, flag, fact in FLAGS:
            place = None
            if pattern.search(sentence) and not STILL.search(sentence):
                place = _line(view, "Makefile", regex(rf"(?<!\S){flag}(?!\S)"))
            if place is not None:
                yield _mark(sentence, fact, place)
        match = LOW_FIRST.search(sentence)
        place = _line(view, path, TURNED) if match is not None else None
        if match is not None and place is not None:
            name = match["call"] or match["also"]
            if _line(view, path, regex(rf"\b{name}\s*\(")) is None:
                fact = (
                    f"this file does not call {name}(), and sends the high byte first"
                )
                yield _mark(sentence, fact, place)


def _mark(sentence: str, fact: str, place: Evidence) -> Mark:
    told = f"{fact}: {place.file}:{place.line}"
    return Mark(Decision.SETTING, sentence, told, (place,), refutes=True)


def _line(view: View, path: str, pattern: re.Pattern[str]) -> Evidence | None:
    texts = decode(view.read(path) or b"").split("\n")
    for number, text in enumerate(texts, start=1):
        if pattern.search(text):
            return Evidence(path, number, text.strip())
    return None
