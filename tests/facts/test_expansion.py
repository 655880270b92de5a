# SPDX-License-Identifier: GPL-2.0-or-later
"""Generator macros: what a header makes with them, and when to give up."""

from __future__ import annotations

import time

from reviewer.facts.expansion import Generators
from reviewer.facts.header import header


def test_generators_that_call_themselves_many_times_take_no_time() -> None:
    text = "#define G0(n) static inline int n##0(void) { return 1; }\n"
    for level in range(1, 11):
        text += f"#define G{level}(n) " + f"G{level - 1}(n) " * 40 + "\n"
    text += "G10(x)\nG0(plain)\n"
    generators = Generators(header("include/linux/x.h", text.encode()))
    begun = time.process_time()
    made = [one.function.name for one in generators.generated()]
    assert time.process_time() - begun < 10
    assert "plain0" in made
    assert len(made) < 1000
    assert [name for name, _ in generators.unread] == ["G10"]
