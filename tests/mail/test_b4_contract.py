# SPDX-License-Identifier: GPL-2.0-or-later
"""What we use of b4 is there, and our reading of series is b4's.

b4 documents no library API; these tests fail when the installed b4 has moved.
"""

from __future__ import annotations

import argparse
import inspect

import pytest

from reviewer.mail import series_from_messages
from reviewer.mail.subject import read_subject

b4 = pytest.importorskip("b4")
liblore = pytest.importorskip("liblore")


def test_the_version_is_the_one_that_we_know():
    assert b4.__VERSION__.startswith("0.16.")


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (b4.setup_config, ["cmdargs", "topdir"]),
        (b4.get_config_from_git, ["regexp", "gitdir"]),
        (b4.get_lore_node, []),
        (b4.split_and_dedupe_pi_results, ["t_mbox"]),
        (b4.get_strict_thread, ["msgs", "msgid"]),
        (b4.LoreMessage.get_clean_msgid, ["msg"]),
        (liblore.LoreNode.get_mbox_by_msgid, ["msgid", "nocache"]),
        (liblore.LoreNode._cache_key, ["namespace", "parts"]),
        (liblore.LoreNode._cache_read, ["key"]),
        (liblore.LoreNode.set_user_agent, []),
        (liblore.utils.split_and_dedupe_as_bytes, ["mbox_bytes", "listid_preference"]),
        (liblore.utils._clean_msgid_raw, ["raw"]),
        (liblore.utils.parse_message, ["raw"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_calls_exist(function, parameters):
    assert set(parameters) <= set(inspect.signature(function).parameters)


def test_the_settings_exist():
    wanted = {"midmask", "linkmask", "searchmask"}
    assert wanted <= set(b4.DEFAULT_CONFIG)
    assert issubclass(liblore.RemoteError, Exception)
    assert liblore.RemoteError("gone", status_code=404).status_code == 404
    assert b4.can_network is True or b4.can_network is False


@pytest.fixture
def settled(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    b4.setup_config(argparse.Namespace(config={}))
    monkeypatch.setattr(b4, "can_network", False)


SUBJECTS = [
    "[PATCH] mm: tidy",
    "[PATCH v2 1/3] mm: tidy",
    "[PATCHv3 2/3] mm: tidy",
    "[PATCH net-next, v4, 03/12] net: x",
    "[RFC PATCH 0/7] [foo] bar",
    "[RESEND PATCH v2] a [b] c",
    "[PATCH RESEND 004/106] crypto: x",
    "[PATCH [RFC] 1/2] nested",
    "[RFC][PATCH 1/2] two brackets",
    "Re: [PATCH v3 1/2] reply",
    "re: [PATCH v3 1/2] reply",
    "AW: [PATCH] odd reply",
    "Fwd: [PATCH] forward",
    "SV: [PATCH v2 2/2] odd reply",
    "mm: no brackets at all",
    "[PATCH 1/2 v5] order",
    "[PATCH V7] capital",
    "[PATCH bpf-next v2 10/11]no space",
    "[merged] foo.patch removed from -mm tree",
    "[PATCH v11.1 2/2] odd",
    "[GIT PULL] things",
    "",
    "[",
    "]",
    "[]",
    "[PATCH",
]


@pytest.mark.parametrize("line", SUBJECTS)
def test_subjects_are_read_as_b4_reads_them(line, settled):
    ours, theirs = read_subject(line), b4.LoreSubject(line)
    assert (ours.reply, ours.resend) == (theirs.reply, theirs.resend)
    assert (ours.revision, ours.counter, ours.expected) == (
        theirs.revision,
        theirs.counter,
        theirs.expected,
    )
    assert ours.patch == theirs.patch
    if not ours.reply:
        assert ours.title == theirs.subject


def b4_series(raw, revision):
    """b4's own assembling; get_series may be called only once for a mailbox."""
    mailbox = b4.LoreMailbox()
    for mail in raw:
        mailbox.add_message(liblore.utils.parse_message(mail))
    return mailbox.get_series(revision, codereview_trailers=False)


@pytest.mark.parametrize(
    ("thread", "wanted", "revision"),
    [
        ("story", "v3-0@kpf", 3),
        ("story", "v2-1@kpf", 2),
        ("incomplete", "gap-1@kpf", 1),
        ("without_cover", "single-1@kpf", 1),
        ("without_cover", "single-2@kpf", 2),
        ("partial_reroll", "re-2b@kpf", 2),
        ("partial_reroll", "re-0@kpf", 1),
        ("naked_cover", "naked-1@kpf", 1),
        ("revision_of_cover", "late-2@kpf", 2),
    ],
)
def test_series_are_assembled_as_b4_does(mails, settled, thread, wanted, revision):
    raw = getattr(mails, thread)()
    theirs = b4_series(raw, revision)
    ours = series_from_messages(raw, wanted=wanted)
    patches = {p.index: p.headers.message_id for p in ours.patches}
    assert patches == {
        number: message.msgid
        for number, message in enumerate(theirs.patches)
        if number and message is not None
    }
    cover = theirs.patches[0]
    assert (ours.cover and ours.cover.headers.message_id) == (cover and cover.msgid)
    assert ours.expected == theirs.expected
    assert (not ours.missing) == theirs.complete
    # b4 takes a cover letter that answers a mail for a comment, because of these very
    # lines: then it has it as the cover all the same, but not what it says
    assert theirs.base_commit in (ours.base_commit, None)
    assert theirs.change_id in (ours.change_id, None)


def test_b4_gives_trailers_of_replies_to_the_patches_that_we_do(mails, settled):
    raw = mails.story()
    theirs = b4_series(raw, 3)
    ours = series_from_messages(raw, wanted="v3-0@kpf")
    by_b4 = {
        (message.msgid, trailer.name, trailer.value)
        for message in theirs.patches
        for trailer in message.followup_trailers
    }
    by_us = {
        (reply.headers.in_reply_to, trailer.name, trailer.value)
        for reply in ours.replies
        for trailer in reply.trailers
    }
    # b4 also carries over v2's Acked-by, for the patch itself has not changed
    # and takes the Signed-off-by of the counter-patch for one of the patch
    b4_only = {
        ("v3-1@kpf", "Acked-by", "Max Maintainer <max@example.net>"),
        ("v3-1@kpf", "Signed-off-by", "Max Maintainer <max@example.net>"),
    }
    assert by_us == by_b4 - b4_only
    assert len(by_us) == 1
