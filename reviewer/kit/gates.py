# SPDX-License-Identifier: GPL-2.0-or-later
"""Under which configurations something is compiled, and which of them breaks.

The kernel is what the options make of it: a line is compiled where its own #if stack,
the makefiles that name its file and the Kconfig dependencies behind those let it be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from reviewer.c.conditions import TRUE, Condition, atom, config_fragment
from reviewer.c.file_memory import once_per_subject
from reviewer.doubts import give_up
from reviewer.facts.kconfigfile import NEVER
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.facts import Facts
    from reviewer.facts.kconfig import Kconfig, Refutation

_ARCH = "SRCARCH == "  # how the makefiles name an architecture
_MOST_SELECTORS = 8  # of an option without a prompt; of more none is shown
_VERSION_FLAGS = ("CONFIG_CC_", "CONFIG_AS_", "CONFIG_LD_", "CONFIG_RUSTC_")


def compiled_when(
    facts: Facts, path: str, condition: Condition = TRUE
) -> Condition | None:
    """Returns when a line of a .c file is compiled, given its own presence condition.

    None where the makefiles do not tell.
    """
    gate = facts.build_gate(path)
    return gate.condition & condition if gate.known else None


def breaking_configuration(
    facts: Facts, given: Condition, wanted: Condition
) -> dict[str, bool]:
    """Returns a configuration that Kconfig allows, with
    ``given`` and without ``wanted``.

    Empty where there is none, and where its existence is not certain: what the
    compiler or the makefiles alone decide is part of it.
    """
    if wanted.is_true or given.implies(wanted):
        return {}
    found = _refuted(facts.kconfig, given, wanted)
    if found is None:
        return {}
    why = _open(found)
    if why:
        give_up(why)
        return {}
    return found.configuration


def _open(found: Refutation) -> str:
    """Why it is not certain that the configuration exists, "" where it is."""
    names = found.configuration
    compiler = sorted(name for name in names if name.startswith(_VERSION_FLAGS))
    if compiler:
        return f"the compiler decides on {compiler[0]}"
    if found.complete:
        return ""
    others = sorted(n for n in names if not n.startswith(("CONFIG_", _ARCH)))
    if others:
        return f"no option decides on {others[0]}"
    return "too many options bear on it"


@once_per_subject
def _refuted(
    kconfig: Kconfig, given: Condition, wanted: Condition
) -> Refutation | None:
    """Many names share their gates, and the question takes up to a second."""
    return kconfig.refute(given, wanted)


def fragment(
    facts: Facts | None,
    configuration: dict[str, bool],
    given: Condition,
    wanted: Condition,
) -> list[str]:
    """Returns the lines of a .config that matter to both conditions, the rest
    left out.

    What has no prompt cannot be set: then also what would select it, and the
    architecture.
    """
    options = given.symbols | wanted.symbols
    matter = {
        name: value
        for name, value in configuration.items()
        if name.removesuffix("_MODULE").split(" ", 1)[0] in options
    }
    if facts is not None:
        for name in sorted(options & configuration.keys()):
            if not configuration[name] and _has_no_prompt(facts.kconfig, name):
                matter |= _left_off(facts.kconfig, name, configuration)
    return list(config_fragment(matter or configuration))


def _has_no_prompt(kconfig: Kconfig, name: str) -> bool:
    found = kconfig.definitions(name)
    return bool(found) and all(one.entry.prompt == NEVER for one in found)


def _left_off(
    kconfig: Kconfig, name: str, configuration: dict[str, bool]
) -> dict[str, bool]:
    """What an option without a prompt is off with: those that select it off, as far as
    they can be set, and the architecture of the example."""
    selectors = {
        f"CONFIG_{one.entry.name}"
        for one, _condition in kconfig.selectors(name)
        if one.entry.prompt != NEVER
    }
    off = sorted(one for one in selectors if configuration.get(one) is False)
    if len(off) > _MOST_SELECTORS:
        return {}  # a part of them would read as if it were all
    arch = [one for one, on in configuration.items() if on and one.startswith(_ARCH)]
    return {**dict.fromkeys(off, False), **dict.fromkeys(arch, True)}


_MOST_INCLUDERS = 8
_MOST_WAYS = 3  # of these by way of one header
# Source: LINUXINCLUDE in the top Makefile, arch/$(SRCARCH)/include and its uapi/
_ARCH_HEADER = regex(r"arch/(\w+)/include/(?:uapi/)?(.+)")


def compile_conditions(facts: Facts, path: str, own: Condition) -> Iterator[Condition]:
    """Yields conditions under which the build compiles a line with the #if stack
    ``own``.

    For a C file that is one; for a header one by each of some C files that include it.
    Nothing is yielded where no makefile says when the C file is built.
    """
    if path.endswith(".c"):
        given = compiled_when(facts, path, own)
        if given is not None:
            yield given
        return
    for includer, condition in _includers(facts, path):
        given = compiled_when(facts, includer, own & condition)
        if given is not None:
            yield given


def _includers(facts: Facts, path: str) -> Iterator[tuple[str, Condition]]:
    """Some .c files that include a header, with the condition of the #include.

    One of an architecture is also included by way of another header, which others
    read as well: then for that architecture.
    """
    own = _ARCH_HEADER.match(path)
    if own is None:
        yield from islice(_direct(facts, path), _MOST_INCLUDERS)
        return
    here = atom(f"SRCARCH == {own[1]}")
    found = 0
    for includer, condition in _including(facts, own[2], (f"arch/{own[1]}", "include")):
        if includer.endswith(".c"):
            ways: Iterable[tuple[str, Condition]] = [(includer, TRUE)]
        else:
            way = _ARCH_HEADER.match(includer)
            ways = islice(
                _including(facts, way[2], (f"arch/{own[1]}",), (".c",))
                if way is not None
                else _direct(facts, includer),
                _MOST_WAYS,
            )
        for last, further in ways:
            yield last, condition & further & here
            found += 1
            if found == _MOST_INCLUDERS:
                return


def _direct(facts: Facts, path: str) -> Iterator[tuple[str, Condition]]:
    """The .c files that include a header directly."""
    folder, _, name = path.rpartition("/")
    if path.startswith("include/"):
        spelt = path.removeprefix("include/").removeprefix("uapi/")
        under: tuple[str, ...] = ("mm", "kernel", "fs", "block", "lib")
    else:
        spelt, under = name, (folder,) if folder else ()
    yield from _including(facts, spelt, under, (".c",))


def _including(
    facts: Facts,
    spelt: str,
    under: tuple[str, ...],
    suffixes: tuple[str, ...] = (".c", ".h"),
) -> Iterator[tuple[str, Condition]]:
    """The files that include a header so spelt, with the #include's condition."""
    for hit in facts.view.grep([spelt], under, suffixes=suffixes):
        header = facts.header(hit.path)
        if header is not None and "include" in hit.text:
            yield hit.path, header.condition(hit.line)


def area(path: str) -> str:
    """Returns the part of the tree that a file belongs to: two folders deep, or its
    own."""
    folders = path.split("/")[:-1]
    return "/".join(folders[:2])
