# SPDX-License-Identifier: GPL-2.0-or-later
"""git as the mail reader: ``git mailinfo`` and ``git format-patch``.

What a mail says is what git makes of it, so git itself is asked.  The mail goes in
on stdin and comes back through anonymous memory: nothing of it becomes an argument
or a file name, and there is no temporary file to leave behind.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from reviewer import git
from reviewer.errors import InputError

QUOTED_CR = b"quoted CRLF detected"


class MailInfo(NamedTuple):
    """What ``git mailinfo -b`` says of a mail, as bytes in UTF-8."""

    author: bytes
    email: bytes
    subject: bytes
    date: bytes
    message: bytes
    patch: bytes  # from the "---" line or the first diff line to the end
    quoted_cr: bool  # git warned of CRLF line ends in the encoded text


def mailinfo(raw: bytes, *, headers_in_body: bool = True) -> MailInfo:
    """Split a mail as ``git mailinfo -b`` does.

    Without ``headers_in_body``, a ``From:`` at the top of the text stays there.

    Where git warns of quoted CRLF, the carriage returns are dropped, as ``git am
    --quoted-cr=strip`` does, and ``quoted_cr`` is set.

    Raises InputError if git cannot be run or cannot read the mail.
    """
    options = ["--no-scissors"]
    if not headers_in_body:
        options.append("--no-inbody-headers")
    try:
        info = _mailinfo(raw, [*options, "--quoted-cr=warn"])
    except InputError:  # most of all a charset that does not exist: -n keeps the bytes
        options.append("-n")
        info = _mailinfo(raw, [*options, "--quoted-cr=warn"])
    if not info.quoted_cr:
        return info
    stripped = _mailinfo(raw, [*options, "--quoted-cr=strip"])
    return stripped._replace(quoted_cr=True)


def _mailinfo(raw: bytes, options: list[str]) -> MailInfo:
    message = os.memfd_create("message")
    patch = os.memfd_create("patch")
    try:
        done = git.run(
            [
                "mailinfo",
                "-b",
                *options,
                f"/proc/self/fd/{message}",
                f"/proc/self/fd/{patch}",
            ],
            cwd=None,
            stdin=raw,
            pass_fds=(message, patch),
            configured=False,
        )
        if done.returncode != 0:
            raise InputError(f"git mailinfo: {git.last_line(done.stderr)}")
        fields = dict(
            line.split(b": ", 1) for line in done.stdout.splitlines() if b": " in line
        )
        return MailInfo(
            author=fields.get(b"Author", b""),
            email=fields.get(b"Email", b""),
            subject=fields.get(b"Subject", b""),
            date=fields.get(b"Date", b""),
            message=read_all(message),
            patch=read_all(patch),
            quoted_cr=QUOTED_CR in done.stderr,
        )
    finally:
        os.close(message)
        os.close(patch)


def format_patch(repo: Path, revisions: str) -> bytes:
    """Returns the commits of ``A..B`` as an mbox, exactly as they would be mailed.

    Raises InputError where git refuses the range.
    """
    return _of_range(
        repo,
        revisions,
        [
            *_settings(
                ("core.quotePath", "true"),
                ("diff.noprefix", "false"),
                ("diff.mnemonicPrefix", "false"),
                ("diff.relative", "false"),
                ("diff.suppressBlankEmpty", "false"),
                ("format.attach", "false"),
                ("format.useAutoBase", "false"),
                ("format.notes", "false"),
                ("format.pretty", "email"),
                ("format.mboxrd", "false"),
                ("format.headers", ""),
                ("format.encodeEmailHeaders", "true"),
                ("format.forceInBodyFrom", "false"),
                ("diff.interHunkContext", "0"),
                ("diff.context", "3"),
            ),
            "format-patch",
            "--stdout",
            "--numbered",
            "--subject-prefix=PATCH",
            "--no-cover-letter",
            "--no-signature",
            "--no-thread",
            "--no-attach",
            "--no-signoff",
            "--no-ext-diff",
            "--no-textconv",
            "--submodule=short",
            "--no-color",
            "--no-to",
            "--no-cc",
            "--no-add-header",
            "--full-index",
            "--binary",
            "--find-renames",
            "--unified=3",
        ],
    )


def commits_of(repo: Path, revisions: str) -> set[bytes]:
    """Returns the full names of the commits of ``A..B``, merges left out.

    Raises InputError where git refuses the range.
    """
    return set(_of_range(repo, revisions, ["rev-list", "--no-merges"]).split())


def _of_range(repo: Path, revisions: str, command: list[str]) -> bytes:
    if revisions.startswith("-") or not revisions.isprintable():
        raise InputError(f"not a range of commits: {revisions!r}")
    words = [*command, "--end-of-options", revisions, "--"]
    done = git.run(words, cwd=repo)
    if done.returncode != 0:
        raise InputError(f"{revisions}: {git.last_line(done.stderr)}")
    return done.stdout


def parent(repo: Path, commit: str) -> str | None:
    """Returns the full name of a commit's parent, None for a root commit."""
    return git.commit_of(f"{commit}^", repo)


def _settings(*pairs: tuple[str, str]) -> list[str]:
    return [word for name, value in pairs for word in ("-c", f"{name}={value}")]


def read_all(descriptor: int) -> bytes:
    """Returns the whole content of a descriptor that git has written to."""
    with open(descriptor, "rb", closefd=False) as stream:
        stream.seek(0)
        return stream.read()
