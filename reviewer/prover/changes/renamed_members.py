# SPDX-License-Identifier: GPL-2.0-or-later
"""A member of a struct that a change gives another name, in all that it edits.

The state before the change is written with the new name, which makes the same code of
it: a member is what lies at its place in the struct.  It is done only where no other
member that the file sees may be meant by either name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reviewer.c.source import Source, parse
from reviewer.c.text import IDENTIFIER
from reviewer.facts import Facts
from reviewer.facts.header import Header, header
from reviewer.patterns import regex
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.names.visible_headers import visible_headers
from reviewer.tree.views import C_FILES, edited_paths
from reviewer.utf8 import encode

_STRUCT = regex(r"\b(?:struct|union)\s")
_IN_BRACES = regex(r"\b(?:struct|union)\s++(?:\w++\s*+){0,3}\{")
_DECLARED = regex(r"\s*(?:;|,|\[|:(?!:))")  # what follows the name of a member
_TAG = regex(r"(?:struct|union|enum) ?\Z")
_MEMBER_OF = regex(rb"(?:->|(?<!\.)\.)\s{0,20}+\Z")
_BEFORE = 24  # bytes in which it stands
MOST_EDITED = 60  # files: more is another kernel, not a patch


Edit = tuple[int, int, bytes]  # from, to, what stands there


@dataclass(frozen=True, slots=True)
class RenamedMember:
    """A member and what it is called now, in the structs of these tags; ``is_twin``:
    it has both names."""

    old: str
    new: str
    structs: frozenset[str]
    is_twin: bool = False

    @property
    def told(self) -> str:
        """The sentence about it."""
        if self.is_twin:
            return f"`{self.old}` and `{self.new}` are two names of one member"
        return f"the member `{self.old}` is called `{self.new}` now"


Names = tuple[RenamedMember, ...]


def renamed_members(
    pre: Source, post: Source, facts_pre: Facts, facts_post: Facts
) -> Names:
    """Returns the members that a change only gives another name, of those that a file
    sees; ``pre``, ``post``: the file before and after it.

    Source: what the file and the headers that it includes define, before and after.
    """
    renamed = _renamed(facts_pre, facts_post)
    if not renamed:
        return ()
    seen = (*_seen(pre, facts_pre), *_seen(post, facts_post))
    return tuple(one for one in renamed if not _may_be_another(one, seen))


def edited_sources(one: Facts, two: Facts) -> tuple[str, ...]:
    """Returns the C files in which two states of a tree differ; none where these are
    two trees, or differ in more files than a patch does."""
    paths = edited_paths(one.view, two.view)
    if paths is None or len(paths) > MOST_EDITED:
        return ()
    return tuple(path for path in paths if path.endswith(C_FILES))


@lru_cache(maxsize=4)
def _renamed(one: Facts, two: Facts) -> Names:
    """The members that each changed struct with them has under another name alone."""
    paths = edited_sources(one, two)
    texts = list(_changed_texts(one, two, paths))
    tags: dict[tuple[str, str], set[str]] = {}
    for name, old, new in texts:
        for pair in (_substitution(old, new) or {}).items():
            tags.setdefault(pair, set()).add(name)
    after = [two.view.read(path) or b"" for path in paths]
    return tuple(
        RenamedMember(*pair, frozenset(structs))
        for pair, structs in tags.items()
        if all(_is_only_that(*pair, old, new) for _name, old, new in texts)
        and not any(_is_used(pair[0], data) for data in after)
    )


def _is_used(member: str, data: bytes) -> bool:
    """Whether a file still uses a member of that name."""
    word = encode(member)
    return word in data and any(
        _MEMBER_OF.search(data, max(0, found.start() - _BEFORE), found.start())
        for found in regex(rb"(?<!\w)" + word + rb"(?!\w)").finditer(data)
    )


def _changed_texts(
    one: Facts, two: Facts, paths: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Name and both texts of all that differs and is no function; "" where it is not
    there."""
    for path in paths:
        sides = [
            meanings_of(header(path, view.read(path) or b""))
            for view in (one.view, two.view)
        ]
        functions = sides[0].functions | sides[1].functions
        for name in (sides[0].texts.keys() | sides[1].texts.keys()) - functions:
            both = sides[0].texts.get(name, ""), sides[1].texts.get(name, "")
            if both[0] != both[1]:
                yield name, *both


