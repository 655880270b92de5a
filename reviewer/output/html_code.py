# SPDX-License-Identifier: GPL-2.0-or-later
"""Code inside sentences, set in the face of code."""

from __future__ import annotations

from typing import Any

from reviewer.output.safe import html
from reviewer.patterns import regex

LONGEST = 20_000  # characters of a text that are looked through
_NAME = r"[A-Za-z_]\w*+(?:(?:->|\.(?=[A-Za-z_]))\w++)*+(?:\(\))?"
_TERM = rf"[!~*(]{{0,3}}(?:0x[0-9A-Fa-f]++|\d++|{_NAME})\){{0,3}}"
_OPERATOR = r"(?:&&?|\|\|?|==|!=|<<|>>|[&|]=)"
# two folders and more, or a file with an ending; no date, and no "A/B/C"
_PATH = (
    r"(?=[\d/.-]*+[A-Za-z_])(?=[\w.+-]{2})(?:(?:[\w.+-]++/){2,}[\w+-]++(?:,[\w+-]++)?"
    r"(?:\.\w{1,5})?|[\w.+-]++/[\w+-]++\.\w{1,5})"
)
# an expression; a path, perhaps with a line; a call; a member; a name with a "_"
CODE = regex(
    rf"(?<![\w@/.-])(?:{_TERM}(?: {_OPERATOR} {_TERM}){{1,8}}"
    rf"|{_PATH}"
    r"(?::\d++)?(?=[\s,;:.)]|$)"
    r"|[A-Za-z]\w*+(?:(?:->|\.(?=[A-Za-z_]))\w++)*+\(\)"
    r"|[A-Za-z_]\w*+(?:->\w++)+"
    r"|(?=\w*[A-Za-z])(?=\w*_)\w++"
    r"|0x[0-9A-Fa-f]++"
    r")(?![\w@])"
)


def coded(text: str) -> Any:
    """Returns a sentence as markup: names, calls, paths and expressions of C as code.

    All else is escaped; what only looks like code costs a change of face.
    """
    from markupsafe import Markup

    parts, done = [], 0
    for match in CODE.finditer(text[:LONGEST]):
        parts.append(html(text[done : match.start()]))
        parts.append(f"<code>{html(match[0])}</code>")
        done = match.end()
    parts.append(html(text[done:]))
    return Markup("".join(parts))
