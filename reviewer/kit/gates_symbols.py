# SPDX-License-Identifier: GPL-2.0-or-later
"""Where C asks for an option, and whether any Kconfig file has heard of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from reviewer.api import FileImage, SeriesView, Skipped
from reviewer.c.text import without_literals
from reviewer.facts import Facts
from reviewer.facts.header import Header
from reviewer.mail.subject import read_subject
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import encode

# said where a rule would miss what another patch may bring
AROUND = "patches of its series are not here, and one of them may have it"
# Programs of their own: their CONFIG_ names come from their own build.
OTHER_PROGRAMS = ("tools/", "scripts/", "samples/", "usr/", "Documentation/")
# Stand-ins in the macros that implement the tests: include/linux/kconfig.h.
PLACEHOLDERS = {"CONFIG_FOO", "CONFIG_BAR", "CONFIG_BOOGER"}

_CONFIG = regex(r"\bCONFIG_\w+\b(?!\s*(?:##|\())")
_ASKED = regex(
    r"\b(IS_(?:ENABLED|BUILTIN|MODULE|REACHABLE))\s*\(\s*([A-Za-z_]\w*)\s*\)"
)
_CONDITIONAL = regex(r"[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|elifdef|elifndef)\b")
_DEFINE = regex(r"[ \t]*#[ \t]*define\s+\w+\(([^()]*)\)")
# Code that its author has put out of use: that no option exists is the purpose.
_SWITCHED_OFF = regex(r"FIXME|XXX|_BROKEN\b|_NOT_YET|VALGRIND")
_MOST_LINES = 40  # of a macro's parameters
_NEAR = ("init", "kernel", "lib", "mm", "arch/x86")  # a fortieth of all Kconfig files
_KCONFIG = ("Kconfig", *(f"Kconfig.{end}" for end in ("debug", "cpu", "platforms")))
_BUILD_FILES = ("Makefile", "Kbuild", ".mk", "Makefile.lib", ".platforms")


class OptionQuestion(Struct, frozen=True):
    """One question about an option."""

    name: str  # as written: "CONFIG_KSM", or "KSM" where the prefix is missing
    how: str  # IS_ENABLED, ..., or the directive's name
    line: int
    column: int  # bytes, from 0
    offset: int  # of the name, bytes

    @property
    def prefixed(self) -> bool:
        """Whether it is written with its CONFIG_."""
        return self.name.startswith("CONFIG_")


class Nearest(Struct, frozen=True):
    """An option that may be meant, without CONFIG_."""

    name: str
    sure: bool  # the names differ in nothing but underscores, or the prefix
    evidence: Evidence | None


def questions_about_options(image: FileImage) -> Iterator[OptionQuestion]:
    """Yields the options that lines in focus ask for, in #if and by IS_ENABLED()."""
    path = image.source.path
    if path.startswith(OTHER_PROGRAMS) or path == "include/linux/kconfig.h":
        return
    lines = Header(path, image.source.data).clean.split("\n")
    offset = last = first = 0
    for at, line in enumerate(lines):
        if "CONFIG_" not in line and "IS_" not in line:
            continue
        if not image.in_focus(at + 1, at + 1):
            continue
        offset += sum(len(encode(before)) + 1 for before in lines[last:at])
        first = _first_of(lines, at, last, first)
        last = at
        conditional = _CONDITIONAL.match(lines[first]) is not None
        parameters = _parameters(_head(lines, first))
        code = without_literals(line)
        yield from _of_line(code, at + 1, offset, conditional, parameters)


def _first_of(lines: Sequence[str], at: int, known: int, first: int) -> int:
    """Where what continues to a line begins; ``first`` is where it does for the line
    ``known`` above it."""
    while at > known and lines[at - 1].rstrip().endswith("\\"):
        at -= 1
    return first if at == known else at


def _of_line(
    code: str, number: int, offset: int, conditional: bool, parameters: frozenset[str]
) -> Iterator[OptionQuestion]:
    seen = set()
    for match in _ASKED.finditer(code):
        at = len(encode(code[: match.start(2)]))
        seen.add(match.start(2))
        if match[2] not in parameters:
            yield OptionQuestion(match[2], match[1], number, at, offset + at)
    if not conditional:
        return
    directive = code.split("#", 1)[1].split() if "#" in code else []
    how = directive[0] if directive else "if"
    for match in _CONFIG.finditer(code):
        if match.start() not in seen and match[0] not in PLACEHOLDERS:
            at = len(encode(code[: match.start()]))
            yield OptionQuestion(match[0], how, number, at, offset + at)


