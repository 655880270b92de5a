# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, from a message-id in a real archive to the draft reply."""

from __future__ import annotations

import email
import email.policy
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent


def _story():
    spec = importlib.util.spec_from_file_location("story", TOP / "tests/story.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


story = _story()
SIGNED = "\n\nSigned-off-by: Nadia Newcomer <nadia@example.org>"


def kpf(*arguments, env=None, cwd=None, stdin=b""):
    """Run the command as a user does; returns the finished process."""
    command = [sys.executable, "-m", "reviewer.cli", *map(str, arguments)]
    environment = dict(env or os.environ) | {"PYTHONPATH": str(TOP)}
    return subprocess.run(
        command, env=environment, cwd=cwd, input=stdin, capture_output=True, timeout=120
    )


def found(done) -> list[tuple]:
    """(rule, line, patch) of the findings in --format json, infos left out."""
    report = json.loads(done.stdout)
    assert report["schema"] == 1
    return [
        (finding["rule"], finding["line"], finding["patch"])
        for finding in report["findings"]
        if finding["severity"] != "info"
    ]


def mail(message_id, subject, body, reply_to=None) -> bytes:
    """A mail of ours to the list."""
    lines = [
        f"Message-ID: <{message_id}>",
        "From: Rita Reviewer <rita@example.org>",
        "To: Nadia Newcomer <nadia@example.org>",
        "Cc: linux-mm@lists.example.org",
        "Date: Mon, 4 Mar 2024 12:00:00 +0000",
        f"Subject: {subject}",
    ]
    if reply_to:
        lines += [f"In-Reply-To: <{reply_to}>", f"References: <{reply_to}>"]
    return ("\n".join(lines) + "\n\n" + body).encode()


def message_id(raw: bytes) -> str:
    return email.message_from_bytes(raw)["Message-Id"].strip("<>")


def with_changelog(mails: list[bytes]) -> list[bytes]:
    """The mails with a word on what is new, as one writes it before sending."""
    return [raw.replace(b"\n---\n", b"\n---\nRebased.\n\n", 1) for raw in mails]


def body_of(raw: bytes) -> str:
    text = raw.decode().split("\n\n", 1)[1]
    return text[text.index("diff --git") :]


@pytest.fixture(scope="session")
def revisions(linux_6_1, tmp_path_factory):
    """v2 (with a cover letter) and v3 (without) of our series, and the trees."""
    folder = tmp_path_factory.mktemp("story")
    repo = story.clone(linux_6_1, folder / "linux")
    story.commit(
        repo,
        story.PAGE_C,
        story.REWRITE,
        "proc: rewrite stable_page_flags()\n\nTake one snapshot." + SIGNED,
    )
    third = with_changelog(story.format_patch(repo, "-v3"))
    story.commit(
        repo,
        story.PAGE_C,
        [("\t * compound pages: export", "\t * Compound pages: export")],
        "proc: begin a sentence with a capital\n\nIt reads better." + SIGNED,
    )
    second = with_changelog(
        story.format_patch(
            repo, "-v2", "--cover-letter", "--cover-from-description=none"
        )
    )
    return repo, second, third


@pytest.fixture(scope="session")
def counter_patch(revisions, linux_6_1, tmp_path_factory):
    """A reply to v3 with the "remedy" as a diff after quoted text."""
    repo = story.clone(linux_6_1, tmp_path_factory.mktemp("counter") / "linux")
    edits = story.apply_edits(
        (repo / story.PAGE_C).read_text(), [*story.REWRITE[:2], *story.NESTED]
    )
    (repo / story.PAGE_C).write_text(edits)
    subprocess.check_call(["git", "-C", repo, "commit", "-qam", "remedy"])
    diff = body_of(story.format_patch(repo)[0]).split("\n-- \n")[0]
    text = (
        "On Mon, Mar 4, 2024, Nadia Newcomer wrote:\n"
        "> +\tif (mapping & PAGE_MAPPING_KSM)\n\n"
        "This should do it:\n\n"
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
        "From: Mina Maintainer <mina@example.org>\n"
        "Subject: [PATCH] proc: nest the KSM test\n\n"
        "It is only asked of anonymous pages.\n\n"
        "Signed-off-by: Mina Maintainer <mina@example.org>\n\n" + diff
    )
    reply_to = message_id(revisions[2][0])
    return mail("counter-1@example.org", "Re: [PATCH v3] proc", text, reply_to)


@pytest.fixture(scope="session")
def archive(inbox, revisions, counter_patch):
    _, second, third = revisions
    inbox.add([*second, *third, counter_patch])
    return inbox


def rules_on(done) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for rule, line, _ in found(done):
        out.setdefault(rule, []).append(line)
    return out


def test_a_message_id_with_a_cover_letter(archive, revisions, linux_6_1):
    _, second, _ = revisions
    done = kpf(
        message_id(second[0]), "--tree", linux_6_1, "--format", "json", env=archive.env
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["series"]["version"] == 2
    assert [patch["applied"] for patch in report["series"]["patches"]] == [True, True]
    assert report["tree"]["how"] in ("blobs", "worktree")
    assert report["tree"]["kernel"].startswith("6.1.")
    assert {finding["patch"] for finding in report["findings"]} == {1}
    assert {"mask-vs-equality", "bit-number-as-mask"} <= rules_on(done).keys()


def test_a_message_id_without_a_cover_letter(archive, revisions, linux_6_1):
    """The story's rewrite: the right lines, and nothing about head and tail."""
    done = kpf(
        f"https://lore.kernel.org/linux-mm/{message_id(revisions[2][0])}/",
        "--tree", linux_6_1, "--format", "json", env=archive.env,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    rules = rules_on(done)
    assert len(rules["mask-vs-equality"]) == 1
    assert len(rules["bit-number-as-mask"]) == 1
    findings = {f["rule"]: f for f in json.loads(done.stdout)["findings"]}
    assert "PAGE_MAPPING_KSM" in findings["mask-vs-equality"]["code"]
    assert "k & PG_lru" in findings["bit-number-as-mask"]["code"]
    assert "compound-three-cases" not in rules


def test_the_proof_has_the_four_states(archive, revisions, linux_6_1):
    done = kpf(
        message_id(revisions[2][0]), "--tree", linux_6_1, "--format", "json",
        "--select", "mask-vs-equality", env=archive.env,
    )  # fmt: skip
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["confidence"] == "proved"
    assert [row[0] for row in finding["proof"]["rows"]] == ["00", "01", "10", "11"]


def test_a_counter_patch_in_a_reply(archive, linux_6_1):
    """Reviewed by its own message-id: the nested test is still wrong."""
    done = kpf(
        "counter-1@example.org", "--tree", linux_6_1, "--format", "json",
        "--select", "mask-vs-equality", env=archive.env,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    (finding,) = report["findings"]
    assert finding["code"].strip() == "if (mapping & PAGE_MAPPING_KSM)"


def test_the_thread_names_the_counter_patch(archive, revisions, linux_6_1):
    done = kpf(message_id(revisions[2][0]), "--tree", linux_6_1, env=archive.env)
    assert b"counter-1@example.org" in done.stderr


def test_drafts_are_written_and_never_overwritten(
    archive, revisions, linux_6_1, tmp_path
):
    arguments = (
        message_id(revisions[1][0]), "--tree", linux_6_1, "--output", tmp_path / "d"
    )  # fmt: skip
    assert kpf(*arguments, env=archive.env).returncode == 1
    (draft,) = (tmp_path / "d").iterdir()
    reply = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default)
    original = message_id(revisions[1][1])
    assert reply["In-Reply-To"] == f"<{original}>"
    assert original in reply["References"]
    assert reply["Subject"].startswith("Re: [PATCH v2 1/2] ")
    assert "nadia@example.org" in reply["To"]
    assert "linux-mm@lists.example.org" in reply["Cc"]
    before = draft.read_bytes()
    again = kpf(*arguments, env=archive.env)
    assert again.returncode == 2
    assert draft.read_bytes() == before
    assert again.stderr.count(b"\n") == 1


def test_the_right_fixes_stay_silent(linux_6_1, tmp_path):
    """Both forms of the fix of 2026: all of the field, or one bit under the guard."""
    wrong = "\t\tif (mapping & PAGE_MAPPING_KSM)\n"
    for number, right in enumerate(
        (
            "\t\tif ((mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM)\n",
            "\t\tif (mapping & PAGE_MAPPING_MOVABLE)\n",
        )
    ):
        repo = story.clone(linux_6_1, tmp_path / f"linux{number}")
        nested = [(old, new.replace(wrong, right)) for old, new in story.NESTED]
        story.commit(
            repo, story.PAGE_C, [*story.REWRITE[:2], *nested], "proc: test" + SIGNED
        )
        patch = tmp_path / f"{number}.patch"
        patch.write_bytes(story.format_patch(repo)[0])
        done = kpf(
            patch, "--tree", linux_6_1, "--format", "json",
            "--select", "mask-vs-equality", "--select", "mask-precedence",
            "--select", "bit-number-as-mask",
        )  # fmt: skip
        assert (done.returncode, found(done)) == (0, []), right


def test_the_precedence_form(linux_6_1, tmp_path):
    repo = story.clone(linux_6_1, tmp_path / "linux")
    wrong = "\tif (mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM)\n"
    edits = [*story.REWRITE[:2], ("\tif (PageKsm(page))\n", wrong)]
    story.commit(repo, story.PAGE_C, edits, "proc: test" + SIGNED)
    patch = tmp_path / "one.patch"
    patch.write_bytes(story.format_patch(repo)[0])
    done = kpf(patch, "--tree", linux_6_1, "--format", "json")
    assert "mask-precedence" in rules_on(done)


def test_scanning_the_released_kernels(linux_6_1, linux_6_12):
    paths = ("fs/proc/page.c", "include/linux/page-flags.h")
    done = kpf("scan", *paths, "--tree", linux_6_12, "--format", "json")
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "mask-vs-equality"
    assert finding["file"] == "fs/proc/page.c"
    assert "PAGE_MAPPING_KSM" in finding["code"]
    assert finding["confidence"] == "proved"
    assert done.returncode == 1
    old = kpf("scan", *paths, "--tree", linux_6_1, "--format", "json")
    assert (old.returncode, json.loads(old.stdout)["findings"]) == (0, [])


# --- what goes wrong --------------------------------------------------------------

DEMO = TOP / "reviewer/demo"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def bad_files(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "picture.png").write_bytes(PNG)
    (tmp_path / "hello.eml").write_bytes(mail("h@example.org", "hello", "No diff.\n"))
    whole = (DEMO / "series.mbox").read_bytes()
    (tmp_path / "truncated.mbox").write_bytes(whole[: whole.index(b"@@ -11") + 300])
    (tmp_path / "other.patch").write_bytes(
        mail(
            "o@example.org",
            "[PATCH] other: project",
            "Text.\n---\ndiff --git a/src/x.c b/src/x.c\n"
            "index 1111111..2222222 100644\n"
            "--- a/src/x.c\n+++ b/src/x.c\n"
            "@@ -1,2 +1,2 @@\n int x;\n-int y;\n+int z;\n",
        )
    )
    (tmp_path / "no-kernel").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("no-such-file.mbox",), 2),
        (("./no-such-file.mbox",), 3),
        (("empty",), 3),
        (("picture.png",), 3),
        (("hello.eml",), 3),
        (("truncated.mbox", "--tree", DEMO / "tree"), 3),
        (("other.patch", "--tree", DEMO / "tree"), 3),
        ((DEMO / "series.mbox", "--tree", "no-kernel"), 3),
        (("$(touch pwned)@example.org", "--offline"), 3),
        (("a;b|c`d`@example.org", "--offline"), 3),
        (("x@example.org", "--offline"), 3),
        ((DEMO / "series.mbox", "--select", "no-such-rule"), 2),
        ((DEMO / "series.mbox", "--format", "nonsense"), 2),
        ((DEMO / "series.mbox", "--tree", DEMO / "tree", "--base=--all"), 3),
    ],
)
def test_bad_input_gets_one_clear_line(bad_files, arguments, status):
    done = kpf(*arguments, cwd=bad_files)
    said = done.stderr.decode()
    assert done.returncode == status, said
    assert "Traceback" not in said
    errors = [line for line in said.splitlines() if line.startswith("kpf-review")]
    assert len(errors) == 1, said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said)
    assert not (bad_files / "pwned").exists()


