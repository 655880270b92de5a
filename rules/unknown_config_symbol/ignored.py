# SPDX-License-Identifier: GPL-2.0-or-later
"""``#ifdef NAME`` with more behind the name: the compiler takes the name alone."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import FileImage
from reviewer.c.conditions import FORCED
from reviewer.c.directives import directives
from reviewer.facts.forced import always_defined
from reviewer.patterns import regex

_ONE_NAME = regex(r"([A-Za-z_]\w*)\s*(\S.*)\Z")
_ASKS = ("ifdef", "ifndef", "elifdef", "elifndef")


class Ignored(Struct, frozen=True):
    """A directive that asks for less than it says."""

    directive: str
    name: str
    rest: str  # what the compiler does not look at
    line: int
    always: bool | None  # what the directive is in every configuration, if one thing


def ignored(image: FileImage) -> Iterator[Ignored]:
    """Yields the lines in focus whose #ifdef has more than a name.

    A macro of include/linux/kconfig.h exists in every file (the top Makefile has
    -include for it), so that the directive is always true, or always false.
    """
    for one in directives(image.source.data):
        match = _ONE_NAME.match(one.text) if one.name in _ASKS else None
        if match is None or not image.in_focus(one.line, one.end_line):
            continue
        if not match[2].startswith(("(", "=", "!", "&", "|", "<", ">")):
            continue
        always = None
        if match[1] in FORCED or match[1] in always_defined(image.facts.view):
            always = not one.name.endswith("ndef")
        elif "CONFIG_" not in one.text:
            continue
        yield Ignored(one.name, match[1], match[2], one.line, always)
