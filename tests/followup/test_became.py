# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of one comment: names, titles and white space that changed."""

from __future__ import annotations

import difflib

import pytest

from reviewer.followup.comments import blocks
from reviewer.followup.follow import Followed, follow
from reviewer.followup.verdict import Fate
from reviewer.mail.postings import revisions

SOB = "Signed-off-by: Ann Author <ann@example.org>"
BEFORE = """\
int wheel_turns(struct wheel *w)
{
\treturn w->turns;
}

int wheel_stop(struct wheel *w)
{
\tint ret;

\tret = wheel_brake(w, WHEEL_FULL);
\tif (ret)
\t\treturn ret;

\treturn 0;
}

int wheel_start(struct wheel *w)
{
\tint ret;

\tret = wheel_push(w);
\tif (ret)
\t\treturn ret;
\tw->running = true;

\treturn 0;
}
"""


def mail(message_id: str, subject: str, body: str, sender: str, above: str) -> bytes:
    lines = [f"From: {sender}", f"Subject: {subject}"]
    lines += [f"Message-ID: <{message_id}@example.org>"]
    lines += ["Date: Mon, 4 Mar 2024 10:00:00 +0000"]
    lines += [f"In-Reply-To: <{above}@example.org>"] if above else []
    return "\n".join([*lines, "", body]).encode()


def added(path: str, text: str) -> str:
    lines = difflib.unified_diff([], text.splitlines(True), "/dev/null", f"b/{path}")
    return f"diff --git a/{path} b/{path}\nnew file mode 100644\n" + "".join(lines)


def posting(
    version: int, diffs: list[tuple[str, str]], *, of: int = 0, first: int = 1
) -> list[bytes]:
    """A mail a patch, each a title and a diff."""
    total = of or len(diffs)
    mails = []
    for number, (title, diff) in enumerate(diffs, start=first):
        bracket = f"PATCH v{version}" + (f" {number}/{total}" if total > 1 else "")
        body = f"Turn the wheel as it is meant.\n\n{SOB}\n---\n{diff}-- \n2.43.0\n"
        above = "1-1" if (version, number) != (1, 1) else ""
        sender = "Ann Author <ann@example.org>"
        mails.append(
            mail(f"{version}-{number}", f"[{bracket}] {title}", body, sender, above)
        )
    return mails


def became(
    quoted: str, text: str, old: list[tuple[str, str]], new: list[bytes]
) -> Followed:
    body = "".join(f"> {line}\n" for line in quoted.split("\n")) + f"\n{text}\n"
    comment = mail("c", "Re: [PATCH] x", body, "Rita <rita@example.org>", "1-1")
    before, after = revisions([*posting(1, old), comment, *new])
    (one,) = follow(before, after)
    return one


OLD = [("wheel: turn it", added("drivers/wheel.c", BEFORE))]


def changed_to(text: str, *, title: str = "wheel: turn it") -> list[bytes]:
    return posting(2, [(title, added("drivers/wheel.c", text))])


def test_a_new_file_of_another_name_is_the_same_file() -> None:
    new = [
        ("wheel: turn it", added("drivers/wheel-core.c", BEFORE.replace("FULL", "ALL")))
    ]
    one = became(
        "+\tret = wheel_brake(w, WHEEL_FULL);", "Why not all?", OLD, posting(2, new)
    )
    assert (one.verdict, one.now) == (
        Fate.CHANGED,
        "ret = wheel_brake(w, WHEEL_ALL);",
    )
    other = [("wheel: turn it", added("drivers/other.c", "int other;\nint another;\n"))]
    one = became(
        "+\tret = wheel_brake(w, WHEEL_FULL);", "Why not all?", OLD, posting(2, other)
    )
    assert one.verdict is Fate.DROPPED


