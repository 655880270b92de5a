# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the commands in b4's configuration do what b4 expects: b4 itself runs them.

The one module that imports b4's check runner (0.16, documented nowhere): what it
makes of two small mails, one with a seeded mistake, is compared with what we mean.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewer import repository
from reviewer.b4 import gitconfig, starters
from reviewer.errors import UsageError

MAIL = """\
Message-ID: <{name}@setup.kpf-review.invalid>
From: kpf-review <kpf-review@localhost>
To: nobody@localhost
Date: Mon, 4 Mar 2024 10:00:00 +0000
Subject: [PATCH] kpf-review: a sample
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

A sample, made to see that the checks of b4 work.

Signed-off-by: kpf-review <kpf-review@localhost>
---
 kpf-review-sample.c | 7 +++++++
 1 file changed, 7 insertions(+)

diff --git a/kpf-review-sample.c b/kpf-review-sample.c
new file mode 100644
index 000000000000..111111111111
--- /dev/null
+++ b/kpf-review-sample.c
@@ -0,0 +1,7 @@
+// SPDX-License-Identifier: GPL-2.0
+#define SAMPLE_MASK 3
+
+int sample(unsigned long value)
+{{
+	return {test} ? 1 : 0;
+}}
--\x20
kpf-review
"""
RULE = "mask-precedence"
SEEDED = "value & SAMPLE_MASK == SAMPLE_MASK"
CLEAN = "(value & SAMPLE_MASK) == SAMPLE_MASK"


class Proof(Struct, frozen=True):
    """What came of one setting."""

    key: str
    works: bool
    text: str


def proofs(folder: Path, version: str) -> Iterator[Proof]:
    """Try each setting as b4 would use it in ``folder``.

    Raises UsageError if b4 0.16 is not there to run them.
    """
    with repository.shown_to_b4(folder):
        yield from _proofs(_b4(folder), folder, version)


def _proofs(b4: Any, folder: Path, version: str) -> Iterator[Proof]:
    for key in gitconfig.keys(version):
        present = gitconfig.values(folder, key.name)
        if not key.several:
            yield _agent(key, present)
            continue
        ours = [value for value in present if gitconfig.is_ours(value)]
        if not ours:
            yield Proof(key.name, False, "not set: kpf-review setup b4 --write")
        elif key.ours not in ours:
            yield Proof(key.name, False, "of another version: setup b4 --write renews")
        elif not starters.are_made(()):
            yield Proof(
                key.name,
                False,
                "what it calls is gone or of another place: setup b4 --write renews",
            )
        else:
            yield _command(b4, key, present)


def _b4(folder: Path) -> Any:
    logging.getLogger("b4").addHandler(logging.NullHandler())
    logging.getLogger("b4").propagate = False
    try:
        import b4
        import b4.review.checks
    except ImportError as error:
        raise UsageError(f"b4 0.16 is needed for this: {error}") from None
    b4.can_network = False
    top = repository.top_for_b4(folder)
    b4.setup_config(argparse.Namespace(config={}), topdir=top)
    return b4


def _command(b4: Any, key: gitconfig.B4Setting, present: list[str]) -> Proof:
    # Whatever rules the person has chosen: the sample is for this one.
    command = f"{key.ours} --select {RULE}"
    for test, seeded in ((SEEDED, True), (CLEAN, False)):
        try:
            if key.name.startswith("b4.review-"):
                said = _review_says(b4, command, test)
            else:
                said = _lines_say(b4, command, test)
        except SystemExit as error:
            return Proof(key.name, False, f"b4 gave up (exit {error.code})")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return Proof(key.name, False, f"{type(error).__name__}: {error}")
        wanted = "--series" in key.ours or seeded == (RULE in said)
        if not wanted:
            sample = "the seeded sample" if seeded else "the clean sample"
            return Proof(key.name, False, f"{sample} got: {said or 'nothing'}")
    others = len(present) - 1
    beside = f", {others} more beside it" if others else ""
    return Proof(key.name, True, f"works{beside}")


def _review_says(b4: Any, command: str, test: str) -> str:
    """The result that b4's interface would show; raises ValueError if it is none."""
    name = "seeded" if test == SEEDED else "clean"
    message = _message(test)
    top = b4.git_get_toplevel() or os.getcwd()
    results = b4.review.checks.run_perpatch_checks([(name, message)], [command], top)
    (result,) = results[name]
    if result["tool"] != "kpf-review" or not isinstance(result["details"], str):
        raise ValueError(f"{result['summary']}: {result.get('details', '')}"[:300])
    details = result["details"]
    # The sample's thread is in no cache: a series check says so, and that is right.
    return details if details.startswith("[") and json.loads(details) else ""


def _lines_say(b4: Any, command: str, test: str) -> str:
    """What b4 am and prep would show; raises ValueError for what b4 calls a failure."""
    words = b4.review.checks.parse_cmd(command)
    report = b4.LoreMessage.run_local_check(words, "kpf-review", _message(test), True)
    text = "\n".join(line for flag, line in report if flag != "success")
    if any(flag == "fail" and "ERROR:" not in line for flag, line in report):
        raise ValueError(text[:300])
    return text.lower().replace("_", "-")


def _message(test: str) -> Any:
    from email import message_from_bytes, policy

    name = "seeded" if test == SEEDED else "clean"
    encoded = MAIL.format(name=name, test=test)
    header, _, body = encoded.partition("\n\n")
    body = body.replace("=", "=3D")
    return message_from_bytes(f"{header}\n\n{body}".encode(), policy=policy.default)


def _agent(key: gitconfig.B4Setting, present: list[str]) -> Proof:
    if not present:
        return Proof(key.name, False, "not set")
    value = present[-1]
    if key.name == "b4.review-agent-prompt-path":
        top = Path(value)
        there = top.is_absolute() and top.is_file()
        return Proof(key.name, there, "is there" if there else f"{value}: no such file")
    if value != key.ours:  # a tree may call its program by our name
        return Proof(key.name, False, f"not this kpf-review's, not tried: {value}")
    import shlex
    import subprocess

    try:
        done = subprocess.run(
            [*shlex.split(value), "--help"],
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Proof(key.name, False, str(error))
    works = done.returncode == 0
    return Proof(key.name, works, "works" if works else "does not start")
