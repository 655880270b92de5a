# SPDX-License-Identifier: GPL-2.0-or-later
"""What code does that its own text does not show: in macros, and at a scope's end.

A macro that is not followed may jump to a label, return, or use a local of the
function by its name.  ``guard()`` and ``__free()`` run something when a scope ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from reviewer.c.text import normalised, without_strings
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported
from reviewer.prover.names.definition_texts import FunctionText, MacroText
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.only_looking import CALLED, Readers
from reviewer.prover.names.scope_ends import has_scope_end
from reviewer.prover.names.visible_headers import visible_headers
from reviewer.tree.view import View

_WORD = re.compile(r"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_NO_TAG = re.compile(
    r"(?<![\w.])(?<!->)(?<!\bstruct )(?<!\bunion )(?<!\benum )[A-Za-z_]\w*"
)
# in code that is not followed and holds the whole scope: it ends there, too
_ENCLOSED = re.compile(
    r"(?<=[;{}])\s*guard\s*\(\s*\w+\s*\)(?=\s*\()|\bscoped_guard\b(?=\s*\()"
    r"|\b__free\s*\(\s*\w+\s*\)"
)
_ASM_GOTO = re.compile(
    r"\basm(?:_volatile|_inline)?\w*\s+(?:\w+\s+)*goto\b|\basm_\w*goto"
)
_GOTO = re.compile(r"\bgoto\s+(\w+)")
_GOES = frozenset(["goto", "twice"])  # twice: the text is not known
_LABEL = re.compile(r"(?:^|[;{}])\s*(\w+)\s*:(?!:)")
_LEAVES = re.compile(r"\breturn\b")
_BREAKS = re.compile(r"\b(?:break|continue)\b")
_LOOPS = re.compile(r"\b(?:for|while|do|switch|\w*for_each\w*)\b")
MOST = 300  # macros in macros that are looked at


def check_scopes(text: str, readers: Readers) -> None:
    """Raise Unsupported where something is done when a scope ends."""
    code = normalised(without_strings(text))
    if has_scope_end(code) or readers.cleans_up(code):
        raise Unsupported("something is done when a scope ends")
    if _ASM_GOTO.search(code):
        raise Unsupported("an asm goto")


def hidden_names(frame: Frame, text: str) -> list[str]:
    """Returns the locals that the macros in a piece of code use without being given
    them.

    Raises Unsupported where one of them may jump, or run something at a scope's end.
    """
    code = _ENCLOSED.sub(" ", without_strings(text))
    words = set(_WORD.findall(code))
    arguments = set(_WORD.findall(_GOTO.sub(" ", code)))
    labels = {name.removeprefix("label ") for name in frame.labels}
    found: dict[str, None] = {}
    for word in sorted(words):
        if word in frame.names:
            continue
        used, jumps = macro_words(frame.run.definitions, word)
        if used is None:
            continue
        if jumps:
            raise Unsupported(f"{word}() {jumps}")
        if not labels.isdisjoint(arguments) and not used.isdisjoint(_GOES):
            raise Unsupported(f"{word}() may jump to a label")
        found.update(
            dict.fromkeys(name for name in sorted(used) if name in frame.names)
        )
    return [name for name in found if name not in words]


def captured_names(definitions: Definitions, text: str) -> set[str]:
    """Returns the names in a piece of code that a macro in it says in its own text: a
    variable that the macro has under such a name is meant there, or may be."""
    words = set(_WORD.findall(without_strings(text)))
    brought = (macro_words(definitions, word)[0] for word in words)
    return words & set[str]().union(*(one for one in brought if one))


def macro_words(
    definitions: Definitions, name: str
) -> tuple[frozenset[str] | None, str]:
    """Returns the words that a macro brings along (None: it is no macro), and how it
    may jump."""
    known = definitions.macro_words.get(name)
    if known is None:
        known = definitions.macro_words[name] = _read(definitions, name)
    return known


def _read(definitions: Definitions, name: str) -> tuple[frozenset[str] | None, str]:
    if not definitions.is_macro(name):
        return None, ""
    used: set[str] = set()
    seen, waiting = {name}, [name]
    while waiting:
        for parameters, body in _bodies(definitions, waiting.pop()):
            jumps = _jumps(body)
            if jumps:
                return frozenset(used), jumps
            words = set(_WORD.findall(body)) - parameters
            used |= words & set(_NO_TAG.findall(body))
            for word in words - seen:
                seen.add(word)
                if len(seen) > MOST:
                    return frozenset(used), "uses too many macros"
                if definitions.is_macro(word):
                    waiting.append(word)
    return frozenset(used), ""


def redefined_later(definitions: Definitions, text: FunctionText) -> str | None:
    """Returns a function that a header's function calls, and that a macro stands for
    which may only be defined behind it: further down, or in a header that this one
    may not see."""
    key = text.path, text.line, text.name
    if key not in definitions.called_before:
        found = _called_before(definitions, text)
        definitions.called_before[key] = next(found, None)
    return definitions.called_before[key]


def _called_before(definitions: Definitions, text: FunctionText) -> Iterator[str]:
    waiting, seen = [normalised(without_strings(text.body))], {text.name}
    while waiting:
        for word in CALLED.findall(waiting.pop()):
            if word in seen:
                continue
            seen.add(word)
            macros = [m for m in definitions.macros(word) if m.body.strip() != word]
            for macro in macros:
                if macro.path == text.path and len(seen) < MOST:
                    waiting.append(normalised(without_strings(macro.body)))
            real = definitions.functions(word) or definitions.prototypes(word)
            if real and any(_is_later(definitions, text, m) for m in macros):
                yield word


def _is_later(definitions: Definitions, text: FunctionText, macro: MacroText) -> bool:
    facts = definitions.facts
    if macro.path == definitions.path or facts is None:
        return False  # the file's own are asked for at the place
    if macro.path == text.path:
        own = facts.header(text.path)
        lines = [] if own is None else [d.line for d in own.macros.get(macro.name, ())]
        return not lines or min(lines) > text.line
    return macro.path not in _seen_from(facts.view, text.path)


@lru_cache(maxsize=256)
def _seen_from(view: View, path: str) -> frozenset[str]:
    """The headers that a header includes, directly or not."""
    found = visible_headers.__wrapped__(view, path, view.read(path) or b"")
    return frozenset(other for other, _data in found)


def _bodies(definitions: Definitions, name: str) -> Iterator[tuple[set[str], str]]:
    for macro in definitions.macros(name):
        given = {parameter.rstrip(". ") for parameter in macro.parameters or ()}
        yield given, normalised(without_strings(macro.body))


def _jumps(body: str) -> str:
    own = set(_LABEL.findall(body))
    if any(target not in own for target in _GOTO.findall(body)):
        return "may jump"
    if _LEAVES.search(body):
        return "may return"
    if _BREAKS.search(body) and not _LOOPS.search(body):
        return "may leave a loop"
    if _ASM_GOTO.search(body):
        return "may jump"
    if has_scope_end(body):
        return "does something when a scope ends"
    return ""
