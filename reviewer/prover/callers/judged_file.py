# SPDX-License-Identifier: GPL-2.0-or-later
"""All that is told of one file: its functions, its tables, and who can see a change.

What an earlier run found is read again, without loading the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.prover.assume.assumptions import DEFAULT
from reviewer.prover.kept_verdicts import kept_verdicts
from reviewer.prover.limits import ProverLimits
from reviewer.prover.series_budget import SeriesBudget
from reviewer.prover.two_processes import useful_processes
from reviewer.prover.verdict import FunctionVerdict

Verdicts = tuple[FunctionVerdict, ...]


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """What is asked of a file.

    ``names``: functions, None for all that the change touches, and tables.  ``only``:
    of these those of such names, all where it is empty.  ``moved``: functions that came
    from another file, each with that file before the change.  ``mode``: see
    ``judge.compare``.  ``without``: assumptions that are off.  ``callers``: whether
    those who can see a difference are looked for.  ``budget``: what the whole series
    may cost; it is no part of what is asked.
    """

    names: tuple[str, ...] | None = None
    only: tuple[str, ...] = ()
    moved: tuple[tuple[Source, str], ...] = ()
    mode: str = "quiescent"
    without: tuple[str, ...] = ()
    callers: bool = True
    budget: SeriesBudget | None = None

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions that are on."""
        return tuple(name for name in DEFAULT if name not in self.without)

    def is_late(self) -> bool:
        """Says whether nothing is left of the budget."""
        return self.budget is not None and not self.budget.left()

    def chosen(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Returns those of some functions that are asked about."""
        only = self.only
        return tuple(n for n in names if not only or n.split(">")[-1] in only)

    def words(self) -> list[str]:
        """Returns all of it but the texts, so that two questions are the same where
        these words are."""
        moved = [name for _source, name in self.moved]
        asked = (self.names, self.only, moved, self.mode, self.without, self.callers)
        return [repr(asked)]


def judged_file(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    question: FileQuestion,
) -> Verdicts:
    """Returns the verdicts on a file, each with those who can see what differs.

    ``pre``, ``post``: the file before and after the change, with the facts of each.
    """
    limits = ProverLimits(processes=useful_processes(), budget=question.budget)

    def prove(ended: list[str]) -> Verdicts:
        found = _touched(pre, post, facts_pre, facts_post, question, limits)
        for source, name in question.moved:
            one = replace(question, names=(name,), moved=())
            found += _touched(source, post, facts_pre, facts_post, one, limits)
        if not question.callers:
            return found
        from reviewer.prover.callers.who_sees import with_callers

        return with_callers(
            pre, post, facts_pre, facts_post, found,
            mode=question.mode, assumptions=question.assumptions, ended=ended,
            budget=question.budget,
        )  # fmt: skip

    texts = [pre, post, *(source for source, _name in question.moved)]
    words = [*question.words(), repr(limits)]
    return kept_verdicts(texts, (facts_pre, facts_post), words, prove)


def _touched(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    question: FileQuestion,
    limits: ProverLimits,
) -> Verdicts:
    """The functions of the question's names, else all that differ, and tables."""
    from reviewer.prover.changes.before_alike import before_alike
    from reviewer.prover.changes.changed_entries import changed_entries
    from reviewer.prover.changes.changed_names import changed_names
    from reviewer.prover.changes.judging_order import touched_functions
    from reviewer.prover.changes.not_compared import unread_changes
    from reviewer.prover.changes.renamed_functions import changed_functions
    from reviewer.prover.judge.compare import compare_functions
    from reviewer.prover.judge.within_budget import out_of_budget

    if question.is_late():
        late = question.names or tuple(changed_functions(pre, post))
        return out_of_budget(question.chosen(late), post, question.mode)
    before = before_alike(pre, post, facts_pre, facts_post)
    pre, facts_pre = before.source, before.facts
    names = question.names
    entries: Verdicts = ()
    if names is None:
        touched = touched_functions(pre, post, facts_pre, facts_post)
        names = before.with_changed(touched)
        if not question.only:
            entries = changed_entries(pre, post, facts_pre, facts_post)
            if not changed_names(pre, post, facts_pre, facts_post).trees_differ:
                entries += unread_changes(pre, post)
    names = question.chosen(names)
    found = compare_functions(
        pre, post, facts_pre, facts_post, names, mode=question.mode,
        assumptions=question.assumptions, limits=limits, conditions=True,
    )  # fmt: skip
    return (*before.with_told(found), *entries)
