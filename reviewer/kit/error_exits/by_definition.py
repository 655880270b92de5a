# SPDX-License-Identifier: GPL-2.0-or-later
"""What the definitions of the names between an acquire and an exit say about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import FileImage
from reviewer.c.text import CALLED, IDENTIFIER, without_comments
from reviewer.kit.acquire_release import PAIRS, RELEASES, Sort
from reviewer.kit.error_exits.left_behind import LeftBehind
from reviewer.kit.expressions import call
from reviewer.patterns import regex

# include/linux/{string,list,spinlock,mutex,workqueue}.h: they write what is there
_FILLS_IN = regex(
    r"memset|sizeof|INIT_\w+|LIST_HEAD_INIT|spin_lock_init|mutex_init|init_\w+"
    r"|atomic_set|xa_init\w*|lockdep_\w+|if|while|for|return"
)


def takes_nothing(image: FileImage, left: LeftBehind) -> bool:
    """Says whether the acquire only fills in a struct, as its body shows, for an empty
    list has nothing to give back; or does nothing of what the release undoes. The
    tables' pairs are known to take something."""
    pair = left.resource.pair
    if pair.sort is not Sort.OTHER:
        return False
    called = _called(image, pair.acquire)
    if called is None:
        return False
    ends = [_called(image, name) or set() for name in pair.releases]
    undone = RELEASES.intersection(*ends)
    taken = any(undone & {*PAIRS[name].releases} for name in called & PAIRS.keys())
    inner = any(image.source.functions_named(name) for name in called)
    fills_in = all(_FILLS_IN.fullmatch(name) for name in called)
    return fills_in or (bool(undone) and not taken and not inner)


def _called(image: FileImage, name: str) -> set[str] | None:
    """What the bodies of a function call; None where there is no body."""
    bodies = [without_comments(body) for body in _bodies(image, name)]
    return {one for body in bodies for one in CALLED.findall(body)} if bodies else None


def _bodies(image: FileImage, name: str) -> Iterator[str]:
    """The bodies of a function, in the file or in the headers that it includes."""
    own = image.source.functions_named(name)
    for function in own:
        if function.body is not None:
            yield image.source.text(function.body)
    for path, _ in () if own else image.facts.naming(image.source.path, name):
        header = image.facts.header(path)
        for found in header.functions_named(name) if header is not None else ():
            if found.body:
                yield found.body


def is_given_up(image: FileImage, left: LeftBehind) -> bool:
    """Says whether a macro that stands between the acquire and the exit has the release
    in its body: one that waits may give up the lock, and fail without it."""
    source, pair = left.source, left.resource.pair
    function = source.function_around(left.exit)
    if function is None or pair.sort is Sort.MEMORY:
        return False
    called = {
        call(source, node)[0]
        for node in source.walk(function.node, "call_expression")
        if left.resource.call.end_byte < node.start_byte < left.exit.start_byte
    }
    known = PAIRS.keys() | {""}
    return any(
        set(IDENTIFIER.findall(body)).intersection(pair.releases)
        for name in called - known
        if not source.functions_named(name)
        for body in _macros(image, name)
    )


def _macros(image: FileImage, name: str) -> Iterator[str]:
    """The bodies of a macro, in the file or in the headers that it includes."""
    near = image.source.path
    own = image.facts.header(near)
    headers = [own] if own is not None else []
    headers += filter(None, map(image.facts.header, _naming(image, name)))
    for header in headers:
        for define in header.macros.get(name, ()):
            yield define.body


def _naming(image: FileImage, name: str) -> Iterator[str]:
    """The headers that the file includes and that define a macro of that name."""
    define = re.compile(rb"#\s*define\s+%s\b" % name.encode())
    for path, data in image.facts.naming(image.source.path, name):
        if define.search(data):
            yield path
