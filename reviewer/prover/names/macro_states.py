# SPDX-License-Identifier: GPL-2.0-or-later
"""Which macros another definition stands for where an #if asks about them.

All directives of a file and its headers are gone through in the order in which the
preprocessor does: at an #include that of the header.  Of each name it is kept which
#define and #undef may have come before.  Where that is the same on both sides at each
#if that asks about the name, and at the end, the name means the same, in every
configuration: whether such a #define counts is decided by #ifs that came before it, of
which the same holds.  So a header that is included earlier changes nothing by that
alone.

A header with a guard of its own counts once.  Where only an #if lets it in, it may come
later for the first time, and is gone through again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from reviewer.patterns import regex
from reviewer.prover.names.directive_steps import (
    DirectiveStep,
    definers_of,
    directive_steps,
)
from reviewer.prover.names.visible_headers import words_defined
from reviewer.utf8 import encode

_MOST = 6000  # headers gone through, again and again: beyond, nothing is said
_DEEPEST = 200  # gcc's -fmax-include-depth
_MEMBER = regex(rb"(?:->|\.)\s*([A-Za-z_]\w*)")

Files = Mapping[str, bytes]
Way = tuple[tuple[str, str], ...]  # the #includes, with the #ifs around each
Link = tuple[str, Way, int, int]  # who defines, by which way, when, and what
MacroStates = tuple[tuple[str, int, frozenset[Way]], ...]


class TooMany(Exception):
    """The headers include each other too often to be gone through."""


_SURE: set[Way] = {()}


class MacroWalk:
    """One side: what each name is where it is asked about, and at the end; without
    ``asking`` only who is the first to define it, which takes a fifth of the memory."""

    def __init__(
        self, files: Files, roots: Iterable[str], *, asking: bool = True
    ) -> None:
        self._asking = asking
        self._steps = directive_steps(files) if asking else definers_of(files)
        self._once = self._guarded()
        self._bodies: dict[str, set[str]] = {}
        self._defined: set[str] = set()
        if asking:
            self._note_macros()
        self._hangs_on: dict[str, frozenset[str]] = {}
        self._gone: dict[str, set[Way]] = {}
        self._count = 0
        self.chains: dict[str, tuple[Link, ...]] = {}
        self.asked: dict[tuple[str, str, str], list[tuple[Way, MacroStates]]] = {}
        for path in roots:
            self._go(path, (), ())
        if not asking:
            self._steps = {}
            self._gone = {path: _SURE for path in self._gone if self.is_sure(path)}

    def _note_macros(self) -> None:
        """What each macro is made of, and which names are macros anywhere."""
        for one in self._steps.values():
            for step in one.steps:
                if step.kind == "define" and step.body:
                    self._bodies.setdefault(step.names[0], set()).update(step.body)
                if step.kind in ("define", "undef"):
                    self._defined.update(step.names)

    def _guarded(self) -> set[str]:
        """The files that count once: nobody else defines or undefines their guard."""
        guards = {one.guard for one in self._steps.values()}
        touched: dict[str, list[tuple[str, str]]] = {}
        for path, one in self._steps.items():
            for step in one.steps:
                if step.kind in ("define", "undef") and step.names[0] in guards:
                    touched.setdefault(step.names[0], []).append((path, step.kind))
        return {
            path
            for path, one in self._steps.items()
            if one.guard is not None
            and touched.get(one.guard, [(path, "define")]) == [(path, "define")]
        }

    def _go(self, path: str, way: Way, within: tuple[str, ...]) -> None:
        """Goes through a file that is reached by the #ifs of ``way``."""
        known = path in self._once
        if path in within or len(within) > _DEEPEST:
            if not known:
                raise TooMany
            return
        if self._steps[path].guard and not known:
            way += ((path, "a guard that others define, too"),)
        before = self._gone.setdefault(path, set())
        if known and any(way[:n] in before for n in range(len(way) + 1)):
            return
        before.add(way)
        self._count += 1
        if self._count > _MOST:
            raise TooMany
        number = self._count
        here = ((path, way, number, 0),)
        for at, step in enumerate(self._steps[path].steps):
            if step.kind == "include":
                self._include(path, step, way, (*within, path))
            elif step.kind != "if" and not self._asking:
                self.chains.setdefault(step.names[0], here)
            elif step.kind != "if":
                self._define(path, step, way, number)
            elif self._asking and not (known and at == 0 and self._steps[path].guard):
                self._ask(path, step, way, number if known else 0)

    def _include(
        self, path: str, step: DirectiveStep, way: Way, within: tuple[str, ...]
    ) -> None:
        there = next((one for one in step.places if one in self._steps), None)
        if there is not None:
            more = ((path, step.text),) if step.in_if else ()
            self._go(there, way + more, within)

    def _define(self, path: str, step: DirectiveStep, way: Way, number: int) -> None:
        chain = self.chains.get(step.names[0], ())
        said = 0
        if chain and chain[-1][2] == number:
            said = chain[-1][3]
            chain = chain[:-1]
        link = (path, way, number, hash((said, step.text)))
        self.chains[step.names[0]] = (*chain, link)

    def _ask(self, path: str, step: DirectiveStep, way: Way, number: int) -> None:
        """``number``: of a file that counts once; 0 for others."""
        words = {name for name in step.names if name in self._defined}
        for word in words.union(*(self._made_of(name) for name in step.body)):
            chain = self.chains.get(word, ())
            if number:  # it has not been gone through before, or this would not count
                chain = tuple(
                    one
                    for one in chain
                    if one[2] == number
                    or not (one[0] == path or _another_time(one[1], path, way))
                )
            state = self._state(chain, way)
            self.asked.setdefault((path, step.text, word), []).append((way, state))

    def _made_of(self, name: str) -> frozenset[str]:
        """The name and those that its macro may stand for."""
        if name not in self._hangs_on:
            found, left = {name}, [name]
            while left:
                more = self._bodies.get(left.pop(), set()) - found
                found |= more
                left += more
            self._hangs_on[name] = frozenset(found & self._defined)
        return self._hangs_on[name]

    def state(self, name: str) -> MacroStates:
        """Returns who has defined a name at the end."""
        return self._state(self.chains.get(name, ()), ())

    def _state(self, chain: tuple[Link, ...], now: Way) -> MacroStates:
        """Who may have defined a name for whoever came by the way ``now``.

        A file that counts once and may have come by several ways, with nobody else in
        between, is one.
        """
        found: list[tuple[str, int, frozenset[Way]]] = []
        for path, way, _number, said in chain:
            more = way[len(now) :] if way[: len(now)] == now else way
            ways = frozenset([() if _is_part(way, now) else more])
            if path in self._once and found and found[-1][:2] == (path, said):
                ways |= found.pop()[2]
            found.append((path, said, _widest(ways)))
        return tuple(found)

    def first_definer(self, name: str) -> str | None:
        """Returns the file that defines a macro before all others; None where that
        hangs on which headers are let in."""
        for path, way, _number, _said in self.chains.get(name, ()):
            return None if way else path
        return None

    def is_sure(self, path: str) -> bool:
        """Says whether a header is included whatever the configuration is."""
        return () in self._gone.get(path, ())

    def answers(self, key: tuple[str, str, str]) -> list[tuple[Way, MacroStates]]:
        """Returns what an #if is told of a name: by the first way that is gone where
        its file counts once, each time where it does not.  Ways are left out that the
        next one is a part of, and that change nothing."""
        asked = self.asked[key]
        if key[0] not in self._once:
            return asked
        found: list[tuple[Way, MacroStates]] = []
        for way, state in reversed(asked):
            if not (found and found[-1][1] == state and _is_part(found[-1][0], way)):
                found.append((way, state))
        return found


