# SPDX-License-Identifier: GPL-2.0-or-later
"""Source: where things are in a file, and that hostile files end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reviewer import limits
from reviewer.c import source as sources
from reviewer.c import trees
from reviewer.c.source import parse
from reviewer.engine.images import image_of, without_tree
from reviewer.engine.run import ReviewRun
from reviewer.errors import LimitExceeded
from reviewer.facts import Facts
from reviewer.limits import Limits
from reviewer.tree.view import EmptyView

TEXT = b"""\
#define KSM(x) \\
\t((x) & 3)
#define RUN(x) do { if ((x) & 4) g(#x); } while (0)
#define NOTHING

SYSCALL_DEFINE2(frob, int, fd,
\t\tunsigned long, flags)
{
\tif (flags  &
\t    MASK) {
\t\treturn 1;
\t}
\treturn 0;
}

static int \xe9t\xe9(void) { return 0; }
"""


def test_what_is_no_c_has_lines_and_no_tree() -> None:
    text = b'config A\n\tbool "it (is {"\n\nint f(void) { return 0; }\n'
    source = without_tree("lib/Kconfig", text)
    assert source.line_text(2) == '\tbool "it (is {"'
    assert source.line_at(text.index(b"int")) == 4
    assert (source.functions, source.function_at(4)) == ((), None)
    assert not source.root.has_error
    assert len(source.neutral) == len(text)


@pytest.mark.parametrize("path", ["lib/Kconfig", "lib/Kconfig.debug", "lib/x.S"])
def test_a_rule_is_given_no_tree_of_what_is_no_c(path: str) -> None:
    text = b"int f(void) { return 0; }\n"
    run, facts = ReviewRun((), is_exact=True), Facts(EmptyView())
    image = image_of(path, text, facts, None, run)
    of_c = image_of("lib/x.c", text, facts, None, run)
    assert image is not None
    assert of_c is not None
    assert (image.source.data, image.source.path) == (text, path)
    assert len(image.source.functions) == 0
    assert len(of_c.source.functions) == 1


def test_functions_have_names_and_lines() -> None:
    source = parse("x.c", TEXT)
    frob = source.functions[0]
    assert (frob.name, frob.first_line, frob.last_line) == ("frob", 6, 14)
    assert frob.signature == "SYSCALL_DEFINE2(frob, int, fd, unsigned long, flags)"
    assert source.function_at(9) == frob
    assert source.function_at(5) is None
    assert source.function_at(14) == frob


def test_text_is_that_of_the_file() -> None:
    source = parse("x.c", TEXT)
    test = next(
        n
        for n in source.walk(source.root, "binary_expression")
        if "MASK" in source.text(n)
    )
    assert source.text(test) == "flags  &\n\t    MASK"
    assert source.norm(test) == "flags & MASK"
    assert source.anchor(test) == "if (flags & MASK)"
    assert source.line_of(test) == 9
    assert source.line_text(10) == "\t    MASK) {"
    assert source.line_text(999) == ""
    condition = source.enclosing(test, "if_statement")
    assert condition is not None
    assert condition in list(source.parents(test))
    assert source.statement_of(test) == condition


def test_walk_sees_every_node_once_in_order() -> None:
    source = parse("x.c", TEXT)
    seen = [(node.start_byte, -node.end_byte) for node in source.walk(source.root)]
    assert seen == sorted(seen)
    assert len(seen) == source.root.descendant_count
    body = source.functions[0].body
    assert body is not None
    assert all(
        body.start_byte <= node.start_byte and node.end_byte <= body.end_byte
        for node in source.walk(body)
    )


def test_macro_bodies_are_trees_in_their_place() -> None:
    source = parse("x.c", TEXT)
    defines = list(source.walk(source.root, "preproc_def", "preproc_function_def"))
    ksm, run, nothing = (source.macro_body_tree(define) for define in defines)
    assert ksm is not None
    assert run is not None
    assert nothing is None
    test = next(ksm.walk(ksm.root, "binary_expression"))
    assert (ksm.text(test), ksm.line_of(test)) == ("(x) & 3", 2)
    assert TEXT[test.start_byte : test.end_byte] == b"(x) & 3"
    condition = next(run.walk(run.root, "if_statement"))
    assert run.line_of(condition) == 3
    assert not run.root.has_error


def test_the_same_bytes_are_parsed_once() -> None:
    first = parse("a.c", TEXT)
    assert parse("a.c", bytes(TEXT)) is first
    other = parse("b.c", TEXT)
    assert other.path == "b.c"
    assert other.tree is first.tree
    assert parse("a.c", TEXT).path == "a.c"


def test_a_broken_function_is_known_and_others_are_not() -> None:
    text = (
        b"int f(int x)\n{\n\treturn x &&& ) 3;\n}\n\nint g(void)\n{\n\treturn 1;\n}\n"
    )
    source = parse("x.c", text)
    assert "g" in [f.name for f in source.functions if not f.broken]
    assert "f" not in [f.name for f in source.functions if not f.broken]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\0\0\0",
        b"\xff\xfe",
        b"\r\n",
        b"int x;\r\nint y;\r\n",
        b"#",
        b"/*",
        b'"',
    ],
)
def test_odd_files(data: bytes) -> None:
    source = parse("x.c", data)
    assert len(source.neutral) == len(data)
    assert source.functions == ()


def test_crlf_reads_as_lf() -> None:
    source = parse("x.c", TEXT.replace(b"\n", b"\r\n"))
    assert not source.root.has_error
    assert source.functions[0].name == "frob"


@pytest.mark.parametrize(
    "data",
    [
        b"(" * 100_000,
        b"{" * 100_000,
        b"int f(void) { x = " + b"(" * 50_000,
        b"#if X\n" * 20_000 + b"#endif\n" * 20_000,
        b"struct a {" * 20_000,
        b"\nfoo(" * 20_000,
        b"__attribute__((" * 20_000,
        b"if (x) " * 20_000,
        b" " * 1_000_000 + b"x",
        b"int x;\n" * 100_000,
    ],
    ids=lambda data: data[:12].decode() + "...",
)
def test_hostile_files_end(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_in_force", Limits(parse_time=2))
    started = time.process_time()
    try:
        source = parse("x.c", data)
    except LimitExceeded:
        pass
    else:
        assert len(source.neutral) == len(data)
    assert time.process_time() - started < 30


def test_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LARGEST", 100)
    with pytest.raises(LimitExceeded, match=r"big\.c: 101 bytes"):
        parse("big.c", b"x" * 101)


@pytest.mark.kernel
@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
def test_every_byte_of_mm_keeps_its_place(
    tree: str, request: pytest.FixtureRequest
) -> None:
    top: Path = request.getfixturevalue(tree)
    functions = broken = 0
    for path in [*top.glob("mm/**/*.[ch]"), *top.glob("fs/proc/*.[ch]")]:
        data = path.read_bytes()
        source = parse(path.name, data)
        assert len(source.neutral) == len(data)
        lines = data.split(b"\n")
        assert [len(line) for line in source.neutral.split(b"\n")] == [
            len(line) for line in lines
        ]
        functions += len(source.functions)
        broken += len(source.broken_functions)
    assert functions > 5000
    assert broken / functions <= 0.005


@pytest.mark.kernel
@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
@pytest.mark.parametrize("path", ["fs/proc/page.c", "include/linux/page-flags.h"])
def test_the_storys_files_are_without_error(
    tree: str, path: str, request: pytest.FixtureRequest
) -> None:
    source = parse(path, (request.getfixturevalue(tree) / path).read_bytes())
    assert not source.root.has_error
    assert not source.blanked


def test_a_struct_with_a_macro_before_its_name_is_no_function() -> None:
    text = b"""#define __odd __packed
union __odd a {
	int m;
} __odd;
struct __odd b *f(void)
{
	return 0;
}
DEFINE_ENTRY(g)
{
}
"""
    names = [function.name for function in parse("a.h", text).functions]
    assert names == ["f", "g"]


def test_a_function_that_was_walked_is_walked_no_more_and_what_is_in_it_is_found() -> (
    None
):
    """GNU C defines functions in functions; of all others the text is remembered."""
    plain = "int f(void)\n{\n\tif (a) {\n\t\tb();\n\t}\n}\n"
    nested = "int g(void)\n{\n\tint h(int x) { return x; }\n\n\treturn h(1);\n}\n"
    wanted = ["f", "g", "h"]
    for tail in ("", "int i;\n", "int j;\n"):
        text = (plain + nested + tail).encode()
        assert [one.name for one in parse("x.c", text).functions] == wanted
    known = trees._has_none_inside()
    assert plain.rstrip().encode() in known
    assert nested.rstrip().encode() not in known