def _head(lines: Sequence[str], first: int) -> str:
    """The text from a line on until its first ``)``, as far as ``\\`` continues it."""
    taken = []
    for line in lines[first : first + _MOST_LINES]:
        taken.append(line.rstrip().removesuffix("\\"))
        if ")" in line or not line.rstrip().endswith("\\"):
            break
    return " ".join(taken)


def _parameters(line: str) -> frozenset[str]:
    match = _DEFINE.match(line)
    return frozenset(re.findall(r"\w+", match[1])) if match else frozenset()


_MOST_OPTIONS = 300  # of one file that are looked for; the kernel's most has 95

# --- known or not ---------------------------------------------------------------


def unknown_options(
    image: FileImage, questions: Iterable[OptionQuestion]
) -> Iterator[OptionQuestion]:
    """Yields those of the questions that are about no option of the tree; raises
    Skipped where they are too many.

    A name that code or a makefile of the tree defines is known, also where that
    #define is commented out: such a switch is meant to be set by hand.
    """
    listed = [one for one in questions if not _SWITCHED_OFF.search(one.name)]
    names = {one.name for one in listed if one.prefixed}
    too_many = len(names) > _MOST_OPTIONS
    if too_many:
        names = {*sorted(names)[:_MOST_OPTIONS]}
    if image.focus is not None:
        names -= _found_quickly(image.facts.view, names)
    facts, series = image.facts, image.series
    missing = {name for name in names if not is_known(facts, series, name)}
    missing = missing_for_sure(facts, series, missing)
    missing -= _defined_by_hand(image.facts.view, missing, image.source.path)
    for one in listed:
        if one.prefixed:
            if one.name in missing:
                yield one
        elif _lacks_prefix(image, one.name):
            yield one
    if too_many:
        why = f"names more than {_MOST_OPTIONS} options; the others were not looked for"
        raise Skipped("unknown-config-symbol", why, image.source.path)


def _found_quickly(view: View, names: set[str]) -> set[str]:
    """One search in files by the usual names: spares reading all there are."""
    plain = {name.removeprefix("CONFIG_") for name in names}
    found: set[str] = set()
    for under in (_NEAR, ()):
        left = plain - found
        words = [f"{kind} {name}" for name in left for kind in ("config", "menuconfig")]
        hits = view.grep(words, under, suffixes=_KCONFIG) if words else iter(())
        found |= {hit.text.split()[1] for hit in hits if len(hit.text.split()) == 2}
    return {f"CONFIG_{name}" for name in found & plain}


def is_known(facts: Facts, series: SeriesView | None, name: str) -> bool:
    """Says whether an option has this name, now or when the whole series is in."""
    if facts.kconfig.defines(name) or _is_announced(series, name):
        return True
    after = series.after if series is not None else None
    return after is not None and after.kconfig.defines(name)


def missing_for_sure(
    facts: Facts, series: SeriesView | None, names: set[str]
) -> set[str]:
    """Returns those of the unknown names that no patch of the series can bring.

    An option of a patch that is not here is no slip of the pen: where patches are
    missing only names that are nearly another's are left.
    """
    if not is_incomplete(series):
        return names
    return {name for name in names if _is_sure(facts, name)}


def _is_announced(series: SeriesView | None, name: str) -> bool:
    """Whether a patch adds the option, also where its Kconfig hunk does not apply."""
    if series is None:
        return False
    plain = re.escape(name.removeprefix("CONFIG_").removesuffix("_MODULE"))
    adds = re.compile(rf"\s*(?:menu)?config\s+{plain}\s*\Z")
    return any(
        line.kind == "+" and adds.match(line.text)
        for change in series.changes
        if "Kconfig" in change.path
        for hunk in change.diff.hunks
        for line in hunk.lines
    )


