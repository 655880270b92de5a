# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a function that is said to behave otherwise now is proved to do the same."""

from __future__ import annotations

import re

from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.factcheck.function_bodies import C_FILES, Bodies
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Change, Evidence
from reviewer.patterns import regex

OTHERWISE = regex(
    r"\b(?:chang|alter|break|modif)(?:e|es|ed|ing|ies|ied)? (?:\w+ ){0,3}?(?:behaviou?r"
    r"|semantics|result|results|return values?|outcome)\b"
    r"|\b(?:behaviou?ral|functional|semantic) (?:change|regression|difference)\b"
    r"|\b(?:behaves?|works?) differently\b|\bno longer (?:returns?|sets?|clears?"
    r"|does)\b",
    re.IGNORECASE,
)
MOST = 3  # functions of one thread that are compared


class Proofs:
    """The functions that were compared, each once; a few of them only."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._known: dict[tuple[int, str, str], bool] = {}

    def same(self, remark: Remark) -> Mark | None:
        """Returns the mark that the function around a remark computes the same.

        None where the remark does not say otherwise, where the file was not applied as
        it is, and where nothing is proved.
        """
        anchor = remark.anchor
        statement = claims_in(remark.text).sentence_with(OTHERWISE)
        if statement is None or anchor is None or not anchor.file.endswith(C_FILES):
            return None
        step = self._ground.step(anchor.patch)
        changes = step.changes if step is not None else ()
        change = next((c for c in changes if c.path == anchor.file), None)
        if change is None or not change.is_exact or self._ground.applied.guessed:
            return None
        found = Bodies(remark, self._ground).around()
        named = claims_in(statement).functions
        if found is None or (named and found[1].name not in named):
            return None
        source, function, _ = found
        name, line = function.name, function.first_line
        if change.pre is None or not self._is_equal(remark, change, name):
            return None
        evidence = Evidence(change.path, line, source.line_text(line).strip())
        fact = f"{name}() computes the same before and after, proved: {evidence.file}"
        return Mark(
            Decision.SAME,
            statement,
            f"{fact}:{evidence.line}",
            (evidence,),
            refutes=True,
        )

    def _is_equal(self, remark: Remark, change: Change, name: str) -> bool:
        assert remark.patch is not None
        key = (remark.patch.index, change.path, name)
        if key not in self._known:
            full = len(self._known) >= MOST
            self._known[key] = not full and self._compared(remark, change, name)
        return self._known[key]

    def _compared(self, remark: Remark, change: Change, name: str) -> bool:
        from reviewer.facts import Facts
        from reviewer.prover import ProverLimits, compare_functions

        step = self._ground.step(remark.patch) if remark.patch else None
        if step is None or step.pre_view is None or step.post_view is None:
            return False
        assert change.pre is not None
        assert change.post is not None
        try:
            verdicts = compare_functions(
                parse(change.path, change.pre),
                parse(change.path, change.post),
                Facts(step.pre_view),
                Facts(step.post_view),
                name,
                limits=ProverLimits(),
                proofs_only=True,
            )
        except KpfError:
            return False
        return bool(verdicts) and all(str(one.verdict) == "equal" for one in verdicts)
