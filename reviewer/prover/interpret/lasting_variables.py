# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that has a static variable of its own wherever it stands: pr_info_once()."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER, without_strings
from reviewer.prover.interpret.hidden_effects import macro_words
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported


def mark_of_place(frame: Frame, node: Node, text: str, label: str) -> str:
    """Returns what tells such code at a second, third place from the same code at the
    first one: "" for all other code.  Raises Unsupported in the text of a macro: it is
    not seen there at which place that is.
    """
    if not _has_a_variable(frame, text):
        return ""
    run = frame.run
    if run.being_inlined and run.definitions.is_macro(run.being_inlined[-1]):
        raise Unsupported("a variable that lasts, in the text of a macro")
    function = run.functions_run[-1] if run.functions_run else ""
    places = run.lasting.setdefault(label, {})
    key = function, node.start_byte
    number = places.setdefault(key, len(places))
    return f" at place {number}" if number else ""


def _has_a_variable(frame: Frame, text: str) -> bool:
    words = set(IDENTIFIER.findall(without_strings(text)))
    if "static" in words:
        return True
    brought = (macro_words(frame.run.definitions, word)[0] for word in words)
    return any(used is not None and "static" in used for used in brought)
