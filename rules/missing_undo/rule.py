# SPDX-License-Identifier: GPL-2.0-or-later
"""``return ret;`` in probe, where remove has pm_runtime_disable(dev).

Readers found these right nearly every time: a clock, runtime PM or an interrupt has
no other owner that turns it off, and where probe fails remove is not called.  What is
left of memory, references and locks has other owners too often: error-path-leak.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.file_memory import once_per_text
from reviewer.c.parts import parts_of
from reviewer.kit.acquire_release import NO_OTHER_OWNER, PAIRS
from reviewer.patterns import regex

RULE = Rule(
    name="missing-undo",
    summary="an error exit that leaves a clock, runtime PM or an interrupt on",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=(
        "<ee4a15c9cd4b574a55cd67c30d2411239ba2cee9.1693667005.git.christophe.jaillet@wanadoo.fr>",
        "<f167608e392c6b4d7d7f6e45e3c21878feb60cbd.1744958833.git.christophe.jaillet@wanadoo.fr>",
        "<20230416072040.58373-1-silver_code@hust.edu.cn>",
    ),
    trigger=rb"\breturn\b|\bgoto\b|\(",
    needs=(rb"\{",),
)


_WORD = regex(rb"[a-z_]\w+")


def _words(data: bytes) -> set[str]:
    """The words of a file; the patches of a series leave most functions as they are."""
    return set().union(*map(_words_of, parts_of(data)))


@once_per_text(1024)
def _words_of(part: bytes) -> frozenset[str]:
    return frozenset(word.decode() for word in set(_WORD.findall(part)))


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every error exit that leaves what remove undoes, or what is on and the
    way that goes on turns off."""
    words = _words(image.source.data)
    acquires = words & PAIRS.keys()
    if "probe" in words or any(PAIRS[n].sort in NO_OTHER_OWNER for n in acquires):
        # most patches do without the nine modules of the walk
        from reviewer.kit.error_exits.report import findings

        yield from findings(image, RULE, certain=True)
