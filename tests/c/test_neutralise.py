# SPDX-License-Identifier: GPL-2.0-or-later
"""What kernel C is made of, and that the parser reads it in its place."""

# ruff: noqa: E501

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.c.neutralise import neutralise
from reviewer.c.neutralise_words import annotations_of_file
from reviewer.c.source import Source, parse

BODY = "int f(int x)\n{\n%s\n\treturn x & 3;\n}\n"

TOP_LEVEL = {
    "object-like annotations": "static int __init f(void)\n{\n\treturn x & 3;\n}\n",
    "annotation in front": "static __always_inline __must_check int f(int x)"
    "\n{\n\treturn x & 3;\n}\n",
    "annotation at the end": "static struct x *y __ro_after_init = &z;\nint a = x & 3;\n",
    "unknown annotation": "static u32 seen __frobnicated = 1;\nint a = x & 3;\n",
    "unknown word before a type": "frob_debug unsigned int n = 1;\nint a = x & 3;\n",
    "function-like annotations": "extern __printf(1, 2) void say(const char *, ...);\n"
    "int f(int x) __acquires(x) __releases(&y->lock)\n{\n\treturn x & 3;\n}\n",
    "attribute": "struct s { int a; } __attribute__((packed, aligned(4)));\n"
    "int f(int x __attribute__((unused)))\n{\n\treturn x & 3;\n}\n",
    "noinline_for_stack": "static noinline_for_stack int f(int x)"
    "\n{\n\treturn x & 3;\n}\n",
    "user and rcu pointers": "int f(void __user *p, struct x __rcu **q)"
    "\n{\n\treturn x & 3;\n}\n",
    "its own annotation": "#define my_attributes noinline __no_kcsan\n"
    "static my_attributes int f(int x)\n{\n\treturn x & 3;\n}\n",
    "exports": "int f(int x)\n{\n\treturn x & 3;\n}\nEXPORT_SYMBOL(f)\n"
    'MODULE_LICENSE("GPL");\nint g(void)\n{\n\treturn 0;\n}\n',
    "flag generators": "PAGEFLAG(Dirty, dirty, PF_HEAD) TESTSCFLAG(Dirty, dirty, PF_HEAD)\n"
    "\t__CLEARPAGEFLAG(Dirty, dirty, PF_HEAD)\nPAGEFLAG_FALSE(Ksm)\n"
    "static inline int f(int x)\n{\n\treturn x & 3;\n}\n",
    "stored macro": "static DEFINE_MUTEX(lock);\nstatic DEVICE_ATTR_RO(x);\n"
    "static DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 1);\nint a = x & 3;\n",
    "per cpu": "static DEFINE_PER_CPU(struct x, y);\nDECLARE_PER_CPU(int, z);\n"
    "static DEFINE_PER_CPU(int, w) = 1;\nint a = x & 3;\n",
    "trace event": "TRACE_EVENT(x,\n\tTP_PROTO(struct y *z, int n),\n\tTP_ARGS(z, n)\n);\n"
    "int a = x & 3;\n",
    "trace event without its semicolon": "OPCODES\nint a = x & 3;\n",
    "syscall": "SYSCALL_DEFINE3(frob, unsigned int, fd, char __user *, buf, size_t, x)"
    "\n{\n\treturn x & 3;\n}\n",
    "syscall without arguments": "SYSCALL_DEFINE0(frob)\n{\n\treturn x & 3;\n}\n",
    "compat syscall": "COMPAT_SYSCALL_DEFINE2(frob, int, fd, compat_ulong_t, x)"
    "\n{\n\treturn x & 3;\n}\n",
    "bpf call": "BPF_CALL_2(frob, struct sk_buff *, skb, u32, x)\n{\n\treturn x & 3;\n}\n",
    "function by macro": "FROB_TEST(name, int x)\n{\n\treturn x & 3;\n}\n",
    "C23 attributes": "[[nodiscard]] int f(int x)\n{\n\treturn x & 3;\n}\n",
    "bitmap": "struct s {\n\tDECLARE_BITMAP(seen, MAX);\n\tint n;\n};\nint a = x & 3;\n",
    "macro fields": "struct s {\n\tint a;\n\tFROB_RESERVE(1);\n"
    "\tDECLARE_KFIFO(fifo, struct x,\n\t\t      8);\n"
    "\tDECLARE_FLEX_ARRAY(u8, data);\n};\nint a = x & 3;\n",
    "member groups": "struct s {\n\tstruct_group(g,\n\t\tint a, b;\n\t\tint c;\n\t);\n"
    "\tint d;\n};\nint a = x & 3;\n",
    "unnamed bits": "struct s {\n\tunsigned :4;\n\tu8 b:3;\n\tint :0;\n};\nint a = x & 3;\n",
    "operations with #ifdef": "static const struct ops o = {\n\t.a = b,\n#ifdef CONFIG_X\n"
    "\t.c = d,\n#else\n\t.c = e,\n#endif\n\t.f = x & 3,\n};\n",
    "macro in an enum": "enum e {\n\tBIT_OF(A),\n\tB = x & 3,\n};\n",
    "x-macros": "static const char *n[] = {\n#define x(t) #t,\n\tFLAGS()\n#undef x\n\tNULL\n};\n"
    "int a = x & 3;\n",
    "included list": 'static int n[] = {\n#include "list.h"\n};\nint a = x & 3;\n',
    "named rest": "#define say(fmt, args...) printk(fmt, ##args)\nint a = x & 3;\n",
    "junk after #endif": "#ifdef A /* a */\nint b;\n#endif CONFIG_A\nint a = x & 3;\n",
    "comment after #include": "#include <a.h>   /* why */\n#include <b.h> // so\n"
    "int a = x & 3;\n",
    "comment behind an empty macro": "#define A /* a */\nint a = x & 3;\n",
    "comment on lines of a macro": "#define A(b) f(b); /* a \\\n\t * c \\\n\t */ \\\n"
    "\tif (b) \\\n\t\tg(b)\nint a = x & 3;\n",
    "comment on lines in front of a body": "#define A /* a\n\t * c */ if (b) \\\n\t\tg(b)\n"
    "int a = x & 3;\n",
    "comment on lines behind a macro": "#define A 1 /* a\n\t * c */\nint a = x & 3;\n",
    "space behind an empty macro": "#define A \nint a = x & 3;\n",
    "empty macro with parameters": "#define A(b) // why\nint a = x & 3;\n#define C(b) \nint d;\n",
    "empty macro on two lines": "#define A(b) \\\n\t\nint a = x & 3;\n",
    "C++ guard": '#ifdef __cplusplus\nextern "C" {\n#endif\nint a = x & 3;\n'
    "#ifdef __cplusplus\n}\n#endif\n",
    "signature by #ifdef": "#ifdef A\nint f(int x)\n#else\nint f(long x)\n#endif\n"
    "{\n\treturn x & 3;\n}\n",
    "ranges": "static int a[] = { [0 ... 9] = 1, [10] = x & 3, };\n",
    "old designators": "struct s a = { one: 1, two: x & 3 };\n",
    "no newline at the end": "int a = x & 3;\n#define X",
}

