# SPDX-License-Identifier: GPL-2.0-or-later
"""What the Kconfig files of a tree say about its options, over all architectures.

Read as text and never evaluated (see kconfigfile): the sources, menus and ``if``
blocks of all files give each definition its context.  An option that several
architectures define may be on where one of its definitions allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from posixpath import dirname, normpath
from typing import Any

from msgspec import Struct

from reviewer.c.conditions import TRUE, Condition, all_of, any_of, atom
from reviewer.c.formula import digest, enabled, symbol
from reviewer.facts.kconfig_definitions import (
    ARCH_FOLDER,
    MODULE,
    OptionDefinition,
    Selects,
    by_default,
    default_ways,
    level_of,
    plain_name,
    read_in,
    way_of_select,
)
from reviewer.facts.kconfig_index import KconfigIndex, index_of, kconfig_edits_of
from reviewer.facts.kconfigfile import (
    ALWAYS,
    NEVER,
    ConfigEntry,
    KconfigFile,
    Level,
    read_kconfig,
)
from reviewer.tree.view import View

_MODULES = "CONFIG_MODULES"
_MOST_WAYS = 30  # defaults and selects of an option up to which they are followed
_MOST_ATOMS = 450  # in one question
_MOST_ROUNDS = 15  # how often a counterexample is checked against more options
_DEEPEST_SOURCE = 12


class Refutation(Struct, frozen=True):
    """A configuration that Kconfig allows, in which one thing holds and not another.

    ``complete`` is false where it was not followed to the end, or where the values
    of atoms that no .config decides are part of it: then it proves nothing.
    """

    configuration: dict[str, bool]
    complete: bool


class Kconfig:
    """The options of one view; names are without CONFIG_ or with it, as you like.

    Nothing is read before the first question.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, tuple[OptionDefinition, ...]] = {}
        self._contexts: dict[str, Level] = {}
        self._roots_of: dict[str, tuple[str, ...]] = {}
        self._unlimited: set[str] = set()  # selected in too many ways to be read
        self.found_once: dict[object, Any] = {}  # see ``c.file_memory``

    @cached_property
    def _selects(self) -> Selects:
        return Selects(self.definitions)

    @cached_property
    def _index(self) -> KconfigIndex:
        return index_of(self._view)

    def _file(self, path: str) -> KconfigFile:
        return read_kconfig(self._view.read(path) or b"")

    def _leading_to(self, path: str, plain: str) -> Iterator[ConfigEntry]:
        """The options of a file that may select one."""
        return (one for one in self._file(path).entries if one.may_lead_to(plain))

    def _sites(self, path: str) -> Iterable[tuple[str, Level]]:
        """The source statements that name a file."""
        for other in sorted(self._sourcing.get(path, ())):
            for target, around in self._file(other).sources:
                for real, extra in self._targets(other, target):
                    if real == path:
                        yield other, around & extra

    @cached_property
    def _sourcing(self) -> dict[str, set[str]]:
        """Which files have source statements that may name a file."""
        found: dict[str, set[str]] = {}
        for target, files in self._index.sources.items():
            for other in files:
                for real, _when in self._targets(other, target):
                    found.setdefault(real, set()).add(other)
        return found

    def _targets(self, path: str, target: str) -> Iterable[tuple[str, Level]]:
        if "$(SRCARCH)" in target:
            for arch in self._architectures:
                here = atom(f"SRCARCH == {arch}")
                yield target.replace("$(SRCARCH)", arch), Level(here, here)
        elif "$" not in target:
            yield target, ALWAYS
            yield normpath(f"{dirname(path)}/{target}"), ALWAYS  # rsource

    @cached_property
    def _architectures(self) -> tuple[str, ...]:
        found = {m[1] for path in self._index.paths if (m := ARCH_FOLDER.match(path))}
        return tuple(sorted(found))

    def _context(self, path: str, depth: int = 0) -> Level:
        """When a file is read: what encloses the statements that source it."""
        if path == "Kconfig":
            return ALWAYS
        if path not in self._contexts:
            if depth > _DEEPEST_SOURCE:
                return ALWAYS
            context = NEVER
            for other, around in self._sites(path):
                context = context | (around & self._context(other, depth + 1))
            if context == NEVER:  # sourced in a way that is not read here
                arch = ARCH_FOLDER.match(path)
                here = atom(f"SRCARCH == {arch[1]}") if arch else TRUE
                context = Level(here, here)
            self._contexts[path] = context
        return self._contexts[path]

    # --- one option -----------------------------------------------------------------

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names of all options of the tree, without CONFIG_."""
        return frozenset(self._index.defines)

    def defines(self, name: str) -> bool:
        """Says whether any Kconfig file of any architecture defines the option.

        CONFIG_X_MODULE is the m of the option X.
        """
        plain = plain_name(name)
        return (
            plain in self._index.defines
            or plain.removesuffix(MODULE) in self._index.defines
        )

    def nearest(self, name: str) -> str | None:
        """Returns the option that a misspelt name most likely means, without
        CONFIG_."""
        plain = plain_name(name)
        close = get_close_matches(plain, self._index.defines, 1, 0.85)
        return close[0] if close else None

    def type_of(self, name: str) -> str | None:
        """Returns bool, tristate, int, hex or string; None if it is not defined."""
        for definition in self.definitions(name):
            if definition.entry.type is not None:
                return definition.entry.type
        return None

    def definitions(self, name: str) -> tuple[OptionDefinition, ...]:
        """Returns all blocks that define the option."""
        plain = plain_name(name)
        if plain not in self._known:
            self._known[plain] = tuple(
                OptionDefinition(entry, path, entry.around & self._context(path))
                for path in self._index.defines.get(plain, ())
                for entry in self._file(path).entries
                if entry.name == plain
            )
        return self._known[plain]

    def selectors(self, name: str) -> Iterator[tuple[OptionDefinition, Level]]:
        """Yields the blocks that select the option, with the condition of each
        select."""
        yield from self._leading("selects", plain_name(name))

    def depends(self, name: str) -> Condition:
        """Returns what must hold for the option to be on, menus and ``if`` included.

        TRUE for an option that is not defined.  A select can override it.
        """
        found = self.definitions(name)
        if not found:
            return TRUE
        return self.narrow(any_of(d.depends.some for d in found))

    def read_for(self, name: str) -> Condition:
        """Returns the architectures for which a file that defines the option is
        read at all.

        For the others the name means nothing, and a select of it does nothing.
        """
        paths = {definition.path for definition in self.definitions(name)}
        contexts = [self._context(path).some for path in sorted(paths)]
        atoms = {arch: f"SRCARCH == {arch}" for arch in self._architectures}
        found = []
        for text in atoms.values():
            values = {other: other == text for other in atoms.values()}
            if any(not context.assign(values).is_false for context in contexts):
                found.append(text)
        return TRUE if len(found) == len(atoms) else any_of(map(atom, found))

    def narrow(self, condition: Condition) -> Condition:
        """Returns the condition with no =m for options that cannot be modules."""
        never = {
            name: False
            for name in condition.atoms
            if name.startswith("CONFIG_")
            and name.endswith(MODULE)
            and self.type_of(name.removesuffix(MODULE)) not in (None, "tristate")
        }
        return condition.assign(never) if never else condition

    def _with_modules(self, question: Condition) -> Condition:
        """A question that asks for modules at all, with no =m where there are none."""
        if _MODULES not in question.atoms:
            return question
        built = [
            symbol(name)
            for name in sorted(question.atoms)
            if name.endswith(MODULE)
            and self.type_of(name.removesuffix(MODULE)) == "tristate"
        ]
        return question & (symbol(_MODULES) | ~any_of(built))

    # --- many options ---------------------------------------------------------------

    def refute(
        self, given: Condition, wanted: Condition, *, thorough: bool = False
    ) -> Refutation | None:
        """Returns a possible configuration with ``given`` and without ``wanted``.

        None where Kconfig (dependencies, selects, defaults of options without a
        prompt) makes ``given`` imply ``wanted``.  With ``thorough`` what an
        architecture always has on is asked too, which is more often too much.
        """
        from reviewer.facts import kept_proofs

        question = [digest(given), digest(wanted), str(thorough)]
        base, edits = kconfig_edits_of(self._view)
        found = kept_proofs.proved_once(
            "refutation",
            list[Refutation],
            base,
            edits,
            question,
            lambda: list(self._refutations(given, wanted, thorough)),
        )
        return found[0] if found else None

    def _refutations(
        self, given: Condition, wanted: Condition, thorough: bool
    ) -> Iterator[Refutation]:
        """The first that is found, if any."""
        question = self._with_modules(self.narrow(given & ~wanted))
        known: set[tuple[str, str]] = set()
        followed: set[tuple[str, str]] = set()
        example = question.example()
        for _ in range(_MOST_ROUNDS):
            if example is None:
                return
            names = {n.split(" ", 1)[0].removesuffix(MODULE) for n in example}
            options = {n for n in names if n.startswith("CONFIG_")}
            new = {(n, "") for n in options} - known
            if not new and thorough:
                arch = self._architecture_of(example)
                new = {(n, arch) for n in options | set(self._always_on(arch))} - known
            known |= new
            selects = self._selects.among(
                {n for n, _arch in known}, options, self._unlimited
            )
            selects -= followed
            if not new and not selects:
                yield Refutation(example, self._is_decided(example))
                return
            followed |= selects
            laws = [self._law(n[7:], arch) for n, arch in sorted(new)]
            laws += (self._select_law(*names) for names in sorted(selects))
            question = self._with_modules(question & all_of(laws))
            if len(question.atoms) > _MOST_ATOMS:
                break
            example = question.example()
        if example is not None:
            yield Refutation(example, False)

    def _architecture_of(self, example: dict[str, bool]) -> str:
        """The folder under arch/ that a configuration is for; "" where it is open."""
        archs = (a for a in self._architectures if example.get(f"SRCARCH == {a}"))
        return next(archs, "")

    def _always_on(self, arch: str) -> Iterable[str]:
        """The options that a kernel for the architecture always has, and selects by.

        ``config ARM`` is on wherever arch/arm/Kconfig is read, and selects much.
        """
        path = f"arch/{arch}/Kconfig"
        if path not in self._roots_of:
            entries = self._file(path).entries if path in self._index.paths else ()
            self._roots_of[path] = tuple(
                f"CONFIG_{entry.name}"
                for entry in entries
                if entry.selects
                and entry.prompt == NEVER
                and entry.around == entry.depends == ALWAYS
                and (ALWAYS, ALWAYS) in entry.defaults[:1]
            )
        return self._roots_of[path]

    def _is_decided(self, example: dict[str, bool]) -> bool:
        """Whether Kconfig alone makes it so, and all of it was read.

        An option that too many others select is not on without a reason, which may be
        that it is asked for, and not off where something that is on may lead to it.
        """
        if not all(name.startswith(("CONFIG_", "SRCARCH == ")) for name in example):
            return False
        on = {name.removesuffix(MODULE) for name, value in example.items() if value}
        if not all(self._is_asked_for(name, example) for name in self._unlimited & on):
            return False
        return not self._selects.may_raise(self._unlimited, example)

    def _is_asked_for(self, name: str, example: dict[str, bool]) -> bool:
        """Whether an option has a prompt that the example shows."""
        return any(
            d.entry.prompt.some.assign(example).is_true for d in self.definitions(name)
        )

    def _select_law(self, name: str, target: str) -> Condition:
        """What selects an option is on, and so is the option."""
        return self.narrow(
            all_of(
                self._follows(way_of_select(definition, condition), plain_name(target))
                for definition in self.definitions(name)
                for other, condition in definition.entry.selects
                if other == plain_name(target)
            )
        )

    def _law(self, plain: str, arch: str) -> Condition:
        """What Kconfig says about one option, as a formula that always holds.

        Of the defaults of several definitions those that ``arch`` reads are considered,
        and what it selects is not: see ``_select_law``.
        """
        found = self.definitions(plain)
        if not found:  # an option that nobody defines is off
            return ~enabled(plain)
        if self.type_of(plain) not in ("bool", "tristate"):
            return TRUE
        depends = NEVER
        for definition in found:
            depends |= definition.depends
        laws = [~enabled(plain) | depends.some]
        if self.type_of(plain) == "tristate":
            laws.append(~symbol(plain) | depends.yes)
        ways = list(islice(self._ways_to("selects", plain), _MOST_WAYS + 1))
        if len(ways) <= _MOST_WAYS:
            laws += (self._follows(way, plain) for way in ways)
        laws += self._without_prompt(found, ways, arch)
        laws += self._chosen(plain, found)
        return self.narrow(all_of(laws))

    def _chosen(
        self, plain: str, found: tuple[OptionDefinition, ...]
    ) -> Iterable[Condition]:
        """A member of a choice excludes the others, and one of those shown is on.

        Documentation/kbuild/kconfig-language.rst, "choices".  Two definitions, or a
        member that may be a module, say less.
        """
        choice = found[0].entry.choice if len(found) == 1 else None
        if choice is None or any(m.type != "bool" for m in choice.members):
            return
        others = [m.name for m in choice.members if m.name != plain]
        yield ~symbol(plain) | all_of(~symbol(name) for name in others)
        if choice.optional:
            return
        around = self._context(found[0].path)
        shown = around & choice.around & choice.prompt
        any_shown = any_of(
            (shown & m.around & m.depends & m.prompt).some for m in choice.members
        )
        yield ~any_shown | any_of(symbol(m.name) for m in choice.members)

    def _without_prompt(
        self, found: tuple[OptionDefinition, ...], selected: list[Level], arch: str
    ) -> Iterable[Condition]:
        """Where it cannot be set by hand it is on by default, select or imply, or not.

        An implied option without a prompt is on as far as its dependencies let it, and
        y takes a way that is y: sym_calc_value() in scripts/kconfig/symbol.c.
        """
        plain = found[0].entry.name
        by_hand = any_of((d.depends & d.entry.prompt).some for d in found)
        defaults = [(d.depends & c, v) for d in found for v, c in d.entry.defaults]
        is_tristate = self.type_of(plain) == "tristate"
        sure = [c.yes if is_tristate else c.some for c, v in defaults if v == ALWAYS]
        other = [c.some for c, value in defaults if value != ALWAYS]
        yield ~any_of(sure) | any_of(other) | by_hand | symbol(plain)
        for definition in read_in(arch, found):
            own = [(definition.depends & c, v) for v, c in definition.entry.defaults]
            yield by_hand | self._follows(by_default(own), plain)
        implied = list(islice(self._ways_to("implies", plain), _MOST_WAYS + 1))
        if len(implied) <= _MOST_WAYS:
            depends = any_of(d.depends.some for d in found)
            for way in implied:
                yield ~(way.some & depends) | by_hand | enabled(plain)
        ways = default_ways(found) + selected + implied
        if len(ways) > _MOST_WAYS:
            self._unlimited.add(f"CONFIG_{plain}")
            return
        yield ~enabled(plain) | by_hand | any_of(way.some for way in ways)
        if is_tristate:
            yield ~symbol(plain) | by_hand | any_of(way.yes for way in ways)

    def _ways_to(self, what: str, plain: str) -> Iterator[Level]:
        """When each of the options that select one does so; ``what``: or imply it."""
        for one, condition in self._leading(what, plain):
            yield way_of_select(one, condition)

    def _leading(
        self, what: str, plain: str
    ) -> Iterator[tuple[OptionDefinition, Level]]:
        for path in self._index.selects.get(plain, ()):
            for entry in self._leading_to(path, plain):
                for target, condition in getattr(entry, what):
                    if target == plain:
                        around = entry.around & self._context(path)
                        yield OptionDefinition(entry, path, around), condition

    def _follows(self, way: Level, target: str) -> Condition:
        """What selects it is on, and so is the option."""
        level = level_of(target)
        if self.type_of(target) == "tristate":
            return (~way.some | level.some) & (~way.yes | level.yes)
        return ~way.some | level.yes
