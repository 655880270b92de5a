# SPDX-License-Identifier: GPL-2.0-or-later
"""The directives of a file, as far as they decide which macros are defined when.

Who is the first to define a name hangs on fewer of them, and is asked of hundreds of
headers for each file: those steps are kept for the next run, by path and content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from reviewer import disk_cache
from reviewer.c.conditionals import conditionals
from reviewer.c.directives import directives
from reviewer.c.formula import TRUE
from reviewer.c.text import IDENTIFIER
from reviewer.facts.includes import included_paths
from reviewer.facts.kept_proofs import code_version, digest_of
from reviewer.patterns import regex
from reviewer.prover.names.visible_headers import BY_ARCHITECTURE
from reviewer.utf8 import encode

_KIND = "definers"
_VERSION = 1
_MOST = 4096  # files whose steps are in memory
_PUSHED = regex(r'p(?:ush|op)_macro\s*\(\s*"(\w+)"')
_VALUED = regex(r"\bdefined\s*(?:\(\s*\w+\s*\)|\w+)")  # is taken out
_TESTS = ("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef")


class DirectiveStep(Struct, frozen=True, array_like=True):
    """A directive: ``kind`` is define, undef, if or include; ``names`` are those that
    it defines or asks about, ``body`` what its macro is made of, or those whose value
    is asked for."""

    kind: str
    text: str
    names: tuple[str, ...]
    body: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    in_if: bool = False


class DirectiveSteps(Struct, frozen=True, array_like=True):
    """The directives of a file; ``guard``: the macro that is defined once it was gone
    through; None without one, "" for #pragma once."""

    steps: tuple[DirectiveStep, ...]
    guard: str | None


_in_memory: dict[tuple[str, bytes], DirectiveSteps] = {}


def directive_steps(files: Mapping[str, bytes]) -> dict[str, DirectiveSteps]:
    """Returns all directives of some files, by their paths."""
    return {path: _steps(path, data) for path, data in files.items()}


def definers_of(files: Mapping[str, bytes]) -> dict[str, DirectiveSteps]:
    """Returns of some files what is needed to know who is the first to define a name:
    no #ifs, and of a macro its name; as it was kept or as it is read now."""
    if len(_in_memory) > _MOST:
        _in_memory.clear()
    unread = {one: _key(*one) for one in files.items() if one not in _in_memory}
    known = disk_cache.recall_all(
        _KIND, _VERSION, list(unread.values()), DirectiveSteps
    )
    read: dict[str, DirectiveSteps] = {}
    for one, key in unread.items():
        if key not in known:
            known[key] = read[key] = _read(*one, asking=False)
        _in_memory[one] = known[key]
    disk_cache.keep_all(_KIND, _VERSION, read)
    return {path: _in_memory[path, data] for path, data in files.items()}


def _key(path: str, data: bytes) -> str:
    return digest_of(encode("\0".join((code_version(), path, ""))) + data)


@lru_cache(maxsize=_MOST)
def _steps(path: str, data: bytes) -> DirectiveSteps:
    return _read(path, data, asking=True)


def _read(path: str, data: bytes, *, asking: bool) -> DirectiveSteps:
    found: list[DirectiveStep] = []
    around: list[int] = []  # the #ifs that are open, each with those around it
    guard = _guard(data)
    once = False
    said: Counter[str] = Counter()
    for number, directive in enumerate(directives(data)):
        name, text = directive.name, directive.text
        if asking and name in _TESTS:
            found.append(_asking(name, text))
        if name.startswith("if"):
            around.append(hash((*around[-1:], name, text)) if asking else 0)
        elif name.startswith("el") and around:
            around[-1] = hash((around[-1], name, text)) if asking else 0
        elif name == "endif" and around:
            around.pop()
        elif name in ("define", "undef") and (word := IDENTIFIER.search(text)):
            if asking:
                body = frozenset(IDENTIFIER.findall(text, word.end()))
                told = f"{name} {_spaced(text)}"
                found.append(DirectiveStep(name, told, (word[0],), body))
            else:
                found.append(DirectiveStep(name, "", (word[0],)))
        elif name == "pragma":
            once = once or text.split()[:1] == ["once"]
            found += [
                DirectiveStep("undef", text, (one,)) for one in _PUSHED.findall(text)
            ]
        elif name.startswith("include"):
            inside = len(around) > (guard is not None)
            at = conditionals(data).at(directive.line) if inside else TRUE
            text = " ".join((text, *map(str, around[-1:])))
            said[text] += 1
            # without asking: which one of this file is all that is asked
            text = f"{text} {said[text]}" if asking else str(number)
            if not at.is_false:
                found += _included(path, directive.text, text, not at.is_true)
    return DirectiveSteps(tuple(found), "" if once and guard is None else guard)


def _spaced(text: str) -> str:
    """A directive with one blank for several, where none may stand in a string."""
    return text if '"' in text or "'" in text else " ".join(text.split())


def _asking(name: str, text: str) -> DirectiveStep:
    asked = tuple(dict.fromkeys(IDENTIFIER.findall(text)))
    valued = _VALUED.sub("", text) if name in ("if", "elif") else ""
    return DirectiveStep(
        "if", f"{name} {_spaced(text)}", asked, frozenset(IDENTIFIER.findall(valued))
    )


def _included(path: str, name: str, text: str, in_if: bool) -> Iterator[DirectiveStep]:
    line = encode(f"#include {name}\n")
    for places in included_paths(path, line):
        yield DirectiveStep("include", text, (), frozenset(), places, in_if)
        if "include/asm-generic/page.h" in places:
            for other in BY_ARCHITECTURE:
                yield DirectiveStep("include", text, (), frozenset(), (other,), in_if)


def _guard(data: bytes) -> str | None:
    """The macro that keeps a header from being gone through twice, where all of its
    directives are inside of that #ifndef."""
    listed = directives(data)
    if len(listed) < 3 or listed[0].name != "ifndef" or listed[1].name != "define":
        return None
    asked, defined = listed[0].text.split(), listed[1].text.split()
    if not defined or asked[:1] != defined[:1]:
        return None
    if defined[1:] and not defined[0].rstrip("_").endswith("_H"):
        return None  # #define V 1 is a fallback
    depth = 0
    for at, directive in enumerate(listed, 1):
        depth += directive.name.startswith("if") - (directive.name == "endif")
        if depth == 0:
            return defined[0] if at == len(listed) else None
        if depth == 1 and directive.name.startswith("el"):
            return None
    return None
