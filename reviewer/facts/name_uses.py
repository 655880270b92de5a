# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree does with names: one search, each line classified.

A line is judged by itself: what spans lines is missed, which costs evidence and makes
none.  Comments do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from reviewer.c.text import IDENTIFIER, code_of_line
from reviewer.facts.lookup import Lookup
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import decode, encode

_WINDOW = 100  # characters before and after a name that tell its use

_CLOSE = r"[\s)]*"
_OPEN = r"[\s(]*(?:\([\w\s*]+\)\s*)?"
_AFTER_EQUALS = regex(rf"[=!]={_OPEN}\Z")
_BEFORE_EQUALS = regex(rf"{_CLOSE}[=!]=")
_WITH_ZERO = regex(rf"{_CLOSE}[=!]=\s*0\b")
_AFTER_AND = regex(rf"(?<!&)&{_OPEN}\Z")
_BEFORE_AND = regex(r"\s*&(?!&)")
_AFTER_CASE = regex(r"\bcase\s+\Z")
_AFTER_NOT = regex(r"~[\s(]*\Z")
_AFTER_STORE = regex(rf"(?:[|+]=?|(?<![=!<>&])=){_OPEN}\Z")
_AFTER_UPDATE = regex(r"\|=[^;]*\Z")
_IN_BIT = regex(
    r"(?:\bBIT(?:_ULL|_MASK|_WORD)?\s*\(|\b1U?L*\s*<<\s*\(?"
    r"|\b\w*(?:test|set|clear|change|assign)_(?:and_\w+_)?bit\w*\s*\()\s*\Z"
)
_MASKED = regex(r"&\s*\(?\s*([A-Za-z_]\w*)\s*\)+\s*[=!]=\s*\(?\s*\Z")
_MASKED_AFTER = regex(r"\s*[=!]=\s*\(+[^()]*&\s*([A-Za-z_]\w*)\s*\)")


class Uses(Struct):
    """How a name is used: counts, and the lines that tell most."""

    compared: int = 0  # x == NAME, case NAME
    tested: int = 0  # x & NAME
    stored: int = 0  # x | NAME, x = NAME
    updated: int = 0  # x |= NAME
    labelled: int = 0  # case NAME, which is compared as well
    numbered: int = 0  # test_bit(NAME, ..), BIT(NAME), 1 << NAME
    masks: dict[str, int] = field(default_factory=dict)  # (x & MASK) == NAME
    comparisons: list[Evidence] = field(default_factory=list)
    numbers: list[Evidence] = field(default_factory=list)
    tests: list[Evidence] = field(default_factory=list)


def classify(
    code: str, names: Iterable[str], at: Callable[[int], Evidence] | None = None
) -> dict[str, Uses]:
    """Returns the uses of ``names`` in C text without comments and directives.

    ``at`` gives the line of an offset as evidence.
    """
    found = {name: Uses() for name in names}
    for match in IDENTIFIER.finditer(code):
        uses = found.get(match[0])
        if uses is not None:
            before = code[max(0, match.start() - _WINDOW) : match.start()]
            after = code[match.end() : match.end() + _WINDOW]
            _count(uses, before, after, at(match.start()) if at else None)
    return found


def _count(uses: Uses, before: str, after: str, at: Evidence | None) -> None:
    if _IN_BIT.search(before):
        uses.numbered += 1
        _keep(uses.numbers, at)
    elif _AFTER_NOT.search(before):  # (x & ~NAME) == y is no comparison with NAME
        return
    elif _AFTER_EQUALS.search(before) or _BEFORE_EQUALS.match(after):
        if _AFTER_AND.search(before):  # (x & NAME) == y: of a bit, or a mask's work
            if _WITH_ZERO.match(after):
                uses.tested += 1
                _keep(uses.tests, at)
            return
        uses.compared += 1
        masked = _MASKED.search(before) or _MASKED_AFTER.match(after)
        if masked:
            uses.masks[masked[1]] = uses.masks.get(masked[1], 0) + 1
            _keep(uses.comparisons, at)
    elif _AFTER_CASE.search(before):
        uses.compared += 1
        uses.labelled += 1
    elif _AFTER_AND.search(before) or _BEFORE_AND.match(after):
        uses.tested += 1
        _keep(uses.tests, at)
    elif _AFTER_UPDATE.search(before):
        uses.updated += 1
    elif _AFTER_STORE.search(before):
        uses.stored += 1


