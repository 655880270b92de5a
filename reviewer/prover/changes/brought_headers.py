# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers that come or go with a change and are what they were: which names that both
sides have may mean something else behind them."""

from __future__ import annotations

import re

from reviewer.c.formula import any_of, is_config
from reviewer.c.preprocessor import undefs
from reviewer.c.text import IDENTIFIER
from reviewer.facts import Facts
from reviewer.facts.header import Header, header
from reviewer.patterns import regex
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.names.definition_texts import places_in
from reviewer.utf8 import encode

_ONLY_NAMED = re.compile(r": (?:struct|union|enum) \w+\Z")  # struct page;
_MEMBER = regex(r"(?:->|\.)\s*([A-Za-z_]\w*)")


def headers_of_one_side(
    old: dict[str, bytes], new: dict[str, bytes], facts_pre: Facts, facts_post: Facts
) -> dict[str, bytes]:
    """Returns the headers, path -> bytes, that one side alone includes and that the
    change leaves as they are.

    Code that both sides have cannot use what is declared there, or one side would not
    compile; but for names that are declared elsewhere, too (``defined_again``).
    """
    found = {}
    for path in old.keys() ^ new.keys():
        data = old[path] if path in old else new[path]
        if facts_pre.view.read(path) == facts_post.view.read(path) == data:
            found[path] = data
    return found


def defined_again(
    brought: dict[str, bytes],
    sides: tuple[dict[str, bytes], dict[str, bytes]],
    own: tuple[Header, Header],
) -> frozenset[str]:
    """Returns the names of such headers that the other side has from somewhere else.

    ``sides``: all headers of each; ``own``: the file itself.
    """
    if not brought:
        return frozenset()
    found: set[str] = set()
    for side, source in zip(sides, own, strict=True):
        there = tuple(side.items())
        places = places_in(there)
        for path, data in brought.items():
            if path in side:
                continue
            for name, text in meanings_of(header(path, data)).texts.items():
                if _ONLY_NAMED.search(text) or _is_never_said(text):
                    continue
                word = encode(name)
                at = {*places.macros.of(word), *places.others.of(word)}
                others = [source, *(header(*there[place]) for place in at)]
                if any(
                    _is_another(meanings_of(one).texts.get(name, text), text)
                    for one in others
                ) and not _is_one_for_code(name, header(path, data), others):
                    found.add(name)
            found |= header(path, data).macros.keys() & _members(source)
    return frozenset(found)


def _members(source: Header) -> set[str]:
    """The members that a file looks at: a macro of that name makes others of them."""
    return set(_MEMBER.findall(source.code))


_AS_MODULE = "defined(MODULE)"  # scripts/Makefile.lib: modkern_cflags
_NEVER = "0: "  # a definition that no configuration has


def _is_never_said(text: str) -> bool:
    return all(part.startswith(_NEVER) for part in text.split(" | "))


def _exclude_each_other(name: str, brought: Header, others: list[Header]) -> bool:
    """Whether a name is a macro everywhere, and where the one header defines it no
    other does: code that both sides have can use neither."""
    if not all(
        len(meanings_of(one).texts[name].split(" | ")) == len(one.macros.get(name, ()))
        for one in (brought, *others)
    ):
        return False
    here = any_of(brought.condition(one.line) for one in brought.macros[name])
    there = any_of(
        side.condition(one.line) for side in others for one in side.macros[name]
    )
    asked = here.atoms | there.atoms
    # a condition of anything else may be another one further down
    fixed = all(is_config(one) or one == _AS_MODULE for one in asked)
    return fixed and not (here & there).satisfiable()


def _is_one_for_code(name: str, brought: Header, others: list[Header]) -> bool:
    """Whether code behind all headers sees one meaning of a name, be a header there
    that says more of it: a macro of the others goes before all that is no macro, and
    the same declaration of a function may stand in several headers."""
    known = [one for one in others if name in meanings_of(one).texts]
    known = [one for one in known if not _is_never_said(meanings_of(one).texts[name])]
    if any(u.name == name for u in undefs(brought.data)):
        return False
    if not known or _exclude_each_other(name, brought, known):
        return True
    if name in brought.macros:
        return False
    if all(
        len(meanings_of(one).texts[name].split(" | ")) == len(one.macros.get(name, ()))
        and all(name not in IDENTIFIER.findall(m.body) for m in one.macros[name])
        for one in known
    ):
        return True
    said = {_prototypes(name, one) for one in [brought, *known]}
    return len(said) == 1 and None not in said


def _prototypes(name: str, source: Header) -> frozenset[tuple[str, str]] | None:
    """What declarations of a function say, None where more is said of its name."""
    told = source.functions.get(name, ())
    texts = meanings_of(source).texts[name].split(" | ")
    if name in source.macros or len(texts) != len(told):
        return None
    if any(one.body for one in told):
        return None
    return frozenset(
        (one.returns.removeprefix("extern "), one.parameters) for one in told
    )


def _is_another(one: str, two: str) -> bool:
    """Whether two headers say different things of a name."""
    return one != two and _ONLY_NAMED.search(one) is None