def _substitution(old: str, new: str) -> dict[str, str] | None:
    """The words that a struct has others for, where that is all that differs."""
    if not (_STRUCT.search(old) and _STRUCT.search(new)):
        return None
    one, two = IDENTIFIER.findall(old), IDENTIFIER.findall(new)
    if len(one) != len(two) or IDENTIFIER.sub("", old) != IDENTIFIER.sub("", new):
        return None
    found = dict[str, str]()
    for before, after in zip(one, two, strict=True):
        if before != after and found.setdefault(before, after) != after:
            return None
    if len(set(found.values())) < len(found) or not set(one).isdisjoint(found.values()):
        return None
    return found if all(_is_member(word, old) for word in found) else None


def _is_member(word: str, text: str) -> bool:
    """Whether a word stands nowhere in a struct but as the name of a member."""
    body = text.find("{")
    if text[: max(0, body)].rstrip().endswith("="):
        return False  # the values of a variable
    return body > 0 and all(
        place.start() > body
        and _DECLARED.match(text, place.end())
        and not _TAG.search(text, 0, place.start())
        for place in regex(rf"(?<!\w){word}(?!\w)").finditer(text)
    )


def _is_only_that(old: str, new: str, before: str, after: str) -> bool:
    """Whether a changed text has neither name, or nothing but the new one for the old
    one differs in it."""
    if old not in IDENTIFIER.findall(before) and new not in IDENTIFIER.findall(after):
        return True
    found = _substitution(before, after)
    return found is not None and found.get(old) == new


def _seen(source: Source, facts: Facts) -> tuple[Header, ...]:
    """The file and the headers that it sees."""
    others = visible_headers(facts.view, source.path, source.data)
    return tuple(header(*one) for one in [(source.path, source.data), *others])


def _may_be_another(renamed: RenamedMember, seen: tuple[Header, ...]) -> bool:
    """Whether either name is a macro, or something has members of both names."""
    words = encode(renamed.old), encode(renamed.new)
    for one in seen:
        there = [word in one.data for word in words]
        if any(there) and not one.macros.keys().isdisjoint([renamed.old, renamed.new]):
            return True
        if all(there) and _has_both(one, {renamed.old, renamed.new}):
            return True
    return False


def _has_both(one: Header, pair: set[str]) -> bool:
    """Whether something with members, or a macro, has both names in it."""
    meant = meanings_of(one)
    for name, text in meant.texts.items():
        if pair <= set(IDENTIFIER.findall(text)) and (
            name not in meant.functions or _IN_BRACES.search(text)
        ):
            return True
    return any(pair <= set(IDENTIFIER.findall(call)) for call in meant.made)


def with_names(path: str, data: bytes, names: Names) -> bytes:
    """Returns a file with other names of members: behind ``.`` and ``->``, and in the
    structs that have them."""
    known = {encode(one.old): one for one in names}
    words = regex(rb"(?<!\w)(?:" + b"|".join(known) + rb")(?!\w)")
    if not words.search(data):
        return data
    inside = list(_structs(path, data))
    edits: list[Edit] = []
    for found in words.finditer(data):
        one, start = known[found[0]], found.start()
        if _MEMBER_OF.search(data, max(0, start - _BEFORE), start) or any(
            first <= start < last and tag in one.structs for tag, first, last in inside
        ):
            edits.append((start, found.end(), encode(one.new)))
    return with_edits(data, edits)


def with_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Returns a text with other pieces in it; no edit is in another one."""
    parts, at = [], 0
    for start, end, new in sorted(edits):
        parts += [data[at:start], new]
        at = end
    return b"".join([*parts, data[at:]])


def _structs(path: str, data: bytes) -> Iterator[tuple[str, int, int]]:
    """(tag, from, to) of each struct and union with a tag that the file defines."""
    source = parse(path, data)
    for node in source.walk(source.root, "struct_specifier", "union_specifier"):
        tag = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if tag is not None and body is not None:
            yield source.text(tag), body.start_byte, body.end_byte
