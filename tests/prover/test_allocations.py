# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is asked for: a size and a product of two, checked or not."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)
HEADERS = {
    "include/linux/slab.h": """
typedef unsigned long size_t;
typedef unsigned int gfp_t;
#define __GFP_ZERO 0x100u
#define GFP_KERNEL 0xcc0u
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kmalloc_array(size_t n, size_t size, gfp_t flags);
void *kcalloc(size_t n, size_t size, gfp_t flags);
void *krealloc(const void *p, size_t size, gfp_t flags);
void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags);
void *kvmalloc(size_t size, gfp_t flags);
void *kvzalloc(size_t size, gfp_t flags);
void *kvcalloc(size_t n, size_t size, gfp_t flags);
void kfree(const void *p);
""",
    "include/linux/vmalloc.h": """
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *vcalloc(size_t n, size_t size);
""",
    "include/linux/device.h": """
struct device;
void *devm_kmalloc(struct device *dev, size_t size, gfp_t gfp);
void *devm_kzalloc(struct device *dev, size_t size, gfp_t gfp);
void *devm_kcalloc(struct device *dev, size_t n, size_t size, gfp_t gfp);
""",
    "include/linux/overflow.h": """
static inline size_t size_mul(size_t a, size_t b);
static inline size_t size_add(size_t a, size_t b);
#define array_size(a, b) size_mul(a, b)
""",
}
BEFORE = "".join(f"#include <{path[8:]}>\n" for path in HEADERS)
BEFORE += "struct item { int a; long b; };\n"


def on(before: str, after: str, first: str = "") -> FunctionVerdict:
    sides = []
    for text in (before, after):
        data = f"{BEFORE}{first}{text}\n".encode()
        files = {name: said.encode() for name, said in HEADERS.items()}
        files["mm/x.c"] = data
        facts = Facts(OverlayView(EmptyView(), files))
        sides.append((parse("mm/x.c", data), facts))
    (pre, facts_pre), (post, facts_post) = sides
    (found,) = compare_files(
        pre, post, facts_pre, facts_post, limits=PATIENCE, conditions=True
    )
    return found


def returned(one: str, two: str, first: str = "") -> FunctionVerdict:
    head = "void *f(size_t n, size_t m, int i, struct device *dev)\n{\n\treturn "
    return on(f"{head}{one};\n}}", f"{head}{two};\n}}", first)


SAME_UNLESS_IT_OVERFLOWS = [
    ("kmalloc(n * 8, GFP_KERNEL)", "kmalloc_array(n, 8, GFP_KERNEL)", "n * 8"),
    ("kcalloc(i, sizeof(long), 1)", "kzalloc(sizeof(long) * i, 1)", "i * sizeof(long)"),
    ("kvzalloc((n + 1) * 4, 1)", "kvcalloc(n + 1, 4, 1)", "(n + 1) * 4"),
    ("krealloc(dev, n * 8, 1)", "krealloc_array(dev, n, 8, 1)", "n * 8"),
    ("devm_kzalloc(dev, n * 8, 1)", "devm_kcalloc(dev, n, 8, 1)", "n * 8"),
    ("vmalloc(n * 8)", "vmalloc(array_size(n, 8))", "n * 8"),
    ("kmalloc((i * 8), 1)", "kmalloc(size_mul(8, i), 1)", "i * 8"),
]


@pytest.mark.parametrize("pair", SAME_UNLESS_IT_OVERFLOWS)
def test_a_product_that_is_checked(pair: tuple[str, str, str]) -> None:
    found = returned(*pair[:2])
    assert found.verdict == "equal unless"
    (part,) = found.parts
    assert part.when == (f"when `{pair[2]}` is too large for its type, or negative",)
    assert found.otherwise == "the same (proved)"