def test_lines_that_stand_in_many_places_are_not_those_that_were_meant() -> None:
    quoted = "+\tif (ret)\n+\t\treturn ret;\n+\n+\treturn 0;"
    short = BEFORE.replace(
        "\tret = wheel_brake(w, WHEEL_FULL);\n\tif (ret)\n\t\treturn"
        " ret;\n\n\treturn 0;\n",
        "\treturn wheel_brake(w, WHEEL_FULL);\n",
    ).replace("\tint ret;\n\n\treturn", "\treturn")
    one = became(quoted, "return wheel_brake();", OLD, changed_to(short))
    assert one.verdict is Fate.CHANGED


@pytest.mark.parametrize(
    ("quoted", "text", "before", "after", "verdict"),
    [
        (
            "+\t\treturn ret;\n+\tw->running = true;\n+",
            "No blank line here, please.",
            "true;\n\n",
            "true;\n",
            Fate.CHANGED,
        ),
        (
            "+\tret = wheel_brake(w, WHEEL_FULL);",
            "Indent this with a tab more.",
            "\tret = wheel_brake",
            "\t\tret = wheel_brake",
            Fate.CHANGED,
        ),
        (
            "+\tret = wheel_brake(w, WHEEL_FULL);",
            "Is the full force needed?",
            "\tret = wheel_brake",
            "\t\tret = wheel_brake",
            Fate.UNTOUCHED,
        ),
        (
            "+\tret = wheel_brake(w, WHEEL_FULL);",
            "Indent this with a tab more.",
            "w->turns",
            "w->turn",
            Fate.NEARBY,
        ),
    ],
)
def test_white_space_counts_where_the_comment_is_about_it(
    quoted: str, text: str, before: str, after: str, verdict: Fate
) -> None:
    one = became(quoted, text, OLD, changed_to(BEFORE.replace(before, after, 1)))
    assert one.verdict is verdict


def test_a_patch_that_is_not_here_is_not_dropped() -> None:
    readme = ("wheel: tell of it", added("README", "The wheel turns.\n"))
    one = became(
        "+\tret = wheel_brake(w, WHEEL_FULL);",
        "Why not all?",
        [*OLD, readme],
        posting(2, [readme], of=2, first=2),
    )
    assert one.verdict is Fate.UNSEEN


def test_a_patch_with_another_title_is_known_by_what_it_does() -> None:
    old = [*OLD, ("wheel: tell of it", added("README", "The wheel turns.\n"))]
    new = posting(
        2,
        [
            ("wheel: make it turn", added("drivers/wheel.c", BEFORE)),
            ("wheel: tell of it", added("README", "The wheel turns.\n")),
        ],
    )
    one = became("Turn the wheel as it is meant.", "Meant by whom?", old, new)
    assert one.verdict is Fate.UNTOUCHED


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("allOf:\n  - spoke\n\n{}", "{}\nallOf:\n  - spoke\n", Fate.NEARBY),
        ("allOf:\n  - spoke\n\n{}", "allOf:\n  - spoke\n\n{}", Fate.UNTOUCHED),
    ],
)
def test_a_block_that_moved_did_not_stay_as_it_was(first, second, verdict) -> None:
    def patch(form: str) -> str:
        head, tail = "title: wheel\n", "examples:\n  - rim\n"
        middle = "required:\n  - wheel\n"
        lines = difflib.unified_diff(
            f"{head}{middle}{tail}".splitlines(True),
            f"{head}{form.format(middle)}{tail}".splitlines(True),
            "a/wheel.yaml",
            "b/wheel.yaml",
        )
        return "diff --git a/wheel.yaml b/wheel.yaml\n" + "".join(lines)

    old = [("wheel: tell of it", patch(first))]
    new = posting(2, [("wheel: tell of it", patch(second))])
    one = became("+allOf:", "Please put it behind required.", old, new)
    assert one.verdict is verdict


@pytest.mark.parametrize(
    "text",
    [
        "- Rita",
        "-- Rita R",
        "Only one trivial comment from me.",
        "A few nits inline. Rita",
        "Overall good. Several comments below about simple cleanups.",
    ],
)
def test_a_signature_and_an_announcement_are_no_comments(text: str) -> None:
    assert list(blocks(f"> +\tint ret;\n\n{text}\n")) == []


