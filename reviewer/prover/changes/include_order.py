# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that mean something else because directives stand in another order.

What a header says hangs on what was defined before it: with ``#include <a.h>`` behind
``#include <b.h>`` another definition of both wins, and a header whose guard somebody
else defines says nothing at all.  No text of any of these names has to differ.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from reviewer.c.preprocessor import undefs
from reviewer.facts.header import Header, header
from reviewer.patterns import regex
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.names.macro_states import TooMany, names_in_another_state
from reviewer.prover.names.visible_headers import words_defined
from reviewer.utf8 import decode, encode

_WORD = regex(rb"[A-Za-z_]\w*")
_INCLUDE = regex(r"^[ \t]*#[ \t]*include[ \t]*([^\n]+?)[ \t]*$", re.MULTILINE)
Files = Mapping[str, bytes]


def moved_names(
    headers: tuple[Files, Files],
    sides: tuple[Header, Header],
    macros: Iterable[str],
    forced: tuple[tuple[str, ...], tuple[str, ...]],
) -> set[str]:
    """Returns the names whose meaning depends on an order of directives that changed;
    "" stands for any name.

    ``headers``: what each side sees; ``sides``: the file itself; ``macros``: those that
    a changed file defines otherwise; ``forced``: the headers that the build includes.
    """
    found = _of_other_states(headers, sides, forced)
    if sides[0].data != sides[1].data:
        found |= _of_moved_functions(headers, sides)
        found |= _of_moved_macros(headers, sides)
    every = {encode(word) for word in {*macros, *found}}
    return found | _behind_guards(headers, sides, every)


def _of_other_states(
    headers: tuple[Files, Files],
    sides: tuple[Header, Header],
    forced: tuple[tuple[str, ...], tuple[str, ...]],
) -> set[str]:
    old, new = (
        {**files, side.path: side.data}
        for files, side in zip(headers, sides, strict=True)
    )
    roots = (*forced[0], sides[0].path), (*forced[1], sides[1].path)
    try:
        return names_in_another_state(old, new, roots)
    except TooMany:
        return {""}


def _of_moved_functions(
    headers: tuple[Files, Files], sides: tuple[Header, Header]
) -> set[str]:
    """What a header defines that is included in front of other functions now."""
    one, two = (_functions_before(side) for side in sides)
    common = sides[0].functions.keys() & sides[1].functions.keys()
    moved = {
        name
        for name in one.keys() | two.keys()
        if one.get(name, set()) & common != two.get(name, set()) & common
    }
    found: set[bytes] = set()
    for path, data in (*headers[0].items(), *headers[1].items()):
        if any(path.endswith(name.strip('<>"')) for name in moved):
            words = words_defined(data)
            found |= words.macros | words.undefined
    return {decode(word) for word in found}


def _functions_before(side: Header) -> dict[str, set[str]]:
    """The functions that stand before each #include of a file."""
    starts = [
        (function.start, name)
        for name, functions in side.functions.items()
        for function in functions
        if function.body
    ]
    if not starts:
        return {}
    return {
        match[1]: {name for start, name in starts if start < match.start()}
        for match in _INCLUDE.finditer(side.clean)
    }


def _of_moved_macros(
    headers: tuple[Files, Files], sides: tuple[Header, Header]
) -> set[str]:
    """The file's own macros that other headers come behind now, and may ask for."""
    one, two = (_includes_before(side) for side in sides)
    moved = {name for name in one.keys() & two.keys() if one[name] != two[name]}
    texts = dict.fromkeys((*headers[0].values(), *headers[1].values()))
    return {
        name for name in moved if any(_has_word(data, name.encode()) for data in texts)
    }


def _includes_before(side: Header) -> dict[str, list[frozenset[str]]]:
    """The #includes before each place where the file defines or undefines a name."""
    includes = [
        (side.line_of(match.start()), match[1])
        for match in _INCLUDE.finditer(side.clean)
    ]
    events = [(define.line, define.name) for define in side.defines]
    if b"undef" in side.data:
        events += [(one.line, one.name) for one in undefs(side.data)]
    before = [frozenset(text for _at, text in includes[:n])
              for n in range(len(includes) + 1)]  # fmt: skip
    lines = [at for at, _text in includes]
    found: dict[str, list[frozenset[str]]] = {}
    for line, name in sorted(events):
        found.setdefault(name, []).append(before[bisect_left(lines, line)])
    return found


def _has_word(data: bytes, word: bytes) -> bool:
    return word in data and word in _WORD.findall(data)


def _behind_guards(
    headers: tuple[Files, Files], sides: tuple[Header, Header], macros: set[bytes]
) -> set[str]:
    """What a header says that is left out where a macro is defined, which another
    file has, on one side or before it."""
    found: set[str] = set()
    for seen, side in zip(headers, sides, strict=True):
        files = {**seen, side.path: side.data}
        for word in macros:
            asks = re.compile(rb"#[ \t]*ifndef[ \t]+" + word + rb"\b")
            for path in [p for p, d in seen.items() if word in d and asks.search(d)]:
                others = (data for other, data in files.items() if other != path)
                if any(word in words_defined(data).macros for data in others):
                    found |= meanings_of(header(path, seen[path])).texts.keys()
    return found
