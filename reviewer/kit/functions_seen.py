# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions of a name that a file sees: its own, and those of its headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.facts.header import Header, HeaderFunction
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from reviewer.facts import Facts


def functions_seen(
    facts: Facts, near: str, name: str
) -> Iterator[tuple[Header, HeaderFunction]]:
    """Yields what the file ``near`` sees of a function: declarations and bodies, each
    with its file; nothing of a macro.

    What stands in the file itself comes first.
    """
    if not name or facts.define(name, near=near):
        return
    from reviewer.facts.lookup import holds

    own = facts.header(near)
    if own is not None and holds(own.data, encode(name)):
        for function in own.functions_named(name):
            yield own, function
    yield from facts.functions(near, name)
