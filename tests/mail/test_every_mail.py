# SPDX-License-Identifier: GPL-2.0-or-later
"""Each mail with a patch is in a series, or is named: none is dropped in silence."""

from __future__ import annotations

import pytest

from reviewer.errors import NotAPatch
from reviewer.mail import open_all, series_from_messages
from reviewer.mail.local import split
from reviewer.mail.series import assemble_all

OTHER = "Otto Other <otto@example.com>"


@pytest.fixture
def post(mails):
    """post(id, subject, file): a mail with a patch of that file."""

    def make(name, subject, file="mm/a.c", line="1", **header):
        body = mails.patch_body("M.", file).replace("folio_test_ksm", f"is_{line}")
        return mails.mail(f"{name}@kpf", subject, body, **header)

    return make


def read(raw):
    """[(version, numbers)] of all series, and what is named beside them."""
    every = assemble_all(list(raw))
    found = [(one.version, [p.index for p in one.patches]) for one in every]
    return found, [item.what for one in every for item in one.left_out]


def titles(raw):
    return [[p.title for p in one.patches] for one in assemble_all(list(raw))]


def test_two_patches_without_a_number(post):
    raw = [post("a", "[PATCH] a"), post("b", "[PATCH] b", "mm/b.c")]
    assert titles(raw) == [["a"], ["b"]]
    assert read(raw) == ([(1, [1]), (1, [1])], [])
    one = series_from_messages(raw)
    assert [item.what for item in one.left_out] == ["[PATCH] b"]


def test_sent_together_they_are_one_series(post):
    raw = [
        post("a", "[PATCH] a"),
        post("b", "[PATCH] b", "mm/b.c", parent="a@kpf", minute=1),
        post("c", "[PATCH] c", "mm/c.c", parent="a@kpf", minute=2),
    ]
    assert titles(raw) == [["a", "b", "c"]]


def test_a_patch_in_the_thread_of_another_is_its_own(post):
    raw = [
        post("a", "[PATCH] a"),
        post("b", "[PATCH] b", "mm/b.c", parent="a@kpf", sender=OTHER),
        post("c", "[PATCH] a", "mm/c.c", parent="a@kpf", minute=50),
    ]
    assert titles(raw) == [["a"], ["b"], ["a"]]


def test_version_glued_to_the_number(post):
    raw = [
        post("a5", "[PATCH v5,1/2] a"),
        post("b5", "[PATCH v5,2/2] b", "mm/b.c", parent="a5@kpf"),
        post("a6", "[PATCH v6,1/2] a", line="2", parent="a5@kpf"),
        post("b6", "[PATCH v6,2/2] b", "mm/b.c", parent="a6@kpf"),
    ]
    assert read(raw) == ([(6, [1, 2])], [])


def test_another_series_of_the_thread_is_no_older_version(post):
    raw = [
        post("a", "[PATCH v3 1/2] a"),
        post("b", "[PATCH v3 2/2] b", "mm/b.c", parent="a@kpf"),
        post("x", "[PATCH 1/2] x", "fs/x.c", parent="b@kpf", line="7"),
        post("y", "[PATCH 2/2] y", "fs/y.c", parent="x@kpf", line="8"),
    ]
    assert read(raw) == ([(3, [1, 2]), (1, [1, 2])], [])


def test_one_patch_of_a_series_sent_again_replaces_no_series(post):
    raw = [
        post("a", "[PATCH 1/2] a"),
        post("b", "[PATCH 2/2] b", "mm/b.c", parent="a@kpf"),
        post("c", "[PATCH v2] b", "mm/b.c", parent="b@kpf", line="2"),
    ]
    assert read(raw) == ([(1, [1, 2]), (2, [1])], [])


def test_two_series_of_one_length_without_threads(post):
    raw = [post(f"{s}{n}", f"[PATCH {n}/2] {s}", f"mm/{s}{n}.c", s)
           for s in "pq" for n in (1, 2)]  # fmt: skip
    assert titles(raw) == [["p", "p"], ["q", "q"]]
    unsent = [mail.replace(b"Message-ID:", b"X-Was:") for mail in raw]
    assert titles(unsent) == [["p", "p"], ["q", "q"]]


def test_a_second_patch_with_the_same_number(post):
    raw = [
        post("a", "[PATCH 1/2] a"),
        post("b", "[PATCH 2/2] b", parent="a@kpf"),
        post("c", "[PATCH 2/2] c", line="9", parent="a@kpf"),
    ]
    found, named = read(raw)
    assert found == [(1, [1, 2])]
    assert named == ["[PATCH 2/2] c"]


