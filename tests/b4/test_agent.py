# SPDX-License-Identifier: GPL-2.0-or-later
"""What the agent writes, as b4's own reader takes it in."""

from __future__ import annotations

import argparse
import json
import os

import pytest
from msgspec.structs import replace

from reviewer import mail, output
from reviewer.b4 import agent, branches
from reviewer.errors import OutputError, UsageError
from reviewer.models import Confidence, Judged, NotChecked, Report, Severity
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

WHO = agent.Identity("kpf-review", "kpf-review@localhost")
NAME = "b4/review/20240304-folio"
IDS = ("20240304100500.1-1-nadia@example.org", "20240304100500.1-2-nadia@example.org")


@pytest.fixture
def lab(new_lab, mails):
    """A review branch as b4 makes it, HEAD on main."""
    lab = new_lab(wired=False)
    lab.git("checkout", "-q", "-b", NAME)
    for one in mails[1:]:
        lab.git("am", "-q", stdin=one)
    track(lab, lab.git("rev-parse", "HEAD~1").strip(), [{}, {}])
    lab.git("checkout", "-q", "main")
    return lab


def track(lab, first, reviews, *, amend=False):
    """The tracking commit at the tip of the branch that is checked out."""
    record = {
        "series": {"change-id": "20240304-folio", "first-patch-commit": first},
        "patches": [
            {"header-info": {"msgid": message_id}, "reviews": review}
            for message_id, review in zip(IDS, reviews, strict=True)
        ],
    }
    message = f"cover\n\n{branches.MARKER}\n# b4\n{json.dumps(record, indent=2)}"
    words = ["--amend"] if amend else []
    lab.git("commit", "-q", *words, "--allow-empty", "-m", message)


def waiting(lab):
    """The agent folders that wait for b4, by the commit they are named after."""
    home = lab.repo / ".git/b4-review"
    return {entry.name: entry for entry in home.iterdir()} if home.is_dir() else {}


def taken_in(lab, monkeypatch):
    """What b4 makes of the folder: its record after taking it in."""
    import b4.review._review as review

    for name, value in lab.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(lab.repo)
    b4 = review.b4
    b4.setup_config(argparse.Namespace(config={}))
    top = str(lab.repo)
    branch = branches.read(lab.repo, NAME)
    cover, tracking = review.load_tracking(top, NAME)
    shas = lab.git("rev-list", "--reverse", branch.range).split()
    took = review._integrate_agent_reviews(
        top, cover, tracking, shas, tracking["patches"], branch=NAME
    )
    assert took
    return review.load_tracking(top, NAME)[1]


def test_b4_finds_every_comment_at_its_line(lab, monkeypatch):
    said = lab.kpf("agent", "Read and execute the prompt from /x/prompt.md")
    assert "remarks on 1 of 2 patches" in said
    assert lab.stderr == ""
    tip = lab.git("rev-parse", NAME).strip()
    assert list(waiting(lab)) == [tip]
    assert sorted(os.listdir(waiting(lab)[tip])) == [
        "0001.txt",
        "identity.txt",
        "series.txt",
    ]
    assert lab.git("rev-parse", NAME).strip() == tip, "b4's record is left alone"
    assert lab.git("status", "--porcelain") == ""
    record = taken_in(lab, monkeypatch)
    review = record["patches"][0]["reviews"][WHO.email]
    assert review["name"] == WHO.name
    assert [
        (c["path"], c["line"], c["content"], c["text"].split()[0])
        for c in review["comments"]
    ] == [
        (
            "b/fs/proc/page.c",
            29,
            "+\tif (mapping & PAGE_MAPPING_KSM)",
            "PAGE_MAPPING_KSM",
        ),
        (
            "b/fs/proc/page.c",
            38,
            "+\tif (folio_test_large(folio) && (k & PG_lru))",
            "PG_lru",
        ),
    ]
    assert "reviews" not in record["patches"][1] or not record["patches"][1]["reviews"]
    note = record["series"]["reviews"][WHO.email]["note"]
    assert note.startswith("kpf-review: 2 high")
    assert waiting(lab) == {}


def test_a_second_run_repeats_nothing(lab, monkeypatch):
    lab.kpf("agent")
    taken_in(lab, monkeypatch)
    said = lab.kpf("agent")
    assert "nothing new, 1 reviewed before" in said
    assert waiting(lab) == {}


def test_a_run_before_b4_took_it_in_replaces_the_folder(lab):
    lab.kpf("agent")
    first = waiting(lab)
    lab.kpf("agent", "--branch", "20240304-folio")
    assert list(waiting(lab)) == list(first)


