# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series changes in the flags with which a file is compiled.

``ccflags-y += -DFAST`` in a Makefile is a #define in each file of the folder
(Documentation/kbuild/makefiles.rst); another flag may change any code.  What a flag
is made of counts, too: the ``ifdef`` around it, and the variables that it names.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from reviewer.facts.makefile import logical_lines
from reviewer.patterns import regex
from reviewer.utf8 import encode

_FILES = ("Makefile", "Kbuild")
_ASSIGNMENT = regex(
    r"(?:[^\t:=][^:=]*:(?![:=])\s*)?\s*(?:(?:export|override|private)\s+)*"
    r"([^\s:=+?]+)\s*[:+?]*=(.*)\Z"
)
_SETS = regex(
    r"(?:subdir-)?ccflags-\S*|(?:EXTRA_)?CFLAGS(?:_\S+)?|K?CPPFLAGS(?:_\S+)?|KCFLAGS"
    r"|KBUILD_C(?:PP)?FLAGS\w*|(?:KCOV|KASAN|NOSTDINC)_\w*FLAGS\w*|LINUXINCLUDE"
)
_NAME = regex(r"-[DU]\s*([A-Za-z_]\w*)")
_IDLE = regex(r"-(?:W(?!p,)|g|O[0-9s]?\b|pg\b|fno-stack-protector|fno-omit-frame)")
_OF_ONE = regex(r"CFLAGS_(?:REMOVE_)?(.+)\.o\Z")
_DATA = regex(  # gcc: what types are, and what is done with numbers
    r"-(?:f(?:un)?signed-|fpack-|fshort-|f(?:no-)?(?:trapv|wrapv|fast-math)|m)"
)
# scripts/Makefile.compiler: the flag itself, where the compiler knows it
_IF_KNOWN = regex(r"\$\(call\s+cc-(?:option|disable-warning|option-yn)\b")
_WORD = regex(r"(?:\$[({][^(){}\s]*[)}]|[^\s,()])+")
_TAKES_ANOTHER = regex(r"-(?:[DUI]|include|imacros|isystem|iquote|idirafter)\Z")
_REFERENCE = regex(r"\$(?:[({]([\w.-]+)[)}]|(\w))")
_INCLUDED = regex(r"\s*-?s?include\s+(.*)\Z")
_FORCED = regex(rb"-(?:include|imacros)\s+(\S+)")
_LISTS = regex(r"obj-|(.+)-(?:objs|[ym]|\$[({]CONFIG_\w+[)}])\Z")
_DEEPEST = 6  # variables in variables
_MOST = 20_000  # flags of one makefile: of more any may be another
ANYTHING = ""  # what a flag does that is not known
DATA = "-f"  # what a flag does to all data
# scripts/Makefile.lib: by the object that a file is linked into
_OF_A_MODULE = frozenset(["MODULE"])
_OF_ITS_NAME = frozenset(["KBUILD_MODNAME", "KBUILD_MODFILE", "__KBUILD_MODNAME"])
_Values = dict[str, list[tuple[str, str]]]  # variable -> (what stands around, value)
_Flag = tuple[str, str]  # the flag, and all that says when it is given


def changed_flags(
    path: str,
    edited: Mapping[str, tuple[bytes, bytes]],
    read: Callable[[str], bytes | None] = lambda _path: None,
) -> set[str]:
    """Returns the names that a file is handed otherwise by the flags of its compiler,
    DATA among them for one that makes other types, ANYTHING for any other flag.

    ``edited``: what a series changes, with both texts; ``read``: other files.
    """
    found: set[str] = set()
    for makefile, sides in edited.items():
        folder, _, name = makefile.rpartition("/")
        if folder and not path.startswith(f"{folder}/"):
            continue
        if name not in _FILES and not _is_included(name, path, read):
            continue
        values = [_values(side) for side in sides]
        one, two = (list(islice(_flags(side, path), _MOST)) for side in values)
        found |= {ANYTHING} if _MOST in (len(one), len(two)) else _apart(one, two)
        found |= _objects_apart(path, values[0], values[1])
    return found


def forced_by_makefiles(
    path: str, read: Callable[[str], bytes | None]
) -> Iterator[tuple[str, bytes]]:
    """Yields the makefiles of a file with the #include lines that they stand for."""
    for makefile in _makefiles(path):
        for name in _FORCED.findall(read(makefile) or b""):
            last = name.rpartition(b"/")[2]
            yield makefile, b'#include "%s"\n' % last


def _makefiles(path: str) -> Iterator[str]:
    """Where the flags of a file may be set: in its folder, and in those above it."""
    folders = path.split("/")[:-1]
    for depth in range(len(folders) + 1):
        yield from ("/".join([*folders[:depth], name]) for name in _FILES)


def _is_included(name: str, path: str, read: Callable[[str], bytes | None]) -> bool:
    """Whether a makefile of the file includes one of this name."""
    for makefile in _makefiles(path):
        data = read(makefile) or b""
        if encode(name) in data:
            for _line, text in logical_lines(data):
                included = _INCLUDED.match(text)
                if included is not None and name in included[1]:
                    return True
    return False


