# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names may be used as the number of a bit, or compared, anywhere in a tree.

A scan asks of ten thousands of names what the headers and the folder of a file do
with them, and for nearly all the answer is: nothing of the kind.  While it reads the
words of all files (``tree.word_index``) it keeps the names at such places.  These
finders let too many through and never too few: what they look for is what
``name_uses`` counts, with comments and continued lines in between.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.facts.lookup import Lookup
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.tree.word_index import WordIndex

NUMBERED = "numbered"
COMPARED = "compared"

# looked at and not taken: the name may be that of another call
_NAME = rb"(?=([A-Za-z_]\w*))"
_COMMENT = rb"/\*[^*]*+(?:\*++[^*/][^*]*+)*+\*++/"
_GAP = rb"(?:[\s\\\x80-\xff]++|" + _COMMENT + rb"|//[^\n]*+\n)*+"
_OPEN = rb"(?:[\s(\\\x80-\xff]++|" + _COMMENT + rb"|//[^\n]*+\n)*+"
_CLOSE = rb"(?:[\s)\\\x80-\xff]++|" + _COMMENT + rb")*+"

_SHIFTED_BY = regex(rb"<<" + _OPEN + _NAME)
_IN_BIT = regex(rb"BIT\w*" + _GAP + rb"\(" + _OPEN + _NAME)
_IN_CALL = regex(rb"_bit[\w\x80-\xff]*" + _GAP + rb"\(" + _OPEN + _NAME)

_CAST = (
    rb"(?:\w(?:[\w\s*\\\x80-\xff]++|" + _COMMENT + rb")*+\)" + _OPEN + _NAME + rb")?"
)
_EQUAL_TO = regex(rb"==" + _OPEN + _NAME + _CAST)
_OTHER_THAN = regex(rb"!=" + _OPEN + _NAME + _CAST)
_CASE = regex(rb"case" + _GAP + _NAME)
# in what is read from the end, where a comment looks the same
_BEFORE = regex(rb"=[=!]" + _CLOSE + rb"(?=(\w*[A-Za-z_]))")
_COMMENTS = regex(_COMMENT + rb"|//[^\n]*+")


def numbered(data: bytes) -> Iterator[bytes]:
    """Yields the names of a file that may be shifted by, or be given to BIT() or
    set_bit() and their like."""
    yield from _SHIFTED_BY.findall(data)
    yield from _IN_BIT.findall(data)
    yield from _IN_CALL.findall(data)


def compared(data: bytes) -> Iterator[bytes]:
    """Yields the names of a file that something may be compared with."""
    for pattern in (_EQUAL_TO, _OTHER_THAN):
        for name, behind_cast in pattern.findall(data):
            yield name
            yield behind_cast
    yield from _CASE.findall(data)
    yield from _compared_behind(data)
    licence = data.find(b"\n") if data.startswith(b"// SPDX") else 0
    if data.find(b"//", licence) >= 0:  # such a comment has only one end
        yield from _compared_behind(_COMMENTS.sub(b"", data))


def _compared_behind(data: bytes) -> Iterator[bytes]:
    """The names that stand before == or !=."""
    for name in _BEFORE.findall(data[::-1]):
        yield name[::-1]


FINDERS = {NUMBERED: numbered, COMPARED: compared}


def may_stand(
    kind: str, name: str, lookup: Lookup, view: View, near: str | None
) -> bool:
    """Says whether ``name_uses`` may count a use of that kind in what the file ``near``
    includes, in its folder or in include/; true where no scan has read all of these."""
    words: WordIndex | None = getattr(view, "words", None)
    if words is None or words.may_stand(kind, name):
        return True
    return near is not None and not lookup.includes_only(near, words.has_read)
