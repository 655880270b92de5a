# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that use a name which no text is seen to define: a list of ``X(a)`` may
make it, and has become another one.
"""

from __future__ import annotations

from reviewer.c.source import Function, Source
from reviewer.c.text import CALLED
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.file_meanings import included_word
from reviewer.prover.names.definitions import Definitions

_INCLUDE = regex(r'#[ \t]*include[ \t]*[<"]([^>"\n]++)[>"]')
MOST_NAMES = 60  # of a function that are looked up


def makes_unseen_names(names: ChangedNames) -> bool:
    """Says whether a list changed that makes names: the members of an enum, functions
    by a macro that stands alone at file level."""
    return names.dark or any(not CALLED.search(made) for made in names.made)


def uses_unseen_name(source: Source, function: Function, known: Definitions) -> bool:
    """Says whether a function uses a name that is neither its own nor defined anywhere
    that is read."""
    own = {
        source.text(name)
        for node in source.walk(function.node, "declaration", "parameter_declaration")
        for name in source.walk(node, "identifier")
    }
    used = {source.text(node) for node in source.walk(function.node, "identifier")}
    used -= {*own, function.name}
    return any(not _is_seen(known, word) for word in sorted(used)[:MOST_NAMES])


def _is_seen(known: Definitions, word: str) -> bool:
    return bool(
        known.is_macro(word)
        or known.functions(word)
        or known.enum(word)
        or known.prototypes(word)
        or known.variable(word)
    )


def includes_another(source: Source, function: Function, names: ChangedNames) -> bool:
    """Says whether a function includes a file that stands for something else now."""
    found = _INCLUDE.findall(source.text(function.node))
    return any(included_word(path) in names.changed for path in found)
