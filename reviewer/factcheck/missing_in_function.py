# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what a remark misses stands in the function that it is about.

A variable that is said not to be initialised and is, a pointer that is looked at
before, memory and locks that are given back by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.factcheck.function_bodies import Bodies
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.kit.expressions import call
from reviewer.kit.places import evidence_at
from reviewer.patterns import regex

_X = r"\b(?P<x>[A-Za-z_]\w*(?:(?:->|\.)\w+)*)"
UNSET = regex(
    rf"{_X} (?:is|are|was|be|being|stays|remains|left)(?: \w+)?"
    r" (?:uninitiali[sz]ed|(?:never|not)(?: \w+)? initiali[sz]ed)\b"
)
NULL = regex(
    rf"{_X} (?:is|(?:can|could|may|might|will)(?: \w+)? be) NULL\b"
    r"(?=[^.?!]*\b(?:dereferenc|crash|panic|oops|NULL pointer))"
)
LEAKS = regex(
    r"\bleak(?:s|ed|ing)?\b|\b(?:never|not|n't)(?: \w+)? (?:freed|released)\b"
    r"|\bwithout (?:freeing|releasing)\b",
    re.IGNORECASE,
)
KEEPS_LOCK = regex(
    r"\b(?:still|remains?|left|stays) (?:held|locked)\b"
    r"|\b(?:without|never|not)(?: \w+)? (?:unlocking|releasing|dropping)\b",
    re.IGNORECASE,
)
KNOWS = regex(r"\b(?:devm_\w+|devres|managed|guard|__free|clean-?up attribute)\b", re.I)
GUARD = regex(r"\b(?:scoped_)?guard\s*\(\s*\w+\s*[),]\s*\(?([^;{})]*)\)")
# include/linux/slab.h, include/linux/device.h: what they give is zero
ZEROED = frozenset(
    ("kzalloc", "kcalloc", "kvzalloc", "kvcalloc", "devm_kzalloc", "devm_kcalloc")
)
LEAVES = ("return_statement", "goto_statement", "continue_statement")


def there_inside(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark for each thing that is said to be missing in the function that the
    quoted line stands in, and is there."""
    bodies = Bodies(remark, ground)
    found = bodies.around()
    if found is None:
        return
    source, function, line = found
    know = KNOWS.search(remark.text)
    for sentence in claims_in(remark.text).sentences:
        for match in UNSET.finditer(sentence):
            yield from _initialised(match["x"], sentence, source, function)
        for match in NULL.finditer(sentence):
            yield from _looked_at(match["x"], sentence, source, function, line)
        if LEAKS.search(sentence) and not know:
            yield from _managed(sentence, source, function)
        if KEEPS_LOCK.search(sentence) and not know:
            yield from _guarded(sentence, source, function)


def _initialised(
    name: str, sentence: str, source: Source, function: Function
) -> Iterator[Mark]:
    """By its declaration, or by the one allocation of what it points to."""
    declared = [
        node
        for node in source.walk(function.node, "init_declarator")
        if _last_word(source, node.child_by_field_name("declarator")) == name
    ]
    given = _assigned(name, source, function)
    if len(declared) == 1 and not given:
        fact = f"{name} is initialised where it is declared"
        yield _mark(sentence, fact, source, declared[0])
    elif len(given) == 1 and not declared:
        right = given[0].child_by_field_name("right")
        if right is not None and call(source, right)[0] in ZEROED:
            fact = f"what {name} points to is zeroed where it is allocated"
            yield _mark(sentence, fact, source, given[0])


def _looked_at(
    name: str, sentence: str, source: Source, function: Function, line: int
) -> Iterator[Mark]:
    """By a statement of the function's own block that leaves where it is NULL."""
    assert function.body is not None
    tests = {f"!{name}", f"{name}==NULL", f"IS_ERR_OR_NULL({name})"}
    for node in function.body.named_children:
        if source.line_of(node) >= line or node.type != "if_statement":
            continue
        condition = node.child_by_field_name("condition")
        then = node.child_by_field_name("consequence")
        if condition is None or then is None or not _leaves(then):
            continue
        operands = "".join(source.text(condition).split())[1:-1].split("||")
        later = [
            one
            for one in _assigned(name, source, function)
            if node.end_byte < one.start_byte and source.line_of(one) <= line
        ]
        if tests.intersection(operands) and not later:
            yield _mark(sentence, f"{name} is checked before", source, node)
            return


def _managed(sentence: str, source: Source, function: Function) -> Iterator[Mark]:
    """What the sentence names was got from a devm function, which frees it."""
    for node in source.walk(function.node, "assignment_expression"):
        left, right = (node.child_by_field_name(one) for one in ("left", "right"))
        if left is None or right is None:
            continue
        name, getter = source.text(left), call(source, right)[0]
        if getter.startswith("devm_") and _has(name, sentence):
            fact = f"{name} is from {getter}(), and is released with the device"
            yield _mark(sentence, fact, source, node)
            return


def _guarded(sentence: str, source: Source, function: Function) -> Iterator[Mark]:
    """The lock that the sentence names is taken by a guard, which lets it go."""
    assert function.body is not None
    for node in source.walk(function.body, "call_expression"):
        match = GUARD.match(source.text(node))
        words = re.findall(r"\w+", match[1]) if match is not None else []
        if words and _has(words[-1], sentence):
            fact = f"{words[-1]} is taken by a guard, which lets it go on every way out"
            yield _mark(sentence, fact, source, node)
            return


def _mark(sentence: str, fact: str, source: Source, node: Node) -> Mark:
    place = evidence_at(source, node)
    told = f"{fact}: {place.file}:{place.line}"
    return Mark(Decision.INSIDE, sentence, told, (place,), refutes=True)


def _assigned(name: str, source: Source, function: Function) -> list[Node]:
    found = source.walk(function.node, "assignment_expression")
    left = ((node, node.child_by_field_name("left")) for node in found)
    return [node for node, one in left if one is not None and source.text(one) == name]


def _last_word(source: Source, node: Node | None) -> str:
    words = re.findall(r"\w+", source.text(node)) if node is not None else []
    return words[0] if words else ""


def _leaves(then: Node) -> bool:
    last = then.named_children[-1:] if then.type == "compound_statement" else [then]
    return bool(last) and last[0].type in LEAVES


def _has(name: str, sentence: str) -> bool:
    return re.search(rf"(?<![\w>.]){re.escape(name)}\b", sentence) is not None
