# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros that go to a label, or leave the loop that they are used in."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.c.text import CALLED, IDENTIFIER
from reviewer.c.vocabulary import KEYWORDS
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.steps import GOTO, LABEL, NotRead, Step, inside

_LEAVES = frozenset(["break", "continue"])
_LOOPS = frozenset(["while", "for", "switch"])


def no_hidden_jumps(
    definitions: Definitions, body: list[Step], labels: frozenset[str]
) -> None:
    """Raises NotRead where a macro may go to a label, by its own text or because it is
    handed the name, or may leave the loop that it is used in."""
    words: set[str] = set()
    for step in inside(body):
        if step.kind in (GOTO, LABEL):
            continue
        if "goto" in step.words:
            raise NotRead("a goto in another step")
        if not labels.isdisjoint(step.words) and may_go(
            definitions, step.words, step.text
        ):
            raise NotRead("a label is handed to a macro")
        words |= step.words
    for macro in macros_of(definitions, words):
        used = frozenset(IDENTIFIER.findall(macro.body))
        jumps = used & _LEAVES and not used & _LOOPS
        to_label = not labels.isdisjoint(used) and may_go(definitions, [macro.name], "")
        if jumps or to_label:
            raise NotRead(f"{macro.name}() may jump")


def may_go(definitions: Definitions, words: Iterable[str], text: str) -> bool:
    """Says whether a macro of some names has a goto in it, or a text that is not known,
    or something is called in the text of which nothing is: only these can do anything
    with the name of a label, which is often that of a variable or a function."""
    called = set(CALLED.findall(text)) - KEYWORDS
    if not all(_is_known(definitions, name) for name in called):
        return True
    return any(
        macro.body == "#twice" or "goto" in IDENTIFIER.findall(macro.body)
        for macro in macros_of(definitions, words)
    )


def _is_known(definitions: Definitions, name: str) -> bool:
    return definitions.is_macro(name) or is_function(definitions, name)
