# SPDX-License-Identifier: GPL-2.0-or-later
"""What uses a changed name that only the preprocessor writes.

``V(one)`` is VAL_one where V pastes, and no text has that word in it.  So of each
function it is asked what it leads to, and whether the tokens there could be put
together to a name that changed; what leads there has changed with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, STRINGS
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.changes.name_users import add_users
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.pasted_names import is_made_of, paste, pasted_tokens

MOST = 6_000  # names that one function leads to
_TYPE = re.compile(r"(?:\b(?:struct|union)\s+|\b(?=\w+_t\b))(\w+)")
_Uses = dict[str, frozenset[str]]


def with_pasted_uses(
    names: ChangedNames,
    functions: tuple[Function | None, Function | None],
    sources: tuple[Source, Source],
    read: tuple[Definitions, Definitions],
    only_proofs: bool = False,
) -> ChangedNames:
    """Returns the names with what leads to a pasted one among the changed ones.

    Of one function: its two states, their files, and what those see.  ``only_proofs``:
    a function alone that changed is left as it is, for what is proved while its calls
    of itself are taken for the same holds of these, too.
    """
    one, two = functions
    if only_proofs and one is not None and names.differ <= {one.name}:
        return names
    if names.trees_differ or not names.changed or one is None or two is None:
        return names
    texts = sources[0].text(one.node), sources[1].text(two.node)
    found: _Uses = {}
    followed: set[str] = set()
    for definitions, text in zip(read, texts, strict=True):
        own = meanings_of(definitions.here).own
        leads = _leads(definitions, text, with_headers=not names.changed <= own)
        uses = _pasted(definitions, leads, names.changed)
        if uses:
            _add(found, leads)
            _add(found, uses)
            followed |= {name for name in leads if definitions.functions(name)}
    if not found:
        return names
    uses = {**names.uses}
    _add(uses, found)
    changed = frozenset(add_users(set(names.changed), found))
    return replace(
        names,
        changed=changed,
        forced=names.forced | (changed & followed),
        functions=names.functions | followed,
        uses=uses,
    )


def _add(uses: _Uses, more: _Uses) -> None:
    for name, words in more.items():
        uses[name] = uses.get(name, frozenset()) | words


def _leads(definitions: Definitions, text: str, with_headers: bool) -> _Uses:
    """What each name that a function leads to is made of, as words.

    Without headers their functions and types are left out, but for macros: nothing
    else in them can have a name of the file.  Of a type only its own text is read.
    """
    found: _Uses = {}
    waiting = list(dict.fromkeys(IDENTIFIER.findall(text)))
    types = set(_TYPE.findall(text)) if with_headers else set()
    while waiting and len(found) < MOST:
        name = waiting.pop()
        if name in found:
            continue
        texts, found[name] = _texts(definitions, name, with_headers)
        waiting += sorted(found[name] - found.keys())
        if with_headers:
            types.update(*map(_TYPE.findall, texts))
    for name in types - {name for name, words in found.items() if words}:
        found[name] = _words(_of_type(definitions, name))
    return {name: words for name, words in found.items() if words}


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(IDENTIFIER.findall(STRINGS.sub(" ", t)) for t in texts))


def _texts(
    definitions: Definitions, name: str, with_headers: bool
) -> tuple[tuple[str, ...], frozenset[str]]:
    """The texts that define a name, which is no type, where the file sees it, and
    their words."""
    known = definitions.texts_of
    if (name, with_headers) not in known:
        texts = [macro.body for macro in definitions.macros(name)]
        own = meanings_of(definitions.here).texts
        if name in own:
            texts.append(own[name])
        elif with_headers and definitions.is_in_headers(name):
            texts += (function.body for function in definitions.functions(name))
        known[name, with_headers] = tuple(texts), _words(texts)
    return known[name, with_headers]


def _of_type(definitions: Definitions, name: str) -> Iterator[str]:
    """The texts of the types of a name in headers."""
    if definitions.is_in_headers(name):
        for kind in ("struct", "union"):
            yield from (text for text, *_ in definitions.structs(kind, name))
        yield from (text for text, _condition in definitions.typedefs(name))


def _pasted(definitions: Definitions, leads: _Uses, changed: frozenset[str]) -> _Uses:
    """The changed names that each name may put together where it is defined."""
    parts = {n: words for n, words in leads.items() if paste(definitions, words)}
    everything = frozenset().union(*parts.values())
    tokens = pasted_tokens(definitions, everything) or frozenset()
    possible = [name for name in changed if is_made_of(name, tokens)]
    found: _Uses = {}
    for name, words in parts.items() if possible else ():
        tokens = pasted_tokens(definitions, words) or frozenset()
        found[name] = frozenset(one for one in possible if is_made_of(one, tokens))
    return {name: words for name, words in found.items() if words}
