# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a test that a remark takes for new stands around the change, unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from reviewer.factcheck.function_bodies import C_FILES
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground, function_of
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import decode

FAILS_NOW = regex(
    r"\b(?:now|new|updated|changed|no longer|instead of succeeding)\b"
    r"(?=[^.?!]*\b(?:fail|return|reject|abort|refus)\w*\b[^.?!]{0,60}(?P<error>-E[A-Z]+))"
)
TEST = regex(r"^\s*(?:\} else )?if \((?P<test>.*)\)(?: \{)?$")
OPERATOR = regex(r"[<>=!]=|[<>]")
ASSIGNED = regex(r"\b(?P<name>\w+)\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)(?P<value>.*)")
WORD = regex(r"[A-Za-z_]\w+")


def not_new(remark: Remark, ground: Ground) -> Mark | None:
    """Returns the mark that a test, and the error behind it, which a remark says to be
    new, stand in the function before the series, and no patch adds them; else None.

    So it is not said where the remark tells by what the patch changes the operands.
    """
    anchor, what = remark.anchor, claims_in(remark.text)
    if anchor is None or not anchor.file.endswith(C_FILES) or ground.base is None:
        return None
    for sentence in what.sentences:
        match = FAILS_NOW.search(sentence)
        error = match["error"] if match is not None else ""
        for place in _places(error, remark, ground) if error else ():
            where = f"{place.file}:{place.line}"
            fact = f"that test and its {error} stand there before the series: {where}"
            return Mark(Decision.OLD, sentence, fact, (place,), refutes=True)
    return None


def _places(error: str, remark: Remark, ground: Ground) -> Iterator[Evidence]:
    """The tests of the tree that the remark spells out, with that error behind them."""
    assert remark.anchor is not None
    assert ground.base is not None
    anchor = remark.anchor
    lines = [x for x in ground.lines_until(anchor.patch) if x.file.path == anchor.file]
    added = [one.line.text for one in lines if one.line.kind == "+"]
    new = {"".join(text.split()) for text in added}
    path = next((one.file.old_path for one in lines if one.file.old_path), "")
    data = ground.base.read(path) or b""
    texts = decode(data)
    written = "".join(remark.text.split())
    for number, (text, behind) in enumerate(pairwise(texts.split("\n")), start=1):
        test = TEST.match(text)
        told = "".join(test["test"].split()) if test is not None else ""
        if not OPERATOR.search(told) or told not in written:
            continue
        name = function_of(path, data, number)
        named = name is not None and name in claims_in(remark.text).functions
        old = "".join(text.split()) not in new and not _moved(told, added, remark)
        if named and old and behind.strip() == f"return {error};":
            yield Evidence(path, number, text.strip())


def _moved(test: str, added: Iterable[str], remark: Remark) -> bool:
    """Whether the remark names by what an added line changes a value that is tested:
    then the test may hold now where it did not before."""
    names = set(WORD.findall(test))
    for text in added:
        match = ASSIGNED.search(text)
        if match is None or match["name"] not in names:
            continue
        told = set(WORD.findall(match["value"])) - names
        if any(re.search(rf"\b{re.escape(one)}\b", remark.text) for one in told):
            return True
    return False