def _keep(kept: list[Evidence], at: Evidence | None) -> None:
    if at is not None and len(kept) < 3:
        kept.append(at)


def search_uses(
    lookup: Lookup, view: View, names: Iterable[str], near: str | None
) -> tuple[dict[str, Uses], dict[str, Uses]]:
    """Returns the uses of names in what ``near`` includes and in its folder.

    Returned apart: elsewhere, and in ``near`` itself, which may be what is on trial.
    The whole tree would know more, at ten times the cost.
    """
    wanted = tuple(dict.fromkeys(names))
    elsewhere = {name: Uses() for name in wanted}
    here = {name: Uses() for name in wanted}
    for path, line, text in _lines(lookup, view, wanted, near):
        _count_line(here if path == near else elsewhere, Evidence(path, line, text))
    return elsewhere, here


def uses_in_tree(view: View, name: str, without: str) -> Uses:
    """Returns the uses of a name in all C files of a tree
    but one, which may be on trial.

    It costs a search of the whole tree: seconds, once a name.
    """
    found = {name: Uses()}
    for hit in view.grep([name]):
        if hit.path != without:
            _count_line(found, Evidence(hit.path, hit.line, hit.text))
    return found[name]


def _count_line(into: dict[str, Uses], where: Evidence) -> None:
    """Count the uses of names that one line makes."""
    code = code_of_line(where.text)
    if code.lstrip().startswith(("*", "#define", "# define")):
        code = _macro_body(code)
    at = replace(where, text=where.text.strip()[:200])
    for match in IDENTIFIER.finditer(code):
        if match[0] in into:
            before = code[max(0, match.start() - _WINDOW) : match.start()]
            after = code[match.end() : match.end() + _WINDOW]
            _count(into[match[0]], before, after, at)


def _lines(
    lookup: Lookup, view: View, names: tuple[str, ...], near: str | None
) -> Iterator[tuple[str, int, str]]:
    """Path, number and text of the lines with one of the names, each line once."""
    if near is None:
        for hit in view.grep(names, ["include"]):
            yield hit.path, hit.line, hit.text
        return
    seen = set()
    either = re.compile(encode("|".join(rf"\b{re.escape(name)}\b" for name in names)))
    common = encode(common_prefix(names))
    for path, data in lookup.included(near):
        if common not in data:
            continue
        seen.add(path)
        yield from _matching_lines(path, data, either)
    folder = near.rpartition("/")[0]
    for hit in view.grep(names, [folder or near]):
        if hit.path not in seen:
            yield hit.path, hit.line, hit.text


def _matching_lines(
    path: str, data: bytes, either: re.Pattern[bytes]
) -> Iterator[tuple[str, int, str]]:
    line, counted, last = 1, 0, -1
    for match in either.finditer(data):
        line += data.count(b"\n", counted, match.start())
        counted = match.start()
        if line != last:
            last = line
            start = data.rfind(b"\n", 0, counted) + 1
            end = data.find(b"\n", counted)
            text = data[start : end if end >= 0 else len(data)]
            yield path, line, decode(text[:4096])


def _macro_body(text: str) -> str:
    """What a #define with parameters does; a constant's own definition is no use."""
    match = re.match(r"\s*#\s*define\s+\w+\([^)]*\)(.*)", text)
    return match[1] if match else ""


def common_prefix(names: Iterable[str]) -> str:
    """Returns what all names begin with."""
    ordered = sorted(names)
    if not ordered:
        return ""
    length = 0
    for one, two in zip(ordered[0], ordered[-1], strict=False):
        if one != two:
            break
        length += 1
    return ordered[0][:length]


def added_counts(one: Uses, two: Uses) -> Uses:
    """Adds two counts of uses."""
    masks = dict(one.masks)
    for name, count in two.masks.items():
        masks[name] = masks.get(name, 0) + count
    return Uses(
        compared=one.compared + two.compared,
        tested=one.tested + two.tested,
        stored=one.stored + two.stored,
        updated=one.updated + two.updated,
        labelled=one.labelled + two.labelled,
        numbered=one.numbered + two.numbered,
        masks=masks,
        comparisons=one.comparisons + two.comparisons,
        numbers=one.numbers + two.numbers,
        tests=one.tests + two.tests,
    )
