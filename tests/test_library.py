# SPDX-License-Identifier: GPL-2.0-or-later
"""The Python door: the examples of its guide run, and it says what the command does."""

from __future__ import annotations

import json
import mailbox
import re
import shutil
from pathlib import Path

import pytest

from reviewer import api, errors
from reviewer.cli import main
from reviewer.commands import guides
from reviewer.commands.demo import FOLDER

GUIDE = (guides.FOLDER / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder with a kernel, a series for it, and a file without a patch."""
    shutil.copytree(FOLDER / "tree", tmp_path / "linux")
    shutil.copy(FOLDER / "series.mbox", tmp_path)
    (tmp_path / "notes.txt").write_text("no mail\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fingerprints(report) -> list[str]:
    return [finding["fingerprint"] for finding in report["findings"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[-2])
def test_an_example_runs(here, capsys, example: str) -> None:
    exec(compile(example, "api.md", "exec"), {})
    assert capsys.readouterr().out.strip()


def test_there_is_an_example_of_each_function() -> None:
    assert len(EXAMPLES) == 4
    for name in api.FOR_PROGRAMS:
        assert name in ("Opened",) or f"{name}" in GUIDE
        assert getattr(api, name)
    with pytest.raises(AttributeError):
        api.no_such_name  # noqa: B018


def test_it_says_what_the_command_says(here, capsys) -> None:
    words = ["series.mbox", "--tree", "linux", "--offline", "--format", "json"]
    status = main(words)
    told = json.loads(capsys.readouterr().out)
    mails = [mail.as_bytes() for mail in mailbox.mbox("series.mbox")]
    with api.open("linux") as opened:
        (done,) = api.review("series.mbox", opened)
        (raw,) = api.review(mails, opened)
    assert (done.status, done.error) == (status, None)
    assert status == 1
    assert api.as_data(done)["report"] == told == json.loads(api.report(done))
    assert fingerprints(api.as_data(raw)["report"]) == fingerprints(told)


def test_rules_are_chosen_as_on_the_command_line(here) -> None:
    with api.open("linux", select=["bit-number-*"]) as opened:
        (done,) = api.review("series.mbox", opened)
    assert {finding.rule for finding in done.report.findings} == {"bit-number-as-mask"}


def test_without_a_tree_what_needs_one_is_not_checked(here) -> None:
    with api.open() as opened:
        (done,) = api.review("series.mbox", opened)
    assert done.report.tree.kind == "none"
    assert done.report.not_checked
    assert done.status == 3


def test_a_series_that_cannot_be_read_is_a_review_with_an_error(here) -> None:
    text = Path("series.mbox").read_text()
    torn = re.sub(r"^@@ .*$", "@@ -1,900 +1,900 @@", text, flags=re.M)
    with api.open("linux") as opened:
        (done,) = api.review([torn.encode()], opened)
    assert done.status == 3
    if done.report is None:
        assert done.error
        assert api.report(done) == ""


def test_what_is_wrong_is_one_error_that_says_it(here) -> None:
    with pytest.raises(errors.TreeError):
        api.open("linux", here / "linux" / "no-such-folder")
    with pytest.raises(errors.UsageError):
        api.open("linux", select=["no-such-rule"])
    with api.open("linux") as opened, pytest.raises(errors.InputError):
        api.review("notes.txt", opened)
