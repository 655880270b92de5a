# SPDX-License-Identifier: GPL-2.0-or-later
"""A variable under another name, or declared elsewhere: the same, unless a macro looks
at its name, or a word of its declaration says something to a compiler."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

MACROS = """
#ifdef __CHECKER__
#define __user __attribute__((noderef, address_space(__user)))
#else
#define __user
#endif
#define __narrow __attribute__((mode(QI)))
#define __both __attribute__((noderef, mode(QI)))
#define op_less <
#define pasted(op, x, y) ((x) op_##op (y))
#define is_less(x, y) pasted(less, x, y)
#define checked(x) ({ static_assert(sizeof(x) > 1, #x); ext(x); })
#define of_tag(x) ext(((struct q *)any(x))->n)
#define with(f, x) f(x)
#define inner(x) ext(x)
#define outer(x) with(inner, x)
#define tell(x) show(x)
#define glued(op, x) op##ow(x)
#define all_of(...) show(__VA_ARGS__)
#define alias show
#define last_is(x) show
#define keep(x) named(#x "!")
struct q { int n; };
"""
LOOP = "while (x--) { v = any(p); if (%s) { say(x); break; } lock(p); } return 0; }"


def in_a_loop(text: str, name: str, kind: str = "struct d *") -> str:
    return MACROS + F + "{ " + kind + name + "; " + LOOP.replace("v", name) % text


def moved(text: str, name: str, kind: str = "struct d *") -> str:
    loop = LOOP.replace("v = any", kind + name + " = any") % text
    return MACROS + F + "{ " + loop


SAME = {
    "a name that is put together of others": "is_less(%s, p)",
    "what is told while it is compiled": "checked(%s)",
    "a tag of that name in a macro": "of_tag(%s)",
    "a macro that is handed to a macro": "outer(%s)",
    "a function": "ask(%s)",
}
SHOWN = {
    "a name that is shown": "show(%s)",
    "a name that another macro shows": "tell(%s)",
    "a name shown behind one that is put together": "glued(sh, %s)",
    "a name handed to what the function says": "with(show, %s)",
    "one of all arguments": "all_of(%s)",
    "another name of what shows": "alias(%s)",
    "what a macro leaves behind": "last_is(1)(%s)",
    "a name in a longer text": "keep(%s)",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_another_name_is_the_same(text: str) -> None:
    one, two = in_a_loop(text % "v", "v"), in_a_loop(text % "q", "q")
    assert told(one, two).proved
    assert told(two, one).proved
    assert told(one, moved(text % "q", "q")).proved


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
def test_a_name_that_is_looked_at_is_not(text: str) -> None:
    one, two = in_a_loop(text % "v", "v"), in_a_loop(text % "w", "w")
    assert not told(one, two).proved
    assert not told(two, one).proved
    assert not told(one, moved(text % "w", "w")).proved


def test_a_word_for_sparse_says_nothing() -> None:
    kind = "struct d __user *"
    one = in_a_loop("ask(v)", "v", kind)
    assert told(one, moved("ask(w)", "w", kind)).proved
    assert told(one, moved("ask(w)", "w")).proved


@pytest.mark.parametrize("word", ["__narrow", "__both"])
def test_a_word_for_the_compiler_does(word: str) -> None:
    one = MACROS + F + "{ int v; while (x--) { v = ext(x); say(v); } return 0; }"
    two = one.replace("int v;", f"int v {word};")
    assert not told(one, two).proved
    assert not told(two, one).proved


def test_a_string_keeps_its_words() -> None:
    one = MACROS + F + '{ int v; while (x--) { v = ext(x); named("__user"); }}'
    assert not told(one, one.replace("__user", "").replace("v", "w")).proved
