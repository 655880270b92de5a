# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file sees of a function that it calls: a declaration, a stub, a body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.api import FileImage
from reviewer.c.conditions import integer
from reviewer.c.file_memory import once_per_subject
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.facts.header import Header, HeaderFunction
from reviewer.kit.functions_seen import functions_seen
from reviewer.models import Evidence
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.facts import Facts

_MOST_CALLERS = 3  # inline functions, one asking the other
_KEYWORDS = frozenset({"if", "while", "for", "switch", "return", "sizeof", "test_bit"})
# what the options decide: include/linux/kconfig.h
_SETTLED = regex(r"\bIS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)\b|\bCONFIG_\w|is_defined")
_HANDED = regex(r"(!?)\s*(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)")
_DIFFERS = {True: " != ", False: " == "}
_CALLED = regex(r"(?<![>.\w])([A-Za-z_]\w*)\s*\(")
_RETURNED = regex(r"\breturn\b([^;]*);")
_LEAVING = regex(r"\bif \(([^;{}]*)\) \{? ?return\b")
# what reads memory that others write, or asks for some: linux/atomic.h, refcount.h,
# bitops.h, spinlock.h, slab.h
_AT_WORK = regex(
    r"(?:(?:arch_|raw_)?(?:atomic\d*|atomic_long|refcount|test_and)_\w+|test_bit\w*"
    r"|(?:try_)?cmpxchg\w*|xchg\w*|smp_load_acquire|\w+_trylock"
    r"|(?:devm_)?k[mzv]\w*alloc\w*|v[mz]alloc\w*)\Z"
)
_MASKED = regex(r"&\s*([A-Z]\w+)\b")


def declaration_of(image: FileImage, name: str) -> Evidence | None:
    """Returns the declaration of a function where it is all that a file sees of it: no
    stub, no inline function, no macro, no body in the file itself, and no #if around
    it."""
    found = []
    for header, function in functions_seen(image.facts, image.source.path, name):
        if function.body:
            return None  # what follows need not be read
        found.append((header, function))
    for header, function in found:
        line = header.line_of(function.start)
        if header.condition(line).is_true:
            return header.evidence(line)
    return None


def wrapped_function(image: FileImage, name: str) -> str:
    """Returns the function that a wrapper calls and nothing else, else the name itself.

    ``#define iio_register(d) __iio_register((d), THIS_MODULE)``, an inline function
    whose body is one call: what is missing is what they call.
    """
    return _wrapped_function(image.facts, image.source.path, name)


@once_per_subject
def _wrapped_function(facts: Facts, near: str, name: str) -> str:
    for _ in range(_MOST_CALLERS):
        defines = facts.define(name, near=near)
        if defines:
            bodies = [d.body for d in defines if d.params is not None]
            whole = len(bodies) == len(defines) == 1
        else:
            found = list(functions_seen(facts, near, name))
            bodies = [f.body.strip("{} \t\n") for _, f in found if f.body]
            whole = len(bodies) == 1
        text = " ".join(bodies[0].split()) if whole else ""
        call = _HANDED.fullmatch(text.removeprefix("return ").rstrip("; "))
        if call is None or call[1] or call[2] == name or call[2] in _KEYWORDS:
            break
        name = call[2]
    return name


def may_return(
    facts: Facts, near: str, name: str, wanted: bool, depth: int = _MOST_CALLERS
) -> bool:
    """Says whether a function that file ``near`` calls may return what is (not) 0 in
    every configuration.

    One whose body is elsewhere may.  An inline one does if no stub of it, nor of what
    it asks, is a constant of the other kind.
    """
    return _AT_WORK.match(name) is not None or _one_may_return(
        facts, near, name, wanted, depth
    )


@once_per_subject
def _one_may_return(
    facts: Facts, near: str, name: str, wanted: bool, depth: int
) -> bool:
    found = list(functions_seen(facts, near, name)) if depth else []
    if any(_has_branches(header, function) for header, function in found):
        return False  # each of them is another answer
    bodies = [function.body for _, function in found if function.body]
    return bool(found) and all(
        _body_may(facts, near, body, wanted, depth - 1) for body in bodies
    )


def _has_branches(header: Header, function: HeaderFunction) -> bool:
    """Whether an #if stands inside a function."""
    first, last = header.line_of(function.start), header.line_of(function.end)
    lines = range(first + 1, last + 1)
    return any(header.line_text(line).startswith("#") for line in lines)


def _body_may(facts: Facts, near: str, body: str, wanted: bool, depth: int) -> bool:
    plain = " ".join(body.strip("{} \t\n").split())
    returned = re.fullmatch(r"return (.+?);", plain)
    value = returned[1].strip("() ") if returned else ""
    named = re.fullmatch(r"-?\w+", value) is not None and value.isupper()
    if named or value in ("true", "false"):
        return (value != "false") is wanted
    number = integer(value.removeprefix("-")) if value else None
    if number is not None:
        return bool(number) is wanted
    handed = _HANDED.fullmatch(returned[1]) if returned else None
    if handed is not None and handed[2] not in _KEYWORDS:
        return may_return(facts, near, handed[2], wanted is not bool(handed[1]), depth)
    if "return" not in plain or _SETTLED.search(plain):
        return False
    if value and _DIFFERS[wanted] in value and not {"&&", "||"} & set(value.split()):
        return True  # one value of many, whatever it is
    said = _said(plain)
    asked = {word for word in _CALLED.findall(said) if not _AT_WORK.match(word)}
    return all(
        may_return(facts, near, word, either, depth)
        for word in asked - _KEYWORDS - set(TRANSPARENT)
        for either in (True, False)
    ) and not any(_may_be_zero(facts, near, word) for word in _MASKED.findall(said))


def _said(plain: str) -> str:
    """The parts of a body that its value hangs on: what it returns, what a local that
    it returns is given, and the conditions that it returns under."""
    parts = _RETURNED.findall(plain)
    for part in list(parts):
        name = part.strip("() ")
        if name.isidentifier():
            parts += re.findall(rf"\b{re.escape(name)} = ([^;]*);", plain)
    parts += _LEAVING.findall(plain)
    return "; ".join(parts)


def _may_be_zero(facts: Facts, near: str, name: str) -> bool:
    """Whether some configuration makes a mask 0: VM_NONE stands in for what is off."""
    known = facts.constant(name, near=near)
    return any(constant.value.value == 0 for constant in known)
