# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that nearly applies is judged as far as that goes, and nothing is proved."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import case_language as cases
import pytest
from msgspec.structs import replace

from reviewer import engine, rulebook
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

TOP = Path(__file__).parent.parent
SIGNED = "\n\nSigned-off-by: Nadia Newcomer <nadia@example.org>"
# Lines around the maintainer's changes that Debian's 6.1 has otherwise than the tree
# that the story's own patch was made for.
OTHER_CONTEXT = (
    (" * Note that page->_mapcount is overloaded in", "SLOB/SLUB/SLQB", "SLAB"),
    (" * -1 on the head page;", "SLUB/SLQB", "SLUB"),
    ("if (PageTail(page) && ", "PageSlab(compound_head(page))", "PageSlab(page)"),
)


def _story():
    spec = importlib.util.spec_from_file_location("story", TOP / "tests/story.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


story = _story()


def kpf(*arguments, cwd=None):
    command = [sys.executable, "-m", "reviewer.cli", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    return subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, timeout=120
    )


def report(*arguments) -> dict:
    done = kpf(*arguments, "--format", "json")
    assert done.returncode in (0, 1, 3), done.stderr
    return json.loads(done.stdout)


def other_context(text: str) -> str:
    """The mail as if its author's tree had other lines about the changes."""
    lines = text.split("\n")
    changed = 0
    for number, line in enumerate(lines):
        for start, old, new in OTHER_CONTEXT:
            if line.startswith(" ") and start in line and old in line:
                lines[number] = line.replace(old, new)
                changed += 1
    assert changed == len(OTHER_CONTEXT)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def rewrite(linux_6_1, tmp_path_factory):
    """(the story's rewrite as it applies to 6.1, the same with three other lines)."""
    folder = tmp_path_factory.mktemp("rewrite")
    repo = story.clone(linux_6_1, folder / "linux")
    edits = (*story.REWRITE, *FURTHER)
    story.commit(repo, story.PAGE_C, edits, "proc: rewrite it" + SIGNED)
    (mail,) = story.format_patch(repo, "--unified=10")
    exact, nearly = folder / "exact.mbox", folder / "nearly.mbox"
    exact.write_bytes(mail)
    text = mail.decode()
    # the author's own tree: its blobs are in nobody's repository
    text = "\n".join(
        "index 111111111111..222222222222 100644" if one.startswith("index ") else one
        for one in text.split("\n")
    )
    nearly.write_text(other_context(text))
    return exact, nearly


# one more change of the story's, so that all three lines are context of some hunk
FURTHER = (
    (
        "\tu |= kpf_copy_bit(k, KPF_ERROR,\t\tPG_error);\n",
        "\tu |= kpf_copy_bit(k, KPF_ERROR, PG_error);\n",
    ),
)


def remarks(found: dict) -> set[tuple]:
    """What is said, but for how sure it is."""
    return {
        (f["rule"], f["severity"], f["line"], f["code"], f["preexisting"])
        for f in found["findings"]
    }


def test_every_remark_of_the_exact_one_is_made(rewrite, linux_6_1):
    exact, nearly = (
        report(path, "--tree", linux_6_1, "--base", "HEAD") for path in rewrite
    )
    (patch,) = exact["series"]["patches"]
    assert (patch["applied"], patch["how"]) == (True, "exact")
    (patch,) = nearly["series"]["patches"]
    assert (patch["applied"], patch["how"]) == (False, "fuzz")
    assert len(remarks(exact)) >= 5
    assert remarks(nearly) == remarks(exact)
    sure = {f["rule"]: f["confidence"] for f in exact["findings"]}
    assert sure["bit-number-as-mask"] == sure["mask-vs-equality"] == "proved"
    of_code = [f for f in nearly["findings"] if f["file"]]
    assert {f["confidence"] for f in of_code} <= {"likely", "question"}
    assert all(f["proof"] is None for f in of_code)
    (said,) = [n for n in nearly["not_checked"] if n["file"] == story.PAGE_C]
    assert "applied only nearly" in said["why"]


def test_quotes_are_the_mails_and_stand_under_the_right_line(rewrite, linux_6_1):
    path = rewrite[1]
    done = kpf(path, "--tree", linux_6_1, "--base", "HEAD", "--format", "mail")
    draft = done.stdout.decode().split("\n")
    mail = path.read_text().split("\n")
    quoted = [line[2:] for line in draft if line.startswith("> ")]
    assert set(quoted) - set(mail) == {"[...]"}
    assert len(quoted) > 10
    for code, words in (
        ("mapping & PAGE_MAPPING_KSM)", "PAGE_MAPPING_KSM is 3"),
        (
            "if ((k & PG_lru) || (mapping & PAGE_MAPPING_ANON))",
            "PG_lru is a bit number",
        ),
        ("k = folio->flags;", "PG_hwpoison is set on single pages"),
    ):
        (at,) = (
            number
            for number, line in enumerate(draft)
            if line.startswith("> +") and line.endswith(code)
        )
        below = [line for line in draft[at + 1 :] if line and line[0] != ">"]
        assert below[0].startswith(words)


# --- every rule ---------------------------------------------------------------------

KERNEL = {  # what makes a folder a kernel
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += lib/\n",
    "include/linux/kernel.h": "#include <linux/bits.h>\n",
    "include/linux/bits.h": "#define BIT(nr) (1UL << (nr))\n",
}
RANKS = ["question", "likely", "proved"]


def otherwise(diff: str) -> str:
    """The diff as if its author had another line at the outer end of each hunk."""
    lines = diff.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("@@") and all(
            near.startswith(" ") for near in lines[number + 1 : number + 4]
        ):
            lines[number + 1] += " /* other */"
    return "\n".join(lines)


def judged(series, tree):
    applied = apply_series(series, tree, base=None)
    outcome = engine.review(series, applied, rulebook.choose(preview=True))
    assert outcome.crashed == ()
    return applied.patches[0], outcome.report


def small_cases():
    """Cases with a tree of their own whose hunks have three lines of context above."""
    for name in rulebook.names():
        for path in sorted((rulebook.load(name).folder / "cases").glob("*.case")):
            case = cases.load(path)
            if case.trees or case.mails:
                continue
            diff = cases.series(case, cases.reader(case.before)).patches[0].diff
            if otherwise(diff) != diff:
                yield pytest.param(case, id=f"{name}/{case.name}")


def test_there_are_such_cases():
    assert len(list(small_cases())) >= 15


@pytest.mark.parametrize("case", list(small_cases()))
def test_no_rule_says_more_or_surer_of_what_nearly_applies(case, tmp_path):
    for path, text in {**KERNEL, **case.before}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(cases.without_marks(text))
    with open_tree(tmp_path) as tree:
        series = cases.series(case, tree.view(None).read)
        (patch,) = series.patches
        other = replace(patch, diff=otherwise(patch.diff))
        _, exact = judged(series, tree)
        step, near = judged(replace(series, patches=(other,)), tree)
    assert (step.applied, step.nearly) == (False, True)
    sure = {key_of(found): found.confidence for found in exact.findings}
    unlike = {change.path for change in step.changes if change.how != "exact"}
    whole = {one for one in rulebook.names() if rulebook.load(one).rule.whole_tree}
    for found in near.findings:
        assert RANKS.index(found.confidence) <= RANKS.index(sure[key_of(found)])
        assert found.confidence != "proved" or found.file not in unlike
        assert found.rule not in whole
    silent = {f.rule for f in exact.findings} - {f.rule for f in near.findings}
    # which say something of the tree around the hunks, too
    assert silent <= {*whole, "unknown-config-symbol", "kernel-doc-mismatch"}


def key_of(found):
    return found.rule, found.file, found.line, found.preexisting, found.message


# --- when another part fails --------------------------------------------------------

SMALL = {
    **KERNEL,
    "include/linux/gone.h": "#define KEPT 1\n#define GONE 2\n#define LAST 3\n",
    "lib/Makefile": "obj-y += user.o\n",
    "lib/user.c": "#include <linux/gone.h>\n\nint user(void)\n{\n\treturn GONE;\n}\n",
    "Documentation/gone.rst": "one\ntwo\nthree\n",
}
REMOVED = (
    "diff --git a/include/linux/gone.h b/include/linux/gone.h\n"
    "--- a/include/linux/gone.h\n+++ b/include/linux/gone.h\n"
    "@@ -1,3 +1,2 @@\n #define KEPT 1\n-#define GONE 2\n #define LAST 3\n"
)
FAILS = (
    "diff --git a/Documentation/gone.rst b/Documentation/gone.rst\n"
    "--- a/Documentation/gone.rst\n+++ b/Documentation/gone.rst\n"
    "@@ -1,3 +1,3 @@\n one\n-zwei\n+deux\n three\n"
)
OPTION = (
    "diff --git a/lib/new.c b/lib/new.c\nnew file mode 100644\n"
    "--- /dev/null\n+++ b/lib/new.c\n@@ -0,0 +1,3 @@\n"
    "+#ifdef CONFIG_NOBODY_HAS_IT\n+int new;\n+#endif\n"
)


@pytest.fixture
def review_of(tmp_path):
    """review_of(diff) -> the JSON report of a mail with that diff."""
    for path, text in SMALL.items():
        (tmp_path / "linux" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "linux" / path).write_text(text)

    def make(diff: str, *options: str) -> dict:
        mail = (
            "Message-ID: <near@example.org>\nFrom: Ann Author <ann@example.org>\n"
            "Date: Mon, 4 Mar 2024 10:00:00 +0000\nSubject: [PATCH] lib: test\n\n"
            "Text.\n\nSigned-off-by: Ann Author <ann@example.org>\n---\n"
        )
        (tmp_path / "one.eml").write_text(mail + diff)
        tree = ("--tree", tmp_path / "linux")
        return report(tmp_path / "one.eml", *tree, "--ignore", "submission-*", *options)

    return make


def test_nothing_is_said_of_the_rest_of_the_tree_where_a_hunk_fails(review_of):
    whole = review_of(REMOVED)
    assert [f["rule"] for f in whole["findings"]] == ["undeclared-under-config"]
    assert whole["findings"][0]["confidence"] == "proved"
    assert whole["not_checked"] == []
    part = review_of(REMOVED + FAILS)
    assert part["findings"] == []
    assert part["series"]["patches"][0]["how"] == "hunks"
    (said,) = [n for n in part["not_checked"] if n["what"] == "the rest of the tree"]
    assert "undeclared-under-config" in said["why"]


def test_an_option_that_the_tree_lacks_may_be_in_the_authors(review_of):
    (found,) = review_of(OPTION)["findings"]
    assert (found["rule"], found["confidence"]) == ("unknown-config-symbol", "proved")
    part = review_of(OPTION + FAILS)
    assert part["findings"] == []
    assert "unknown-config-symbol" in {n["what"] for n in part["not_checked"]}


@pytest.mark.parametrize(
    ("blob", "told"),
    [
        ("the tree's", ("medium", "proved")),
        ("another", ("info", "question")),
    ],
)
@pytest.mark.parametrize("kind", ["option", "removed"])
def test_what_the_authors_tree_may_have_is_no_more_than_worth_knowing(
    review_of, tmp_path, blob, told, kind
):
    """The diff names the blob of a file: is it this tree's, or of another state?"""
    path = "Documentation/gone.rst" if kind == "option" else "include/linux/gone.h"
    data = (tmp_path / "linux" / path).read_bytes()
    name = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()[:12]
    index = f"index {name if blob != 'another' else '1' * 12}..222222222222 100644\n"
    diff = OPTION + FAILS.replace("zwei", "two") if kind == "option" else REMOVED
    whole = review_of(diff.replace(f"--- a/{path}\n", f"{index}--- a/{path}\n"))
    assert whole["series"]["patches"][0]["how"] == "exact"
    (found,) = whole["findings"]
    if kind == "removed" and blob != "another":
        told = ("high", "proved")
    assert (found["severity"], found["confidence"]) == told


def test_a_second_tree_is_named_in_the_answer(review_of, tmp_path):
    other = tmp_path / "older"
    for path, text in {**SMALL, "Documentation/gone.rst": "one\nzwei\nthree\n"}.items():
        (other / path).parent.mkdir(parents=True, exist_ok=True)
        (other / path).write_text(text)
    found = review_of(REMOVED + FAILS, "--tree", str(other))
    assert found["series"]["patches"][0]["how"] == "exact"
    assert (found["tree"]["name"], found["tree"]["how"]) == ("older", "worktree")
    assert [f["confidence"] for f in found["findings"]] == ["proved"]


def test_the_terminal_says_that_it_applies_only_nearly(review_of, tmp_path):
    slip = "".join(f" \tstep_{n}();\n" for n in range(3)) + "+\tif (flags & 2 == 2)\n"
    slip += "+\t\treturn;\n" + "".join(f" \tstep_{n}();\n" for n in range(3, 6))
    code = "".join(f"\tstep_{n}();\n" for n in range(6))
    code = f"void f(int flags)\n{{\n{code}}}\n"
    (tmp_path / "linux/lib/steps.c").write_text(code)
    diff = "--- a/lib/steps.c\n+++ b/lib/steps.c\n@@ -3,6 +3,8 @@\n" + slip
    diff = diff.replace("step_0", "other")
    found = review_of(diff)
    assert found["series"]["patches"][0]["how"] == "fuzz"
    assert [(f["rule"], f["confidence"]) for f in found["findings"]] == [
        ("mask-precedence", "likely")
    ]
    done = kpf(tmp_path / "one.eml", "--tree", tmp_path / "linux")
    assert done.returncode == 3
    shown = done.stdout.decode()
    assert "applies only nearly: nothing is proved" in shown
    assert "patch 1: lib/steps.c: applied only nearly (fitted in with fuzz 1)" in shown
