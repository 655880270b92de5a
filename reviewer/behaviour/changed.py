"""Which names mean different things before and after a change.

An unknown function or an unread piece of code stands for the same thing on both
sides only if nothing that it mentions was changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.behaviour.index import visible
from reviewer.behaviour.run import plain
from reviewer.facts.header import Header, header, matching

if TYPE_CHECKING:
    from reviewer.c.source import Source
    from reviewer.facts import Facts

MANY = 40  # headers that differ: more is another kernel, not a patch
_WORD = re.compile(r"[A-Za-z_]\w*")
_STRUCT = re.compile(r"\b(?:struct|union)\s+(\w+)\s*(?:__\w+\s*)*\{")
_TYPEDEF = re.compile(r"^typedef\b", re.MULTILINE)
_TYPE_NAME = re.compile(r"(?:\(\s*\*\s*(\w+)\s*\)|\b(\w+)\s*(?:\[[^\]]*\])?\s*;)")
# Which lock a variable needs, told to the analysis alone:
# include/linux/compiler-context-analysis.h
_GUARDED = r"__(?:pt_)?guarded_by\s*\((?:[^();]|\([^();]*\))*\)"
_GUARD = re.compile(rf"\s*\b{_GUARDED}")
_VARIABLE = re.compile(
    r"^(?!typedef\b|return\b|goto\b|else\b|case\b)[A-Za-z_][\w \t*]*?[\s*]"
    rf"(\w+)[ \t]*((?:\[[^\]\n]*\])*)\s*(?:{_GUARDED}\s*|__\w++\s*+)*(=|;)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Names:
    """``changed``: names that differ, or that use one that does.  ``forced``: the
    functions among them that are always looked into.  ``trees_differ``: the sides
    are two kernels, and same-named functions are taken for the same.
    ``redeclared``: names that differ themselves."""

    changed: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    trees_differ: bool = False
    redeclared: frozenset[str] = frozenset()


def changed_names(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> Names:
    """Compare all that the two states of the file and its headers define."""
    pairs = [(header(pre.path, pre.data), header(post.path, post.data))]
    differ = False
    if facts_pre is not None and facts_post is not None and facts_pre is not facts_post:
        headers = _differing_headers(pre, post, facts_pre, facts_post)
        differ = len(headers) > MANY
        if not differ:
            pairs += headers
    changed: set[str] = set()
    uses: dict[str, set[str]] = {}
    functions: set[str] = set()
    for old, new in pairs:
        one, two = meanings(old), meanings(new)
        for name in one.keys() | two.keys():
            if one.get(name) != two.get(name):
                changed.add(name)
        for texts in (one, two):
            for name, text in texts.items():
                uses.setdefault(name, set()).update(_WORD.findall(text))
        functions.update(old.functions, new.functions)
    redeclared = frozenset(changed)
    _spread(changed, uses)
    forced = frozenset(changed & functions)
    if differ:  # what the file itself defines is looked into, the rest is trusted
        return Names(frozenset(), forced, True)
    return Names(frozenset(changed), forced, False, redeclared)


def _end_of(code: str, start: int) -> int:
    """The offset behind the ; that ends a declaration."""
    at = start
    while True:
        semicolon, brace = code.find(";", at), code.find("{", at)
        if brace < 0 or (0 <= semicolon < brace):
            return len(code) if semicolon < 0 else semicolon + 1
        closed = matching(code, brace)
        if closed < 0:
            return len(code)
        at = closed + 1


def _spread(changed: set[str], uses: dict[str, set[str]]) -> None:
    """What uses a changed name has changed, too."""
    while True:
        more = {
            name
            for name, words in uses.items()
            if name not in changed and not changed.isdisjoint(words)
        }
        if not more:
            return
        changed |= more


def _differing_headers(
    pre: Source, post: Source, facts_pre: Facts, facts_post: Facts
) -> list[tuple[Header, Header]]:
    old = dict(visible(facts_pre.view, pre.path, pre.data))
    new = dict(visible(facts_post.view, post.path, post.data))
    found = []
    for path in dict.fromkeys([*old, *new]):
        one, two = old.get(path, b""), new.get(path, b"")
        if one != two:
            found.append((header(path, one), header(path, two)))
        if len(found) > MANY:
            break
    return found


def meanings(source: Header) -> dict[str, str]:
    """What a file defines, name -> normalised text (and condition)."""
    found: dict[str, list[str]] = {}

    def add(name: str, text: str, line: int) -> None:
        condition = str(source.condition(line))
        found.setdefault(name, []).append(f"{condition}: {plain(text)}")

    for name, texts in source.functions.items():
        for function in texts:
            whole = source.clean[function.start : function.end]
            add(name, whole, source.line_of(function.start))
    for define in source.defines:
        add(define.name, f"{define.params} {define.body}", define.line)
    for enum in source.enums:
        members = " ".join(f"{m.name}={m.value}" for m in enum.enumerators)
        for member in enum.enumerators:
            add(member.name, members, member.line)
    code = source.code
    for match in _STRUCT.finditer(code):
        end = matching(code, match.end() - 1)
        text = code[match.start() : end if end > 0 else match.end()]
        add(match[1], text, source.line_of(match.start()))
    for match in _TYPEDEF.finditer(code):
        end = _end_of(code, match.start())
        text = code[match.start() : end]
        names = [one or two for one, two in _TYPE_NAME.findall(text)]
        if names:
            add(names[-1], text, source.line_of(match.start()))
    for match in _VARIABLE.finditer(code):
        text = match[0]
        begun = code[match.end() :].lstrip()[:1] if match[3] == "=" else ""
        if match[3] == "=" and (begun == "{" or re.search(r"\bconst\b", text)):
            text = code[match.start() : _end_of(code, match.start())]
        elif match[3] == "=" and "[]" in match[2]:
            text += plain(code[match.end() : _end_of(code, match.start())])
        text = _GUARD.sub("", text).rstrip("=; \t\n")
        add(match[1], text, source.line_of(match.start()))
    return {name: " | ".join(sorted(texts)) for name, texts in found.items()}
