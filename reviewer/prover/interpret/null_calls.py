# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that do nothing with NULL: ``if (p) kfree(p)`` is ``kfree(p)``.

The tree names some of them (scripts/coccinelle/free/ifnullfree.cocci); of others the
body says it, by a return at its beginning.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.prover.names.definition_texts import FunctionText
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.weak_functions import is_weak
from reviewer.prover.syntax import block_of, part_of, snippet

LISTED = "scripts/coccinelle/free/ifnullfree.cocci"
_CALL = re.compile(rb"^[ \t]*(\w+)\s*\(E\b[^;\n]*\);", re.MULTILINE)
_LIKELY = re.compile(r"^(?:un)?likely\((.*)\)\Z")


def ignores_null(definitions: Definitions, word: str) -> bool:
    """Says whether a function does nothing where its first argument is NULL."""
    known = definitions.null_ignored
    if word not in known:
        known[word] = word in _listed(definitions) or _by_body(definitions, word)
    return known[word]


def is_seen(definitions: Definitions, word: str) -> bool:
    """Says whether the text of a function says what it does with NULL."""
    texts = (*definitions.functions(word), *definitions.elsewhere(word))
    return any(text.body.strip("{} \t\n") for text in texts)


def _listed(definitions: Definitions) -> frozenset[str]:
    if definitions.facts is None:
        return frozenset()
    return _names(definitions.facts.view.read(LISTED) or b"")


@lru_cache(maxsize=8)
def _names(data: bytes) -> frozenset[str]:
    return frozenset(name.decode("ascii", "replace") for name in _CALL.findall(data))


def _by_body(definitions: Definitions, word: str) -> bool:
    if definitions.is_macro(word) or is_weak(definitions, word):
        return False
    texts = [*definitions.functions(word), *definitions.elsewhere(word)]
    real = [text for text in texts if text.body.strip("{} \t\n")]
    return bool(real) and all(_returns_at_once(text) for text in real)


def _returns_at_once(text: FunctionText) -> bool:
    source = snippet(f"{text.returns} {text.name}({text.parameters})\n{text.body}\n")
    functions = source.functions
    if len(functions) != 1 or functions[0].broken or source.blanked:
        return False
    if "__weak" in text.returns.split():
        return False  # an architecture may have another
    first = re.search(r"\b(\w+)\s*(?:\[\s*\])?\s*\Z", text.parameters.split(",")[0])
    body = block_of(functions[0])
    parts = [part for part in body.named_children if part.type != "comment"]
    while parts and parts[0].type == "declaration":
        if not _is_harmless(source, parts[0]):
            return False
        parts.pop(0)
    if first is None or not parts or parts[0].type != "if_statement":
        return False
    test = _LIKELY.sub(r"\1", _bare(source, part_of(parts[0], "condition")))
    alternative = parts[0].child_by_field_name("alternative")
    name = first[1]
    if test in (f"!{name}", f"{name}==NULL", f"NULL=={name}",
                f"IS_ERR_OR_NULL({name})", f"ZERO_OR_NULL_PTR({name})"):  # fmt: skip
        taken = _bare(source, part_of(parts[0], "consequence"))
        return taken.strip("{}") == "return;"
    there = test in (name, f"{name}!=NULL", f"!IS_ERR_OR_NULL({name})")
    return there and alternative is None and len(parts) == 1


def _bare(source: Source, node: Node) -> str:
    """A node's text without white space, and without the parentheses around it."""
    text = re.sub(r"\s", "", source.text(node))
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def _is_harmless(source: Source, declaration: Node) -> bool:
    """Whether a declaration only computes addresses and numbers."""
    text = source.text(declaration).replace("container_of(", "")
    return not re.search(r"[\w)]\s*\(|->|=\s*\*|\+\+|--|\[.*\].*=", text)
