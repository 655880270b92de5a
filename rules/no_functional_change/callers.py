# SPDX-License-Identifier: GPL-2.0-or-later
"""Who calls a function that differs: a change may be made up for by its callers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reviewer.api import Step
from reviewer.c.source import Source
from reviewer.prover import FunctionVerdict

_MOST_HITS = 400  # lines with the function's name in the whole tree


def callers_make_up_for(
    step: Step, verdict: FunctionVerdict, verdicts: Sequence[FunctionVerdict]
) -> bool:
    """Says whether all callers of a function change with
    it, and none is shown to differ.

    What the function does by itself is then no one's to see: its callers are judged.
    """
    if step.pre is None or step.post is None:
        return False
    callers = set(_callers(step.post.source, verdict.name))
    judged = {other.name: other for other in verdicts}
    if any(name in judged and judged[name].differing for name in callers):
        return False
    if any(name not in judged for name in callers):
        return False
    if _is_static(step.post.source, verdict.name):
        return bool(callers)
    others = list(_files_calling(step, verdict.name))
    if any(not step.series.touches(path) for path in others):
        return False
    return bool(callers or others)


def _callers(source: Source, name: str) -> Iterator[str]:
    """The other functions of the file that have the name in their text."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for function in source.functions:
        if function.name != name and word.search(source.text(function.node)):
            yield function.name


def _is_static(source: Source, name: str) -> bool:
    found = source.functions_named(name)
    return bool(found) and all("static" in f.signature.split() for f in found)


def _files_calling(step: Step, name: str) -> Iterator[str]:
    """The other files that use the name, but to declare it."""
    assert step.post is not None
    declared = re.compile(
        rf"\s*(?!return\b)(?:extern\s+)?[\w\s*]+[\s*]{re.escape(name)}\s*\([^;]*\)?;"
    )
    for hit in step.post.facts.view.grep([name], limit=_MOST_HITS):
        if hit.path != step.post.source.path and not declared.match(hit.text):
            yield hit.path