IN_BODY = {
    "iterator": "\tlist_for_each_entry(p, &head, list)\n\t\tif (p->x & 1)\n\t\t\tg(p);",
    "iterator with braces": "\tfor_each_online_cpu(cpu) {\n\t\tg(cpu);\n\t}",
    "iterator behind if": "\tif (x)\n\t\tfor_each_x(p)\n\t\t\tg(p);\n\telse\n"
    "\t\tfor_each_y(p)\n\t\t\th(p);",
    "unknown iterator": "\tfrob_walk(p, q)\n\t\tg(p);",
    "unknown block": "\tfrob_walk(p, q) {\n\t\tg(p);\n\t}",
    "do while_each": "\tdo_each_subsys_mask(s, i) {\n\t\tg(s);\n\t} while_each_subsys_mask();",
    "guards": "\tguard(mutex)(&lock);\n\tscoped_guard(rcu) {\n\t\tg();\n\t}\n"
    "\tscoped_guard(mutex, &lock)\n\t\tg();",
    "cleanup": "\tstruct y *p __free(kfree) = kmalloc(sizeof(*p), GFP_KERNEL);",
    "types as arguments": "\tp = container_of(q, struct y, member);\n"
    "\tn = va_arg(ap, unsigned long);\n\tn = va_arg(ap, struct y *);\n"
    "\tp = kzalloc_obj(struct y, GFP_KERNEL);\n\tn = min_t(unsigned int, a, b);\n"
    "\tn = min_t(int, a, b);\n\tn = va_arg(ap, u32 *);",
    "type on two lines": "\tp = container_of(q, struct\n\t\t\ty, member);",
    "typeof": "\ttypeof(*p) q = 1;\n\t__typeof__(a[0]) *b = (typeof(a[0]) *)c;",
    "atomic type": "\t_Atomic(unsigned int) *q = &p->q;\n\t_Atomic (long) n;",
    "typeof_member": "\ttypeof_member(struct y, read) read;",
    "offsetof": "\tn = offsetof(struct y, a.b[3]) + offsetofend(struct y, c);",
    "generic": "\tn = _Generic(x, int: 1, default: 2);",
    "statement expression": "\tn = ({ int t = x; t & 1; });",
    "case ranges": "\tswitch (x) {\n\tcase 1 ... 3:\n\t\tg();\n\tcase A...B:\n\tdefault:\n\t\t;\n\t}",
    "computed goto": "\tstatic void *t[] = { &&one, &&two };\n\tgoto *t[x];\none:\ntwo:\n\tg();",
    "asm": '\tasm volatile ("mov %0, %1" : "=r" (x) : [in] "r" (y), "i" (Z) : "memory");',
    "asm goto": '\tasm goto("1: jmp %l[out]\\n"\n\t\t : : "i" (x)\n\t\t : : out);\nout:',
    "asm register": '\tregister long r asm("r0") = x;',
    "fallthrough": "\tswitch (x) {\n\tcase 1:\n\t\tg();\n\t\t[[fallthrough]];\n\tcase 2:\n"
    "\t\tfallthrough;\n\tcase 3:\n\t\th();\n\t}",
    "local static macro": "\tstatic DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 1);",
    "operator as argument": "\tASSERTCMP(x, ==, y->z);\n\tASSERTCMP(x, &, FLAG);",
    "empty argument": "\tFROB(, x);\n\tFROB(x, , y);",
    "statement as argument": "\tASSERT(x, dump(y););",
    "pasted strings": '\tpr_info("a" __stringify(X) "b" FMT(y) "c");',
    "two words and a string": '\tprintk(KERN_ERR DRV_NAME ": no\\n");',
    "expression by #ifdef": "\tif (x\n#ifdef CONFIG_A\n\t    && y\n#endif\n\t   )\n\t\tg();",
    "else by #ifdef": "\tif (x)\n\t\tg();\n\telse\n#ifdef CONFIG_A\n\t\th();\n#endif",
    "brace by #ifdef": "#ifdef CONFIG_A\n\tif (x) {\n#else\n\tif (y) {\n#endif\n\t\tg();\n\t}",
    "label before #ifdef": "out:\n#ifdef CONFIG_A\n\tg();\n#else\n\th();\n#endif",
    "not quite numbers": "\tINIT(1024, 1k);",
}


