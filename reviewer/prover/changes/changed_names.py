# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names mean different things before and after a change.

An unknown function or an unread piece of code stands for the same thing on both
sides only if nothing that it mentions was changed: not in the file, not in a header
that it sees, by whatever way, and not in another file of the same series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER, normalised
from reviewer.c.vocabulary import KEYWORDS
from reviewer.facts import Facts
from reviewer.facts.forced_headers import forced_headers
from reviewer.facts.header import Header, header
from reviewer.prover.changes.brought_headers import defined_again, headers_of_one_side
from reviewer.prover.changes.compiler_flags import (
    DATA,
    changed_flags,
    forced_by_makefiles,
)
from reviewer.prover.changes.file_meanings import Meanings, included_word, meanings_of
from reviewer.prover.changes.include_order import moved_names
from reviewer.prover.changes.included_lists import lists_and_words, pastes, words_inside
from reviewer.prover.changes.macro_calls import made_otherwise, makes_members
from reviewer.prover.changes.moved_functions import differing_statics
from reviewer.prover.changes.name_users import LastUsers, add_users
from reviewer.prover.changes.pragmas import pragmas
from reviewer.prover.changes.unplaced_headers import (
    asking_for_headers,
    includes_by_macro,
    may_be_included,
)
from reviewer.prover.names.visible_headers import WORDS_ONLY, visible_headers
from reviewer.tree.views import edited_paths
from reviewer.utf8 import encode

MANY = 40  # headers that differ: more is another kernel, not a patch
MOST_READ = 400  # headers that use a changed name and are read for it
FEW = 100  # names that are looked for in a file one by one
_WORD = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
# include/linux/linkage.h: SYM_FUNC_START(x), ENTRY(x)
_OF_ASSEMBLER = re.compile(r"(?:\bSYM_\w+\(|\bENTRY\(|\.glob\w*[ \t]+)\s*(\w+)")

_LEADING = LastUsers()


@dataclass(frozen=True, slots=True)
class ChangedNames:
    """``changed``: names that differ, or that use one that does. ``forced``: the
    functions among them that are always looked into. ``trees_differ``: the sides are
    two kernels, and same-named functions are taken for the same. ``redeclared``: names
    that differ themselves. ``blind``: something changed that may define names which are
    not seen. ``uses``: what the changed names are used by. ``first``: variables that
    begin with another value. ``packed``: a file has another #pragma pack, or a flag of
    the compiler, by which all structs behind it may be laid out. ``differ``: the names
    whose own text differs, ``texts``: those texts, ``tables``: the texts of variables
    that begin with a value, ``bodies``: those of functions. ``made``: calls of macros
    at file level that differ or are handed a changed name; ``dark``: it is blind for
    another reason."""

    changed: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    trees_differ: bool = False
    redeclared: frozenset[str] = frozenset()
    blind: bool = False
    uses: dict[str, frozenset[str]] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    packed: bool = False
    differ: frozenset[str] = frozenset()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    dark: bool = False
    macros: frozenset[str] = frozenset()  # that one side alone has, or another text

    @property
    def values(self) -> frozenset[str]:
        """The names that differ and are no functions, and what is made of them."""
        uses = {n: words for n, words in self.uses.items() if n not in self.functions}
        begin = (self.redeclared | self.first) - (self.functions - self.macros)
        return frozenset(add_users(set(begin), uses))

    def leading_to_another(self, function: str) -> frozenset[str]:
        """Returns the names by which a pointer may lead to another function that
        changed itself: that one, a table with it, and what uses them."""
        begin = self.differ & self.functions - {function}
        return _LEADING.known(begin, self.uses) - {function}

    def without(self, proved: Iterable[str]) -> ChangedNames:
        """Returns the same names but those functions, which are proved to do what they
        did."""
        known = frozenset(proved) & self.functions
        if not known or self.trees_differ:
            return self
        uses = {name: words for name, words in self.uses.items() if name not in known}
        begin = (self.redeclared | self.first) - known
        changed = frozenset(add_users(set(begin), uses))
        return replace(
            self,
            changed=changed,
            forced=self.forced & changed,
            redeclared=self.redeclared - known,
            uses=uses,
            differ=self.differ - known,
        )


