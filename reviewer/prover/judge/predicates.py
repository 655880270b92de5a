# SPDX-License-Identifier: GPL-2.0-or-later
"""Is one condition the same as another?  For rules and exercises.

``predicate_equivalent("mapping & PAGE_MAPPING_KSM", "PageKsm(page)", facts)`` asks
about every page and every configuration, and answers with a proof or a page.
"""

from __future__ import annotations

import re

from reviewer.c.source import Source, parse
from reviewer.facts import Facts
from reviewer.prover.assume.pages import DEFAULT
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import OutputVerdict, Verdict
from reviewer.utf8 import encode

# What the words of a condition about pages usually mean: fs/proc/page.c since 6.10.
_USUAL = (
    ("folio", "const struct folio *folio = page_folio(page);"),
    ("mapping", "unsigned long mapping = (unsigned long)folio->mapping;"),
    ("k", "u64 k = folio->flags;"),
    ("head", "struct page *head = compound_head(page);"),
)
_INCLUDES = """#include <linux/mm.h>
#include <linux/ksm.h>
#include <linux/hugetlb.h>
#include <linux/page-flags.h>
#include <linux/kernel-page-flags.h>
"""
_WORD = re.compile(r"(?<!->)(?<![\w.])[A-Za-z_]\w*")


def predicate_equivalent(
    one: str,
    two: str,
    facts: Facts,
    *,
    given: str = "1",
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    limits: ProverLimits | None = None,
) -> OutputVerdict:
    """Says whether two C conditions are true for the same states, wherever ``given``
    is.

    In them ``page`` is a ``struct page *``, and folio, mapping, head and k mean what
    they usually do.  The witness has ``before`` for ``one`` and ``after`` for ``two``.
    """
    prelude = _usual(f"{one} {two} {given}")
    sources = [_source(text, given, prelude) for text in (one, two)]
    verdict = compare_functions(
        sources[0],
        sources[1],
        facts,
        facts,
        "predicate",
        mode=mode,
        assumptions=assumptions,
        limits=limits,
        compiling=False,
        one_cpu=True,
    )[0]
    found = verdict.differing or tuple(
        output for output in verdict.outputs if output.verdict is Verdict.NOT_DECIDED
    )
    if found:
        return found[0]
    if verdict.outputs:
        return OutputVerdict(
            "condition", verdict.verdict, assumptions=verdict.assumptions
        )
    return OutputVerdict("condition", verdict.verdict, why=verdict.why)


def _usual(text: str) -> str:
    """The declarations that the words of a condition need."""
    words = set(_WORD.findall(text))
    if words & {"mapping", "k"}:
        words.add("folio")
    return " ".join(declaration for word, declaration in _USUAL if word in words)


def _source(text: str, given: str, prelude: str) -> Source:
    body = (
        f"{_INCLUDES}\n"
        f"static int predicate(struct page *page)\n{{\n\t{prelude}\n"
        f"\tif (!({given}))\n\t\treturn 0;\n"
        f"\treturn !!({text});\n}}\n"
    )
    return parse("mm/condition.c", encode(body))
