# SPDX-License-Identifier: GPL-2.0-or-later
"""What changes in a file outside of all that is read of it: it is not compared.

A function that cannot be parsed as one, or code that a macro makes, would otherwise
go without a word; who reads that all verdicts are "equal" would take it for equal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised
from reviewer.facts.header import Header, header
from reviewer.prover.verdict import FunctionVerdict, Verdict

WHY = "code outside of a function that can be parsed"
MOST = 8  # that are told
_END = re.compile(r"[;{]")
_GOES_ON = re.compile(r"[ \t]*(?:[;,=\[]|__\w+|\w+[ \t]*[;,=\[])|\s*;")
# Read elsewhere (meanings): types, and variables with what they begin with.
_TYPE = re.compile(
    r"typedef\b|(?:(?:static|const|extern|__\w+)\s+)*(?:struct|union|enum)\b"
    r"[^={};]*(?<![)\s])\s*\{"
)
# &(const struct clk_init_data){ .. }: a value without a name
_UNNAMED = re.compile(
    r"([&=,({] ?)\((?:const |volatile |struct |union )*\w+(?: ?\*| ?\[\d*\])* ?\)"
    r"(?= ?\{)"
)
_TABLE = re.compile(r"[^(){}]*=|[^(){}]*;?\Z")
_DECLARES = re.compile(r"[^{}=]*\)\s*(?:__\w+\s*(?:\([^{}]*\)\s*)?)*;\Z")
_NAMED = re.compile(
    r"\b(?!(?:int|void|char|long|short|unsigned|signed|bool|typeof)\b)(\w+)\s*\)?\s*\("
)
_INVOCATION = re.compile(r"\w+\s*\([^{}]*\)\s*;?\Z")


def unread_changes(pre: Source, post: Source) -> tuple[FunctionVerdict, ...]:
    """Returns one verdict, "not decided", for each piece at file level that is another
    and that nothing reads; at most ``MOST``."""
    sides = [list(_pieces(source)) for source in (pre, post)]
    one, two = (Counter(text for text, _line in side) for side in sides)
    found = []
    for side, other in ((sides[1], one), (sides[0], two)):
        for text, line in side:
            if not other[text] and not _is_read(text):
                found.append((_name(text), line))
    return tuple(
        FunctionVerdict(
            name, name, Verdict.NOT_DECIDED, (), WHY, file=post.path, line=line
        )
        for name, line in list(dict(found).items())[:MOST]
    )


def _pieces(source: Source) -> Iterator[tuple[str, int]]:
    """(text, line) of what stands at file level between its functions."""
    head = header(source.path, source.data)
    code = _without_functions(source, head)
    at = 0
    while (found := _END.search(code, at)) is not None:
        end = found.end()
        if found[0] == "{":
            end = closing_bracket(code, found.start()) + 1
            if end <= 0:
                end = len(code)
            elif _GOES_ON.match(code, end):
                end = code.find(";", end) + 1 or len(code)
        text = normalised(code[at:end])
        if text:
            start = at + len(code[at:end]) - len(code[at:end].lstrip())
            yield text, head.line_of(start)
        at = end


def _without_functions(source: Source, head: Header) -> str:
    """The code with blanks instead of the functions that were parsed."""
    lines = head.code.split("\n")
    for function in source.functions:
        for line in range(function.first_line - 1, function.last_line):
            if line < len(lines):
                lines[line] = " " * len(lines[line])
    return "\n".join(lines)


def _is_read(text: str) -> bool:
    """Whether a piece is a type, a variable or a declaration, or made by a macro
    (which ``meanings`` keeps by itself)."""
    if _TYPE.match(text) or _DECLARES.match(text) or _INVOCATION.match(text):
        return True
    plain = _UNNAMED.sub(r"\1", text).replace(" ", "")
    return _TABLE.match(text) is not None and "){" not in plain


def _name(text: str) -> str:
    """What seems to be the name of a function, else how the piece begins."""
    found = _NAMED.findall(text.partition("{")[0])
    if found:
        return found[-1]
    names = IDENTIFIER.findall(re.split(r"[={\[;]", text, maxsplit=1)[0])
    return names[-1] if names and "=" in text else text[:30].strip()