def test_findings_are_shown_though_a_patch_does_not_apply(tmp_path):
    """1/2 of the demo applies, 2/2 does not: exit 3, the findings of 1/2 stand."""
    whole = (DEMO / "series.mbox").read_text()
    broken = whole.replace(
        '	[KPF_LRU]		= "l:lru",', '	[KPF_LRU]		= "other",'
    )
    (tmp_path / "series.mbox").write_text(broken)
    done = kpf(tmp_path / "series.mbox", "--tree", DEMO / "tree", "--format", "json")
    assert done.returncode == 3
    assert ("mask-vs-equality", 1) in {(r, p) for r, _, p in found(done)}
    (why,) = [
        entry["why"]
        for entry in json.loads(done.stdout)["not_checked"]
        if entry["file"] == "tools/mm/page-types.c"
    ]
    assert "page-types.c" in why or "hunk" in why


def test_offline_says_that_it_did_not_fetch(archive):
    done = kpf("never-fetched@example.org", "--offline", env=archive.env)
    assert done.returncode == 3
    assert b"offline" in done.stderr


def test_offline_uses_what_b4_has_cached(archive, revisions):
    wanted = message_id(revisions[1][0])
    assert kpf(wanted, env=archive.env).returncode in (0, 1, 3)
    done = kpf(wanted, "--offline", env=archive.env)
    assert b"offline" not in done.stderr


def test_an_unknown_message_id(archive):
    done = kpf("nobody@example.org", env=archive.env)
    assert done.returncode == 3
    assert b"nobody@example.org" in done.stderr


def test_stdin(linux_6_1, revisions):
    done = kpf("-", "--tree", linux_6_1, "--format", "json", stdin=revisions[2][0])
    assert done.returncode == 1
    assert "mask-vs-equality" in rules_on(done)
