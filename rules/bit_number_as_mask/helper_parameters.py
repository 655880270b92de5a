# SPDX-License-Identifier: GPL-2.0-or-later
"""Which parameters of a function or macro are numbers of bits.

Read from what its body in the tree does with the parameter: ``BIT(bit)`` and
``set_bit(bit, ..)`` want a number.  What is handed on is looked for there; what is used
as a mask as well (``reg & mask``), or is changed before, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from weakref import WeakKeyDictionary

from msgspec import Struct

from reviewer.c.text import CALLED, closing_bracket, split_arguments
from reviewer.facts import Facts
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import encode

# include/asm-generic/bitops/*.h: the first argument is a bit number
BIT_FUNCTIONS = regex(
    r"(_|arch_)*(test|set|clear|change|assign|test_and_(set|clear|change))_bit"
    r"(_lock|_unlock|_acquire|_le)?"
)
BIT_MACROS = (
    *("BIT", "BIT_ULL"),  # include/vdso/bits.h
    *("BIT_MASK", "BIT_ULL_MASK"),  # include/linux/bits.h
    *("_BITUL", "_BITULL"),  # include/uapi/linux/const.h
    "BIT_64",  # arch/x86/include/asm/bitops.h
)
DEEPEST = 3  # functions that hand a parameter on


_OF_COMPILER = "__builtin_"  # the tree has no body of them
# How prototypes call such parameters: the tree is not searched for the body of others.
NAMED = regex(r"(?:\w+_)?(?:bit|bitnr|bitno|nr(?!_\w*s\Z)|pos|feature)(?:_\w+)?\Z")


class _Body(Struct, frozen=True):
    """A function, or a macro with parameters, as text."""

    path: str
    line: int
    parameters: tuple[str, ...]
    text: str
    shown: str


class _Question(Struct, frozen=True):
    """What is asked about a function."""

    places: tuple[int, ...]  # its parameters, from 0
    far: bool  # whether the tree is searched for the body of one that is declared only
    depth: int = DEEPEST


_Answers = dict[int, Evidence]
_Asked = tuple[str, str, "_Question"]
_known: WeakKeyDictionary[Facts, dict[_Asked, _Answers]]
_known = WeakKeyDictionary()


def shifted_by(
    facts: Facts, name: str, near: str, places: tuple[int, ...], *, far: bool
) -> dict[int, Evidence]:
    """Returns those of the parameters at ``places``, from 0, that ``name`` as file
    ``near`` sees it shifts by.

    Each with the line of the function.  What the rule knows by name has none.  A
    search of the tree for a body is dear: without ``far`` the name of a parameter
    speaks for a body that is in another C file.
    """
    return _wanted(facts, name, near, _Question(places, far))


def _wanted(facts: Facts, name: str, near: str, question: _Question) -> _Answers:
    key = (name, near, question)
    of_facts = _known.setdefault(facts, {})
    if key not in of_facts:
        of_facts[key] = {}  # for a function that calls itself
        if not name.startswith(_OF_COMPILER) and not _is_known(name):
            of_facts[key] = _agreed(facts, name, near, question)
    return of_facts[key]


def _is_known(name: str) -> bool:
    return name in BIT_MACROS or BIT_FUNCTIONS.fullmatch(name) is not None


def shifts_in_a_word(facts: Facts, name: str, near: str, place: int) -> bool:
    """Says whether each body of a function shifts, and asks nothing of a bitmap, which
    has bits beyond a word, nor what its parameter is: DMA_BIT_MASK(64) is meant."""
    bodies = list(_bodies(facts, name, near, _Question((place,), far=True)))
    return bool(bodies) and all(
        _SHIFTS.search(body.text)
        and not _OF_BITMAPS.search(body.text)
        and not _is_compared(body, place)
        for body in bodies
    )


def _is_compared(body: _Body, place: int) -> bool:
    if place >= len(body.parameters) or not body.parameters[place]:
        return False
    text = _with_mark(body.text, body.parameters[place])
    return _COMPARED.search(text) is not None


def _agreed(facts: Facts, name: str, near: str, question: _Question) -> _Answers:
    """The parameters of which all definitions say the same."""
    bodies = _bodies(facts, name, near, question)
    answers = [_places(facts, body, question) for body in bodies]
    first = answers[0] if answers else {}
    return {
        place: at for place, at in first.items() if all(place in a for a in answers)
    }


def _places(facts: Facts, body: _Body, question: _Question) -> _Answers:
    """The parameters of one definition; read once, whoever calls it."""
    key = (f"{body.shown}:{body.line}", body.path, question)
    of_facts = _known.setdefault(facts, {})
    if key not in of_facts:
        of_facts[key] = {}
        of_facts[key] = {
            place: Evidence(body.path, body.line, body.shown)
            for place, parameter in enumerate(body.parameters)
            if place in question.places
            and parameter
            and _is_number(facts, body, parameter, question)
        }
    return of_facts[key]


def _is_number(facts: Facts, body: _Body, parameter: str, question: _Question) -> bool:
    if parameter not in body.text:
        return False
    text = _with_mark(body.text, parameter)
    if "@" not in text or _CHANGED.search(text):
        return False
    if any(form.search(_SHIFTED.sub(" 0", text)) for form in _MASKS):
        return False
    if _is_shifted_by(text) or any(form.search(text) for form in _NUMBERS):
        return True
    return question.depth > 0 and _handed_on(facts, body, text, question)


def _with_mark(text: str, parameter: str) -> str:
    return _WORD.sub(lambda word: "@" if word[0] == parameter else word[0], text)


# What is done with a parameter, which is written @.
_WORD = regex(r"(?<![\w.>])[A-Za-z_]\w*")
_COMPARED = regex(
    r"@\s*\)*\s*(?:[=!<>]=|<(?!<)|>(?!>)|\?)|(?:[=!<>]=|(?<!<)<|(?<![>-])>)\s*\(*\s*@"
)
_CHANGED = regex(r"@\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)")
_SHIFTS_BY = regex(rf"<<|\b(?:{'|'.join(BIT_MACROS)})(?=\s*\()")
_NUMBERS = (
    re.compile(r">>\s*\(*\s*@\s*\)*\s*&\s*(?:0x)?1\b"),
    re.compile(rf"\b{BIT_FUNCTIONS.pattern}\s*\(\s*\(*\s*@\s*\)*\s*,"),
)
_SHIFTS = regex(rf"<<|>>|\b(?:{'|'.join(BIT_MACROS)})\b")
_OF_BITMAPS = regex(rf"\b{BIT_FUNCTIONS.pattern}\s*\(")
_SHIFTED = regex(r"(?:<<|>>)\s*\(*\s*@")
_WHOLE = r"\(*\s*@(?!\s*(?:<<|>>|\.|->|\[|\())"
_MASKS = (  # &@ is an address
    re.compile(rf"[\w)\]]\s*(?<!&)&(?!&)=?\s*~?\s*{_WHOLE}"),
    re.compile(rf"[\w)\]]\s*(?:\|=|\|(?![|=]))\s*{_WHOLE}"),
    re.compile(r"(?<![&*])@\s*\)*\s*(?:&(?![&=])|\|(?![|=]))"),
)


def _is_shifted_by(text: str) -> bool:
    """Whether ``1 << @`` or ``BIT(@)`` stands there; of ``1 << ((@) % 8)`` the number
    of the bit is reckoned."""
    for match in _SHIFTS_BY.finditer(text):
        rest = text[match.end() :].lstrip()
        if rest.startswith("("):
            rest = rest[: closing_bracket(rest, 0) + 1]
            if "".join(rest.split()).strip("()") == "@":
                return True
        elif _FIRST.match(rest):
            return True
    return False


_FIRST = regex(r"@\s*(?=[);,&|]|\Z)")


def _handed_on(facts: Facts, body: _Body, text: str, question: _Question) -> bool:
    """Whether a function is given the parameter as it is, and wants a number there."""
    return any(
        argument.strip("() \t\n") == "@"
        and _wanted(
            facts,
            callee,
            body.path,
            _Question((place,), question.far, question.depth - 1),
        )
        for callee, given in _calls(text)
        for place, argument in enumerate(given)
    )


def _calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """The calls of a text, with their arguments."""
    for match in CALLED.finditer(text):
        end = closing_bracket(text, match.end() - 1)
        if end >= 0:
            yield match[1], split_arguments(text[match.end() : end])


# --- where ----------------------------------------------------------------------------


def _bodies(facts: Facts, name: str, near: str, question: _Question) -> Iterator[_Body]:
    """The definitions that file ``near`` may call: its own, a macro, an inline of a
    header, or where a header has a prototype only, those of the tree, if that names a
    parameter at one of the places as such are named."""
    own = list(_in_file(facts, near, name))
    if own:
        yield from own
        return
    word = encode(name)
    for path, data in chain([(near, b"")], facts.naming(near, name)):
        header = facts.header(path)
        macros = header.macros_named(name) if header is not None else ()
        if macros:
            for define in macros:
                shown = f"#define {name}({', '.join(define.params or ())})"
                yield _Body(path, define.line, define.params or (), define.body, shown)
            return
        declared = _declared(data, word)
        if declared is None:
            continue
        inline = list(_in_file(facts, path, name))
        if inline:
            yield from inline
            return
        names = _names(declared.decode("utf-8", "replace"))
        bits = [p for p in question.places if p < len(names) and NAMED.match(names[p])]
        if bits and question.far:
            yield from _elsewhere(facts, name)
        elif bits:
            text = " ".join(f"BIT({names[place]})" for place in bits)
            yield _Body(path, 0, names, text, name)
        return


_DECLARES = regex(rb"\s*+\(([^;{}]*?)\)[\w\s]*+[;{]")


def _declared(data: bytes, word: bytes) -> bytes | None:
    """The parameters of the first declaration of a function in a file."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if at == 0 or not _IN_WORD.match(data, at - 1):
            found = _DECLARES.match(data, end)
            if found is not None:
                return found[1]
        at = data.find(word, end)
    return None