def _apart(one: list[_Flag], two: list[_Flag]) -> set[str]:
    """The names of the flags that one side alone has, or has in another order."""
    found: set[str] = set()
    macros = [_by_macro(side) for side in (one, two)]
    for name in macros[0].keys() | macros[1].keys():
        if macros[0].get(name) != macros[1].get(name):
            found.add(name)
    sides = [
        [flag for flag in side if not (_NAME.match(flag[0]) or _IDLE.match(flag[0]))]
        for side in (one, two)
    ]
    differ = Counter(sides[0]) - Counter(sides[1])
    differ += Counter(sides[1]) - Counter(sides[0])
    for flag, _around in differ or (sides[0] if sides[0] != sides[1] else ()):
        found.add(DATA if _DATA.match(flag) else ANYTHING)
    return found


def _by_macro(flags: list[_Flag]) -> dict[str, list[_Flag]]:
    found: dict[str, list[_Flag]] = defaultdict(list)
    for flag in flags:
        if (name := _NAME.match(flag[0])) is not None:
            found[name[1]].append(flag)
    return found


def _values(data: bytes) -> _Values:
    """What a makefile gives its variables, each with the conditions around it."""
    found: _Values = {}
    stack: list[str] = []
    defined = ""
    for _line, text in logical_lines(data):
        words = text.split()
        first = words[0] if words else ""
        if defined:
            if first == "endef":
                defined = ""
            else:
                found.setdefault(defined, []).append((" ".join(stack), text))
        elif first == "define" and len(words) > 1:
            defined = words[1]
        elif first in ("ifeq", "ifneq", "ifdef", "ifndef"):
            stack.append(" ".join(words))
        elif first == "else" and stack:
            stack[-1] += f" {' '.join(words)}"
        elif first == "endif":
            del stack[-1:]
        elif (one := _ASSIGNMENT.match(text)) is not None:
            around = " ".join([*stack, text[: one.start(2)]])
            found.setdefault(one[1], []).append((around, one[2]))
    return found


def _flags(values: _Values, path: str) -> Iterator[_Flag]:
    """The flags of a makefile that may be meant for a file, one by one."""
    last = path.removesuffix(".c").rpartition("/")[2]
    for variable, texts in values.items():
        one = _OF_ONE.match(variable)
        if not _SETS.fullmatch(variable):
            continue
        if one is not None and last != one[1].rpartition("/")[2]:
            continue
        for around, value in texts:
            for flag, more in _split(value, values, 0):
                yield flag, f"{around} {more}"


def _split(value: str, values: _Values, depth: int) -> Iterator[_Flag]:
    """The flags in a value, with what the variables in them are given."""
    before = ""
    for word in _WORD.findall(_IF_KNOWN.sub(" ", value)):
        flag = before + word.translate({ord(mark): None for mark in "'\""})
        if _TAKES_ANOTHER.match(flag):
            before = flag
            continue
        before = ""
        whole = _REFERENCE.fullmatch(flag)
        name = (whole[1] or whole[2]) if whole is not None else ""
        if name in values and depth < _DEEPEST:
            for around, text in values[name]:
                for inner, more in _split(text, values, depth + 1):
                    yield inner, f"{around} {more}"
        else:
            yield flag, _behind(flag, values)


def _behind(flag: str, values: _Values) -> str:
    """What the variables in a flag are given, and those in these, each once."""
    told: list[str] = []
    waiting, seen = _referred(flag), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            for around, value in values.get(name, ()):
                told.append(f"{name} {around}{value}")
                waiting += _referred(value)
    return " ".join(told)


def _referred(text: str) -> list[str]:
    return [one or two for one, two in _REFERENCE.findall(text)]


def _objects_apart(path: str, one: _Values, two: _Values) -> set[str]:
    """The names that say of which module a file is a part, where it is of another."""
    last = f"{path.removesuffix('.c').rpartition('/')[2]}.o"
    sides = [_linked_into(last, values) for values in (one, two)]
    if sides[0] == sides[1] or not all(sides):
        return set()
    objects = [{name for name, _list in side} for side in sides]
    return set(_OF_A_MODULE | (_OF_ITS_NAME if objects[0] != objects[1] else set()))


def _linked_into(last: str, values: _Values) -> set[tuple[str, str]]:
    """The objects that an object ends in, each with the list that names it: obj-m."""
    found: set[tuple[str, str]] = set()
    waiting, seen = [last], {last}
    while waiting:
        wanted = waiting.pop()
        for variable, texts in values.items():
            listed = _LISTS.match(variable)
            if listed is None or not any(wanted in text.split() for _, text in texts):
                continue
            if listed[1] is None:
                found.add((wanted, variable))
            elif (whole := f"{listed[1]}.o") not in seen:
                seen.add(whole)
                waiting.append(whole)
    return found
