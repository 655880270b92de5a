# SPDX-License-Identifier: GPL-2.0-or-later
"""What code looks like, as text, in which this rule can find something.

Two operators are neighbours where only an operand stands between them: words, what is
in parentheses, signs of one operand.  Each shape begins with one of the two and looks
for the other.  Where the operand is longer, or nested deeper, than is looked at, the
shape holds: to parse a file for nothing costs little.
"""

from __future__ import annotations

_ROUND = rb"\([^()]*+\)"
for _level in range(3):
    _ROUND = rb"\((?:[^()]++|" + _ROUND + rb")*+\)"
_BRACES = rb"\{(?:[^{};]++|\{[^{};]*+\})*+\}"  # of (struct range){ .first = 1 }
_INDEX = rb"\[(?:[^\[\]()]++|" + _ROUND + rb")*+\]"
# & of an address, behind another sign; neutralising takes commas of ASSERT(a, ==, b)
_WORDS = rb"[\w\s.~]++|->|!(?!=)|" + _ROUND + rb"|" + _INDEX + rb"|" + _BRACES
_SIGNED = _WORDS + rb"|\+\+|--|[-+*/%](?:\s*+&(?!&))?"
_SHIFTED = _SIGNED + rb"|<<(?:\s*+&(?!&))?|>>(?:\s*+&(?!&))?"
_LONGEST = rb"{0,60}+"
# A block is none: it begins with a declaration, or holds a statement.
_BLOCK = rb"[^;{}]*+;|\s*+(?:(?!sizeof\b)\w++\s++\w|(?:if|for|while|switch|do)\b)"
_DEEP = rb"[(\[]|\{(?!" + _BLOCK + rb")"
_COMPARED = rb"[=!]=|<(?!<)|>(?!>)"
_MASKED = rb"&(?!&)|\|(?!\|)|\^|\.\.\."


def _between(part: bytes, ends: bytes) -> bytes:
    """An operand of such parts up to one of the ends, or as far as is looked."""
    rest = rb"(?:(?:,\s*+)?(?:" + ends + rb")|" + _DEEP + rb"|(?=" + part + rb"))"
    return rb"\s*+(?:,\s*+)?[&*!~+\-\s]*+(?:" + part + rb")" + _LONGEST + rest


# Signs of one operand, as the & of an address, stand behind an opening or another sign.
_OF_TWO = rb"(?<![(=!?:&|<>][&*+-])(?<![(=!?:&|<>] [&*+-])(?!=)"
_OR = rb"\|(?<!\|\|)(?![|=])"
_GREATER = rb">(?<!->)(?<!>>)(?!>)"
_LESS = rb"<(?<!<<)(?!<)"

_AND_THEN = _between(_SHIFTED, _COMPARED)
_COMPARISON_THEN = rb"=?+" + _between(_SHIFTED, _MASKED)
_NOT_THEN = _between(_WORDS + rb"|[-+*]", _COMPARED + rb"|&(?!&)|>>")
_SUM_THEN = _between(_SIGNED, rb"\?")
_SHIFT_THEN = _between(_SIGNED, rb"\?")
_OR_THEN = _between(_SHIFTED + rb"|&(?!&)|\^|" + _COMPARED, rb"\?")
_CALL_THEN = _between(_SHIFTED, _COMPARED)
_TARGET = rb"[\s(]*+\w++[\s)]*+=(?!=)"

SHAPES = (
    # x & K == K
    rb"&(?!&)" + _OF_TWO + _AND_THEN,
    _OR + _AND_THEN,
    rb"\^(?!=)" + _AND_THEN,
    rb"\.\.\." + _AND_THEN,
    # K == x & M
    rb"==" + _COMPARISON_THEN,
    rb"!=" + _COMPARISON_THEN,
    _LESS + _COMPARISON_THEN,
    _GREATER + _COMPARISON_THEN,
    # !x & C, !x == 3
    rb"!(?!=)" + _NOT_THEN,
    # a + b ? c : d, A | on ? B : 0
    rb"\+(?!\+)" + _OF_TWO + _SUM_THEN,
    rb"-(?![->])" + _OF_TWO + _SUM_THEN,
    rb"\*" + _OF_TWO + _SUM_THEN,
    rb"/(?!=)" + _SUM_THEN,
    rb"<<(?!=)" + _SHIFT_THEN,
    rb">>(?!=)" + _SHIFT_THEN,
    _OR + _OR_THEN,
    rb"\.\.\." + _OR_THEN,
    # (ret = f() < 0)
    rb"(?:[(,=&|?:!<>]|\breturn\b)" + _TARGET + _CALL_THEN,
    rb"for(?<!\wfor)\s*\([^;{}]{0,300}+(?:;" + _TARGET + _CALL_THEN + rb"|(?=[^;{}]))",
)