def test_somebody_elses_series_of_the_same_length(post):
    raw = [
        post("a", "[PATCH 1/2] a"),
        post("b", "[PATCH 2/2] b", parent="a@kpf"),
        post("c", "[PATCH 1/2] c", "mm/c.c", "9", parent="b@kpf", sender=OTHER),
        post("d", "[PATCH 2/2] d", "mm/d.c", "9", parent="c@kpf", sender=OTHER),
    ]
    assert titles(raw) == [["a", "b"], ["c", "d"]]


def test_the_same_patch_twice_is_no_loss(post):
    raw = [
        post("a", "[PATCH v2 1/2] a"),
        post("b", "[PATCH v2 2/2] b", "mm/b.c", parent="a@kpf"),
        post("a2", "[PATCH RESEND v2 1/2] a", parent="a@kpf"),
        post("b2", "[PATCH RESEND v2 2/2] b", "mm/b.c", parent="a@kpf"),
    ]
    assert read(raw) == ([(2, [1, 2])], [])


def test_a_series_sent_again_is_reviewed_once(post):
    raw = [
        post("a", "[PATCH 1/2] a"),
        post("b", "[PATCH 2/2] b", "mm/b.c", parent="a@kpf"),
        post("a2", "[RESEND PATCH 1/2] a"),
        post("b2", "[RESEND PATCH 2/2] b", "mm/b.c", parent="a2@kpf"),
    ]
    (series,) = assemble_all(raw)
    assert series.message_id == "a2@kpf"
    assert not series.left_out


def test_one_patch_of_it_sent_once_more_is_no_series(post):
    raw = [
        post("a2", "[PATCH 1/2] a"),  # in a thread of its own
        post("a", "[PATCH 1/2] a"),
        post("b", "[PATCH 2/2] b", "mm/b.c", parent="a@kpf"),
    ]
    assert read(raw) == ([(1, [1, 2])], [])


def test_a_part_of_a_version_sent_again(post):
    raw = [
        post("a", "[PATCH v2 1/2] a"),
        post("b", "[PATCH v2 2/2] b", "mm/b.c", parent="a@kpf"),
        post("c", "[PATCH v2.1 2/2] b", "mm/b.c", "3", parent="b@kpf"),
    ]
    (series,) = assemble_all(raw)
    assert [p.headers.message_id for p in series.patches] == ["a@kpf", "c@kpf"]


def test_one_message_id_for_two_patches(post):
    raw = [post("a", "[PATCH] a"), post("a", "[PATCH] b", "mm/b.c", "4")]
    found, named = read(raw)
    assert found == [(1, [1])]
    assert named == ["[PATCH] b"]
    with_footer = raw[0] + b"_____\nlist footer\n"
    assert read([raw[0], with_footer]) == ([(1, [1])], [])


def test_what_is_missing_is_named(mails, post):
    found, named = read(mails.incomplete())
    assert found == [(1, [1, 3])]
    assert named == ["patch 2 of 3"]
    many = [
        post("a", "[PATCH 1/4000] a"),
        post("b", "[PATCH 3/4000] b", parent="a@kpf"),
    ]
    assert read(many)[1] == ["patch 2, 4-4000 of 4000"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Nothing here.\n", "no diff in it"),
        (
            " diff --git a/x b/x\n --- a/x\n +++ b/x\n @@ -1 +1 @@\n -a\n +b\n",
            "indented",
        ),
        ("> diff --git a/x b/x\n> --- a/x\n> +++ b/x\n> @@ -1 +1 @@\n", "quoted"),
        (
            "diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,1 @@@\n",
            "comb",
        ),
        ("x\rdiff --git a/x b/x\r--- a/x\r+++ b/x\r", "carriage return alone"),
    ],
)
def test_a_mail_that_says_patch_and_has_none(mails, post, body, why):
    bad = mails.mail("bad@kpf", "[PATCH] bad", body)
    (series,) = assemble_all([post("a", "[PATCH] a"), bad])
    assert [item.what for item in series.left_out] == ["[PATCH] bad"]
    assert why in series.left_out[0].why
    with pytest.raises(NotAPatch, match=why.replace("no diff in it", "no patch in it")):
        series_from_messages([bad])


MERGE = """\
diff --cc fs/merged.c
index 1111111,2222222..3333333
--- a/fs/merged.c
+++ b/fs/merged.c
@@@ -1,2 -1,2 +1,3 @@@
  a
 +b
+ c
"""
CONTEXT = """\
*** a/fs/old.c\t2024-03-04
--- b/fs/old.c\t2024-03-04
***************
*** 1,3 ****
  a
! b
--- 1,3 ----
  a
! d
"""