def _another_time(way: Way, path: str, now: Way) -> bool:
    """Whether a way leads through a file at another time than that of ``now``."""
    return way[: len(now)] != now and any(step[0] == path for step in way)


def _widest(ways: frozenset[Way]) -> frozenset[Way]:
    """The ways that no other is a part of: who went one of those went it, too."""
    if len(ways) == 1:
        return ways
    return frozenset(
        way
        for way in ways
        if not any(one != way and _is_part(one, way) for one in ways)
    )


def _is_part(one: Way, way: Way) -> bool:
    rest = iter(way)
    return all(step in rest for step in one)


@lru_cache(maxsize=4)
def way_through(
    headers: tuple[tuple[str, bytes], ...], roots: tuple[str, ...], data: bytes
) -> MacroWalk | None:
    """Returns the way through a file, the last of ``roots``, and its headers; None
    where there are too many."""
    try:
        return MacroWalk({**dict(headers), roots[-1]: data}, roots, asking=False)
    except TooMany:
        return None


def names_in_another_state(
    old: Files, new: Files, roots: tuple[Sequence[str], Sequence[str]]
) -> set[str]:
    """Returns the names that stand for something else at an #if, or at the end.

    ``old`` and ``new``: the file and its headers; ``roots``: what is gone through, in
    this order.  Raises TooMany.
    """
    if _same_steps(old, new):
        return set()
    one, two = MacroWalk(old, roots[0]), MacroWalk(new, roots[1])
    members = {*_MEMBER.findall(old[roots[0][-1]])}
    apart = old.keys() ^ new.keys()
    found = set()
    for name in one.chains.keys() & two.chains.keys():
        if one.chains[name] == two.chains[name]:
            continue
        # what a header says that one side alone sees is asked elsewhere
        was, is_ = (
            tuple(link for link in side.state(name) if link[0] not in apart)
            for side in (one, two)
        )
        if was != is_ and (
            encode(name) in members or not _is_only_let_in((was, is_), name, (old, new))
        ):
            found.add(name)
    for key in one.asked.keys() & two.asked.keys():
        before, after = one.answers(key), two.answers(key)
        if before != after and len({state for _, state in before + after}) > 1:
            found.add(key[2])
    return found


def _is_only_let_in(
    states: tuple[MacroStates, MacroStates], name: str, sides: tuple[Files, Files]
) -> bool:
    """Whether one file alone says what a name is, the same on both sides, and is let in
    by other #ifs: where one side is without it, code that uses the name is not compiled
    there."""
    one, two = states
    if len(one) != 1 or len(two) != 1 or one[0][:2] != two[0][:2]:
        return False
    word, definer = encode(name), one[0][0]
    # those that include it by an #if of theirs, however they are included
    by = frozenset.intersection(*map(frozenset, one[0][2] | two[0][2]))
    known = {definer, *(path for path, _text in by)}
    return not any(
        word in data and path not in known and word in words_defined(data).others
        for files in sides
        for path, data in files.items()
    )


def _same_steps(old: Files, new: Files) -> bool:
    """Whether no directive of any file has changed."""
    edited = [path for path, data in old.items() if new.get(path, data) != data]
    if old.keys() != new.keys():
        return False
    one, two = (directive_steps({p: side[p] for p in edited}) for side in (old, new))
    return one == two
