"""What the tree does with names: one search, each line classified.

A line is judged by itself: what spans lines is missed, which costs evidence and makes
none.  Comments do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.models import Evidence

if TYPE_CHECKING:
    from reviewer.tree.view import View

_WINDOW = 100  # characters before and after a name that tell its use

_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|//.*$|^.*?\*/")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_CLOSE = r"[\s)]*"
_OPEN = r"[\s(]*(?:\([\w\s*]+\)\s*)?"
_AFTER_EQUALS = re.compile(rf"[=!]={_OPEN}\Z")
_BEFORE_EQUALS = re.compile(rf"{_CLOSE}[=!]=")
_WITH_ZERO = re.compile(rf"{_CLOSE}[=!]=\s*0\b")
_AFTER_AND = re.compile(rf"(?<!&)&{_OPEN}\Z")
_BEFORE_AND = re.compile(r"\s*&(?!&)")
_AFTER_CASE = re.compile(r"\bcase\s+\Z")
_AFTER_NOT = re.compile(r"~[\s(]*\Z")
_AFTER_STORE = re.compile(rf"(?:[|+]=?|(?<![=!<>&])=){_OPEN}\Z")
_AFTER_UPDATE = re.compile(r"\|=[^;]*\Z")
_IN_BIT = re.compile(
    r"(?:\bBIT(?:_ULL|_MASK|_WORD)?\s*\(|\b1U?L*\s*<<\s*\(?"
    r"|\b\w*(?:test|set|clear|change|assign)_(?:and_\w+_)?bit\w*\s*\()\s*\Z"
)
_MASKED = re.compile(r"&\s*\(?\s*([A-Za-z_]\w*)\s*\)+\s*[=!]=\s*\(?\s*\Z")
_MASKED_AFTER = re.compile(r"\s*[=!]=\s*\(+[^()]*&\s*([A-Za-z_]\w*)\s*\)")


@dataclass(slots=True)
class Uses:
    """How a name is used: counts, and the lines that tell most."""

    compared: int = 0  # x == NAME, case NAME
    tested: int = 0  # x & NAME
    stored: int = 0  # x | NAME, x = NAME
    updated: int = 0  # x |= NAME
    numbered: int = 0  # test_bit(NAME, ..), BIT(NAME), 1 << NAME
    masks: dict[str, int] = field(default_factory=dict)  # (x & MASK) == NAME
    comparisons: list[Evidence] = field(default_factory=list)
    numbers: list[Evidence] = field(default_factory=list)
    tests: list[Evidence] = field(default_factory=list)


def classify(
    code: str, names: Iterable[str], at: Callable[[int], Evidence] | None = None
) -> dict[str, Uses]:
    """The uses of ``names`` in C text without comments and directives.

    ``at`` gives the line of an offset as evidence.
    """
    found = {name: Uses() for name in names}
    for match in _IDENTIFIER.finditer(code):
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
    elif _AFTER_NOT.search(before):
        return
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
    view: View, names: Iterable[str], near: str | None
) -> tuple[dict[str, Uses], dict[str, Uses]]:
    """The uses of names in include/ and in the folder of ``near``.

    Returned apart: elsewhere, and in ``near`` itself, which may be what is on trial.
    The whole tree would know more, at five times the cost.
    """
    wanted = tuple(dict.fromkeys(names))
    folder = near.rpartition("/")[0] if near else ""
    inside = folder == "include" or folder.startswith("include/")
    folders = ["include", folder] if folder and not inside else ["include"]
    elsewhere = {name: Uses() for name in wanted}
    here = {name: Uses() for name in wanted}
    for hit in view.grep(wanted, folders):
        text = _STRING.sub('""', _COMMENT.sub(" ", hit.text))
        if text.lstrip().startswith(("*", "#define", "# define")):
            text = _macro_body(text)
            if not text:
                continue
        at = Evidence(hit.path, hit.line, hit.text.strip()[:200])
        into = here if hit.path == near else elsewhere
        for match in _IDENTIFIER.finditer(text):
            if match[0] in into:
                before = text[max(0, match.start() - _WINDOW) : match.start()]
                after = text[match.end() : match.end() + _WINDOW]
                _count(into[match[0]], before, after, at)
    return elsewhere, here


def _macro_body(text: str) -> str:
    """What a #define with parameters does; a constant's own definition is no use."""
    match = re.match(r"\s*#\s*define\s+\w+\([^)]*\)(.*)", text)
    return match[1] if match else ""


def total(one: Uses, two: Uses) -> Uses:
    """Both counted together."""
    masks = dict(one.masks)
    for name, count in two.masks.items():
        masks[name] = masks.get(name, 0) + count
    return Uses(
        one.compared + two.compared,
        one.tested + two.tested,
        one.stored + two.stored,
        one.updated + two.updated,
        one.numbered + two.numbered,
        masks,
        one.comparisons + two.comparisons,
        one.numbers + two.numbers,
        one.tests + two.tests,
    )
