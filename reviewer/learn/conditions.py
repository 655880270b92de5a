# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging a C condition: the rules look at it, the prover compares it."""

from __future__ import annotations

import re

from reviewer.errors import KpfError
from reviewer.learn.course import Exercise
from reviewer.learn.judgement import (
    Judgement,
    judged_right,
    judged_undecided,
    judged_wrong,
    page_in_words,
    quoted,
)
from reviewer.learn.workbench import Workbench
from reviewer.patterns import regex
from reviewer.prover import Verdict
from reviewer.utf8 import encode

LONGEST = 300  # characters
_LOCALS = frozenset({"page", "folio", "mapping", "k", "head"})
_WORDS = frozenset(
    ("unsigned", "long", "int", "struct", "const", "u64", "true", "false", "void")
)
_WORD = regex(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_PATH = "mm/condition.c"
_FRAME = """#include <linux/page-flags.h>
#include <linux/kernel-page-flags.h>

static bool is_it(struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned long mapping = (unsigned long)folio->mapping;
	unsigned long k = folio->flags;

	if (GIVEN) {
		if (ANSWER)
			return true;
	}
	return false;
}
"""


def judge_condition(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Says whether the condition is true for the same pages as the reference."""
    text = _bare(answer)
    refused = _refused(bench, text)
    if refused is not None:
        return refused
    says = [_first_words(f.comment) for f in _findings(bench, exercise, text)]
    compared = compare(bench, text, exercise.reference, exercise.given)
    if compared.right is None:
        return Judgement(None, (*compared.says, *says))
    if not compared.right:
        return judged_wrong(*compared.says, *says)
    if says:
        return judged_wrong(
            "It comes to the right answer, but a reviewer stops here:", *says
        )
    return judged_right()


def compare(bench: Workbench, one: str, reference: str, given: str) -> Judgement:
    """Returns the prover's word on two conditions, the first being the learner's."""
    from reviewer.prover.judge.predicates import predicate_equivalent

    try:
        verdict = predicate_equivalent(reference, one, bench.facts, given=given)
    except KpfError as error:
        return judged_undecided(f"It cannot be compared: {error}")
    if verdict.verdict is Verdict.EQUAL:
        return judged_right()
    if verdict.verdict is Verdict.NOT_DECIDED or verdict.witness is None:
        why = verdict.why or "the prover came to no end"
        return judged_undecided(f"Neither right nor wrong could be proved: {why}.")
    page = page_in_words(verdict.witness)
    is_true = verdict.after not in ("0", "false")
    has, must = ("true", "false") if is_true else ("false", "true")
    return judged_wrong(f"Your condition is {has} for {page}; it must be {must} there.")


def _bare(answer: str) -> str:
    """The condition itself, of ``if (...)`` too."""
    text = " ".join(answer.split()).removesuffix(";").strip()
    match = re.fullmatch(r"if \((.*)\)", text)
    return match[1].strip() if match else text


def _refused(bench: Workbench, text: str) -> Judgement | None:
    if not text or len(text) > LONGEST:
        return judged_wrong("A condition is wanted, as it would stand in if ( ).")
    if not is_expression(text):
        return judged_wrong("This is no C expression; it does not parse.")
    unknown = [
        name for name in dict.fromkeys(_WORD.findall(text)) if not _known(bench, name)
    ]
    if unknown:
        import difflib

        from reviewer.explain import known_names

        near = difflib.get_close_matches(unknown[0], known_names(bench.facts), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return judged_wrong(f"The tree has no {quoted(unknown)}.{hint}")
    return None


def is_expression(text: str) -> bool:
    """Says whether it is one C expression and nothing else, and changes nothing."""
    from reviewer.c.source import parse

    if re.search(r"[;{}#\\\"'`]|/[/*]|\+\+|--", text):
        return False
    source = parse(_PATH, encode(f"int x = ({text});\n"))
    root = source.root
    if root.has_error or root.named_child_count != 1:
        return False
    assignments = list(source.walk(root, "assignment_expression"))
    whole = list(source.walk(root, "init_declarator"))
    return not assignments and len(whole) == 1


def _known(bench: Workbench, name: str) -> bool:
    if name in _LOCALS or name in _WORDS:
        return True
    if bench.facts.helpers.get(name) is not None:
        return True
    near = "fs/proc/page.c"
    if bench.facts.constant(name, near=near) or bench.facts.define(name, near=near):
        return True
    return name in ("test_bit", "BIT", "READ_ONCE", "IS_ENABLED") or name.startswith(
        "CONFIG_"
    )


def _findings(bench: Workbench, exercise: Exercise, text: str):  # type: ignore[no-untyped-def]
    framed = _FRAME.replace("GIVEN", exercise.given).replace("ANSWER", text)
    return bench.judged_file(_PATH, framed)


def _first_words(comment: str) -> str:
    """A remark without its last paragraph, which gives the answer away."""
    paragraphs = comment.split("\n\n")
    return "\n\n".join(paragraphs[:-1] if len(paragraphs) > 1 else paragraphs)
