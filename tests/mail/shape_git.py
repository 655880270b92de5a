# SPDX-License-Identifier: GPL-2.0-or-later
"""What git says of a mail, what we say, and where that differs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from reviewer.errors import InputError, KpfError
from reviewer.mail import open_series
from reviewer.mail.subject import read_subject
from reviewer.patch.diff import parse_diff


def decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def git(
    words_: list[str], stdin: bytes, folder: Path
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(
        ["git", *words_], input=stdin, capture_output=True, cwd=folder, check=False,
        env={**environment, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": "/"},
    )  # fmt: skip


def said_by_git(raw: bytes, folder: Path) -> dict[str, object]:
    """By mailinfo -b; -n where it knows no such charset, CR off where it warns."""
    if b"\r\n" in raw:
        raw = raw.replace(b"\r\n", b"\n")  # as git mailsplit, which comes first
    for options in ([], ["-n"]):
        done = git(["mailinfo", "-b", *options, "message", "patch"], raw, folder)
        if done.returncode == 0:
            break
    if b"quoted CRLF" in done.stderr:
        strip = ["--quoted-cr=strip", *options]
        done = git(["mailinfo", "-b", *strip, "message", "patch"], raw, folder)
    said = dict(re.findall(r"(?m)^(\w+): (.*)$", decode(done.stdout)))
    files, why = numstat((folder / "patch").read_bytes(), folder)
    message = decode((folder / "message").read_bytes())
    return {
        "author": (said.get("Author", ""), said.get("Email", "")),
        "subject": said.get("Subject", ""),
        "date": said.get("Date", "").strip(),
        "message": message,
        "signed": [v.strip() for v in re.findall(r"(?m)^Signed-off-by:(.*)$", message)],
        "files": files,
        "why": why,
    }


def numstat(patch: bytes, folder: Path) -> tuple[list[str] | None, str]:
    """git's list of files, or None and why.

    Where the data of a binary file is broken, git leaves out the rest and ends with
    0 all the same; that we refuse.
    """
    done = git(["apply", "--numstat", "--summary"], patch, folder)
    if done.returncode or b" binary patch at line" in done.stderr:
        return None, decode(done.stderr).strip()
    return decode(done.stdout).splitlines(), ""


def said_by_us(raw: bytes, folder: Path) -> dict[str, object] | str:
    """The same from our reading; a text where there is no patch for us."""
    place = folder / "mail.eml"
    place.write_bytes(raw)
    try:
        patch = open_series(str(place)).patches[0]
    except KpfError as error:
        return str(error)
    files, _ = numstat(patch.diff.encode("utf-8", "surrogateescape"), folder)
    ours: dict[str, object] = {
        "author": (patch.author.name, patch.author.email),
        "subject": patch.title,
        "date": patch.date,
        "message": patch.message,
        "signed": [
            t.value for t in patch.trailers if t.name.lower() == "signed-off-by"
        ],
        "files": files,
        "reply": read_subject(patch.headers.subject).reply,
    }
    try:
        ours["model"] = [file.path for file in parse_diff(patch.diff)] or None
    except InputError:
        ours["model"] = None
    return ours


def disagreements(raw: bytes, folder: Path) -> dict[str, tuple[object, object]]:
    """By field, what git says and what we say, where that differs.

    Of a reply only the files count: there the patch is read, not the remarks above it.
    """
    theirs, ours = said_by_git(raw, folder), said_by_us(raw, folder)
    if isinstance(ours, str):
        return {"refused": (theirs["files"], ours)} if theirs["files"] else {}
    if ours["reply"]:
        ours = {**theirs, "files": ours["files"], "model": ours["model"]}
    names = ("author", "subject", "date", "message", "signed", "files")
    if theirs["signed"] != ours["signed"]:  # what git itself counts as trailers is fine
        said = git(
            ["interpret-trailers", "--parse"],
            theirs["message"].encode("utf-8", "surrogateescape"),
            folder,
        )
        theirs["signed"] = [
            v.strip()
            for v in re.findall(r"(?m)^Signed-off-by:(.*)$", decode(said.stdout))
        ]
    found = {n: (theirs[n], ours[n]) for n in names if theirs[n] != ours[n]}
    if bool(ours["model"]) != bool(theirs["files"]):
        found["model"] = (theirs["why"] or theirs["files"], ours["model"])
    return found
