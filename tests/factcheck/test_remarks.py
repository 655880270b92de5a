# SPDX-License-Identifier: GPL-2.0-or-later
"""What in a mail is a remark, and which lines it stands under."""

from __future__ import annotations

import pytest

from reviewer.factcheck.remarks import remarks
from reviewer.mail import series_from_messages
from tests.factcheck.conftest import SENDER, answer, patch_mail, quote

DIFF = """\
diff --git a/fs/one.c b/fs/one.c
index 1111111..2222222 100644
--- a/fs/one.c
+++ b/fs/one.c
@@ -10,6 +10,8 @@ int one(struct one *o)
 \tint ret;

 \tret = first(o);
+\tif (ret)
+\t\treturn ret;
 \tsecond(o);
 \treturn 0;
 }
"""
HEAD = """\
Thank you! The review found 2 potential issue(s):
- [High] The first thing.
- [Low] The second thing.
--

commit 0123456789abcdef0123456789abcdef01234567
Author: Ann Author <ann@example.org>

fs: make it so

This commit returns early.

"""


def told(*bodies: str, **options):
    series = series_from_messages(
        [patch_mail(DIFF), *(answer(one, **options) for one in bodies)]
    )
    return remarks(series)


def test_a_robots_list_and_the_commit_again_are_no_remarks() -> None:
    body = HEAD + quote(DIFF[: DIFF.index("\tsecond")]) + "\nIs this leaked?\n"
    (found,) = told(body)
    assert found.text == "Is this leaked?"
    assert found.anchor is not None
    assert found.anchor.lines[-1] == "+\t\treturn ret;"
    assert found.anchor.file == "fs/one.c"


def test_each_severity_begins_a_remark() -> None:
    body = (
        HEAD
        + quote("+\t\treturn ret;")
        + (
            "\n[Severity: High]\nIs this leaked?\n\nIt may be.\n\n"
            "[Severity: Low]\nIs this tested?\n"
        )
    )
    first, second = told(body)
    assert (first.severity, first.first_line) == ("high", "Is this leaked?")
    assert (second.severity, second.number) == ("low", 2)
    assert first.anchor == second.anchor


@pytest.mark.parametrize("word", ["Additionally", "Lastly", "On a related note"])
def test_a_text_that_goes_on_to_another_matter_is_two_remarks(word: str) -> None:
    first, second = told(
        quote("+\t\treturn ret;") + f"\nIs this leaked?\n\n{word}, is it locked?\n"
    )
    assert first.text == "Is this leaked?"
    assert second.text == f"{word}, is it locked?"


def test_a_remark_that_quotes_nothing_is_kept_with_its_severity() -> None:
    (found,) = told(HEAD + "[Severity: High]\nIs second() safe here?\n")
    assert found.first_line == "Is second() safe here?"
    assert found.anchor is None
    assert found.patch is not None


@pytest.mark.parametrize(
    "body",
    [
        "The review found no issues. It looks great!\n",
        quote("It is needed.") + "\nReviewed-by: Review Bot <review-bot@example.net>\n",
        HEAD,
        "",
        "\n".join(["[Severity: High]"] * 50),
    ],
)
def test_praise_tags_and_form_are_no_remarks(body: str) -> None:
    assert told(body) == ()


def test_form_below_a_mail_and_carets_are_no_remarks() -> None:
    body = quote("+\t\treturn ret;") + (
        "   ^^^^^^\nIs this leaked?\n\n---\nA robot wrote this.\nSee: example.net\n"
    )
    (found,) = told(body)
    assert found.text == "Is this leaked?"


def test_the_sender_makes_no_remarks_and_people_need_a_quoted_line() -> None:
    body = quote("+\t\treturn ret;") + "\nIs this leaked?\n"
    assert told(body, sender=SENDER) == ()
    assert len(told(body, sender="Rita Reviewer <rita@example.org>")) == 1
    assert told("Is this needed?\n", sender="Rita Reviewer <rita@example.org>") == ()


def test_hostile_mail_ends_in_time() -> None:
    bodies = ["> " * 3000 + "x\n" + "[Severity: High]\nWhy?\n" * 3000, "--\n" * 5000]
    bodies.append("--\ncommit abcdef12\n" * 2000)
    assert len(told(*bodies)) <= 2000
