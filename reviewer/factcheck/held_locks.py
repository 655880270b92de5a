# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether every caller of a function holds the lock that a remark says is not held."""

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

WITHOUT_LOCK = regex(
    r"\bwithout (?:first |ever |properly )?(?:holding|taking|acquiring|grabbing)"
    r" (?:the |"
    r"any )?(?P<lock>[A-Za-z_][\w>.-]*_?(?:lock|mutex|sem)\w*)(?:\(\))?",
    re.IGNORECASE,
)
TAKES = ("lock", "down", "guard")


def held_by_callers(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark where every caller of a static function holds the lock that a
    remark says is not held."""
    bodies = Bodies(remark, ground)
    what = claims_in(remark.text)
    for sentence in what.sentences:
        match = WITHOUT_LOCK.search(sentence)
        if match is None or bodies.view is None:
            continue
        lock = re.split(r"->|\.", match["lock"].removesuffix("()"))[-1]
        named = [name for name in what.functions if name in sentence and name != lock]
        for name in named[:2]:
            mark = _held(name, lock, sentence, bodies)
            if mark is not None:
                yield mark
                return


def _held(name: str, lock: str, sentence: str, bodies: Bodies) -> Mark | None:
    found = bodies.function(name)
    if found is None or not re.match(r"static\b", found[1].signature):
        return None
    source, function = found
    if lock.lower() in ("lock", "mutex", "locks", "locking"):
        return None
    uses = [
        node
        for node in source.everywhere("identifier")
        if source.text(node) == name and node.start_point[0] + 1 != function.first_line
    ]
    places = []
    for node in uses:
        caller = source.function_around(node)
        is_call = node.parent is not None and node.parent.type == "call_expression"
        if not is_call or caller is None or caller.broken or caller.name == name:
            return None  # its address is taken, or it calls itself
        taken = _taken_before(source, caller, node, lock)
        if taken is None:
            return None
        places.append(evidence_at(source, taken))
    if not places:
        return None
    first = places[0]
    count = "its one caller holds" if len(places) == 1 else "all its callers hold"
    fact = f"{name}() is static, and {count} {lock}: {first.file}:{first.line}"
    return Mark(Decision.LOCKED, sentence, fact, tuple(places), refutes=True)


def _taken_before(
    source: Source, caller: Function, use: Node, lock: str
) -> Node | None:
    """The statement of the caller's own block that takes the lock and is not undone."""
    assert caller.body is not None
    taken = None
    for statement in caller.body.named_children:
        if statement.start_byte > use.start_byte:
            break
        for node in source.walk(statement, "call_expression"):
            text = source.text(node)
            if node.start_byte > use.start_byte or not re.search(
                rf"\b{re.escape(lock)}\b", text
            ):
                continue
            name = call(source, node)[0]
            if "unlock" in name or name.startswith("up"):
                if node.parent is not None and node.parent.parent == caller.body:
                    taken = None
                elif not _leaves_behind(source, node):
                    return None
            elif any(word in name for word in TAKES) and "try" not in name:
                own = node.parent is not None and node.parent.parent == caller.body
                taken = node if own else None
    return taken


def _leaves_behind(source: Source, node: Node) -> bool:
    """Whether the block that holds an unlock ends by leaving the function."""
    block = source.enclosing(node, "compound_statement")
    last = block.named_children[-1] if block is not None else None
    return last is not None and last.type in ("return_statement", "goto_statement")
