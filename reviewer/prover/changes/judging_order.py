# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions a change has to be asked about, and which of them first.

A function is judged after those that it calls: what is proved to do what it did
keeps its name for those that call it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, normalised, without_strings
from reviewer.facts import Facts
from reviewer.facts.header import header
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames, changed_names
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.changes.name_users import add_users
from reviewer.prover.changes.pasted_uses import with_pasted_uses
from reviewer.prover.changes.renamed_functions import changed_functions
from reviewer.prover.changes.unseen_names import (
    includes_another,
    makes_unseen_names,
    uses_unseen_name,
)
from reviewer.prover.names.definition_texts import has_body
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.names.pasted_names import makes_one_of
from reviewer.prover.verdict import FunctionVerdict

# include/linux/cleanup.h: the macros that make a class, and those that use one
_MAKES_CLASS = regex(r"(?:DEFINE|EXTEND)_\w+\s*\(\s*(\w+)\s*(?:,\s*(\w+))?")
_USES_CLASS = regex(r"\b(?:__free|CLASS|\w*guard|scoped_class)\s*\(\s*(\w+)")
MOST_USERS = 60  # functions of one file that only use a changed name


def touched_functions(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> tuple[str, ...]:
    """Returns the names of the functions to compare between two states of a file.

    These are the functions whose text differs, and those whose text uses a changed
    name, be it pasted together by ##: a constant, a table, a type, a member of another
    width, an inline function of a header that uses one, a class of guards.
    """
    found = changed_functions(pre, post)
    names = changed_names(pre, post, facts_pre, facts_post)
    sides = pre, post
    read = (
        definitions_of(facts_pre, pre.path, pre.data),
        definitions_of(facts_post, post.path, post.data),
    )
    values = _values(names, sides, read)
    classes = _classes(names)
    lists = makes_unseen_names(names)
    if names.trees_differ or not (values or classes or lists):
        return found
    known = {name.rpartition(">")[2] for name in found}
    before = {function.name: function for function in pre.functions}

    def is_user(function: Function) -> bool:
        words = _words(post, function)
        if not classes.isdisjoint(_USES_CLASS.findall(post.text(function.node))):
            return True
        around = str(post.condition(function.first_line))
        if not values.isdisjoint([*words, *IDENTIFIER.findall(around)]):
            return True
        if includes_another(post, function, names):
            return True
        if lists and uses_unseen_name(post, function, read[1]):
            return True
        if makes_one_of(read[1], post.text(function.node), values):
            return True
        both = before[function.name], function
        pasted = with_pasted_uses(names, both, sides, read)
        return pasted is not names and not _values(pasted, sides, read).isdisjoint(
            words
        )

    users = [
        function.name
        for function in post.functions
        if function.name in before and function.name not in known and is_user(function)
    ]
    order = {function.name: at for at, function in enumerate(post.functions)}
    both = [*found, *dict.fromkeys(users[:MOST_USERS])]
    return tuple(sorted(both, key=lambda name: order.get(name.rpartition(">")[2], 0)))


def _values(
    names: ChangedNames, sides: tuple[Source, Source], read: Sequence[Definitions]
) -> frozenset[str]:
    """The changed names that are no functions, and the functions of headers that use
    one: they are judged nowhere else."""
    own = {function.name for side in sides for function in side.functions}
    begin = names.values
    used = add_users(set(begin), names.uses) & names.functions
    judged = {name for name in used & own if not has_body_elsewhere(name, read)}
    return begin | used - judged


def _classes(names: ChangedNames) -> frozenset[str]:
    """The classes with a constructor or a destructor that changes."""
    made = [found for text in names.made if (found := _MAKES_CLASS.match(text))]
    return frozenset(name for one in made for name in (one[1], one[1] + (one[2] or "")))


def _words(source: Source, function: Function) -> set[str]:
    text = source.text(function.node)
    return set(IDENTIFIER.findall(without_strings(normalised(text))))


def callees_first(post: Source, wanted: Sequence[str]) -> Iterator[list[str]]:
    """Groups the names: what is called comes before what calls it."""
    own = {name.rpartition(">")[2]: name for name in wanted}
    calls = {
        function.name: _words(post, function) & own.keys() - {function.name}
        for function in post.functions
        if function.name in own
    }
    left = dict.fromkeys(own)
    while left:
        ready = [name for name in left if calls.get(name, set()).isdisjoint(left)]
        ready = ready or list(left)  # they call one another
        for name in ready:
            del left[name]
        yield [own[name] for name in ready]


def proved_names(
    names: ChangedNames,
    verdicts: Sequence[FunctionVerdict],
    read: Sequence[Definitions],
) -> ChangedNames:
    """Returns what is left of the changed names when some functions are proved to do
    what they did, but for those that mean something else in another configuration."""
    return names.without(
        one.name
        for one in verdicts
        if is_proved_unchanged(one) and not has_body_elsewhere(one.name, read)
    )


def has_body_elsewhere(name: str, read: Sequence[Definitions]) -> bool:
    """Says whether the name of a function of the file is a macro, too, or has a body in
    another file that it sees: in another configuration."""
    return any(
        side.is_macro(name)
        or any(
            file is not side.here and has_body(file.data, name)
            for file in side.files(name)
        )
        for side in read
    )


def is_proved_unchanged(verdict: FunctionVerdict) -> bool:
    """Says whether a function is proved equal under its old name and with its old
    parameters, so that its callers see no change."""
    return (
        verdict.verdict == "equal"
        and verdict.name == verdict.before_name
        and not any(" = " in taken for taken in verdict.assumptions)  # a signature
    )


def with_assumptions(
    post: Source, verdict: FunctionVerdict, known: dict[str, FunctionVerdict]
) -> FunctionVerdict:
    """Adds to a proof what the proofs of the functions that it calls take for
    granted."""
    if verdict.verdict != "equal" or not known:
        return verdict
    words = {
        word
        for function in post.functions
        if function.name == verdict.name
        for word in _words(post, function)
    }
    taken = dict.fromkeys(verdict.assumptions)
    for name, other in known.items():
        if name in words and other.verdict == "equal":
            taken.update(dict.fromkeys(other.assumptions))
    return replace(verdict, assumptions=tuple(taken))


def seen_elsewhere(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> bool:
    """Says whether a change has more than the functions of the file to be asked about:
    a header's constant or type, data that other files see, a macro at file level."""
    names = changed_names(pre, post, facts_pre, facts_post)
    if names.trees_differ:
        return False
    one = meanings_of(header(pre.path, pre.data))
    two = meanings_of(header(post.path, post.data))
    changed = {
        name
        for name in one.texts.keys() | two.texts.keys()
        if one.texts.get(name) != two.texts.get(name)
    }
    data = changed - one.functions - two.functions
    if post.path.endswith(".c"):
        used = frozenset().union(*(_words(post, f) for f in post.functions))
        data &= one.variables | two.variables
        data -= one.own & two.own & used
    users = [f for f in post.functions if not names.values.isdisjoint(_words(post, f))]
    return bool(data) or one.made != two.made or len(users) > MOST_USERS