@lru_cache(maxsize=4)  # each file is asked about once by each step of a comparison
def changed_names(
    pre: Source, post: Source, facts_pre: Facts | None, facts_post: Facts | None
) -> ChangedNames:
    """Compare all that the two states of the file and what it sees define."""
    pairs = [(header(pre.path, pre.data), header(post.path, post.data))]
    others: list[tuple[Header, Header]] = []
    again: frozenset[str] = frozenset()
    unchanged: list[tuple[str, bytes]] = []
    if facts_pre is not None and facts_post is not None and facts_pre is not facts_post:
        old = dict(visible_headers(facts_pre.view, pre.path, pre.data))
        new = dict(visible_headers(facts_post.view, post.path, post.data))
        brought = headers_of_one_side(old, new, facts_pre, facts_post)
        differing = _differing(
            {p: data for p, data in old.items() if p not in brought},
            {p: data for p, data in new.items() if p not in brought},
        )
        if len(differing) > MANY:
            return _of_two_trees(pairs[0])
        pairs += differing
        again = defined_again(brought, (old, new), pairs[0])
        macros = set[str]().union(*(_other_macros(*pair) for pair in pairs))
        forced = forced_headers(facts_pre.view), forced_headers(facts_post.view)
        again |= moved_names((old, new), pairs[0], macros, forced)
        unchanged = [(p, data) for p, data in new.items() if old.get(p) == data]
        unplaced, others, flags = _not_visible(
            pre, post, facts_pre, facts_post, {*old, *new}
        )
        pairs += unplaced
        again |= flags | differing_statics(pre, post, facts_pre.view, facts_post.view)
        again |= asking_for_headers(facts_pre.view, facts_post.view)
    elif facts_post is not None:
        unchanged = list(visible_headers(facts_post.view, post.path, post.data))
    return _names(pairs, others, unchanged, again)


def _of_two_trees(pair: tuple[Header, Header]) -> ChangedNames:
    """What the file itself defines is looked into, the rest is trusted."""
    one, two = meanings_of(pair[0]), meanings_of(pair[1])
    uses = _uses([one, two])
    changed = add_users(_differ(one, two), uses)
    forced = changed & (one.functions | two.functions)
    return ChangedNames(frozenset(), frozenset(forced), True)


def _differing(
    old: dict[str, bytes], new: dict[str, bytes]
) -> list[tuple[Header, Header]]:
    found = []
    for path in dict.fromkeys([*old, *new]):
        one, two = old.get(path, b""), new.get(path, b"")
        if one != two:
            found.append((header(path, one), header(path, two)))
        if len(found) > MANY:
            break
    return found


def _not_visible(
    pre: Source,
    post: Source,
    facts_pre: Facts,
    facts_post: Facts,
    seen: set[str],
) -> tuple[list[tuple[Header, Header]], list[tuple[Header, Header]], set[str]]:
    """What the series changes elsewhere: (what may be included, other C files, names
    by flags of the compiler)."""
    one, two = facts_pre.view, facts_post.view
    paths = edited_paths(one, two)
    wanted = [path for path in paths or () if path not in seen | {pre.path, post.path}]
    sides = {p: (one.read(p) or b"", two.read(p) or b"") for p in wanted}
    includers = [
        *visible_headers(one, pre.path, pre.data),
        *visible_headers(two, post.path, post.data),
    ]
    includers += [(pre.path, pre.data), (post.path, post.data)]
    if wanted:
        includers += [*forced_by_makefiles(post.path, two.read)]
    placed = may_be_included(wanted, includers, sides)
    pairs = [(header(p, sides[p][0]), header(p, sides[p][1])) for p in wanted]
    return (
        [pair for pair in pairs if pair[0].path in placed],
        [
            pair
            for pair in pairs
            if pair[0].path not in placed and pair[0].path.endswith((".c", ".S"))
        ],
        changed_flags(post.path, sides, two.read),
    )


