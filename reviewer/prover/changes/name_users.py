# SPDX-License-Identifier: GPL-2.0-or-later
"""The names that use a changed one, by way of others, too."""

from __future__ import annotations


def add_users(changed: set[str], uses: dict[str, frozenset[str]]) -> set[str]:
    """Adds to the changed names those whose text uses one, be it by way of others.

    ``uses``: the words in the text of each name.  Returns the set that it was given.
    """
    new = changed
    for _round in range(2):  # few names have users that are used in turn
        new = {
            name
            for name, words in uses.items()
            if name not in changed and not new.isdisjoint(words)
        }
        if not new:
            return changed
        changed |= new
    users = _users(uses, changed)
    waiting = list(new)
    while waiting:
        more = users.get(waiting.pop(), set()) - changed
        changed |= more
        waiting += more
    return changed


def _users(uses: dict[str, frozenset[str]], changed: set[str]) -> dict[str, set[str]]:
    """Of each name the unchanged ones whose text has it: each text is read once."""
    users: dict[str, set[str]] = {}
    names = set(uses)
    for name, words in uses.items():
        if name not in changed:
            for word in words & names:
                users.setdefault(word, set()).add(name)
    return users


class LastUsers:
    """The users of some names that were asked for last: a function is read many times,
    and each time the same is asked."""

    def __init__(self) -> None:
        self._asked: tuple[frozenset[str], dict[str, frozenset[str]]] | None = None
        self._users: frozenset[str] = frozenset()

    def known(
        self, names: frozenset[str], uses: dict[str, frozenset[str]]
    ) -> frozenset[str]:
        """Returns these names and what ``add_users`` adds to them."""
        last = self._asked
        if last is None or last[1] is not uses or last[0] != names:
            self._users = frozenset(add_users(set(names), uses))
            self._asked = names, uses
        return self._users
