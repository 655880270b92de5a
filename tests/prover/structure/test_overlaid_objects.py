# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of a variable that are read as a struct with another layout are not equal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import judged

from reviewer.prover.verdict import Verdict

HEAD = """struct inner { int a; int b; };
struct own { %sint wire; int more; };
struct s { struct own *own; };
void take(struct inner *v, int n);
void fill(void *v, int n);
"""
READ_ANEW = {
    "an array": "struct inner v[9]; struct own *o; take(v, 9); o = (struct own *)v;",
    "a struct": "struct inner v; struct own *o; take(&v, 3); o = (struct own *)&v;",
    "bytes": "char v[90]; struct own *o; fill(v, 90); o = (struct own *)v;",
    "a void pointer": "char v[90]; struct own *o; fill(v, 90); o = (void *)v;",
    "at once": "char v[90]; fill(v, 90); struct own *o = (void *)(v + 4);",
    "an element": "char v[90]; struct own *o; fill(v, 90); o = (void *)&v[2];",
}
SAME = {
    "its own": "struct own v; struct own *o = &v; fill(&v, 3);",
    "a pointer": "void *v = p->own; struct own *o = (struct own *)v;",
    "beside it": "struct inner v; struct own *o = p->own; take(&v, 3);",
}


def verdict_of(body: str) -> Verdict:
    code = f"\t{body}\n\treturn o->wire;"
    return judged(code, code, HEAD % "", HEAD % "long m; ").verdict


@pytest.mark.parametrize("kind", READ_ANEW)
def test_bytes_that_are_read_as_another_struct(kind: str) -> None:
    assert verdict_of(READ_ANEW[kind]) is not Verdict.EQUAL


@pytest.mark.parametrize("kind", SAME)
def test_a_struct_of_its_own_is_the_same(kind: str) -> None:
    assert verdict_of(SAME[kind]) is Verdict.EQUAL