@pytest.mark.parametrize(
    "text", ["- Drop this", "One comment: is this needed below?", "Why -Rita?"]
)
def test_what_only_looks_like_one_is_a_comment(text: str) -> None:
    assert len(list(blocks(f"> +\tint ret;\n\n{text}\n"))) == 1


def test_a_like_line_that_stood_elsewhere_before_is_not_the_one_that_went() -> None:
    """A short line of one function is in another one too; only the first is gone."""
    before = BEFORE.replace("\treturn w->turns;\n", "\tret = wheel_push(w);\n")
    after = before.replace("\tret = wheel_push(w);\n", "\tret = 1;\n", 1)
    old = [("wheel: turn it", added("drivers/wheel.c", before))]
    quoted = "+int wheel_turns(struct wheel *w)\n+{\n+\tret = wheel_push(w);"
    one = became(quoted, "Please drop this line.", old, changed_to(after))
    assert one.verdict is Fate.CHANGED


@pytest.mark.parametrize(
    ("before", "after", "quoted", "verdict", "where"),
    [
        (
            "It is too short as it is. This prepares for\nto turn it.",
            "This prepares for what is meant, namely to turn it.",
            "It is too short as it is. This prepares for\nto turn it.",
            Fate.CHANGED,
            "commit message",
        ),
        (
            "It is short, and turned\nas it is meant.",
            "It is short,\nand turned as it\nis meant.\n\nMore is told.",
            "It is short, and turned\nas it is meant.",
            Fate.NEARBY,
            "commit message",
        ),
        (
            "It is turned as it is meant.",
            "It is turned as it is meant.\n\nReviewed-by: Rita <rita@example.org>",
            "It is turned as it is meant.",
            Fate.ELSEWHERE,
            "tags",
        ),
        (
            "Suggested-by: Max <max@example.org>\nSigned-off-by: Bo <bo@example.org>",
            "Suggested-by: Max <max@example.org>\nReviewed-by: Rita <rita@example.org>"
            "\nSigned-off-by: Bo <bo@example.org>",
            "Suggested-by: Max <max@example.org>\nSigned-off-by: Bo <bo@example.org>",
            Fate.ELSEWHERE,
            "tags",
        ),
    ],
)
def test_a_message_is_compared_by_more_than_a_word_and_without_tags(
    before: str, after: str, quoted: str, verdict: Fate, where: str
) -> None:
    told = "Turn the wheel as it is meant."
    old = posting(1, OLD)[0].replace(told.encode(), before.encode())
    new = posting(2, OLD)[0].replace(told.encode(), after.encode())
    body = "".join(f"> {line}\n" for line in quoted.split("\n")) + "\nWhy is that so?\n"
    comment = mail("c", "Re: [PATCH] x", body, "Rita <rita@example.org>", "1-1")
    (one,) = follow(*revisions([old, comment, new]))
    assert (one.verdict, one.where) == (verdict, where)


def test_an_attribution_of_two_lines_is_no_text_of_the_sender() -> None:
    head = "On Mon, 4 Mar 2024 10:00:00 +0100\nAnn Author <ann@example.org> wrote:\n\n"
    (block,) = blocks(f"{head}> +\tint ret;\n\nDrop this.\n")
    assert block.text == "Drop this."
    (first, _) = blocks("On the whole\nMax wrote:\n> +\tint ret;\n\nDrop this.\n")
    assert first.text == "On the whole"


def test_a_comment_far_down_in_a_diff_is_not_judged() -> None:
    """Of a file's diff the first 2,000 lines are compared."""
    text = "".join(f"int wheel_{number};\n" for number in range(2100))
    old = [("wheel: turn it", added("drivers/wheel.c", text))]
    for number, verdict in ((2050, Fate.UNREAD), (1950, Fate.CHANGED)):
        line = f"int wheel_{number};"
        new = changed_to(text.replace(line, f"long wheel_{number};"))
        one = became(f"+{line}", "Why an int?", old, new)
        assert one.verdict is verdict