def test_an_outdated_folder_of_ours_is_removed_and_no_other(lab):
    home = lab.repo / ".git/b4-review"
    for name, who in (("0" * 40, WHO), ("1" * 40, "Another Agent <a@example.org>")):
        (home / name).mkdir(parents=True)
        (home / name / "identity.txt").write_text(f"{who}\n")
    (home / "metadata.json").write_text("{}")
    said = lab.kpf("agent")
    assert "removed 1 outdated" in said
    tip = lab.git("rev-parse", NAME).strip()
    assert set(os.listdir(home)) == {"1" * 40, "metadata.json", tip}


def test_another_agents_comments_are_not_overwritten(lab):
    tip = lab.git("rev-parse", NAME).strip()
    place = lab.repo / ".git/b4-review" / tip
    place.mkdir(parents=True)
    (place / "identity.txt").write_text("Another Agent <a@example.org>\n")
    lab.kpf("agent", status=2)
    assert "another agent wait there" in lab.stderr
    assert os.listdir(place) == ["identity.txt"]


def test_a_linked_worktree_is_refused(lab, tmp_path):
    """b4 0.16 looks for a folder where .git is a file there."""
    lab.git("worktree", "add", "-q", tmp_path / "linked", NAME)
    lab.kpf("agent", status=2, cwd=tmp_path / "linked")
    assert "linked worktree" in lab.stderr
    assert lab.stderr.count("\n") == 1


def test_outside_of_a_review(new_lab):
    lab = new_lab(wired=False)
    lab.kpf("agent", status=2)
    assert "no review branch" in lab.stderr


@pytest.mark.parametrize(
    "text",
    [
        "rita@example.org",
        "Rita Reviewer",
        "",
        "Rita Reviewer <Rita@Example.org>",
        "kpf\x1b[31m <kpf@localhost>",
        "x <y@sashiko.dev>",
    ],
)
def test_identities_that_are_refused(text):
    with pytest.raises(UsageError):
        agent.identity(text, ["rita@example.org"])


def test_an_identity():
    assert agent.identity("A Tool <tool@example.org>", ["me@example.org"]) == (
        agent.Identity("A Tool", "tool@example.org")
    )


# --- odd comments and odd diffs ------------------------------------------------------


@pytest.fixture
def report(lab):
    """A report without findings on the branch."""
    branch = branches.read(lab.repo, NAME)
    series = mail.open_range(lab.repo, branch.range)
    with open_tree(lab.repo) as tree:
        applied = apply_series(series, tree, base=None)
        from reviewer import engine

        return branch, engine.review(series, applied, ()).report


def at(line, comment, **fields) -> Judged:
    return Judged(
        rule="mask-vs-equality",
        severity=Severity.HIGH,
        confidence=Confidence.PROVED,
        file="fs/proc/page.c",
        line=line,
        message=comment.split("\n")[0],
        comment=comment,
        patch=1,
        **fields,
    )


def written(report_: Report, branch, findings) -> dict[str, str]:
    return dict(agent.files(replace(report_, findings=tuple(findings)), branch, WHO))


def comments(lab, monkeypatch, branch, texts):
    agent.publish(lab.repo, branch, texts, WHO)
    record = taken_in(lab, monkeypatch)
    return record["patches"][0]["reviews"][WHO.email]


ODD = """\
#define is how it begins

> a quote of ours
| a line of a table
# a comment
[ ... ]
diff --git a/x b/x
 indented
the end"""


def test_every_line_of_a_comment_survives(lab, report, monkeypatch):
    branch, empty = report
    texts = written(empty, branch, [at(29, ODD), at(38, "\u2028 x \x1b[2J \x85 y")])
    review = comments(lab, monkeypatch, branch, texts)
    first, second = review["comments"]
    lines = [line.strip() for line in first["text"].split("\n")]
    assert [line for line in lines if line] == [
        "In this place:",
        *(line.strip() for line in ODD.replace("[ ... ]", "[...]").split("\n") if line),
    ]
    # What b4 drops when the person edits the reply begins a line.
    assert not any(
        line.startswith(("#", "|", ">")) for line in first["text"].split("\n")
    )
    assert (second["line"], second["path"]) == (38, "b/fs/proc/page.c")
    assert "\x1b" not in second["text"]
    assert "⟨U+2028⟩ x" in second["text"]


