# SPDX-License-Identifier: GPL-2.0-or-later
"""The state before a change, written as the one after it where that is the same code.

A member, a parameter or a function that has another name, a parameter that nobody used:
what uses them has another text and does the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from reviewer.c.source import Source, parse
from reviewer.facts import Facts
from reviewer.prover.changes.renamed_callees import renamed_callees
from reviewer.prover.changes.renamed_functions import changed_functions
from reviewer.prover.changes.renamed_members import (
    Names,
    edited_sources,
    renamed_members,
    with_names,
)
from reviewer.prover.changes.renamed_parameters import renamed_parameters
from reviewer.prover.changes.twin_members import twin_members
from reviewer.prover.changes.unused_parameters import without_unused_parameters
from reviewer.prover.verdict import FunctionVerdict


@dataclass(frozen=True, slots=True)
class Before:
    """The state before a change, written otherwise.

    ``told``: one sentence for each thing that is. ``changed``: the functions whose text
    was another one as it was written. ``former``: what some were called.
    """

    source: Source
    facts: Facts | None
    told: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    former: tuple[tuple[str, str], ...] = ()  # (what it is called now, before)

    def with_changed(self, touched: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the functions to be compared, with those that are only written
        otherwise."""
        return tuple(dict.fromkeys([*self.changed, *touched]))

    def with_told(
        self, verdicts: tuple[FunctionVerdict, ...]
    ) -> tuple[FunctionVerdict, ...]:
        """Returns the verdicts, the sentences among what they assume."""
        if not self.told:
            return verdicts
        names = dict(self.former)
        return tuple(
            replace(
                one,
                before_name=names.get(one.before_name, one.before_name),
                assumptions=(*one.assumptions, *self.told),
            )
            for one in verdicts
        )


def before_alike(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> Before:
    """Returns the state before a change, written as the one after it where that is the
    same code; as it is where there is nothing of the kind.

    ``pre``, ``post``: a file before and after the change.
    """
    if facts_pre is None or facts_post is None or facts_pre is facts_post:
        return Before(pre, facts_pre)
    renamed, with_new_names = renamed_callees(facts_pre, facts_post)
    changed = changed_functions(pre, post)
    if renamed:
        pre = parse(pre.path, with_new_names.get(pre.path, pre.data))
        facts_pre = _overlaid(facts_pre, facts_post, _with_functions)
    own_names = renamed_parameters(facts_pre, facts_post)
    if own_names:
        pre = parse(pre.path, own_names.get(pre.path, pre.data))
        facts_pre = _overlaid(facts_pre, facts_post, renamed_parameters)
    members = renamed_members(pre, post, facts_pre, facts_post)
    members += twin_members(pre, post, facts_pre, facts_post)
    gone, _texts = without_unused_parameters(facts_pre, facts_post)
    if not (renamed or own_names or members or gone):
        return Before(pre, facts_pre)
    source, facts = pre, facts_pre
    if members or gone:
        facts = _facts(facts_pre, facts_post, members)
        source = parse(pre.path, facts.view.read(pre.path) or pre.data)
    told = [one.told for one in renamed]
    told += [one.told for one in members] + [one.told for one in gone]
    former = tuple((one.new, one.old) for one in renamed)
    pairs = {f"{one.old}>{one.new}": one.new for one in renamed}
    return Before(source, facts, tuple(told),
                  tuple(pairs.get(name, name) for name in changed), former)  # fmt: skip


def _with_functions(one: Facts, two: Facts) -> dict[str, bytes]:
    """The texts before, the functions with their new names."""
    return renamed_callees(one, two)[1]


@lru_cache(maxsize=8)
def _overlaid(
    one: Facts, two: Facts, texts: Callable[[Facts, Facts], dict[str, bytes]]
) -> Facts:
    """The facts of the state before, with what it is written as in other words."""
    return Facts(one.view.overlay(dict(texts(one, two))))


@lru_cache(maxsize=4)
def _facts(one: Facts, two: Facts, members: Names) -> Facts:
    """The facts of the state before, all edited files written otherwise."""
    _gone, texts = without_unused_parameters(one, two)
    edits: dict[str, bytes | None] = {}
    for path in edited_sources(one, two):
        data = texts.get(path, one.view.read(path))
        if data is not None:
            edits[path] = with_names(path, data, members) if members else data
    return Facts(one.view.overlay(edits))