def is_incomplete(series: SeriesView | None) -> bool:
    """Says whether patches of the series are not here that may add what is missed."""
    if series is None or series.series is None:
        return False
    whole = series.series
    subjects = (read_subject(f"[{p.subject_prefix}]") for p in whole.patches)
    announced = max((subject.expected for subject in subjects), default=0)
    return bool(whole.missing) or announced > len(whole.patches)


def _is_sure(facts: Facts, name: str) -> bool:
    meant = nearest_option(facts, name)
    return meant is not None and meant.sure


def _defined_by_hand(view: View, names: set[str], path: str) -> set[str]:
    """Those of the names that code which ``path`` may include defines, or a makefile.

    What is included stands in include/, in arch/ or around the file."""
    if not names:
        return set()
    wanted = sorted(names)
    from reviewer.kit.gates import area

    around: tuple[str, ...] = ("include", "arch", area(path))
    if path.startswith(("include/", "arch/")):
        around = ()
    either = "|".join(map(re.escape, wanted))
    in_c = re.compile(rf"#\s*(?:define|undef)\s+({either})\b|\b({either})\s*=[^=]")
    in_make = re.compile(rf"(?:-D|-U)({either})\b|\b({either})\s*[:?+]?=")
    found: set[str] = set()
    for hit in view.grep(wanted, around):
        found.update(name for match in in_c.findall(hit.text) for name in match)
    in_files = [*wanted, *(f"-D{name}" for name in wanted)]
    for hit in view.grep(in_files, suffixes=_BUILD_FILES):
        found.update(name for match in in_make.findall(hit.text) for name in match)
    return found - {""}


def _lacks_prefix(image: FileImage, name: str) -> bool:
    """IS_ENABLED(X), where X is an option and no macro that the file can see."""
    if name.startswith("_") or not image.facts.kconfig.defines(name):
        return False
    if re.search(
        rb"#\s*(?:define|undef)\s+%s\b" % encode(name),
        image.source.data,
    ):
        return False
    word = encode(name)
    for path, data in image.facts.included(image.source.path):
        if word in data:
            header = image.facts.header(path)
            if header is not None and name in header.macros:
                return False
    return not any(
        re.search(rf"-D{re.escape(name)}\b", hit.text)
        for hit in image.facts.view.grep([f"-D{name}"], suffixes=_BUILD_FILES)
    )


# --- what may be meant ----------------------------------------------------------


def nearest_option(facts: Facts, name: str) -> Nearest | None:
    """Returns the option that is most likely meant."""
    plain = name.removeprefix("CONFIG_")
    options = facts.kconfig.symbols
    if plain in options:
        return _nearest(facts, plain, True)
    same = _squashed(options).get(plain.replace("_", ""), ())
    if len(same) == 1:
        return _nearest(facts, same[0], True)
    if len(plain) >= 6:
        longer = [other for other in options if other.endswith(f"_{plain}")]
        longer = longer if "_" not in plain else []
        shorter = [other for other in _tails(plain) if other in options]
        for candidates in (longer, shorter[:1]):
            if len(candidates) == 1:
                return _nearest(facts, candidates[0], False)
    alike = _by_start_and_numbers(options).get(_start_and_numbers(plain), ())
    from difflib import get_close_matches

    close = get_close_matches(plain, alike, 1, 0.88)
    return _nearest(facts, close[0], False) if close else None


def _start_and_numbers(name: str) -> tuple[str, ...]:
    """What a slip of the pen leaves alone: the first word, and the numbers."""
    return (name.split("_")[0], *re.findall(r"\d+", name))


@lru_cache(maxsize=4)
def _by_start_and_numbers(
    options: frozenset[str],
) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(options):
        found.setdefault(_start_and_numbers(name), []).append(name)
    return found


def _tails(plain: str) -> Iterator[str]:
    """DEBUG_WX of PPC_DEBUG_WX: two words at least."""
    parts = plain.split("_")
    for first in range(1, len(parts) - 1):
        yield "_".join(parts[first:])


@lru_cache(maxsize=4)
def _squashed(options: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in options:
        found.setdefault(name.replace("_", ""), []).append(name)
    return found


def _nearest(facts: Facts, name: str, sure: bool) -> Nearest:
    definitions = facts.kconfig.definitions(name)
    evidence = definitions[0].evidence if definitions else None
    return Nearest(name, sure, evidence)