def test_what_is_not_in_the_diff_goes_into_the_note(lab, report, monkeypatch):
    branch, empty = report
    far = at(4, "About another line of the file.", function="other")
    message = replace(at(1, "About the message."), file="")
    texts = written(empty, branch, [far, message, at(29, "Here.")])
    review = comments(lab, monkeypatch, branch, texts)
    assert [c["text"] for c in review["comments"]] == ["Here."]
    assert "About another line of the file." in review["note"]
    assert "About the message." in review["note"]


def test_a_remark_on_a_removed_line(lab, report, monkeypatch):
    branch, empty = report
    removed = next(
        line.old
        for change in empty.patches[0].changes
        for hunk in change.diff.hunks
        for line in hunk.lines
        if line.kind == "-" and "PageKsm" in line.text
    )
    texts = written(empty, branch, [at(removed, "Gone.", removed_line=True)])
    review = comments(lab, monkeypatch, branch, texts)
    (comment,) = review["comments"]
    assert (comment["path"], comment["line"]) == ("a/fs/proc/page.c", removed)
    assert comment["content"] == "-\tif (PageKsm(page))"


def test_lines_that_python_would_split(lab, monkeypatch):
    """A form feed, a lone CR and U+2028 in the code: one line of the diff each.

    The patch has two files: b4 must not take the first one's diff for the note.
    """
    lab.git("checkout", "-q", NAME)
    first = lab.git("rev-parse", "HEAD~2").strip()
    place = lab.repo / "fs/proc/page.c"
    text = place.read_bytes()
    marker = b"\t/* head, tail, or neither */\n"
    assert text.count(marker) == 1
    odd = b"\x0c\n/* a\rb */\n/* \xe2\x80\xa8 */\n/* latin \xf6 */\n"
    place.write_bytes(text.replace(marker, odd + marker))
    lab.git("reset", "-q", "--soft", "HEAD~1")
    lab.git("commit", "-q", "-a", "--amend", "-m", "tools: two\n\nSigned-off-by: x")
    track(lab, first, [{}, {}])
    branch = branches.read(lab.repo, NAME)
    series = mail.open_range(lab.repo, branch.range)
    with open_tree(lab.repo) as tree:
        from reviewer import engine

        applied = apply_series(series, tree, base=None)
        empty = engine.review(series, applied, ()).report
    change = next(c for c in empty.patches[1].changes if c.path == "fs/proc/page.c")
    wanted = max(change.added)
    finding = replace(at(wanted, "After the odd lines."), patch=2)
    texts = written(empty, branch, [finding])
    agent.publish(lab.repo, branch, texts, WHO)
    record = taken_in(lab, monkeypatch)
    (comment,) = record["patches"][1]["reviews"][WHO.email]["comments"]
    assert (comment["line"], comment["text"]) == (wanted, "After the odd lines.")


def test_nothing_to_say_leaves_nothing(report):
    branch, empty = report
    assert written(empty, branch, []) == {}
    unchecked = replace(empty, not_checked=(NotChecked("a rule", "no facts"),))
    assert set(written(unchecked, branch, [])) == {"series.txt", "identity.txt"}
    assert (
        output.summary_line(unchecked) in written(unchecked, branch, [])["series.txt"]
    )


def test_what_the_functions_do_stands_in_the_note(report):
    branch, empty = report
    told = "1 changed function: 1 that differ\n\nx.c:4: f(): differs\n# not kept\n\n"
    note = dict(agent.files(empty, branch, WHO, functions=told))["series.txt"]
    assert "1 changed function: 1 that differ\n\nx.c:4: f(): differs\n" in note
    assert "\n # not kept\n" in note


# --- the branch moves ---------------------------------------------------------------


def test_b4_saves_something_meanwhile(lab, report):
    """The tip has another name, the patches are the same: filed under the new one."""
    branch, empty = report
    lab.git("checkout", "-q", NAME)
    track(lab, branch.first, [{}, {"someone@example.org": {"name": "S"}}], amend=True)
    tip = lab.git("rev-parse", NAME).strip()
    assert tip != branch.tip
    texts = written(empty, branch, [at(29, "Here.")])
    assert agent.publish(lab.repo, branch, texts, WHO).name == tip


def test_the_patches_change_meanwhile(lab, report):
    branch, empty = report
    lab.git("checkout", "-q", NAME)
    lab.git("reset", "-q", "--hard", "HEAD~2")
    lab.git("commit", "-q", "--allow-empty", "-m", "another second patch")
    track(lab, branch.first, [{}, {}])
    texts = written(empty, branch, [at(29, "Here.")])
    with pytest.raises(OutputError, match="other patches"):
        agent.publish(lab.repo, branch, texts, WHO)
    assert waiting(lab) == {}
