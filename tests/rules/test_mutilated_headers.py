# SPDX-License-Identifier: GPL-2.0-or-later
"""Real trees with a file taken away or spoilt: less is found, nothing is made up.

The cases that bring files of their own are laid into one patch, so that the facts of a
spoilt tree are read once.  What is found then must be a part of what the cases expect,
no graver and no surer than there, and what is lost must be accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import case_language as cases
import pytest
from case_language import Case, Expected
from msgspec.structs import replace

from reviewer import engine, rulebook
from reviewer.facts.kpf import INTERNAL_H, PAGEMAP_RST, UAPI_H
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.facts.trace_names import MMFLAGS_H
from reviewer.models import Confidence, Report, Severity
from reviewer.output.words import worded
from reviewer.tree import Tree, open_tree
from reviewer.tree.apply import apply_series
from reviewer.tree.view import View

pytestmark = pytest.mark.kernel

SEVERITIES = [severity.value for severity in Severity]
CONFIDENCES = [confidence.value for confidence in Confidence]
Spoil = Callable[[str], str | None]


def gone(_text: str) -> None:
    """The file is not there."""


def without(pattern: str) -> Spoil:
    return lambda text: re.sub(pattern, "", text, flags=re.MULTILINE)


def instead(pattern: str, other: str) -> Spoil:
    return lambda text: re.sub(pattern, other, text, flags=re.MULTILINE)


def half(text: str) -> str:
    return text[: len(text) // 2]


SPOILT: dict[str, tuple[tuple[str, ...], Spoil]] = {
    "no page-flags.h": ((PAGE_FLAGS_H,), gone),
    "half of page-flags.h": ((PAGE_FLAGS_H,), half),
    "an enum without its end": ((PAGE_FLAGS_H,), without(r"^\s*__NR_PAGEFLAGS,$")),
    "an enum by a macro": (
        (PAGE_FLAGS_H,),
        instead(r"^\tPG_lru,$", "\tPAGE_FLAGS_OF(PG_lru)"),
    ),
    "generators of another form": (
        (PAGE_FLAGS_H,),
        instead(r"^(#define \w*FLAG)\(\w+, \w+(, \w+)?\)", r"\1(args...)"),
    ),
    "no mask of the mapping bits": (
        (PAGE_FLAGS_H,),
        without(r"^#define PAGE_MAPPING_FLAGS.*$"),
    ),
    "no KPF numbers of the ABI": ((UAPI_H,), gone),
    "KPF numbers of another form": (
        (UAPI_H, INTERNAL_H),
        instead(r"^(#define KPF_\w+)\s+(\d+)", r"\1 KPF_BIT(\2)"),
    ),
    "no internal KPF numbers": ((INTERNAL_H,), gone),
    "no names for traces": ((MMFLAGS_H,), gone),
    "no page-types": (("tools/mm/page-types.c", "tools/vm/page-types.c"), gone),
    "no pagemap.rst": (PAGEMAP_RST, gone),
    "no Kconfig": (("Kconfig",), gone),
    "Kconfig of another form": (("fs/proc/Kconfig",), half),
    "no makefile of proc": (("fs/proc/Makefile",), gone),
    "nobody sets a flag": (("mm/memory-failure.c", "mm/rmap.c"), gone),
    "no lists of flags to keep": (("mm/huge_memory.c", "mm/migrate.c"), gone),
}


class SpoiltTree(Tree):
    """A kernel tree with some files changed, for whoever reads it."""

    def __init__(self, tree: Tree, edits: Mapping[str, bytes | None]) -> None:
        super().__init__(tree.path, "worktree" if tree.is_git else None)
        self._spoilt = tree.view("HEAD").overlay(edits)

    def view(self, revision: str | None) -> View:  # type: ignore[override]
        return self._spoilt


def spoilt(tree: Tree, how: str) -> SpoiltTree:
    paths, spoil = SPOILT[how]
    read = tree.view("HEAD").read
    edits: dict[str, bytes | None] = {}
    for path in paths:
        data = read(path)
        if data is not None:
            text = spoil(data.decode("utf-8", "surrogateescape"))
            edits[path] = None if text is None else text.encode()
    assert edits, f"nothing to spoil: {paths}"
    assert all(read(path) != data for path, data in edits.items())
    return SpoiltTree(tree, edits)


# --- the cases ------------------------------------------------------------------------

# The changes of one patch: to the page flags, the KPF numbers, a header with stubs, and
# fs/proc/page.c.
CHANGES = (
    "pageflags_enum_growth/cases/real-bit.case",
    "kpf_abi/cases/companions.case",
    "missing_stub/cases/real-trees.case",
    "undeclared_under_config/cases/arch-gates.case",
    "config_gated_helper/cases/the-other-way.case",
    "missed_per_page_flag/cases/back-to-the-page.case",
)


# Rules that read page-flags.h or the KPF headers for a file that a case brings
FLAGS = (
    "mask-vs-equality",
    "bit-number-as-mask",
    "flag-pair-mismatch",
    "aliased-flag-bit",
    "missed-per-page-flag",
    "non-atomic-flag-read",
    "non-atomic-flag-write",
    "folio-conversion",
)
NUMBERS = (
    "bit-number-as-mask",
    "flag-pair-mismatch",
    "aliased-flag-bit",
    "shift-width",
)
READ_BY = {PAGE_FLAGS_H: FLAGS, UAPI_H: NUMBERS, INTERNAL_H: NUMBERS}


def rules_of(how: str) -> tuple[str, ...]:
    return READ_BY.get(SPOILT[how][0][0], ())


def laid_together(version: str, rules: tuple[str, ...]) -> Case:
    """The files that the cases of some rules bring, each under a name of its own."""
    whole = Case("together", "files of many cases", (version,))
    for name in rules:
        for path in sorted((rulebook.load(name).folder / "cases").glob("*.case")):
            case = cases.load(path)
            if version in case.trees and not case.edits and "page-flags.h" in str(case):
                for file, text in case.after.items():
                    stem, _, suffix = file.rpartition(".")
                    whole.after[f"{stem}_{len(whole.after)}.{suffix}"] = text
    assert len(whole.after) > 4
    return whole


def changes(version: str) -> Case:
    """The edits of some cases as one patch."""
    whole = Case("changes", "edits of some cases", (version,))
    rules = rulebook.load("kpf-abi").folder.parent
    for name in CHANGES:
        case = cases.load(rules / name)
        assert version in case.trees
        for path, pairs in case.edits.items():
            whole.edits.setdefault(path, []).extend(pairs)
    return whole


def fitting(case: Case, view: View) -> Case:
    """The case without the edits whose old text is not there any more."""
    kept: dict[str, list[tuple[str, str]]] = {}
    for path, pairs in case.edits.items():
        text = (view.read(path) or b"").decode("utf-8", "surrogateescape")
        fits = [(old, new) for old, new in pairs if text.count(old) == 1]
        if fits:
            kept[path] = fits
    return replace(case, edits=kept)


def review(case: Case, tree: Tree, rules: tuple[str, ...] = ()) -> Report:
    read = tree.view("HEAD").read
    series = cases.series(case, read)
    with apply_series(series, tree, base="HEAD") as applied:
        assert applied.patches[0].applied
        chosen = [r for r in rulebook.choose() if not rules or r.name in rules]
        context = {"earlier": (), "tree": tree}
        outcome = engine.review(series, applied, chosen, context=context)
    assert outcome.crashed == ()
    report = worded(outcome.report)
    assert len(report.findings) == len(outcome.report.findings), "words are missing"
    return report


def listed(report: Report) -> list[Expected]:
    return [
        Expected(f.file, f.line, f.rule, f.severity.value, f.confidence.value)
        for f in report.findings
    ]


def made_up(found: list[Expected], right: list[Expected]) -> list[Expected]:
    """The findings that are not among the right ones, or graver or surer than there."""
    left = list(right)
    wrong = []
    for one in found:
        match = next((other for other in left if is_less(one, other)), None)
        if match is None:
            wrong.append(one)
        else:
            left.remove(match)
    return wrong


def is_less(one: Expected, other: Expected) -> bool:
    return (
        (one.file, one.line, one.rule) == (other.file, other.line, other.rule)
        and SEVERITIES.index(one.severity) >= SEVERITIES.index(other.severity)
        and CONFIDENCES.index(one.confidence) >= CONFIDENCES.index(other.confidence)
    )


# Named instead of the file that is gone
BUILT_BY = {"no makefile of proc": ("fs/proc/page.c",)}
# What is cut off may never have been there: nobody can tell
UNSEEN = ("half of page-flags.h", "Kconfig of another form")


def accounted_for(how: str, report: Report) -> bool:
    """Whether the report names a spoilt file as what was not read, or a reason."""
    paths = (*SPOILT[how][0], *BUILT_BY.get(how, ()))
    return how in UNSEEN or any(
        skipped.file in paths or any(path in skipped.why for path in paths)
        for skipped in report.not_checked
    )


# --- tests ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(linux_6_12: Path) -> Iterator[Tree]:
    """The tree as it is; what was read and searched in it is remembered."""
    with open_tree(linux_6_12) as tree:
        yield tree


@pytest.mark.parametrize("how", [how for how in SPOILT if rules_of(how)])
def test_files_that_cases_bring(how: str, whole: Tree) -> None:
    rules = rules_of(how)
    case = laid_together("6.12", rules)
    tree = spoilt(whole, how)
    report = review(case, tree, rules)
    found, right = listed(report), case.expected(tree.view("HEAD").read)
    assert made_up(found, right) == []
    if len(found) < len(right):
        assert accounted_for(how, report)


@pytest.mark.parametrize("how", SPOILT)
def test_changes_of_the_tree_itself(how: str, whole: Tree, unspoilt: Report) -> None:
    tree = spoilt(whole, how)
    report = review(fitting(changes("6.12"), tree.view("HEAD")), tree)
    found = [replace(one, line=0) for one in listed(report)]
    assert made_up(found, [replace(one, line=0) for one in listed(unspoilt)]) == []
    if len(found) < len(unspoilt.findings):
        assert accounted_for(how, report)


@pytest.fixture(scope="module")
def unspoilt(whole: Tree) -> Report:
    """What the changes get in the tree as it is."""
    report = review(changes("6.12"), whole)
    assert {one.rule for one in report.findings} >= {
        "pageflags-enum-growth",
        "kpf-abi",
        "missing-stub",
        "undeclared-under-config",
        "config-gated-helper",
        "missed-per-page-flag",
        "undocumented-change",
    }
    return report
