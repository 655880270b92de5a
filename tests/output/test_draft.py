# SPDX-License-Identifier: GPL-2.0-or-later
"""The draft reply: who gets it, what is quoted, where the comment stands."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.errors import UsageError
from reviewer.models import Address, Cover, Severity
from reviewer.output import render, worded
from reviewer.output.draft import draft, quote, reply

COMMAND = "kpf-review check --base v6.12.117 topic"


def the_draft(make, report, **options):
    (made,) = draft.drafts(
        worded(report), identity=make.identity, command=COMMAND, **options
    )
    return made


def parsed(made):
    return email.message_from_bytes(made.data, policy=email.policy.default)


def body(made) -> str:
    return made.text.split("\n\n", 1)[1]


def masked(text: str) -> str:
    text = re.sub(r"(?m)^Date: .*", "Date: ...", text)
    text = re.sub(r"<kpf-[0-9a-f]{32}@", "<kpf-...@", text)
    return re.sub(r"kpf-review \d[\w.]*", "kpf-review X", text)


def test_the_story_as_a_mail(story, make, golden) -> None:
    made = the_draft(make, story)
    golden("story.mail.txt", masked(made.text))
    shown = render(worded(story), "mail", identity=make.identity, command=COMMAND)
    assert masked(shown) == masked(made.text)
    assert made.name == "0001-mask-vs-equality.eml"


# --- recipients and headers -----------------------------------------------------------


def test_headers_of_the_reply(story, make) -> None:
    mail = parsed(the_draft(make, story))
    assert mail["From"] == make.identity
    assert mail["To"] == "Nick Newcomer <nick@example.com>"
    # everybody once, whatever the case, and not the reviewer
    assert [a.addr_spec for a in mail["Cc"].addresses] == [
        "linux-mm@lists.example",
        "mm@example.net",
        "zoe@example.net",
    ]
    assert mail["Cc"].addresses[2].display_name == "Zoë Löw"
    assert mail["Subject"] == "Re: [PATCH v2 1/2] fs/table: read the flags once"
    assert mail["In-Reply-To"] == "<20261122-table-v2-1@example.com>"
    assert mail["References"].split() == [
        "<20261122-table-v2-0@example.com>",
        "<20261122-table-v2-1@example.com>",
    ]
    assert mail.get_content_type() == "text/plain"
    assert mail["Content-Transfer-Encoding"] == "7bit"
    assert "flowed" not in mail["Content-Type"]


def headers_of(make, **changes):
    patch = make.patch(make.diff("fs/table.c", make.before, make.after))
    patch = replace(patch, headers=replace(patch.headers, **changes))
    report = make.report(make.ksm())
    state = replace(report.patches[0], patch=patch)
    return parsed(the_draft(make, replace(report, patches=(state,))))


def test_reply_to_is_heard_and_the_author_still_gets_it(make) -> None:
    mail = headers_of(make, reply_to=(Address("List", "list@example.org"),))
    assert mail["To"] == "List <list@example.org>, Nick Newcomer <nick@example.com>"


@pytest.mark.parametrize("subject", ["Re: x", "RE: re:  x", "x"])
def test_one_re_is_enough(make, subject: str) -> None:
    assert headers_of(make, subject=subject)["Subject"] == "Re: x"


def test_without_references_in_reply_to_serves(make) -> None:
    mail = headers_of(make, references=())
    assert mail["References"].split()[0] == "<20261122-table-v2-0@example.com>"


def test_ones_own_patch_goes_to_the_others(make) -> None:
    patch = make.patch("")
    rita = Address("Rita", "rita@EXAMPLE.org")
    own = replace(patch, author=rita, headers=replace(patch.headers, sender=rita))
    to, cc = reply.recipients(own, Address("Rita Reviewer", "rita@example.org"))
    assert [one.email for one in to] == ["linux-mm@lists.example"]
    assert [one.email for one in cc] == ["mm@example.net", "zoe@example.net"]
    alone = replace(own, headers=replace(own.headers, to=(), cc=()))
    to, cc = reply.recipients(alone, Address("Rita Reviewer", "rita@example.org"))
    assert ([one.email for one in to], cc) == (["rita@example.org"], [])


@pytest.mark.parametrize("identity", [None, "", "Rita", "Rita <>", "a b@c"])
def test_no_identity_no_draft(story, identity) -> None:
    with pytest.raises(UsageError, match=r"user\.email"):
        draft.drafts(worded(story), identity=identity, command=COMMAND)


def test_a_name_in_the_configuration_forges_no_header_either(story) -> None:
    identity = "Rita\nBcc: all@example.org <rita@example.org>"
    (made,) = draft.drafts(worded(story), identity=identity, command=COMMAND)
    assert parsed(made)["Bcc"] is None


def test_long_recipients_are_folded_between_addresses(make) -> None:
    many = tuple(Address(f"Name {n}", f"n{n}@example.org") for n in range(60))
    made = reply.address_line("Cc", many)
    assert max(map(len, made.split("\n"))) <= 78
    assert (
        len(
            email.message_from_string(made, policy=email.policy.default)["Cc"].addresses
        )
        == 60
    )


def test_what_cannot_be_folded_still_fits_on_the_wire(make) -> None:
    long = "x" * 5000
    report = make.report(make.ksm())
    patch = report.patches[0].patch
    patch = replace(
        patch,
        author=Address(long, "nick@example.com"),
        headers=replace(
            patch.headers,
            subject=f"[PATCH] {long}",
            date=long,
            sender=Address(long, "sender@example.com"),
            references=(long, "a@b"),
        ),
    )
    state = replace(report.patches[0], patch=patch)
    made = the_draft(make, replace(report, patches=(state,)))
    assert max(map(len, made.data.split(b"\n"))) <= 998
    assert parsed(made)["Subject"] == f"Re: [PATCH] {long}"


def test_a_file_that_comes_twice_is_quoted_where_the_line_is(make) -> None:
    """Some mails carry their diff in the text and again as an attachment."""
    report = make.report(make.bit())
    (change,) = report.patches[0].changes
    first = replace(change, diff=replace(change.diff, hunks=change.diff.hunks[:1]))
    state = replace(report.patches[0], changes=(first, change))
    text = body(the_draft(make, replace(report, patches=(state,))))
    assert "> +	if (k & PG_lru)\n\nPG_lru is" in text


@settings(max_examples=200, deadline=None)
@given(
    subject=st.text(st.characters(codec=None)),
    name=st.text(st.characters(codec=None)),
    address=st.text(st.characters(codec=None)),
    ids=st.lists(st.text(st.characters(codec=None), max_size=20), max_size=3),
)
def test_no_header_can_be_forged(make_once, subject, name, address, ids) -> None:
    make = make_once
    evil = "\r\nBcc: everyone@example.org\r\n\r\nbody"
    mail = headers_of(
        make,
        subject=subject + evil,
        date=subject + evil,
        sender=Address(name + evil, address),
        reply_to=(Address(name + evil, "x@y" + evil),),
        to=(Address(evil, "ok@example.org"),),
        message_id="a@b" + evil,
        references=(*ids, "c@d" + evil),
        in_reply_to=evil,
    )
    assert set(mail.keys()) <= {
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-Id",
        "In-Reply-To",
        "References",
        "X-Mailer",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert mail["Bcc"] is None
    assert "In-Reply-To" not in mail
    assert not mail.defects


@pytest.fixture(scope="module")
def make_once(request):
    """``make`` for hypothesis, which wants no function-scoped fixture."""
    from types import SimpleNamespace

    module = request.config.pluginmanager
    plugin = next(
        p for p in module.get_plugins() if getattr(p, "IDENTITY", None) is not None
    )
    return SimpleNamespace(
        report=plugin.a_report,
        ksm=plugin.ksm_finding,
        patch=plugin.a_patch,
        diff=plugin.a_diff,
        before=plugin.BEFORE,
        after=plugin.AFTER,
        identity=plugin.IDENTITY,
    )


# --- one mail a patch that has something to say ---------------------------------------


def test_patches_with_nothing_to_say_get_no_mail(story, make) -> None:
    assert [d.patch for d in [the_draft(make, story)]] == [1]
    clean = make.report()
    assert draft.drafts(clean, identity=None, command=COMMAND) == ()
    assert render(clean, "mail") == ""


def test_notes_are_no_mail_unless_asked_for(make) -> None:
    note = worded(make.report(make.bit(severity=Severity.INFO)))
    assert draft.drafts(note, identity=make.identity, command=COMMAND) == ()
    assert "PG_lru" in the_draft(make, note, info=True).text


def test_two_drafts_come_as_a_mailbox(make) -> None:
    second = make.ksm(patch=2, file="fs/other.c", line=1, code="int b;")
    report = worded(make.report(make.ksm(), second))
    shown = render(report, "mail", identity=make.identity, command=COMMAND)
    assert len(re.findall("(?m)^From ", shown)) == 2


# --- quotes and places ----------------------------------------------------------------


def test_the_comment_stands_under_its_line(story, make) -> None:
    text = body(the_draft(make, story)).split("\n")
    for part, said in (
        ("> +	if (mapping & PAGE_MAPPING_KSM)", "PAGE_MAPPING_KSM is 3"),
        ("> +	if (k & PG_lru)", "PG_lru is a bit number"),
    ):
        at = text.index(part)
        assert text[at + 1] == ""
        assert text[at + 2].startswith(said)


def test_apply_offsets_are_taken_into_account(make) -> None:
    """The patch states line 14; in this tree the hunk applied 40 lines below."""
    above = "".join(f"/* {n} */\n" for n in range(40))
    report = make.report(make.ksm(post=above + make.after))
    state = report.patches[0]
    moved = [
        replace(
            hunk,
            lines=tuple(
                replace(
                    line,
                    old=line.old and line.old + 40,
                    new=line.new and line.new + 40,
                )
                for line in hunk.lines
            ),
        )
        for hunk in state.changes[0].diff.hunks
    ]
    diff = replace(state.changes[0].diff, hunks=tuple(moved))
    state = replace(state, changes=(replace(state.changes[0], diff=diff),))
    text = body(the_draft(make, replace(report, patches=(state,))))
    assert "> @@ -14,7 +14,7 @@" in text
    assert "> +	if (mapping & PAGE_MAPPING_KSM)\n\nPAGE_MAPPING_KSM is" in text


def test_a_remark_on_a_removed_line_stands_under_it(make) -> None:
    line = make.before.split("\n").index("	if (PageKsm(page))") + 1
    finding = make.ksm(line=line, removed_line=True, comment="Why not keep it?")
    assert "> -	if (PageKsm(page))\n\nWhy not" in body(
        the_draft(make, make.report(finding))
    )


def test_a_statement_is_quoted_to_its_end(make) -> None:
    """What is said may be about an argument on its next line."""
    lines = make.after.split("\n")
    at = lines.index("	if (mapping & PAGE_MAPPING_KSM)")
    two = " ".join(" ".join(lines[at : at + 2]).split())
    said = make.ksm(anchor=two, comment="Really?")
    text = body(the_draft(make, make.report(said)))
    assert f"> +{lines[at]}\n>  {lines[at + 1]}\n\nReally?" in text
    longer = make.ksm(anchor=f"{two} and so on", comment="Really?")
    text = body(the_draft(make, make.report(longer)))
    assert f"> +{lines[at]}\n\nReally?" in text


def test_a_line_outside_the_diff_is_named(make) -> None:
    finding = make.ksm(
        line=5, code="	unsigned long mapping;", comment="It is unused."
    )
    text = body(the_draft(make, make.report(finding)))
    assert "> @@" in text
    assert (
        "\n\nNot in the lines shown here, but in table_flags():\n\n"
        "  unsigned long mapping;\n\nIt is unused.\n" in text
    )


def test_what_has_no_place_is_left_out_and_told(make) -> None:
    elsewhere = make.ksm(file="mm/not-in-this-diff.c")
    report = worded(make.report(elsewhere, make.bit()))
    (made,) = draft.drafts(report, identity=make.identity, command=COMMAND)
    assert "PAGE_MAPPING_KSM is" not in made.text
    assert draft.left_out(report) == report.findings[:1]


WHOLE = {"patch": None, "file": "", "line": 0, "code": "", "comment": "What is new?"}


def test_what_is_about_the_series_answers_its_cover_letter(make) -> None:
    report = make.report(make.bit(**WHOLE), make.ksm())
    people = report.patches[0].patch.headers
    headers = replace(people, message_id="c@example.org", subject="[PATCH v2 0/2] t")
    cover = Cover(headers, "t", "All of it.\n")
    report = worded(replace(report, series=replace(report.series, cover=cover)))
    first, second = draft.drafts(report, identity=make.identity, command=COMMAND)
    assert "In-Reply-To: <c@example.org>\n" in first.text
    assert "Subject: Re: [PATCH v2 0/2] t\n" in first.text
    assert "wrote:\n> Subject: [PATCH v2 0/2] t\n\nWhat is new?\n" in first.text
    assert (first.patch, first.name) == (0, "0000-bit-number-as-mask.eml")
    assert "What is new?" not in second.text
    assert not draft.left_out(report)


def test_without_a_cover_letter_it_answers_the_first_patch(make) -> None:
    report = worded(make.report(make.bit(**WHOLE), make.ksm()))
    (made,) = draft.drafts(report, identity=make.identity, command=COMMAND)
    subject = "> Subject: [PATCH v2 1/2] fs/table: read the flags once"
    assert f"wrote:\n{subject}\n\nWhat is new?\n\n> diff --git" in made.text
    alone = worded(make.report(make.bit(**WHOLE)))
    (made,) = draft.drafts(alone, identity=make.identity, command=COMMAND)
    assert made.patch == 1
    assert not draft.left_out(alone)


def test_of_a_whole_series_with_a_place_the_place_is_named(make) -> None:
    far = make.bit(**{**WHOLE, "file": "mm/far.c", "code": "\tx();", "line": 9})
    (made,) = draft.drafts(
        worded(make.report(replace(far, function=None))),
        identity=make.identity,
        command=COMMAND,
    )
    assert "\n\nNot in the lines shown here, but in mm/far.c:\n\n  x();\n" in made.text


def test_a_remark_on_the_commit_message_quotes_it(make) -> None:
    about = make.bit(file="", line=1, comment="Which flags?")
    subject = replace(about, line=0, message="no prefix", comment="No such subsystem.")
    text = body(the_draft(make, make.report(about, subject, make.ksm())))
    assert (
        "wrote:\n> Subject: [PATCH v2 1/2] fs/table: read the flags once\n\n"
        "No such subsystem.\n\n"
        "> The flags of a page are read several times. Read them once.\n\n"
        "Which flags?\n\n> diff --git a/fs/table.c" in text
    )


def test_findings_on_one_line_follow_each_other(make) -> None:
    worse = make.bit(comment="First.", message="1")
    less = make.bit(comment="Second.", message="2", severity=Severity.LOW)
    text = body(the_draft(make, make.report(less, worse)))
    assert "> +	if (k & PG_lru)\n\nFirst.\n\nSecond.\n" in text


def test_the_same_fault_is_said_once(make) -> None:
    one = make.ksm(message="same", comment="Said once.")
    other = make.bit(rule=one.rule, message="same", comment="Said once.")
    again = replace(other, line=other.line + 2)
    text = body(the_draft(make, make.report(one, other, again)))
    assert text.count("Said once.") == 1
    assert "The same in lru_flags() (2 times)." in text
    assert "PG_lru" not in text


def test_what_a_later_patch_mends_is_said(make) -> None:
    text = body(the_draft(make, make.report(make.ksm(fixed_later_by=2))))
    assert "\n\n2/2 changes this back.\n" in text


def test_old_faults_are_marked_as_old(make) -> None:
    text = body(the_draft(make, make.report(make.ksm(preexisting=True))))
    assert "\n\nNot new with this patch:\n\nPAGE_MAPPING_KSM" in text


def test_own_text_cannot_be_taken_for_a_quote_or_a_signature(make) -> None:
    finding = make.ksm(comment="> a quote?\nFrom here\n-- \nno")
    text = body(the_draft(make, make.report(finding)))
    assert "\n > a quote?\n From here\n -- \nno\n" in text
    assert text.count("\n-- \n") == 1


def test_the_signature_says_how_to_do_it_again(story, make) -> None:
    _, signature = the_draft(make, story).text.split("\n-- \n")
    first, second = signature.splitlines()
    assert first.endswith(" on Linux 6.12.117, base 0123456789ab")
    assert second == "kpf-review --base 0123456789ab 20261122-table-v2-0@example.com"
    local = replace(story, series=replace(story.series, message_id=None))
    assert the_draft(make, local).text.endswith(f"\n{COMMAND}\n")


def test_a_message_id_cannot_forge_a_command(story, make) -> None:
    odd = replace(story, series=replace(story.series, message_id="$(reboot);@x"))
    assert the_draft(make, odd).text.endswith(" '$(reboot);@x'\n")


def test_own_text_has_72_columns(story, make) -> None:
    text = body(the_draft(make, story)).split("\n-- \n")[0]
    own = [line for line in text.split("\n")[1:] if not line.startswith((">", " "))]
    assert max(map(len, own)) <= 72


LINE = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=30
)


@settings(max_examples=150, deadline=None)
@given(
    before=st.lists(LINE, min_size=1, max_size=60),
    changed=st.sets(st.integers(0, 59), min_size=1, max_size=8),
    said=st.sets(st.integers(0, 200), min_size=1, max_size=6),
)
def test_without_its_comments_a_draft_is_the_diff_with_gaps(
    make_once, before, changed, said
) -> None:
    from reviewer.patch.diff import parse_diff

    old = "".join(
        line.replace("\u2028", "").replace("\u2029", "") + "\n" for line in before
    )
    lines = old.split("\n")[:-1]
    new = "".join(
        f"new {n}\n" if n in changed else f"{line}\n" for n, line in enumerate(lines)
    )
    diff = make_once.diff("a.c", old, new)
    if "@@" not in diff:
        return
    patch = make_once.patch(diff)
    rows = quote.rows(diff, parse_diff(diff))
    assert all(diff.split("\n")[row.at] == row.text for row in rows)
    code = [n for n, row in enumerate(rows) if row.line is not None]
    places = sorted({code[n % len(code)] for n in said})
    comments = [(quote.Spot(n), f"COMMENT {n}") for n in places]
    shown = quote.quoted(patch, rows, comments).split("\n")
    quotes = [line for line in shown if line.startswith(">")]
    # in order, each line once, from the diff alone
    wanted = iter([quote.quote_line(row.text) for row in rows])
    assert all(line in wanted for line in quotes if line != quote.GAP)
    above = 0
    for at, line in enumerate(shown):
        if line.startswith("COMMENT"):
            row = rows[int(line.split()[1])]
            assert shown[at - 2 : at] == [quote.quote_line(row.text), ""]
            assert shown[at + 1 : at + 2] == [""]
            assert above <= quote.CONTEXT + 1
            above = 0
        elif line == quote.GAP or line.startswith(("> @@", "> +++")):
            above = 0
        elif line.startswith(">"):
            above += 1
    assert shown[-2].startswith("COMMENT")  # nothing below the last one