@pytest.mark.parametrize(
    ("other", "file", "kind"),
    [
        (MERGE, "fs/merged.c", "a combined diff"),
        (MERGE.replace("--cc", "--combined"), "fs/merged.c", "a combined diff"),
        (CONTEXT, "a/fs/old.c", "a context diff"),
    ],
)
def test_a_diff_beside_a_diff_that_git_passes_over(mails, other, file, kind):
    body = mails.patch_body("M.", "mm/a.c")
    whole = series_from_messages([mails.mail("a@kpf", "[PATCH] a", body + other)])
    (named,) = whole.left_out
    assert named.what == f"patch: {file}"
    assert named.why.startswith(kind)
    plain = series_from_messages([mails.mail("a@kpf", "[PATCH] a", body)])
    assert plain.left_out == ()
    message = mails.patch_body(f"It said:\n\n  {other.splitlines()[0]}\n", "mm/a.c")
    told = series_from_messages([mails.mail("a@kpf", "[PATCH] a", message)])
    assert told.left_out == ()
    with pytest.raises(NotAPatch, match=f"only {kind}"):
        series_from_messages([mails.mail("a@kpf", "[PATCH] a", other)])


def test_a_cover_letter_alone(mails, post):
    cover = mails.mail("c@kpf", "[PATCH 0/3] much", "All of it.\n")
    with pytest.raises(NotAPatch):
        series_from_messages([cover])
    assert read([post("a", "[PATCH] a"), cover])[1] == ["[PATCH 0/3] much"]


def test_a_reply_with_another_patch_and_one_that_talks(mails, post):
    talk = mails.mail("t@kpf", "Re: [PATCH] a", "> +x\n\nNo.\n", parent="a@kpf")
    full = post("f", "Re: [PATCH] a", parent="a@kpf")
    other = mails.mail(
        "o@kpf", "Re: [PATCH] a", mails.DIFF.replace("folio_test_ksm", "is_ksm"),
        parent="a@kpf",
    )  # fmt: skip
    (series,) = assemble_all([post("a", "[PATCH] a"), talk, full, other])
    (item,) = series.left_out
    assert item.what == "Re: [PATCH] a"
    assert item.why.endswith("with that mail alone, or by 'kpf-review o@kpf'")


def test_a_patch_over_a_limit_is_named(post):
    from reviewer.limits import Limits

    raw = [post("a", "[PATCH] a"), post("b", "[PATCH] b", "mm/b.c")]
    raw[1] = raw[1].replace(b"M.\n", b"y" * 5000 + b"\n")
    (series,) = assemble_all(raw, bounds=Limits(line_bytes=4000))
    assert [item.what for item in series.left_out] == ["[PATCH] b"]


class TestFiles:
    """``kpf-review 0*.patch`` and the like."""

    def write(self, folder, name, raw):
        (folder / name).write_bytes(raw.replace(b"Message-ID:", b"X-Was:"))
        return str(folder / name)

    def opened(self, refs):
        every = open_all(refs, offline=True)
        return [[p.title for p in one.patches] for one, _ in every], every[0][0]

    def test_numbered_as_one(self, post, tmp_path):
        refs = [
            self.write(tmp_path, f"p{n}", post(str(n), f"[PATCH {n}/2] {n}"))
            for n in (2, 1)
        ]
        assert self.opened(refs)[0] == [["1", "2"]]

    def test_numbered_by_name(self, post, tmp_path):
        refs = [
            self.write(tmp_path, f"000{n}-x.patch", post(str(n), f"[PATCH] {n}"))
            for n in (1, 2)
        ]
        assert self.opened(refs)[0] == [["1", "2"]]

    def test_not_numbered(self, post, tmp_path):
        refs = [
            self.write(tmp_path, f"{n}.txt", post(n, f"[PATCH] {n}", line=n))
            for n in "567"
        ]
        assert self.opened(refs)[0] == [["5"], ["6"], ["7"]]

    def test_one_that_is_no_patch(self, post, tmp_path):
        good = self.write(tmp_path, "good.patch", post("a", "[PATCH] a"))
        bad = self.write(tmp_path, "bad.txt", b"words\n")
        found, first = self.opened([bad, good])
        assert found == [["a"]]
        assert [item.what for item in first.left_out] == [bad]
        with pytest.raises(NotAPatch, match="not a mail"):
            self.opened([bad])


def test_lone_returns_are_told(mails):
    raw = mails.mail("a@b", "[PATCH] x", mails.patch_body("M.")).replace(b"\n", b"\r")
    with pytest.raises(NotAPatch, match="carriage return alone"):
        split(raw, "x.eml")
