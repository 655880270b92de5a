# SPDX-License-Identifier: GPL-2.0-or-later
"""Which uses of a name are new, by the conditions under which it was used."""

from __future__ import annotations

import pytest

from reviewer.c.conditions import FALSE, TRUE, Condition, parse_condition
from reviewer.kit.changed_code import OlderConditions


def told(text: str) -> Condition:
    return parse_condition(text, {})


A = told("defined(CONFIG_A)")
A_AND_B = told("defined(CONFIG_A) && defined(CONFIG_B)")
C = told("defined(CONFIG_C)")


@pytest.mark.parametrize("order", [[A, C], [C, A]])
def test_one_that_was_as_weak_covers(order: list[Condition]) -> None:
    older = OlderConditions(iter(order))
    assert older.cover(A_AND_B)
    assert older.cover(A)
    assert older.cover(C)
    assert not older.cover(told("defined(CONFIG_B)"))
    assert not older.cover(TRUE)
    assert older.cover(FALSE)


def test_one_that_always_held_covers_all() -> None:
    older = OlderConditions(iter([C, TRUE]))
    assert older.cover(A)
    assert older.cover(TRUE)


def test_what_is_built_in_is_no_module() -> None:
    """Two atoms of one option: what is =m is not =y."""
    older = OlderConditions(iter([told("!defined(CONFIG_A)")]))
    assert older.cover(told("defined(CONFIG_A_MODULE)"))


def test_it_reads_no_further_than_it_must() -> None:
    def conditions():
        yield A
        raise AssertionError("read on")

    assert OlderConditions(conditions()).cover(A_AND_B)


def test_other_options_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    plain = Condition.implies
    monkeypatch.setattr(
        Condition, "implies", lambda one, two: asked.append(two) or plain(one, two)
    )
    others = [told(f"defined(CONFIG_G{n})") for n in range(400)]
    older = OlderConditions(iter([*others, A]))
    assert all(older.cover(A_AND_B) for _ in range(3))
    assert len(asked) <= 6


def test_of_many_that_are_alike_some_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    plain = Condition.implies
    monkeypatch.setattr(
        Condition, "implies", lambda one, two: asked.append(two) or plain(one, two)
    )
    alike = [
        told(f"defined(CONFIG_A) && defined(CONFIG_G{number})") for number in range(400)
    ]
    older = OlderConditions(iter(alike))
    for number in range(20):
        assert not older.cover(told(f"defined(CONFIG_A) && defined(CONFIG_H{number})"))
    assert len(asked) <= 20 * 51 + 51