def clean(text: str) -> Source:
    """The parsed text, after checking that nothing moved and nothing is in error."""
    data = text.encode()
    source = parse("x.c", data)
    assert len(source.neutral) == len(data)
    assert newlines(source.neutral) == newlines(data)
    assert not source.root.has_error, source.neutral.decode()
    return source


def newlines(data: bytes) -> list[int]:
    return [match.start() for match in re.finditer(b"\n", data)]


def judged(source: Source, text: str) -> None:
    """The expression a rule would judge stands in the tree where it is in the file."""
    found = source.walk(source.root, "binary_expression")
    assert text.index("x & 3") in {
        node.start_byte for node in found if source.text(node) == "x & 3"
    }


@pytest.mark.parametrize("text", TOP_LEVEL.values(), ids=TOP_LEVEL.keys())
def test_at_top_level(text: str) -> None:
    judged(clean(text), text)


@pytest.mark.parametrize("lines", IN_BODY.values(), ids=IN_BODY.keys())
def test_in_a_function(lines: str) -> None:
    text = BODY % lines
    source = clean(text)
    judged(source, text)
    assert [function.name for function in source.functions] == ["f"]


def test_the_operator_of_a_comparing_macro_stays() -> None:
    source = clean(BODY % "\tASSERTCMP(x, ==, 4);")
    comparison = next(
        n
        for n in source.walk(source.root, "binary_expression")
        if "==" in source.text(n)
    )
    assert source.text(comparison.child_by_field_name("left")) == "x"


