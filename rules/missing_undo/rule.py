# SPDX-License-Identifier: GPL-2.0-or-later
"""``return ret;`` in probe, where remove has pm_runtime_disable(dev).

Readers found these right nearly every time: a clock, runtime PM or an interrupt has
no other owner that turns it off, and where probe fails remove is not called.  What is
left of memory, references and locks has other owners too often: error-path-leak.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.file_memory import once_per_text
from reviewer.c.parts import parts_of
from reviewer.kit.acquire_release import NO_OTHER_OWNER, PAIRS
from reviewer.utf8 import encode

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


_IN_WORDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_APART = bytes(code if code in _IN_WORDS else 0x20 for code in range(256))


@cache
def _telling() -> frozenset[bytes]:
    """The words that say that a file may have what this rule is about."""
    owned = (name for name, pair in PAIRS.items() if pair.sort in NO_OTHER_OWNER)
    return frozenset(map(encode, ("probe", *owned)))


def _has_telling_words(data: bytes) -> bool:
    """Whether a file has one; the patches of a series leave most functions as they
    are."""
    return any(map(_words_of, parts_of(data)))


@once_per_text(1024)
def _words_of(part: bytes) -> frozenset[bytes]:
    return _telling().intersection(part.translate(_APART).split())


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every error exit that leaves what remove undoes, or what is on and the
    way that goes on turns off."""
    if _has_telling_words(image.source.data):
        # most patches do without the nine modules of the walk
        from reviewer.kit.error_exits.report import findings

        yield from findings(image, RULE, certain=True)
