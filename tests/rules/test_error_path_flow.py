# SPDX-License-Identifier: GPL-2.0-or-later
"""The control flow that error-path-leak walks, and its table of pairs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.kit.acquire_release import PAIRS, RELEASES
from reviewer.kit.error_exits.flow import ExitFlow, StepKind, flow_of
from reviewer.kit.error_exits.left_behind import left_behind
from reviewer.tree import open_tree
from reviewer.tree.view import EmptyView


def flow(body: str) -> ExitFlow | None:
    lines = "\t" + body.replace("{ ", "{\n\t").replace("} ", "}\n\t")
    source = parse("a.c", f"int f(struct t *p)\n{{\n{lines}\n}}\n".encode())
    (function,) = source.functions
    assert not function.broken
    return flow_of(source, function)


def reached(body: str, start: str) -> set[str]:
    """The texts of the steps that are reached behind the step ``start``."""
    found = flow(body)
    assert found is not None
    texts = {
        at: found.source.norm(step.node) if step.node is not None else step.kind.value
        for at, step in enumerate(found.steps)
    }
    (first,) = [at for at, text in texts.items() if text == start]
    ways = [way.to for way in found.steps[first].ways]
    return {texts[at] for at in found.reached(ways) if texts[at] != "plain"}


WAYS = {
    "an if, both ways": ("a(); if (p) b(); else c(); d();", "a();", "b(); c(); d();"),
    "what a return ends": ("a(); return 1; b();", "a();", "return 1;"),
    "a goto": ("a(); goto out; b(); out: c();", "a();", "goto out; c();"),
    "a goto back": ("again: a(); if (b()) goto again;", "a();", "a(); goto again;"),
    "while": ("while (p) { a(); b(); } c();", "b();", "a(); b(); c();"),
    "do while": ("do { a(); } while (p); b();", "a();", "a(); b();"),
    "do once": ("do { a(); } while (0); b();", "a();", "b();"),
    "for": ("for (i = 0; i; i++) { a(); } b();", "a();", "a(); b();"),
    "for ever": ("for (;;) { a(); } b();", "a();", "a();"),
    "break": ("while (p) { a(); break; } b();", "a();", "break; b();"),
    "continue": ("while (p) { if (q) { a(); continue; } b(); } c();", "b();",
                 "a(); continue; b(); c();"),
    "a loop macro": ("list_for_each(i, p) { a(); } b();", "a();", "a(); b();"),
    "one without braces": (
        "list_for_each_entry(i, p, q)\n\t\ta();\n\tb();",
        "a();",
        "a(); b();",
    ),
    "a scope is no loop": ("scoped_guard(mutex, &p->l) { a(); } b();", "a();", "b();"),
    "a switch that falls through": (
        "switch (p->k) { case 1: a(); case 2: b(); break; default: c(); } d();",
        "a();", "b(); break; d();"),
    "a switch without default": ("z(); switch (p->k) { case 1: a(); break; } d();",
                                 "z();", "a(); break; d();"),
    "what never returns": ("a(); if (p) { panic(q); } b();", "a();", "panic(q); b();"),
    "both branches of an #if": (
        "a();\n#ifdef CONFIG_X\nb();\n#else\nc();\n#endif\nd();",
        "a();", "b(); c(); d();"),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_ways(name: str) -> None:
    body, start, expected = WAYS[name]
    wanted = {f"{text};" for text in expected.rstrip(";").split("; ")}
    statements = {text for text in reached(body, start) if text.endswith(";")}
    assert statements == wanted


@pytest.mark.parametrize(
    ("condition", "tests"),
    [
        ("a && b", {"a": {True: "b"}, "b": {True: "yes();", False: "no();"}}),
        ("a || !b", {"a": {False: "b"}, "b": {True: "no();", False: "yes();"}}),
        ("unlikely(!(a))", {"a": {True: "no();", False: "yes();"}}),
        ("!(a && b)", {"a": {False: "yes();"}, "b": {True: "no();", False: "yes();"}}),
        ("(a || b) && c", {"a": {True: "c"}, "b": {False: "no();", True: "c"}}),
    ],
)
def test_a_condition_is_taken_apart(
    condition: str, tests: dict[str, dict[bool, str]]
) -> None:
    found = flow(f"if ({condition}) yes(); else no();")
    assert found is not None
    for step in found.steps:
        if step.kind is StepKind.TEST and step.node is not None:
            ways = {
                way.holds: found.source.norm(found.steps[way.to].node)  # type: ignore[arg-type]
                for way in step.ways
            }
            wanted = tests.get(found.source.norm(step.node), {})
            assert wanted.items() <= ways.items()


@pytest.mark.parametrize(
    "body",
    [
        "void *l = &&out; goto *l; out: a();",
        "a(({ if (p) return 1; 2; }));",
        "goto nowhere;",
        "a();" + "if (p) {" * 200 + "b();" + "}" * 200,
        "a();\n" * 4000,
    ],
    ids=["computed goto", "return inside", "no such label", "deep", "long"],
)
def test_what_cannot_be_followed_gives_no_flow(body: str) -> None:
    assert flow(body) is None


def test_the_shortest_path_names_the_tests() -> None:
    found = flow("a(); if (p) { if (!q) return 1; } b();")
    assert found is not None
    by_text = {
        found.source.norm(s.node): i for i, s in enumerate(found.steps) if s.node
    }
    path = found.path(by_text["a();"], [by_text["return 1;"]])
    answers = [edge.holds for _, edge in path if edge.holds is not None]
    assert answers == [True, False]
    assert found.path(by_text["return 1;"], [by_text["a();"]]) == []


def test_a_walk_ends_where_it_is_told_to() -> None:
    found = flow("a();\n" * 50)
    assert found is not None
    assert len(found.reached([found.first])) == 51
    assert len(found.reached([found.first], most=10)) == 11
    assert found.reached([found.first], lambda at: at == found.first) == {found.first}


def spent_on(tests: int) -> tuple[int, float]:
    """Findings in a function with 60 locks held over many tests, and the seconds."""
    locks = "".join(f"\tmutex_lock(&p->l{n});\n" for n in range(60))
    exits = "\tret = g(p);\n\tif (ret)\n\t\treturn ret;\n" * tests
    ends = "".join(f"\tmutex_unlock(&p->l{n});\n" for n in range(60))
    code = f"int f(struct t *p)\n{{\n\tint ret;\n{locks}{exits}{ends}\treturn 0;\n}}\n"
    image = FileImage(parse(f"{tests}.c", code.encode()), Facts(EmptyView()))
    began = time.process_time()
    return len(list(left_behind(image))), time.process_time() - began


def test_the_work_does_not_grow_with_locks_times_exits() -> None:
    few, quick = spent_on(100)
    many, slow = spent_on(800)
    assert few == many == 3
    assert slow < 24 * quick  # 8 times the exits; each with each would be 64


ENDS = {
    "all that is held is released behind it": ("first", "put_a"),
    "the second is not": ("second", ""),
}


@pytest.mark.parametrize("where", ENDS)
def test_a_label_is_named_that_releases_all_that_is_held(where: str) -> None:
    """A goto that leaves, behind the first memory or the second, which h() may
    have taken; put_a frees one."""
    leaves, label = ENDS[where]
    exits = {"first": "goto put_a;", "second": "goto put_b;", leaves: "goto out;"}
    code = (
        "int f(struct t *p)\n{\n\tchar *a, *b;\n\tint ret;\n\n"
        "\ta = kzalloc(8, GFP_KERNEL);\n\tif (!a)\n\t\treturn -ENOMEM;\n"
        f"\tret = g(p);\n\tif (ret)\n\t\t{exits['first']}\n"
        "\tb = kzalloc(8, GFP_KERNEL);\n\tret = -ENOMEM;\n"
        "\tif (!b)\n\t\tgoto put_a;\n"
        f"\tret = h(b);\n\tif (ret)\n\t\t{exits['second']}\n"
        "\tret = i(p);\n\tif (ret)\n\t\tgoto put_b;\n\treturn j(p, a, b);\n"
        "put_b:\n\tkfree(b);\nput_a:\n\tkfree(a);\nout:\n\treturn ret;\n}\n"
    )
    image = FileImage(parse("a.c", code.encode()), Facts(EmptyView()))
    (left,) = left_behind(image)
    assert (left.resource.name, left.label) == ("a", label)


@pytest.mark.kernel
@pytest.mark.parametrize("version", ["6_1", "6_12"])
def test_the_tree_declares_every_pair(
    version: str, request: pytest.FixtureRequest
) -> None:
    tree: Path = request.getfixturevalue(f"linux_{version}")
    with open_tree(tree) as opened:
        facts = Facts(opened.view(None))
        missing = [n for n, pair in PAIRS.items() if pair.declared(facts) is None]
    assert missing == []


def test_the_table_is_whole() -> None:
    assert len(PAIRS) > 150
    assert not RELEASES & PAIRS.keys()