def test_tests_in_an_iterators_body_stay() -> None:
    source = clean(BODY % "\tfor_each_page(p)\n\t\tif (p->flags & PG_lru)\n\t\t\tg(p);")
    assert "p->flags & PG_lru" in {
        source.text(node) for node in source.walk(source.root, "binary_expression")
    }


def test_an_iterator_is_told_from_a_loop() -> None:
    source = clean(BODY % "\tfor_each_page(p) {\n\t}\n\twhile (x)\n\t\tg();")
    loops = list(source.walk(source.root, "while_statement"))
    assert [source.is_iterator(loop) for loop in loops] == [True, False]


def test_strings_and_comments_are_no_code() -> None:
    text = (
        BODY % '\tg("__init list_for_each(", \'"\', "//"); /* SYSCALL_DEFINE1(x) { */'
    )
    judged(clean(text), text)


def test_left_out_code_is_known() -> None:
    source = clean(TOP_LEVEL["signature by #ifdef"])
    assert source.blanked == {4}


def test_both_branches_of_whole_functions_are_seen() -> None:
    text = "#ifdef A\nint f(void)\n{\n}\n#else\nint g(void)\n{\n}\n#endif\n"
    assert [function.name for function in clean(text).functions] == ["f", "g"]


def test_words_that_a_file_defines() -> None:
    header = (
        b"#define __frob __attribute__((__frob__))\n#define __nothing\n"
        b"#define __frob_if(x) __attribute__((frob(x)))\n#define __value 3\n"
        b"#define __guarded_H\n#define __u9 unsigned int\n"
    )
    words = annotations_of_file(header.splitlines(keepends=True))
    assert words == {b"__frob", b"__nothing", b"__frob_if"}
    text = b"int __frob __frob_if(1) f(int x) __nothing\n{\n\treturn x & 3;\n}\n"
    assert not parse("x.c", header + text).root.has_error


C_LIKE = st.lists(
    st.sampled_from(
        [
            "#if X\n", "#else\n", "#endif\n", "#define A(x) \\\n", "{", "}", "(", ")", ";",
            ",", "\n", "\r\n", " ", "\t", "int ", "x", "for_each_x(", "SYSCALL_DEFINE2(",
            "struct s {", "__init", "__printf(", "asm(", '"', "'", "/*", "*/", "//", "\\",
            "typeof(", "case 1 ... 2:", "[[a]]", "=", "enum {", "static ", "\0", "\f",
            "DECLARE_BITMAP(a, b)", ":", "goto *", "&&", "struct_group(", "1k", "::",
        ]
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(C_LIKE)
def test_scraps_of_c_keep_their_places(scraps: list[str]) -> None:
    data = "".join(scraps).encode()
    source = parse("x.c", data)
    assert len(source.neutral) == len(data)
    assert newlines(source.neutral) == newlines(data)
    assert list(source.functions) == sorted(
        source.functions, key=lambda f: f.first_line
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_keep_their_places(data: bytes) -> None:
    neutral = neutralise(data)
    assert len(neutral.text) == len(data)
    assert newlines(neutral.text) == newlines(data)
    assert parse("x.c", data).blanked is not None


def test_a_header_of_defines_takes_no_time() -> None:
    """A register header has thousands of lines in which no code stands."""
    data = b"".join(
        b"#define REG_%d  0x%x  /* bits */\n\n" % (n, n) for n in range(20_000)
    )
    before = time.process_time()
    neutralise(data)
    assert time.process_time() - before < 8
