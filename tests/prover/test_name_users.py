# SPDX-License-Identifier: GPL-2.0-or-later
"""What uses a changed name, and which headers have one, however many there are."""

from __future__ import annotations

import random
from collections.abc import ItemsView

import pytest

from reviewer.prover.changes import changed_names
from reviewer.prover.changes.name_users import LastUsers, add_users

_Uses = dict[str, frozenset[str]]


class Counted(_Uses):
    """Uses that count how often all of them are looked at."""

    looks = 0

    def items(self) -> ItemsView[str, frozenset[str]]:
        self.looks += 1
        return super().items()


def round_by_round(changed: set[str], uses: _Uses) -> set[str]:
    while True:
        more = {name for name, words in uses.items() if changed & words} - changed
        if not more:
            return changed
        changed |= more


def test_users_are_those_that_rounds_find() -> None:
    draw = random.Random(16)
    for _attempt in range(500):
        names = [f"n{place}" for place in range(draw.randint(1, 30))]
        uses = {
            name: frozenset(draw.choices([*names, "other"], k=draw.randint(0, 3)))
            for name in names
        }
        begin = set(draw.choices([*names, "unknown"], k=draw.randint(0, 3)))
        assert add_users(set(begin), uses) == round_by_round(set(begin), uses)


def test_a_long_chain_is_not_looked_at_again_for_each_link() -> None:
    uses = Counted({f"n{n}": frozenset([f"n{n - 1}"]) for n in range(1, 2000)})
    assert len(add_users({"n0"}, uses)) == 2000
    assert uses.looks <= 3


def test_the_last_users_are_those_of_what_is_asked() -> None:
    last, uses = LastUsers(), Counted({"b": frozenset("a"), "c": frozenset("z")})
    assert last.known(frozenset("a"), uses) == {"a", "b"}
    looks = uses.looks
    assert last.known(frozenset("a"), uses) == {"a", "b"}
    assert uses.looks == looks
    assert last.known(frozenset("z"), uses) == {"z", "c"}
    assert last.known(frozenset("z"), {"d": frozenset("z")}) == {"z", "d"}


FILES = {
    "called": b"\tfoo (1);\n",
    "stored": b"\t.f = foo,\n",
    "member": b"\tp->foo(1); s.foo;\n",
    "word": b"#define bar foo1\n",
    "part": b"int barred, xbar;\n",
    "text": b"/* b\xc3\xa9 bar */\n",
}


@pytest.mark.parametrize(
    ("names", "hits"),
    [
        ({"foo"}, ["called", "stored"]),
        ({"bar"}, ["word", "text"]),
        ({"bar", "foo"}, ["called", "stored", "word", "text"]),
        ({"b\u00e9"}, ["text"]),
        ({"ba", "arred"}, []),
    ],
)
def test_many_names_are_looked_for_as_few_are(
    names: set[str], hits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changed_names._mentioning(FILES, names, {"foo"}) == hits
    monkeypatch.setattr(changed_names, "FEW", 0)
    assert changed_names._mentioning(FILES, names, {"foo"}) == hits
