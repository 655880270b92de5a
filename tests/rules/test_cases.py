# SPDX-License-Identifier: GPL-2.0-or-later
"""Every case of every rule, through the engine, against real trees and small ones.

``tests/case_language.py`` says how a case is written.  All rules that look at files
run over it together: a finding of another rule fails a case as well.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import case_language as cases
import pytest
from case_language import Case, Expected

from reviewer import engine, rulebook
from reviewer.output.words import worded
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

KERNEL = {  # what makes a folder a kernel
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += lib/\n",
    "include/linux/kernel.h": "#include <linux/bits.h>\n",
    "include/linux/bits.h": "#define BIT(nr) (1UL << (nr))\n",
}


# Says of a new file that no makefile builds it, which is true of what most cases add.
NOT_BUILT = "stale-reference"


def all_cases() -> list[object]:
    """Each case once for each tree it names, once by itself if it names none."""
    found = []
    for name in rulebook.names():
        for path in sorted((rulebook.load(name).folder / "cases").glob("*.case")):
            case = cases.load(path)
            for tree in case.trees or (None,):
                label = f"{name}/{case.name}" + (f"@{tree}" if tree else "")
                found.append(pytest.param(name, case, tree, id=label))
    return found


@pytest.fixture
def tree_of(request: pytest.FixtureRequest, tmp_path: Path):
    """The tree that a case is tried on."""

    def tree(case: Case, version: str | None) -> Path:
        if version is not None:
            return request.getfixturevalue(f"linux_{version.replace('.', '_')}")
        for path, text in {**KERNEL, **case.before}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(cases.without_marks(text))
        return tmp_path

    return tree


@pytest.mark.parametrize(("rule", "case", "version"), all_cases())
def test_case(
    rule: str, case: Case, version: str | None, tree_of, tmp_path: Path
) -> None:
    with open_tree(tree_of(case, version)) as tree:
        base = "HEAD" if version else None
        read = tree.view(base).read
        wanted = case.expected(read)
        series = cases.series(case, read)
        with apply_series(series, tree, base=base) as applied:
            assert case.mails or applied.patches[0].applied, applied.patches[0]
            outcome = engine.review(
                series,
                applied,
                rulebook.choose(
                    ignore=() if rule == NOT_BUILT else (NOT_BUILT,), preview=True
                ),
                preexisting=any(one.preexisting for one in wanted),
                context={"earlier": cases.earlier_series(case), "tree": tree},
            )
            assert outcome.crashed == ()
            report = outcome.report
            found = sorted(expected(finding) for finding in report.findings)
            assert as_lines(found) == as_lines(wanted)
            unworded = len(report.findings) - len(worded(report).findings)
            assert unworded == 0, "a template lacks something"
            post = {c.path: c.post for c in applied.patches[0].changes}
    for finding in report.findings:
        if finding.edits:
            assert finding.fix is not None, "the fix does not silence the rule"
            assert_applies(finding.fix, finding.file, post[finding.file], tmp_path)


def expected(finding) -> Expected:
    return Expected(
        finding.file,
        finding.line,
        finding.rule,
        finding.severity.value,
        finding.confidence.value,
        finding.preexisting,
    )


def as_lines(findings: list[Expected]) -> list[str]:
    """One line a finding, so that a failure shows which are too many or too few."""
    return [
        f"{f.file}:{f.line} {f.rule} {f.severity} {f.confidence}"
        + (" preexisting" if f.preexisting else "")
        for f in findings
    ]


def assert_applies(fix: str, path: str, content: bytes, folder: Path) -> None:
    """git applies the suggested diff to the post-image."""
    work = folder / "fix"
    target = work / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    subprocess.run(
        ["git", "apply", "--check", "-"],
        cwd=work,
        input=fix.encode("utf-8", "surrogateescape"),
        check=True,
        env={"GIT_CEILING_DIRECTORIES": str(folder), "PATH": "/usr/bin:/bin"},
    )
