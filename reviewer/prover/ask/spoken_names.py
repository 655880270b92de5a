# SPDX-License-Identifier: GPL-2.0-or-later
"""What an answer hangs on, in words: the names of unknown terms are made for z3."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.patterns import regex

MOST = 4  # that are told
LONGEST = 60  # characters of a piece of code
_SIDE = regex(r" \[(?:before|after)\]")
_PLACED = regex(r"\$\d+:(?:(?:struct|union|enum) )?\w+\**(?:\[\w*\])*")
# What is only computed from other unknown terms, which are told as well.
_DERIVED = regex(
    r"\([^()]*\)[\w *]+|\(type of .*|unknown .*|.* unknown|type of .*|.* type of .*"
    r"|truth of .*|call of \(.*\)\(\)|.*=BitVec.*"
)
# What stands in macros of the compiler's and of debugging, and not in the function.
_INNER = regex(r"__builtin_\w+\(.*|defined\(.*|__(?:LINE|FILE|func)__")
OTHERWISE = "may mean something else"  # named on both sides, and not known to be one
_WORDS = (
    (regex(r"&(?:local|stack) .*|stack .*"), "a local variable whose address is taken"),
    (regex(r"\*\(.*\)"), "what lies behind a pointer"),
    (regex(r"uninitialised .*"), "a variable before it has a value"),
    (regex(r".* (?:<<|>>) out of range"), "a shift by more than the width"),
    (regex(r"(?:.* )?under \..*"), "a member of a union after a store to another"),
    (regex(r"container_of (.*) \S+"), r"container_of() of a \1"),
    (regex(r"global (\w+)"), r"the value of \1"),
    (regex(r"string (.*)|undeclared (\w+)"), r"\1\2"),
    (regex(r"((?:for|while|do|switch|if)\b.*?) (?:-> \d+|returns|leaves to .*)"),
     r"what `\1` does"),
    (regex(r"(.*) -> \d+"), r"what `\1` changes"),
)  # fmt: skip


def spoken(names: Iterable[str]) -> str:
    """Returns the names of unknown terms as a person would put them, the first few;
    what is no word of the function only where there is nothing else."""
    told = dict.fromkeys(names)
    plain = [name for name in told if not _DERIVED.fullmatch(_SIDE.sub("", name))]
    if not plain:
        return "a value that is not followed"
    plain = [name for name in plain if not _INNER.match(name)] or plain
    return ", ".join(list(dict.fromkeys(map(_spoken, plain)))[:MOST])


def _spoken(name: str) -> str:
    own = _SIDE.sub("", name)
    text = _PLACED.sub("..", own.replace("\n", " "))
    for pattern, words in _WORDS:
        found = pattern.fullmatch(text)
        if found:
            text = found.expand(words)
            break
    if len(text) > LONGEST:
        text = _cut(text)
    return text if own == name else f"{text}, which {OTHERWISE}"


def _cut(text: str) -> str:
    short = text[: LONGEST - 3].rstrip()
    return short + "..." + "`" * (short.count("`") % 2)


def shown(name: str) -> str:
    """Returns a piece of code without the types that its variables are marked with."""
    return _PLACED.sub("..", _SIDE.sub("", name))


def first_shown(names: list[str]) -> str:
    """Returns one of some pieces of code, of those that stand in the function first."""
    return shown(next((one for one in names if not _INNER.match(one)), names[0]))


def became(before: str, after: str) -> str:
    """Returns how one call took the place of another."""
    one, two = shown(before), shown(after)
    return f"{one} {OTHERWISE}" if one == two else f"{one} became {two}"
