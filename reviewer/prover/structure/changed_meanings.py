# SPDX-License-Identifier: GPL-2.0-or-later
"""Which words of a statement mean something else after a change.

A struct that gains a member, or has its members in another order, is the same to code
that uses the others: only its size, the places of its members and casts to it change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reviewer.c.text import IDENTIFIER, normalised, without_literals, without_strings
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.changes.name_users import add_users
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.macro_at_line import moved_macros
from reviewer.prover.names.pasted_names import is_made_of, pasted_tokens
from reviewer.prover.structure.asked_layouts import (
    AS_NUMBER,
    asks_for_layout,
    how_asked,
)
from reviewer.prover.structure.changed_lengths import (
    sees_length,
    structs_of_other_lengths,
)
from reviewer.prover.structure.changed_structs import (
    CONTAINERS,
    KEYWORDS,
    holders_of,
    is_only_said,
    struct_change_of,
    struct_of_both,
    type_words,
    without_tags,
)
from reviewer.prover.structure.compared_addresses import (
    only_compared,
    tables_that_stay,
    without_compared,
)
from reviewer.prover.structure.declared import ADDRESS, NUMBER, NUMBERS
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.structure.steps import PLAIN, Step
from reviewer.prover.structure.unchanged_sizes import (
    copying,
    hands_address,
    holds_none,
    without_copies,
)

_TOKEN = regex(r"\w+")
_MEMBER = regex(r"(?:\.|->)\s*([A-Za-z_]\w*)")
# a member, and the variable that it is of; none where it is of something else
_ACCESS = regex(r"(?:(?<![\w.>)\]])(\w+)\s*)?(?:->|\.)\s*([A-Za-z_]\w*)")
_NUMBER_CAST = regex(
    r"\(\s*(?:unsigned\s+)?(?:long|u8|u64|s8|ulong|size_t)\s*\)\s*(\w+)\b"
    r"(?!\s*(?:->|\[|\.))"
)
_IN_A_STRUCT = regex(  # &p->m, &p->m[0]
    r"(?<!&)&\s*(\w+)->\w+\b(?:\s*\[\s*0\s*\](?!\s*\.))?(?!\s*(?:->|\[|\())"
)
_STRUCT_CAST = regex(r"\(\s*struct\s+(\w+)\s*\*\s*\)\s*(\w+)\b(?!\s*(?:->|\.|\[))")
_TAKEN = regex(r"\b(\w+) ?= ?& ?\w++(?:(?:->|\.)[\w\[\]]++)++ ?(?=;)")
_NO_TAG = ("", NUMBER, NUMBERS, ADDRESS)
_STORE = r"(?: ?\[[^\[\]=]*+\]| ?\. ?\w++)*+ ?=(?!=)"
_IN_BRACKETS = regex(r"\[([^\[\]]*+)\]")
_POINTER = regex(r"\b(?:struct|union)\s+\w+\s*\*")  # to what is not looked into
_ROW = regex(r"\{\s*([^\s.{}\[])")
_VALUES = regex(r"(?:=|\(\s*(?:const )?struct \w+\s*\))\s*\{\s*[^\s.}]")
DEEPEST = 4


class ChangedMeanings:
    """Answers for the functions of one file."""

    def __init__(
        self,
        names: ChangedNames,
        definitions: tuple[Definitions, Definitions],
        lines: tuple[int, int],
    ) -> None:
        """``lines``: where the function begins on each side."""
        self.definitions = definitions
        self.tables, self.differ = names.tables, names.differ
        twins = names.differ & names.functions  # of a struct that is what it was
        self.other_structs = names.differ - {
            n for n in twins if struct_of_both(n, definitions)
        }
        self.only_said = {
            n for n in names.differ if is_only_said(names, n, definitions)
        }
        begin = names.differ - self.only_said | moved_macros(
            (definitions[0].here, definitions[1].here), lines
        )
        self.laid_out: set[str] = set()  # structs with another layout
        self.members: set[str] = set()  # that are others now
        names = replace(names, uses=without_tags(names, definitions))
        self.same_tables = tables_that_stay(names, definitions)
        uses = without_compared(names.uses, self.same_tables, definitions)
        for name in begin - names.functions:
            change = struct_change_of(name, *names.texts.get(name, ("", "")))
            if change is not None and change.members is not None:
                self.laid_out.add(name)
                self.members |= change.members
                uses[name] = change.kept  # a new type of a new member changes no other
        self.lengths: dict[str, int] = {}  # of arrays that have another, the shorter
        self.indexed = False  # one of these was used in a step
        for name, found in structs_of_other_lengths(begin, names, definitions):
            self.laid_out.add(name)
            self.lengths |= found
            uses[name] -= begin & names.macros
        self.hard = add_users(set(begin - self.laid_out), uses)
        self.through = add_users(set(self.laid_out), names.uses) - self.hard
        self.inside = holders_of(self.laid_out, self.through, names, definitions)
        self.inside -= self.hard
        rows = {n for n in names.tables.keys() & self.through
                if _ROW.search(names.tables[n])}  # fmt: skip
        self.hard |= add_users(rows, names.uses)
        self._types()
        self._unions()
        for name in names.functions & self.through:
            words = names.uses.get(name, frozenset())
            body = names.bodies.get(name, "{ (char *)p }")
            if "{" not in body:
                continue  # a declaration: struct p * in it is no cast
            by_place = asks_for_layout(body, self.through) or _VALUES.search(body)
            if by_place or not words.isdisjoint(self.members | self.lengths.keys()):
                self.hard.add(name)
        if self.laid_out:
            spread_functions(self.hard, names)
        self._macros: dict[str, tuple[str, frozenset[str]]] = {}
        self._shown: dict[str, bool] = {}
        self._prototypes: dict[str, bool] = {}
        self.pieces: set[str] = set()  # of names that macros at file level may make
        self.made: set[str] = set()  # names that they may make of their own
        self.joined: set[str] = set()  # what they paste together
        for made in names.made:
            self._make(made)

    def _types(self) -> None:
        """Types that are others: their members, and what is declared by them. A struct
        is none for a variable that has the name of its tag."""
        self.types: set[str] = set()
        for name in self.hard:
            others = self.hard - {name}
            for side in self.definitions:
                both = *side.structs("struct", name), *side.structs("union", name)
                if name not in self.other_structs and others.isdisjoint(
                    word for text, *_ in both for word in type_words(text)
                ):
                    both = ()
                for text, *_ in both:
                    words = set(IDENTIFIER.findall(normalised(text)))
                    self.members |= words - KEYWORDS
                tagged = side.enum_tagged(name) is not None
                if both or tagged or side.typedefs(name):
                    self.types.add(name)

    def _unions(self) -> None:
        """Members of unions that hold a struct with another layout: what is stored to
        one lies elsewhere in the others."""
        for name in self.inside:
            for side in self.definitions:
                both = *side.structs("struct", name), *side.structs("union", name)
                for text, *_ in both:
                    words = set(IDENTIFIER.findall(_POINTER.sub(" ", text)))
                    held = not self.inside.isdisjoint(words - {name})
                    if "union" in words and held:
                        self.members |= words

    def is_taken_otherwise(self, head: str) -> bool:
        """Says whether a function is declared with a type that is another one now; a
        pointer to a struct of which members are others is none."""
        return any(
            word in self.types
            and not regex(rf"\b(?:struct|union)\s+{word}\s*\*(?!\s*\*)").search(head)
            for word in IDENTIFIER.findall(head)
        )

    def names_changed(self, text: str) -> bool:
        """Says whether a text, such as the #if around a function, has a name that
        changed."""
        return not self.hard.isdisjoint(IDENTIFIER.findall(text))

    def _by_prototype(self, word: str) -> bool:
        """Whether a function that is not seen is declared with such a type."""
        if not self.types or word in self.hard:
            return False
        if word not in self._prototypes:
            self._prototypes[word] = any(
                not self.types.isdisjoint(IDENTIFIER.findall(f"{returns} {given}"))
                for side in self.definitions
                for returns, given in side.prototypes(word)
            )
        return self._prototypes[word]

    def _make(self, made: str) -> None:
        words = IDENTIFIER.findall(without_strings(made))
        macro, *given = words[words[0] in ("static", "extern") :]
        self.pieces.update(given)
        for side in self.definitions:
            for one in macros_of(side, [macro]):
                self.made.update(IDENTIFIER.findall(one.body))
            self.joined |= pasted_tokens(side, words) or frozenset()
            joins = [one.body for one in side.here.defines if "##" in one.body]
            for body in joins:  # which may have been in it where the list stands
                self.joined.update(_TOKEN.findall(body), _handed_to(side, macro))

    def is_macro(self, word: str) -> bool:
        """Says whether a name is a macro on one side."""
        return any(side.is_macro(word) for side in self.definitions)

    def _made_of(self, words: frozenset[str]) -> set[str]:
        """The words that a macro at file level may have made otherwise."""
        found = set(words & self.made)
        found |= {w for w in words if any(piece in w for piece in self.pieces)}
        if self.joined:
            found |= {word for word in words if is_made_of(word, self.joined)}
        return {word for word in found if not self._is_shown(word)}

    def _is_shown(self, word: str) -> bool:
        """Whether it is seen on both sides what a name means."""
        if word not in self._shown:
            self._shown[word] = word in KEYWORDS or all(
                known.is_macro(word)
                or known.functions(word)
                or known.prototypes(word)
                or known.variable(word)
                or known.enum(word)
                or known.typedefs(word)
                or known.structs("struct", word)
                for known in self.definitions
            )
        return self._shown[word]

    def of(self, step: Step, locals_: Mapping[str, str]) -> frozenset[str]:
        """Returns the words in a step's own text that mean something else.

        ``locals_``: variables and parameters of the function, of those that are
        structs or point to one its tag.
        """
        words = frozenset(
            IDENTIFIER.findall(_POINTER.sub(" ", without_strings(step.text)))
        )
        found = {
            word
            for word in step.words & words & self.hard
            if word not in locals_ or self.is_macro(word)
        }
        found -= {word for word in found if self._is_only_stored_to(word, step)}
        found -= {w for w in found & self.same_tables if only_compared(step.text, w)}
        found |= self._made_of(step.words - locals_.keys()) | self._pasted(step.text)
        if not (self.laid_out or self.types):
            return frozenset(found)
        found |= {w for w in step.words - locals_.keys() if self._by_prototype(w)}
        found |= {
            member
            for base, member in _ACCESS.findall(without_strings(step.text))
            if member in self.members and not self._is_kept(locals_.get(base, ""))
        }
        if not step.members.isdisjoint(self.lengths):
            self.indexed = True
            if sees_length(step, self.lengths, locals_.keys(), self.definitions):
                found |= self.laid_out
        text = without_copies(self, without_literals(step.text), locals_)
        copies = copying(self, step.text) - {*IDENTIFIER.findall(text)}
        for word in step.words - locals_.keys() - KEYWORDS - copies:
            asked, members = self._macro(word)
            if asked == AS_NUMBER and not hands_address(self, step.text, locals_):
                asked = ""
            if asked and not self.are_kept(step.words - {word}, locals_):
                found |= self.laid_out | self.types
            found |= members & self.members
        text = _NUMBER_CAST.sub(
            lambda cast: "" if locals_.get(cast[1]) == NUMBER else cast[0], text
        )
        text = _STRUCT_CAST.sub(
            lambda one: one[2 * self._is_same_cast(one[1], locals_.get(one[2], ""))],
            text,
        )
        text = _TAKEN.sub(  # a pointer to one member
            lambda one: one[0] if locals_.get(one[1], "") in _NO_TAG else "", text
        )
        text = _IN_A_STRUCT.sub(
            lambda one: "" if holds_none(self, locals_.get(one[1], "")) else one[0],
            text,
        )
        if asks_for_layout(text, self.through | self.types):
            found |= self.laid_out | self.types
        if _ROW.search(text):
            found |= step.words & self.through
        return frozenset(found)

    def _is_same_cast(self, to: str, tag: str) -> bool:
        """Whether a pointer that is cast to one to a struct leads to what it led to: a
        void pointer may lead to any that others do not change."""
        if tag != ADDRESS:
            return holds_none(self, to) and holds_none(self, tag)
        return to not in self.types | self.hard

    def _is_only_stored_to(self, word: str, step: Step) -> bool:
        """Whether all that a step does with a table is a store to a member, wherever
        that leads no further: what it begins with does not count there."""
        if step.kind != PLAIN or step.text.count(word) != 1:
            return False
        texts = [one for one in self.tables.get(word, "").split(" | ") if "=" in one]
        if len(texts) != 1 or word in self.differ:
            return False
        text = texts[0]
        head = text.partition("=")[0]
        sized = set(IDENTIFIER.findall(" ".join(_IN_BRACKETS.findall(text))))
        if "[]" in head.replace(" ", ""):  # as long as its rows say
            sized |= {one for one in IDENTIFIER.findall(text) if self.is_macro(one)}
        kept = (self.hard | self.types | self.laid_out).isdisjoint(sized)
        return kept and regex(rf"{word}{_STORE}").match(step.text) is not None

    def _is_kept(self, tag: str) -> bool:
        """Whether a struct is what it was, with all that is in it."""
        if not tag or tag == ADDRESS:
            return False
        others = self.types | self.laid_out | self.hard | self.through
        return tag not in others and not self.is_macro(tag)

    def are_kept(
        self, words: Iterable[str], locals_: Mapping[str, str], deep: bool = True
    ) -> bool:
        """Says whether no name leads to something with another layout: not by its
        type, by what it calls, or by what a macro at file level makes of it; not
        ``deep``: whether none is that or holds it."""
        others = self.types | self.laid_out | self.hard
        others |= self.through if deep else self.inside
        for word in words:
            if word in locals_ and not self._is_kept(locals_[word]):
                return False
            if word in others or self._by_prototype(word):
                return False
            if word not in locals_ and not self._is_shown(word):
                made = self._made_with(word)
                if made is None or not others.isdisjoint(made):
                    return False
        return True

    def _made_with(self, word: str) -> set[str] | None:
        """The words that macros at file level are handed with one, None for a name
        that none is handed."""
        calls = [
            IDENTIFIER.findall(made)
            for side in self.definitions
            for made in meanings_of(side.here).made
        ]
        found = [words for words in calls if word in words]
        return {name for words in found for name in words} if found else None

    def _pasted(self, text: str) -> set[str]:
        """The changed names that macros in a text may paste together."""
        changed = self.hard | self.laid_out | self.members
        words = _TOKEN.findall(without_strings(text))
        pieces = [pasted_tokens(side, words) for side in self.definitions]
        return {
            name
            for tokens in pieces
            if tokens is not None
            for name in changed
            if is_made_of(name, tokens)
        }

    def _macro(self, word: str, depth: int = 0) -> tuple[str, frozenset[str]]:
        """How a macro asks for a size or a place, and the members that it uses."""
        known = self._macros.get(word)
        if known is None:
            self._macros[word] = "", frozenset()  # of a recursion
            known = self._read_macro(word, depth)
            self._macros[word] = known
        return known

    def _read_macro(self, word: str, depth: int) -> tuple[str, frozenset[str]]:
        asked, members = {""}, frozenset[str]()
        if word in CONTAINERS or is_print(word) or depth > DEEPEST:
            return "", frozenset()
        for side in self.definitions:
            for macro in side.macros(word):
                words = frozenset(IDENTIFIER.findall(without_strings(macro.body)))
                members |= frozenset(_MEMBER.findall(macro.body))
                given = macro.parameters or ()
                asked.add(how_asked(macro.body, self.through, given))
                for other in words - {word} - KEYWORDS:
                    there = self._macro(other, depth + 1)
                    asked.add(there[0])
                    members |= there[1]
        return max(asked), members


def _handed_to(side: Definitions, name: str) -> set[str]:
    """The words and numbers in the text of a macro."""
    return {one for text in side.macros(name) for one in _TOKEN.findall(text.body)}


def spread_functions(hard: set[str], names: ChangedNames) -> None:
    """Adds what uses a function that changed to the changed names."""
    uses = {n: words for n, words in names.uses.items() if n in names.functions}
    add_users(hard, uses)