def test_what_else_changes_is_told_and_not_the_product_alone() -> None:
    text = "int f(int **o, int n)\n{{\n\tint *p = {};\n\tif (!p)\n\t\treturn {};\n"
    text += "\tfor (int i = 0; i < n; i++)\n\t\tp[i] = 7;\n\t*o = p;\n\treturn 0;\n}}"
    plain, checked = "kzalloc(n * sizeof(*p), 1)", "kcalloc(n, sizeof(*p), 1)"
    same = on(text.format(plain, -12), text.format(checked, -12))
    assert same.verdict == "equal unless"
    assert len(same.parts) == 1
    other = on(text.format(plain, -12), text.format(checked, -5))
    assert other.verdict != "equal unless" or len(other.parts) > 1


EQUAL = [
    ("kmalloc(4 * sizeof(long), 1)", "kmalloc_array(4, sizeof(long), 1)"),
    ("kcalloc(n, m, GFP_KERNEL)", "kcalloc(m, n, GFP_KERNEL)"),
    ("kcalloc(n, m, 1)", "kmalloc_array(m, n, 1 | __GFP_ZERO)"),
    ("vzalloc(16 * 8)", "vcalloc(8, 16)"),
    ("devm_kmalloc(dev, n, 1 | __GFP_ZERO)", "devm_kzalloc(dev, n, 1)"),
]


@pytest.mark.parametrize("pair", EQUAL)
def test_the_same_memory(pair: tuple[str, str]) -> None:
    assert returned(*pair).verdict == "equal"


OTHERS = [
    ("kmalloc(n * 8, 1)", "kcalloc(n, 8, 1)"),  # one of them clears it
    ("kmalloc(n * 8, 1)", "kmalloc_array(n, 4, 1)"),
    ("kmalloc(n * 8, 1)", "kmalloc_array(n, 8, 2)"),
    ("kmalloc(n * m, 1)", "kmalloc_array(n, m, 1)"),  # perhaps a product of ints
    ("kmalloc(n * -8, 1)", "kmalloc_array(n, -8, 1)"),
    ("kmalloc(n + 8, 1)", "kmalloc_array(n, 8, 1)"),
    ("kmalloc(n * 8, 1)", "vcalloc(n, 8)"),
    ("kvzalloc(n * 8, 1)", "kcalloc(n, 8, 1)"),
    ("kmalloc(n * 8, 1)", "kmalloc(size_add(n, 8), 1)"),
]


@pytest.mark.parametrize("pair", OTHERS)
def test_other_memory(pair: tuple[str, str]) -> None:
    assert returned(*pair).verdict not in ("equal", "equal unless")


OF_ITS_OWN = {
    "a function of the file": "#define kcalloc mine\nvoid *mine(int, int, int);\n",
    "a macro of the file": "#define kcalloc(n, size, flags) kmalloc(3, flags)\n",
}


@pytest.mark.parametrize("first", OF_ITS_OWN.values(), ids=OF_ITS_OWN)
def test_a_name_that_is_another_in_the_file(first: str) -> None:
    found = returned("kzalloc(n * 8, 1)", "kcalloc(n, 8, 1)", first)
    assert found.verdict not in ("equal", "equal unless")


def test_a_parameter_with_the_name_of_an_allocator() -> None:
    text = "void *f(int n, void *(*kcalloc)(int, int, int))\n{{\n\treturn {};\n}}"
    found = on(text.format("kcalloc(n, 8, 1)"), text.format("kzalloc(n * 8, 1)"))
    assert found.verdict not in ("equal", "equal unless")


def test_a_header_where_it_has_another_meaning(monkeypatch) -> None:
    elsewhere = "void *kcalloc(size_t n, size_t size, gfp_t flags);\n"
    slab = HEADERS["include/linux/slab.h"].replace(elsewhere, "")
    monkeypatch.setitem(HEADERS, "include/linux/slab.h", slab)
    device = HEADERS["include/linux/device.h"] + elsewhere
    monkeypatch.setitem(HEADERS, "include/linux/device.h", device)
    found = returned("kzalloc(n * 8, 1)", "kcalloc(n, 8, 1)")
    assert found.verdict not in ("equal", "equal unless")
