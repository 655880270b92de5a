# SPDX-License-Identifier: GPL-2.0-or-later
"""What a comparison says, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewer.prover.limits import BY_CLOCK, OUT_OF_SERIES, SOLVER_DIED

if TYPE_CHECKING:
    from reviewer.prover.term_types import Term


class Verdict(StrEnum):
    """What is known about an output; only the first two are proved.

    ONE_CPU is of a whole function: what it computes is proved to be the same where
    nobody else runs, and what others see of it is not.  Where others are sure to see
    it the verdict is DIFFERS, with one output that says so (``other_cpus.OUTPUT``).
    """

    EQUAL = "equal"
    DIFFERS = "differs"
    ONE_CPU = "equal for one CPU"
    UNLESS = "equal unless"
    BUT_FOR = "equal but for"
    MESSAGE = "only a message changes"
    NOT_DECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Witness:
    """One state in which the two sides differ, as small as it can be told.

    ``when`` holds one fact per entry, in the domain's words; whatever is not named
    may have any value.  ``relies_on`` names unknown functions whose answer is one of
    the facts: both sides get the same answer to the same question.  ``values`` has
    the same facts for a machine.
    """

    when: tuple[str, ...]
    relies_on: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.when) if self.when else "always"


@dataclass(frozen=True, slots=True)
class OutputVerdict:
    """One output: a bit of the result, the result, a call, a store.

    ``before`` and ``after`` are the values in the witness, as text.
    ``assumptions`` are those that the proof needed (or that the witness respects).
    """

    output: str
    verdict: Verdict
    before: str = ""
    after: str = ""
    witness: Witness | None = None
    why: str = ""
    assumptions: tuple[str, ...] = ()
    line: int | None = None  # in the post-image (pre-image if it is not there)
    number: int | None = None  # of a KPF bit
    first: str = ""  # of the first thing that differs in a row of them: see traces


@dataclass(frozen=True, slots=True)
class DifferingPart:
    """Where the two sides may part: under one of which conditions, what is done then
    by one side alone, and from which line on; what stays the same even then; the
    function of another file that is called by one side alone whenever it is so; whether
    only what is printed is another line; whether both sides have the same text there,
    in which a name means something else."""

    when: tuple[str, ...]
    then: tuple[str, ...]
    line: int
    same: str = ""
    shows: str = ""
    message: bool = False
    other_meaning: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """A function that calls one which differs; ``line``: of the first call.  ``sees``:
    "no" where it is proved to do what it did (``assumptions``), "yes" where it differs,
    too, in ``how``; "changes" where its own text does; "" where it is not known."""

    name: str
    file: str
    line: int
    sees: str = ""
    how: str = ""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Callers:
    """Who calls a function by its name in ``where``; ``others``: "file:line" where the
    name is used but not called, so that somebody else may call it from there."""

    where: str
    found: tuple[Caller, ...]
    others: tuple[str, ...] = ()

    def who_see(self, *sees: str) -> tuple[Caller, ...]:
        """Returns the callers whose ``sees`` is one of those given."""
        return tuple(caller for caller in self.found if caller.sees in sees)


def spoken(name: str) -> str:
    """Returns a name as it is told: ``f()`` of a function, else as it is."""
    return f"{name}()" if name.isidentifier() else name


@dataclass(frozen=True, slots=True)
class FunctionVerdict:
    """One function before and after.

    ``parts`` are all the places where it may do something else, where the structure
    of both texts shows that; ``otherwise`` says what is known of all other ways.
    ``by_patch``: what each of several patches does to it, by number.  ``callers``: who
    can see it, where that was looked for.
    """

    name: str
    before_name: str
    verdict: Verdict
    outputs: tuple[OutputVerdict, ...]
    why: str = ""
    mode: str = "quiescent"
    assumptions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # functions that were not followed
    seconds: float = 0.0
    file: str = ""
    line: int = 0
    before_file: str = ""  # where it was, if that is another file
    parts: tuple[DifferingPart, ...] = ()
    otherwise: str = ""
    by_patch: tuple[tuple[int, str], ...] = ()
    callers: Callers | None = None

    def as_dict(self) -> dict[str, Term]:
        """Returns the verdict as JSON has it."""
        plain = asdict(self)
        plain["verdict"] = str(self.verdict)
        for output in plain["outputs"]:
            output["verdict"] = str(output["verdict"])
        plain["same_unless"] = [when for part in self.parts for when in part.when]
        plain["then"] = [event for part in self.parts for event in part.then]
        return plain

    @property
    def by_clock(self) -> bool:
        """Whether the clock ended it, so that its silence is no answer."""
        return self.why == BY_CLOCK

    @property
    def is_final(self) -> bool:
        """Whether another run of the same question will come to the same: not where
        nothing is known because time ended it, or the solver died."""
        told = (BY_CLOCK, OUT_OF_SERIES, SOLVER_DIED)
        return self.verdict is not Verdict.NOT_DECIDED or not self.why.startswith(told)

    def with_steps(self, told: Iterable[tuple[int, str]]) -> FunctionVerdict:
        """Returns the verdict with what each of several patches does: (patch, text)."""
        return replace(self, by_patch=tuple(told))

    @property
    def differing(self) -> tuple[OutputVerdict, ...]:
        """The outputs that are proved to differ."""
        return tuple(o for o in self.outputs if o.verdict is Verdict.DIFFERS)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of the table that is shown."""

    function: str
    output: str
    before: str
    after: str
    when: str
    verdict: str
    notes: tuple[str, ...] = field(default=())


def _of_parts(function: FunctionVerdict) -> list[TableRow]:
    """One row for each place where a function may do something else."""
    return [
        TableRow(
            function.name,
            "; ".join(part.then),
            "",
            "",
            " or ".join(part.when),
            str(function.verdict),
            (f"otherwise: {function.otherwise}",),
        )
        for part in function.parts
    ]


def rows(verdicts: tuple[FunctionVerdict, ...]) -> tuple[TableRow, ...]:
    """Returns the rows of a table: one for each output that is not equal, function by
    function, and a single one for a function whose outputs all are."""
    found: list[TableRow] = []
    for function in verdicts:
        shown = [
            o for o in function.outputs
            if o.verdict is not Verdict.EQUAL and not (o.first and function.parts)
        ]  # fmt: skip
        found += _of_parts(function)
        if not shown and not function.parts:
            found.append(
                TableRow(
                    function.name,
                    "everything",
                    "",
                    "",
                    "",
                    str(function.verdict),
                    (function.why,) if function.why else function.assumptions,
                )
            )
        for output in shown:
            found.append(
                TableRow(
                    function.name,
                    output.output,
                    output.before,
                    output.after,
                    str(output.witness) if output.witness else output.why,
                    str(output.verdict),
                    output.witness.relies_on if output.witness else (),
                )
            )
    return tuple(found)
