# SPDX-License-Identifier: GPL-2.0-or-later
"""A file that is asked for many names says the same as one that is asked for one."""

from __future__ import annotations

from reviewer.prover.names import definition_texts
from reviewer.prover.names.definition_texts import has_body

TEXT = b"""\
int declared(int one);
static int defined(int one, int (*of)(int)) /* a comment; with { marks } */
{
	return called(one) + inner_defined(two);
}
#define made(x) do { once(x); } while (0)
int behind_slash(int x) // one; line {
{ }
int commented /* between */ (int x) { }
int next_line
(int x)
{ }
struct of_kind { int member; };
int late(int x) __attribute__((cold(1))) { }
"""
WITH = {"defined", "behind_slash", "next_line", "late", "__attribute__", "cold"}
WITHOUT = {
    "of",
    "declared",
    "called",
    "inner_defined",
    "once",
    "of_kind",
    "fined",
    "defin",
}


def test_the_answer_does_not_hang_on_how_often_it_was_asked(monkeypatch) -> None:
    monkeypatch.setattr(definition_texts, "_with_body", {})
    for _ in range(3):
        assert all(has_body(TEXT, name) for name in WITH)
        assert not any(has_body(TEXT, name) for name in WITHOUT)
    assert isinstance(definition_texts._with_body[TEXT], frozenset)
    alone = {}
    for name in WITH | WITHOUT | {"made", "while", "commented", "do", "struct"}:
        monkeypatch.setattr(definition_texts, "_with_body", {})
        alone[name] = has_body(TEXT, name)
    monkeypatch.setattr(definition_texts, "_with_body", {TEXT: 100})
    assert alone == {name: has_body(TEXT, name) for name in alone}


def test_a_name_that_is_no_word_is_looked_for_as_it_is(monkeypatch) -> None:
    monkeypatch.setattr(definition_texts, "_with_body", {b"f$(int x) { }": 100})
    assert has_body(b"f$(int x) { }", "f$")
