"""A patch that nearly applies is judged as far as that goes, and nothing is proved."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    exact, nearly = (
        kpf(path, "--tree", linux_6_1, "--base", "HEAD", "--format", "mail")
        for path in rewrite
    )
    quotes = [
        [line for line in done.stdout.decode().split("\n") if line.startswith("> ")]
        for done in (exact, nearly)
    ]
    mail = rewrite[1].read_text().split("\n")
    assert len(quotes[0]) == len(quotes[1]) > 10
    assert all(line[2:] in mail for line in quotes[1] if line != "> [...]"
               and not line.startswith("> On "))  # fmt: skip
    shown = kpf(rewrite[1], "--tree", linux_6_1).stdout.decode()
    assert "applies only nearly: nothing is proved" in shown