def _names(
    pairs: list[tuple[Header, Header]],
    others: list[tuple[Header, Header]],
    unchanged: list[tuple[str, bytes]],
    again: frozenset[str],
) -> ChangedNames:
    known = [(meanings_of(old), meanings_of(new)) for old, new in pairs]
    changed: set[str] = set()
    functions: set[str] = set()
    for one, two in known:
        changed |= _differ(one, two)
        functions |= one.functions | two.functions
    changed |= again
    changed |= _of_other_files(others)
    changed |= _in_the_middle(pairs, known)
    redeclared = set(changed)
    first = frozenset().union(*(_begin_apart(one, two) for one, two in known))
    changed |= first
    differ = frozenset(changed)
    every = [side for pair in known for side in pair]
    uses = _uses(every)
    own = known[0][0].own | known[0][1].own
    more, everywhere = _through_headers(changed - own, functions, uses, unchanged)
    functions |= {name for side in more for name in side.functions}
    lists = lists_and_words(pairs, unchanged)
    uses = {**_uses([*every, *more]), **lists}
    add_users(changed, uses)
    inside = words_inside(changed, lists)
    redeclared |= inside
    changed |= inside
    add_users(changed, uses)
    everywhere |= bool(inside) and pastes(pairs)
    plain_uses = {name: words for name, words in uses.items() if name not in functions}
    tables = frozenset().union(*(side.tables for side in [*every, *more]))
    named = (includes_by_macro(side.data) for pair in pairs for side in pair)
    everywhere |= not changed.isdisjoint(set[str]().union(*named))
    made = made_otherwise(known, more, changed, functions)
    in_an_enum = any(
        makes_members([*state, *more], changed) for state in zip(*known, strict=True)
    )
    redeclared |= add_users(redeclared - functions, plain_uses) & tables - first
    return ChangedNames(
        frozenset(changed),
        frozenset(changed & functions),
        False,
        frozenset(redeclared),
        everywhere
        or bool(made)
        or "" in changed  # a member that a macro makes
        or in_an_enum,
        uses,
        frozenset(functions),
        first,
        DATA in again or any(pragmas(old) != pragmas(new) for old, new in pairs),
        differ,
        _own_texts(known),
        {n: side.texts.get(n, "") for side in [*every, *more] for n in side.tables},
        {n: side.texts.get(n, "") for side in [*every, *more] for n in side.functions},
        made,
        everywhere or "" in changed or in_an_enum,
        frozenset().union(*(_other_macros(old, new) for old, new in pairs)),
    )


def _other_macros(old: Header, new: Header) -> set[str]:
    """The macros that two states of a file have otherwise."""
    sides = [
        {
            name: [(one.params, normalised(one.body)) for one in defines]
            for name, defines in side.macros.items()
        }
        for side in (old, new)
    ]
    names = sides[0].keys() | sides[1].keys()
    return {name for name in names if sides[0].get(name) != sides[1].get(name)}


def _own_texts(known: list[tuple[Meanings, Meanings]]) -> dict[str, tuple[str, str]]:
    """Both texts of each name that differs; nothing where it is in several files."""
    found: dict[str, tuple[str, str]] = {}
    for one, two in known:
        for name in _differ(one, two):
            both = one.texts.get(name, ""), two.texts.get(name, "")
            found[name] = ("", "") if name in found else both
    return found


def _differ(one: Meanings, two: Meanings) -> set[str]:
    names = one.texts.keys() | two.texts.keys()
    return {name for name in names if one.texts.get(name) != two.texts.get(name)}


def _begin_apart(one: Meanings, two: Meanings) -> frozenset[str]:
    """The variables that begin with another value."""
    names = (one.first.keys() | two.first.keys()) & one.variables & two.variables
    return frozenset(n for n in names if one.first.get(n) != two.first.get(n))


