# SPDX-License-Identifier: GPL-2.0-or-later
"""Why something is not decided is said in words of C, not of the solver."""

from __future__ import annotations

import pytest

from reviewer.prover.ask.spoken_names import became, spoken

SAID = {
    ("LIMIT [before]", "s32 > type of LIMIT [before]", "LIMIT [after]"): "LIMIT, which"
    " may mean something else",
    ("__builtin_ctzll(MASK)", "g()", "defined(X) [before]"): "g()",
    ("__builtin_ctzll(MASK)",): "__builtin_ctzll(MASK)",
    ("undeclared HZ [after]",): "HZ, which may mean something else",
    ("&local s32#0", "stack s32#0"): "a local variable whose address is taken",
    ("call of p()", "(s32)unknown", "g()"): "call of p(), g()",
    ('g2("/* a */", $0:s32)', "(s32)unknown"): 'g2("/* a */", ..)',
    ("*(u8)", "*(u32)"): "what lies behind a pointer",
    ("xchg(&$0:struct s*->x, $1:s32)",): "xchg(&..->x, ..)",
    ("f($0:s32[4], $1:u8 & 1)",): "f(.., .. & 1)",
    ("rdmsr($0:s32, $1:u32) -> 1",): "what `rdmsr(.., ..)` changes",
    ("while ($0:s32 < 3) $0:s32++; leaves to return",): "what `while (.. < 3) ..++;`"
    " does",
    ("u64 << out of range",): "a shift by more than the width",
    ("s32 - unknown", "(s32)unknown"): "a value that is not followed",
    ("a", "b", "c", "d", "e"): "a, b, c, d",
}


@pytest.mark.parametrize("names", SAID)
def test_what_an_answer_hangs_on(names: tuple[str, ...]) -> None:
    assert spoken(names) == SAID[names]


def test_a_long_piece_of_code_is_cut() -> None:
    loop = f"for ($0:s32 = 0; ; ) {{ {'a(); ' * 40}}} -> 1"
    assert spoken([loop]).endswith("...`")
    assert len(spoken([loop])) < 70


def test_a_call_of_one_name_did_not_become_another() -> None:
    sides = "h($0:s32) [before]", "h($0:s32) [after]"
    assert became(*sides) == "h(..) may mean something else"
    assert became("g()", "h()") == "g() became h()"
