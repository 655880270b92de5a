# SPDX-License-Identifier: GPL-2.0-or-later
"""What a name that changed means now: of one that only uses others, what they do."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.c.text import closing_bracket, declarations, normalised
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.structure.changed_structs import declared_member
from reviewer.prover.structure.step_words import LONGEST, quoted, where_they_part
from reviewer.prover.structure.table_rows import gone_and_come, other_rows, other_values

_OF_A_MACRO = regex(r"(?:None|\([^()]*\)) (\S.*)\Z")
_IS_ARRAY = regex(r"^[^={]*\[[^\[\]]*\][^=\[\]{]*= ?\{")  # of one dimension or more
_STARTS = regex(r"= ?\{")
DEEPEST = 8  # names behind names


def named_change(word: str, names: ChangedNames) -> str:
    """Returns a name with what changed about it: `LIMIT`, which was `4` and is `5`;
    `desc`, which leads to `rows`, which now has `[2] = 7`."""
    what = _own_change(word, names)
    if what:
        return f"{quoted(word)}, which {what}"
    for root in _behind(word, names):
        if what := _own_change(root, names):
            return f"{quoted(word)}, which leads to {quoted(root)}, which {what}"
    if word in names.texts:
        return f"{quoted(word)}, which changes"
    if struct := _struct_around(word, names):
        return f"members of {quoted(struct)}, which {_own_change(struct, names)}"
    roots = [root for root in _behind(word, names) if root in names.texts]
    if roots:
        return f"{quoted(word)}, which leads to {quoted(roots[0])}, which changes"
    return f"{quoted(word)}, which may mean something else"


def _behind(word: str, names: ChangedNames) -> Iterator[str]:
    """The changed names that a name uses, those it names itself first."""
    level, seen = [word], {word}
    for _depth in range(DEEPEST):
        level = sorted(
            used
            for name in level
            for used in names.uses.get(name, frozenset()) & names.changed
            if used not in seen
        )
        level = list(dict.fromkeys(level))
        seen.update(level)
        yield from level


def _struct_around(member: str, names: ChangedNames) -> str:
    """A struct that changes and has a member of this name, "" for none."""
    for name, texts in names.texts.items():
        if not all(": struct " in text for text in texts):
            continue
        lines = [declarations(_inside(text))[0] for text in texts]
        both = [{declared_member(normalised(one)) for one in side} for side in lines]
        if member in both[0] & both[1] and _own_change(name, names):
            return name
    return ""


def _own_change(word: str, names: ChangedNames) -> str:
    """What changed in the text of a name, "" where that is not said in a few words."""
    old, new = (text.partition(": ")[2] for text in names.texts.get(word, ("", "")))
    if any(" | " in _around_braces(text) for text in (old, new)):
        return ""  # several texts
    if bool(old) != bool(new):
        return "is new" if new else "is gone"
    one, two = (_OF_A_MACRO.match(text) for text in (old, new))
    if one and two:
        both = quoted(one[1]), quoted(two[1])
        if max(len(one[1]), len(two[1])) > LONGEST:
            both = where_they_part(one[1], two[1])
        return f"was {both[0]} and is {both[1]}"
    if old.startswith("struct ") and new.startswith("struct "):
        lines = [[normalised(line) for line in declarations(_inside(text))[0]]
                 for text in (old, new)]  # fmt: skip
        return gone_and_come(lines[0], lines[1])
    if _STARTS.search(old) and _STARTS.search(new):
        inside = _inside(old), _inside(new)
        values = other_values(*inside) if _IS_ARRAY.search(new) else ""
        return values or other_rows(*inside, "")
    return ""


def _around_braces(text: str) -> str:
    """What stands before the first brace of a text and behind the one that closes it;
    of several texts there is one behind it, too."""
    start = text.find("{")
    end = closing_bracket(text, start) if start >= 0 else -1
    return text[:start] + text[end + 1 :] if end > 0 else text


def _inside(text: str) -> str:
    return text.partition("{")[2].rpartition("}")[0]
