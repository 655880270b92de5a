# SPDX-License-Identifier: GPL-2.0-or-later
"""What is the same while nobody else runs is told as that, and proves nothing more."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names import primitives
from reviewer.prover.verdict import FunctionVerdict, Verdict

PRELUDE = """struct s { int x, y; struct s *next, *n; unsigned long flags; };
void g(int);
#define MINE(p) READ_ONCE(p->x)
static inline int look(struct s *p) { return READ_ONCE(p->x); }
"""
FOR_OTHERS = {  # told as a difference that other CPUs see
    "smp_rmb() is gone": (
        "int f(struct s *p) { int a = p->x; smp_rmb(); return a + p->y; }",
        "int f(struct s *p) { int a = p->x; return a + p->y; }",
    ),
    "READ_ONCE() is gone": (
        "int f(struct s *p) { return READ_ONCE(p->x); }",
        "int f(struct s *p) { return p->x; }",
    ),
    "READ_ONCE() is new": (
        "int f(struct s *p) { return p->x; }",
        "int f(struct s *p) { return MINE(p); }",
    ),
    "cpu_relax() is gone": (
        "void f(struct s *p) { p->x = 1; cpu_relax(); p->y = 2; }",
        "void f(struct s *p) { p->x = 1; p->y = 2; }",
    ),
    "smp_wmb() is gone": (
        "void f(struct s *p) { WRITE_ONCE(p->x, 1); smp_wmb(); WRITE_ONCE(p->y, 2); }",
        "void f(struct s *p) { WRITE_ONCE(p->x, 1); WRITE_ONCE(p->y, 2); }",
    ),
    "smp_mb() became smp_wmb()": (
        "void f(struct s *p) { p->x = 1; smp_mb(); p->y = 2; }",
        "void f(struct s *p) { p->x = 1; smp_wmb(); p->y = 2; }",
    ),
    "what others see of WRITE_ONCE() is in another order": (
        "void f(struct s *p) { WRITE_ONCE(p->x, 1); WRITE_ONCE(p->y, 2); }",
        "void f(struct s *p) { WRITE_ONCE(p->y, 2); WRITE_ONCE(p->x, 1); }",
    ),
    "clear_bit_unlock() became clear_bit()": (
        "void f(unsigned long *v) { clear_bit_unlock(3, v); }",
        "void f(unsigned long *v) { clear_bit(3, v); }",
    ),
    "set_bit() is gone": (
        "void f(unsigned long *v) { set_bit(3, v); }",
        "void f(unsigned long *v) { __set_bit(3, v); }",
    ),
    "smp_store_release() became WRITE_ONCE()": (
        "void f(struct s *p) { p->y = 1; smp_store_release(&p->x, 1); }",
        "void f(struct s *p) { p->y = 1; WRITE_ONCE(p->x, 1); }",
    ),
    "smp_load_acquire() is gone": (
        "int f(struct s *p) { int a = smp_load_acquire(&p->x); return a + p->y; }",
        "int f(struct s *p) { int a = p->x; return a + p->y; }",
    ),
    "rcu_dereference() is gone": (
        "int f(struct s *p) { return rcu_dereference(p->next)->x; }",
        "int f(struct s *p) { return p->next->x; }",
    ),
    "barrier() is gone": (
        "void f(struct s *p) { p->x = 1; barrier(); p->y = 2; }",
        "void f(struct s *p) { p->x = 1; p->y = 2; }",
    ),
}
ONE_CPU = {
    "READ_ONCE() is used twice, it was 3 times": (
        "int f(struct s *p) { look(p); return READ_ONCE(p->y) + READ_ONCE(p->x); }",
        "int f(struct s *p) { look(p); return READ_ONCE(p->y) + p->x; }",
    ),
    "what others see of rcu_assign_pointer() is in another order": (
        "void f(struct s *p, struct s *q) { q->x = 1; rcu_assign_pointer(p->n, q); }",
        "void f(struct s *p, struct s *q) { rcu_assign_pointer(p->n, q); q->x = 1; }",
    ),
    "what others see of smp_wmb() is in another order": (
        "void f(struct s *p) { p->x = 1; smp_wmb(); p->y = 2; }",
        "void f(struct s *p) { p->y = 2; smp_wmb(); p->x = 1; }",
    ),
    "smp_mb() is used once, it was twice": (
        "void f(struct s *p) { p->x = 1; smp_mb(); smp_mb(); p->y = 2; }",
        "void f(struct s *p) { p->x = 1; smp_mb(); p->y = 2; }",
    ),
    "smp_mb() is gone": (  # g() may have one
        "void f(struct s *p) { p->x = 1; smp_mb(); g(1); }",
        "void f(struct s *p) { p->x = 1; g(1); }",
    ),
    "barrier() is gone": (  # which nobody sees between these two
        "void f(struct s *p) { WRITE_ONCE(p->x, 1); barrier(); WRITE_ONCE(p->y, 2); }",
        "void f(struct s *p) { WRITE_ONCE(p->x, 1); WRITE_ONCE(p->y, 2); }",
    ),
    "smp_mb__before_atomic() is gone": (
        "int f(atomic_t *p) { smp_mb__before_atomic(); return atomic_inc_return(p); }",
        "int f(atomic_t *p) { return atomic_inc_return(p); }",
    ),
    "barrier() became cpu_relax()": (
        "void f(struct s *p) { p->x = 1; barrier(); p->y = 2; }",
        "void f(struct s *p) { p->x = 1; cpu_relax(); p->y = 2; }",
    ),
    "rcu_dereference() became READ_ONCE()": (
        "int f(struct s *p) { return rcu_dereference(p->next)->x; }",
        "int f(struct s *p) { return READ_ONCE(p->next)->x; }",
    ),
    "READ_ONCE() is used once, it was twice": (
        "int f(struct s *p) { if (READ_ONCE(p->x)) return READ_ONCE(p->x); return 0; }",
        "int f(struct s *p) { int v = READ_ONCE(p->x); return v; }",
    ),
    "->x is read once, it was twice": (
        "int f(struct s *p) { if (p->x) return p->x; return 0; }",
        "int f(struct s *p) { int v = p->x; if (v) return v; return 0; }",
    ),
}
OWN = {  # of memory that is the function's own
    "READ_ONCE() is gone": (
        "int f(int x) { int a[2]; a[1] = x; return READ_ONCE(a[1]) + a[1]; }",
        "int f(int x) { int a[2]; a[1] = x; return a[1] + a[1]; }",
    ),
    "set_bit() is gone": (
        "int f(int x) { unsigned long v = x; set_bit(3, &v); return v; }",
        "int f(int x) { unsigned long v = x; __set_bit(3, &v); return v; }",
    ),
}
EQUAL = {
    "the value by way of a variable": (
        "int f(struct s *p) { int v = READ_ONCE(p->x); return v; }",
        "int f(struct s *p) { return READ_ONCE(p->x); }",
    ),
    "plain stores in another order": (
        "void f(struct s *p) { p->x = 1; p->y = 2; }",
        "void f(struct s *p) { p->y = 2; p->x = 1; }",
    ),
    "a plain read moves over READ_ONCE()": (
        "int f(struct s *p) { int v = p->y; int w = READ_ONCE(p->x); return v + w; }",
        "int f(struct s *p) { int w = READ_ONCE(p->x); return w + p->y; }",
    ),
    "arithmetic beside a barrier": (
        "int f(struct s *p, int a) { int v = p->x; mb(); return 2 * a + v + p->y; }",
        "int f(struct s *p, int a) { int v = p->x; mb(); return a + v + p->y + a; }",
    ),
    "nobody else sees a local": (
        "int f(int x) { int a[2]; a[0] = x; return a[0] + a[0]; }",
        "int f(int x) { int a[2]; a[0] = x; int t = a[0]; return t + t; }",
    ),
    "a helper that reads once": (
        "int f(struct s *p) { return look(p); }",
        "int f(struct s *p) { return READ_ONCE(p->x); }",
    ),
}
DEVICES = {
    "readl(): made": (
        "void f(void *v) { writel(1, v); readl(v); }",
        "void f(void *v) { writel(1, v); }",
    ),
    "mb(): made": (
        "void f(struct s *p) { p->x = 1; mb(); }",
        "void f(struct s *p) { p->x = 1; }",
    ),
    "how many times: writel()": (
        "void f(void *v) { writel(1, v); writel(1, v); }",
        "void f(void *v) { writel(1, v); }",
    ),
    "operand 1 of writel()": (
        "void f(void *v) { writel(1, v); }",
        "void f(void *v) { writel(2, v); }",
    ),
}


def compare(case: tuple[str, str], mode: str = "quiescent") -> FunctionVerdict:
    one, two = (parse("mm/x.c", f"{PRELUDE}{text}\n".encode()) for text in case)
    limits = ProverLimits(solver=20.0, seconds=60.0)
    return compare_functions(one, two, None, None, "f", mode=mode, limits=limits)[0]


@pytest.mark.parametrize("title", ONE_CPU)
def test_it_holds_for_one_cpu_only(title: str) -> None:
    verdict = compare(ONE_CPU[title])
    assert verdict.verdict is Verdict.ONE_CPU
    assert verdict.why == f"the same for one CPU; {title}"
    assert compare(ONE_CPU[title], "concurrent").verdict in (
        Verdict.ONE_CPU,
        Verdict.NOT_DECIDED,
    )


@pytest.mark.parametrize("title", OWN)
def test_nobody_else_sees_what_is_the_functions_own(title: str) -> None:
    for mode in ("quiescent", "concurrent"):
        assert not compare(OWN[title], mode).differing


@pytest.mark.parametrize("mode", ["quiescent", "concurrent"])
@pytest.mark.parametrize("title", FOR_OTHERS)
def test_other_cpus_see_it(title: str, mode: str) -> None:
    verdict = compare(FOR_OTHERS[title], mode)
    assert verdict.verdict is Verdict.DIFFERS, verdict.why
    assert verdict.why == f"the same for one CPU; {title}"
    (output,) = verdict.differing
    assert output.output == "what other CPUs may see"
    assert output.witness is not None
    assert output.witness.relies_on  # so that no rule takes it for certain
    back = compare(FOR_OTHERS[title][::-1], mode)
    assert back.verdict is Verdict.DIFFERS, back.why


@pytest.mark.parametrize("title", EQUAL)
def test_it_holds_whoever_else_runs(title: str) -> None:
    assert compare(EQUAL[title]).verdict is Verdict.EQUAL


@pytest.mark.parametrize("title", DEVICES)
def test_a_device_sees_it_on_one_cpu_too(title: str) -> None:
    verdict = compare(DEVICES[title])
    assert verdict.verdict is Verdict.DIFFERS
    output = verdict.differing[0]
    assert f"{output.output}: {output.before}".startswith(title)


def test_each_primitive_stands_in_the_header_that_is_named(linux_6_12) -> None:
    missing = []
    for _kind, header, names in primitives._LISTED:
        texts = [linux_6_12.joinpath(header).read_text()]
        folder = linux_6_12.joinpath(header).parent
        texts += [path.read_text() for path in sorted(folder.glob("*.h"))]
        whole = "\n".join(texts)
        missing += [name for name in names.split() if name not in whole]
    assert missing == []
