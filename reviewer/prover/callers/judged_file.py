# SPDX-License-Identifier: GPL-2.0-or-later
"""All that is told of one file: its functions, its tables, and who can see a change.

What an earlier run found is read again, without loading the solver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.prover.assume.assumptions import DEFAULT
from reviewer.prover.kept_verdicts import KeptVerdicts
from reviewer.prover.limits import OUT_OF_SERIES, ProverLimits
from reviewer.prover.own_process import begin, in_own_process
from reviewer.prover.series_budget import SeriesBudget
from reviewer.prover.two_processes import useful_processes
from reviewer.prover.verdict import FunctionVerdict

Verdicts = tuple[FunctionVerdict, ...]


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """What is asked of a file: ``pre``, ``post``, it before and after the change, with
    the facts of each.

    ``names``: functions, None for all that the change touches, and tables.  ``only``:
    of these those of such names, all where it is empty.  ``moved``: functions that came
    from another file, each with that file before the change.  ``mode``: see
    ``judge.compare``.  ``without``: assumptions that are off.  ``callers``: whether
    those who can see a difference are looked for.  ``budget``: what the whole series
    may cost; it is no part of what is asked.
    """

    pre: Source
    post: Source
    facts: tuple[Facts | None, Facts | None]
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

    @property
    def limits(self) -> ProverLimits:
        """What one function may cost."""
        return ProverLimits(processes=useful_processes(), budget=self.budget)

    def chosen(self, names: Iterable[str]) -> tuple[str, ...]:
        """Returns those of some functions that are asked about."""
        only = self.only
        return tuple(n for n in names if not only or n.split(">")[-1] in only)

    def kept(self) -> KeptVerdicts:
        """Returns what an earlier run may have found."""
        moved = [name for _source, name in self.moved]
        asked = (self.names, self.only, moved, self.mode, self.without, self.callers)
        texts = [self.pre, self.post, *(source for source, _name in self.moved)]
        return KeptVerdicts(texts, self.facts, [repr(asked), repr(self.limits)])


def judged_files(
    questions: Sequence[FileQuestion], begun: Callable[[str], None]
) -> list[Verdicts]:
    """Returns the verdicts on each file, with those who can see what differs.

    What no earlier run has found is proved in a process of its own: where the solver
    dies, one function has no answer.  ``begun`` is called with the path of each file.
    """
    found = [question.kept().recalled() for question in questions]
    left = [n for n, known in enumerate(found) if known is None]
    proved = in_own_process(
        lambda number: _proved(questions[number]),
        left,
        lambda number: begun(questions[number].post.path),
    )
    for number, verdicts in zip(left, proved, strict=True):
        found[number] = verdicts
    return [verdicts or () for verdicts in found]


def _proved(question: FileQuestion) -> Verdicts:
    """The verdicts on a file, kept for the next run where they are final."""
    ended: list[str] = []
    found = _touched(question)
    for source, name in question.moved:
        found += _touched(replace(question, pre=source, names=(name,), moved=()))
    if question.callers and not begin((question.post.path, "its callers")):
        from reviewer.prover.callers.who_sees import with_callers

        found = with_callers(
            question.pre, question.post, *question.facts, found, mode=question.mode,
            assumptions=question.assumptions, ended=ended, budget=question.budget,
        )  # fmt: skip
    if not ended:
        question.kept().keep(found)
    return found


def _touched(question: FileQuestion) -> Verdicts:
    """The functions of the question's names, else all that differ, and tables."""
    from reviewer.prover.changes.before_alike import before_alike
    from reviewer.prover.changes.changed_entries import changed_entries
    from reviewer.prover.changes.changed_names import changed_names
    from reviewer.prover.changes.judging_order import touched_functions
    from reviewer.prover.changes.not_compared import unread_changes
    from reviewer.prover.changes.renamed_functions import changed_functions
    from reviewer.prover.judge.compare import compare_functions
    from reviewer.prover.judge.within_budget import not_compared

    pre, post, (facts_pre, facts_post) = question.pre, question.post, question.facts
    late = question.budget is not None and not question.budget.left()
    why = begin((post.path, "")) or (OUT_OF_SERIES if late else "")
    if why:
        untried = question.names or changed_functions(pre, post)
        return not_compared(question.chosen(untried), post, question.mode, why)
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
    found = compare_functions(
        pre, post, facts_pre, facts_post, question.chosen(names), mode=question.mode,
        assumptions=question.assumptions, limits=question.limits, conditions=True,
    )  # fmt: skip
    return (*before.with_told(found), *entries)