_IN_WORD = regex(rb"\w")


def _names(parameters: str) -> tuple[str, ...]:
    """The names in a list of parameters, "" for one without."""
    found = []
    for one in split_arguments(parameters):
        words = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[^\]]*\]", "", one))
        found.append(words[-1] if len(words) > 1 else "")
    return tuple(found)


def _in_file(facts: Facts, path: str, name: str) -> Iterator[_Body]:
    header = facts.header(path)
    from reviewer.facts.lookup import holds

    word = encode(name)
    if header is None or not holds(header.data, word):
        return
    for function in header.bodies_of(name):
        line = header.line_of(function.start)
        shown = " ".join(f"{function.returns} {name}({function.parameters})".split())
        parameters = _names(function.parameters)
        yield _Body(path, line, parameters, function.body, shown)


def _elsewhere(facts: Facts, name: str) -> Iterator[_Body]:
    """The definitions that stand at a margin of the tree's C files."""
    begins = re.compile(rf"[A-Za-z_][^;=]*\b{re.escape(name)}\s*\([^;]*\Z")
    hits = facts.view.grep([name], suffixes=(".c",))
    paths = dict.fromkeys(hit.path for hit in hits if begins.match(hit.text))
    for path in list(paths)[:4]:
        yield from _in_file(facts, path, name)