def _uses(sides: Iterable[Meanings]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for side in sides:
        for name, words in side.uses.items():
            found[name] = found[name] | words if name in found else words
    return found


def _of_other_files(pairs: list[tuple[Header, Header]]) -> set[str]:
    """The names that other files define for all, and now define otherwise."""
    found: set[str] = set()
    for old, new in pairs:
        one, two = meanings_of(old), meanings_of(new)
        begin = _differ(one, two) | _begin_apart(one, two)
        changed = add_users(begin, _uses([one, two]))
        seen = one.functions | two.functions | one.variables | two.variables
        found |= (seen & changed) - (one.own | two.own)
        if old.path.endswith(".S"):
            found.update(_OF_ASSEMBLER.findall(old.clean + new.clean))
        for made in made_otherwise([(one, two)], (), changed, set()):
            found.update(_defined_for_all(made))
    return found


_TAG = re.compile(r"\b(?:struct|union|enum)\s+\w+")


def _defined_for_all(made: str) -> set[str]:
    """The names that a macro at file level may define for other files: what it is
    handed, but words of C and the struct of ``DEFINE_PER_CPU(struct a *, b);``."""
    handed = _TAG.sub(" ", made.partition("(")[2])
    return set(IDENTIFIER.findall(handed)) - KEYWORDS


def _in_the_middle(
    pairs: list[tuple[Header, Header]], known: list[tuple[Meanings, Meanings]]
) -> set[str]:
    """What a changed file means that is included inside of something."""
    included = {
        path.rpartition("/")[2]
        for pair in known
        for side in pair
        for path in side.within
    }
    found: set[str] = set()
    for old, new in pairs[1:]:
        if old.path.rpartition("/")[2] in included:
            found.add(included_word(old.path))
            found.update(IDENTIFIER.findall(old.code), IDENTIFIER.findall(new.code))
    return found


def _through_headers(
    names: set[str],
    functions: set[str],
    uses: dict[str, frozenset[str]],
    unchanged: list[tuple[str, bytes]],
) -> tuple[list[Meanings], bool]:
    """The headers that use a changed name, in turn; true where there are too many."""
    left = dict(unchanged)
    found: list[Meanings] = []
    all_uses = dict(uses)
    known = add_users(set(names), all_uses)
    new = set(known)
    while new and left:
        for path in _mentioning(left, new, functions):
            side = meanings_of(header(path, left.pop(path)))
            found.append(side)
            for name, words in side.uses.items():
                all_uses[name] = all_uses.get(name, frozenset()) | words
        if len(found) > MOST_READ:
            return found, True
        before = set(known)
        add_users(known, all_uses)
        new = known - before
    return found, False


def _mentioning(
    files: dict[str, bytes], names: set[str], functions: set[str]
) -> list[str]:
    """The files that have one of some names in them, each read once for all of many."""
    many = len(names) > FEW
    words = {encode(name): name for name in names if many and _WORD.match(name)}
    rest = [_use(name, name in functions) for name in names - set(words.values())]
    found = []
    for path, data in files.items():
        there = words.keys() & data.translate(WORDS_ONLY).split() if words else ()
        uses = [_use(words[word], words[word] in functions) for word in there]
        if _mentions(data, uses) or _mentions(data, rest):
            found.append(path)
    return found


@lru_cache(maxsize=512)
def _use(name: str, is_function: bool) -> tuple[bytes, re.Pattern[bytes]]:
    """How a name is used in a file: a word, a pattern.  A function is called, or its
    address is stored; its name may be that of a member or a parameter, too."""
    word = encode(name)
    whole = rb"(?<![\w.])(?<!->)" + re.escape(word)
    if is_function:
        return word, re.compile(
            whole + rb"\s*\(|[=&]\s*" + re.escape(word) + rb"\s*[,;)}]"
        )
    return word, re.compile(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)")


def _mentions(data: bytes, uses: list[tuple[bytes, re.Pattern[bytes]]]) -> bool:
    """Whether a file has one of some names in it."""
    return any(word in data and pattern.search(data) for word, pattern in uses)
