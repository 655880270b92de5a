# SPDX-License-Identifier: GPL-2.0-or-later
"""Code inside sentences, set in the face of code."""

from __future__ import annotations

from typing import Any

from reviewer.output.escaping import html
from reviewer.patterns import regex

LONGEST = 20_000  # characters of a text that are looked through
_MEMBERS = r"(?:(?:->|\.(?=[A-Za-z_]))\w++)*+"
_NAME = rf"[A-Za-z_]\w*+{_MEMBERS}(?:\(\w*+\){_MEMBERS})?"
_CAST = r"\((?:unsigned |signed )?(?:long|int|short|char|[us](?:8|16|32|64))(?: \*)?\)"
_TERM = rf"[!~*(&]{{0,3}}(?:0x[0-9A-Fa-f]++|\d++[uUlL]*+|{_NAME})\){{0,3}}"
_OPERATOR = r"(?:&&?|\|\|?|==|!=|<<|>>|[&|]=)"
_GIVEN = r"[&*]?\w++(?:->\w++)*+"  # what a call is given
_SURE = regex(r"[_(\d]|->|==|!=|&&|\|\||<<|>>")  # makes an expression one of C
_ENDS = r"(?::\d++)?(?=[\s,;:.)]|$)"
# two folders and more, or a file with an ending; no date, and no "A/B/C"
_PATH = (
    r"(?=[\d/.-]*+[A-Za-z_])(?=[\w.+-]{2})(?:(?:[\w.+-]++/){2,}"
    r"(?:[\w+-]++(?:,[\w+-]++)?(?:\.\w{1,5})?)?|[\w.+-]++/[\w+-]++\.\w{1,5})"
)
_FILE = r"[\w-]++\.(?:[chS]|rst|dtsi?|yaml|txt)"
_ABSOLUTE = r"(?<![\w@/.>-])/(?:[\w-]++/)++[\w-]++(?:\.\w++)?"
CODE = regex(
    rf"(?<![\w@/.-])(?:{_TERM}(?:[ \n]{_OPERATOR}[ \n]{_TERM}){{1,8}}"  # an expression
    rf"|(?:{_PATH}|{_FILE}){_ENDS}"
    r"|[A-Za-z]\w*+(?:(?:->|\.(?=[A-Za-z_]))\w++)*+\(\)"  # a call
    rf"|(?:{_CAST}|&)?[A-Za-z_]\w*+(?:\(\w++\))?(?:->\w++)+"  # a member
    # a name that no prose has, and what it is called with
    r"|(?:(?=\w*[A-Za-z])(?=\w*_)\w++|[A-Z][a-z]+[A-Z]\w*+(?=\(\w))"
    rf"(?:\((?!e?s\))(?:{_GIVEN}(?:, {_GIVEN}){{0,4}})?\))?"
    r"|0x[0-9A-Fa-f]++"
    rf")(?![\w@])|{_ABSOLUTE}|`[^`\n]{{1,200}}`"
    r"|(?<=')kpf-review(?:[ \n][\w<>./@+-]++){1,4}(?=')"  # a command that is quoted
    r'|(?<=")(?:if|while|for|switch) ?\([^"\n]{1,60}\)(?=")'
    r"|(?<=[ \n])(?:==|!=|&&|\|\|)(?=[ \n])"  # an operator that is spoken of
)


def with_code_marked(text: str) -> Any:
    """Returns a sentence as markup: names, calls, paths and expressions of C as code.

    All else is escaped; what only looks like code costs a change of face.
    """
    from markupsafe import Markup

    parts, done = [], 0
    for match in CODE.finditer(text[:LONGEST]):
        code = match[0].strip("`")
        sure = code != match[0] or _SURE.search(code) or code.startswith("kpf-review")
        if not sure and len(code.split()) > 1:
            continue  # R & D
        parts.append(html(text[done : match.start()]))
        parts.append(f"<code>{html(code)}</code>")
        done = match.end()
    parts.append(html(text[done:]))
    return Markup("".join(parts))
