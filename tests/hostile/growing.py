# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches of a shape that can be made as large as one likes, sixty shapes.

``SHAPES[name](n)`` is a mail about the miniature tree that comes with the program; its
size grows with n.  Used by test_growth.py (which counts calls) and by
tests/bench/growth.py (which takes the time, on a real kernel as well).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Lines = Iterable[str]

_HEAD = (
    "From: Mallory <mallory@example.org>\nSubject: [PATCH] mm: grow\n"
    "Date: Mon, 4 Mar 2024 10:05:00 +0000\nMessage-Id: <growing@example.org>\n"
    "To: linux-mm@example.org\n\n{message}\n\n"
    "Signed-off-by: Mallory <mallory@example.org>\n---\n"
)


def new_file(path: str, lines: Lines) -> str:
    """The diff that makes a file of these lines."""
    added = [f"+{line}\n" for line in lines]
    return (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(added)} @@\n" + "".join(added)
    )


def mail(diff: str, message: str = "Why not.") -> bytes:
    """A patch mail with this diff."""
    return (_HEAD.format(message=message) + diff + "-- \n2.39.5\n").encode()


def function(body: Lines, head: str = "int f(int a)") -> Iterator[str]:
    """A function of these statements."""
    yield from (head, "{", *(f"\t{line}" for line in body), "\treturn a;", "}")


def code(
    make: Callable[[int], Lines], path: str = "mm/grow.c"
) -> Callable[[int], bytes]:
    """The shape of a new file."""
    return lambda n: mail(new_file(path, make(n)))


def header(make: Callable[[int], Lines]) -> Callable[[int], bytes]:
    """The shape of a new header."""
    return code(make, "include/linux/grow.h")


def body(
    make: Callable[[int], Lines], head: str = "int f(int a)"
) -> Callable[[int], bytes]:
    """The shape of the body of one function."""
    return code(lambda n: function(make(n), head))


def each(line: str) -> Callable[[int], Lines]:
    """The line n times; ``%`` is the number of the time, from 1."""
    return lambda n: (line.replace("%", str(i)) for i in range(1, n + 1))


def times(head: str, one: str, tail: str) -> Callable[[int], Lines]:
    """One line in which a piece stands n times."""
    return lambda n: [head + one * n + tail]


def split(lines: Callable[[int], Lines]) -> Callable[[int], Lines]:
    """As ``lines``, where a ``|`` ends a line."""
    return lambda n: (part for line in lines(n) for part in line.split("|"))


def enum_and_uses(n: int) -> Lines:
    """An enum, and a function that tests each of its names."""
    yield from ("enum grow {", *(f"\tGROW_NAME_{i}," for i in range(n)), "};")
    yield from function(f"if (a & GROW_NAME_{i}) a++;" for i in range(n))


def nested(opening: str, closing: str) -> Callable[[int], Lines]:
    """n lines that open something, and n that close it."""
    return lambda n: (
        *(opening.replace("%", str(i)) for i in range(n)),
        "int x;",
        *([closing] * n),
    )


def flags_of_pages(n: int) -> str:
    """New names in the middle of enum pageflags."""
    added = "".join(f"+\tPG_grow_{i},\n" for i in range(n))
    path = "include/linux/page-flags.h"
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -30,2 +30,{n + 2} @@ enum pageflags {{\n \tPG_swapbacked,\n{added}"
        " \tPG_unevictable,\n"
    )


def kpf_names(n: int) -> str:
    """New KPF_ numbers."""
    added = "".join(f"+#define KPF_GROW_{i}\t\t{i + 26}\n" for i in range(n))
    path = "include/uapi/linux/kernel-page-flags.h"
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -24,3 +24,{n + 3} @@\n #define KPF_IDLE\t\t25\n{added} \n #endif\n"
    )


def many_files(n: int) -> str:
    """n small files."""
    return "".join(
        new_file(f"mm/grow{i}.c", [f"int f{i}(int a)", "{", f"\treturn a & {i};", "}"])
        for i in range(n)
    )


def many_hunks(n: int) -> str:
    """n hunks of a file that is not there."""
    path = "mm/elsewhere.c"
    hunks = "".join(
        f"@@ -{i * 10 + 1},1 +{i * 10 + 1},1 @@\n-int a{i};\n+int b{i} = a & PG_lru;\n"
        for i in range(n)
    )
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{hunks}"


def message_of(line: str) -> Callable[[int], bytes]:
    """A message in which a line stands n times."""
    small = new_file("mm/grow.c", ["int x;"])
    return lambda n: mail(small, "\n".join(each(line)(n)))


PAGE = "int f(struct page *page, int a)"
FOLIO = "int f(struct folio *folio, int a)"
SHAPES: dict[str, Callable[[int], bytes]] = {
    "enum names": header(
        lambda n: ("enum grow {", *each("\tGROW_%,")(n), "};"),
    ),
    "enum names that are tested": code(enum_and_uses),
    "enum names with values": header(
        lambda n: ("enum grow {", *each("\tGROW_% = %,")(n), "};")
    ),
    "page flags": lambda n: mail(flags_of_pages(n)),
    "KPF names": lambda n: mail(kpf_names(n)),
    "functions": code(split(each("int f%(int a)|{|\treturn a & 3;|}"))),
    "functions that call the next": code(
        split(each("int f%(int a)|{|\treturn f1%(a);|}"))
    ),
    "static inlines": header(
        split(each("static inline int f%(int a)|{|\treturn !a & %;|}"))
    ),
    "gated stubs": header(
        split(
            each(
                "#ifdef CONFIG_KSM|int f%(void);|#else|"
                "static inline int f%(void) { return 0; }|#endif"
            )
        )
    ),
    "braces": body(times("", "{", "")),
    "matched braces": body(lambda n: ["{" * n + "}" * n]),
    "parentheses": body(lambda n: ["a = " + "(" * n + "a" + ")" * n + ";"]),
    "brackets": body(lambda n: ["a = " + "x[" * n + "a" + "]" * n + ";"]),
    "calls in calls": body(lambda n: ["a = " + "g(" * n + "a" + ")" * n + ";"]),
    "ifs in a line": body(times("", "if (a & 1) ", "a++;")),
    "ifs": body(each("if (a & PG_lru) a++;")),
    "elses": body(
        lambda n: ("if (!a) a = 1;", *each("else if (a == %) a = %;")(n)),
    ),
    "early returns": body(each("if (!a) return %;")),
    "null tests": body(each("if (!p) return p->x%;"), "int f(struct grow *p, int a)"),
    "nested loops": body(lambda n: ["for (;;) " * n + "a++;"]),
    "loops": body(each("for (int i = 0; i < %; i++) a += 1 << i;")),
    "gotos": body(
        lambda n: (
            *(f"if (a & {i}) goto l{i};" for i in range(n)),
            *(f"l{i}: a++;" for i in range(n)),
        )
    ),
    "switch cases": body(
        lambda n: ("switch (a) {", *each("case %: return PG_lru & a;")(n), "}")
    ),
    "ands": body(
        lambda n: ["a = " + " && ".join(f"(a & {i})" for i in range(n)) + ";"]
    ),
    "ors of one name": body(lambda n: ["a = " + " | ".join(["PG_lru"] * n) + ";"]),
    "ors of names": body(
        lambda n: ["a = " + " | ".join(f"GROW_{i}" for i in range(n)) + ";"]
    ),
    "conditionals": body(
        lambda n: ["a = " + "".join(f"a == {i} ? {i} : " for i in range(n)) + "0;"]
    ),
    "negations": body(lambda n: ["a = " + "!" * n + "a & 1;"]),
    "casts": body(lambda n: ["a = " + "(int)" * n + "a;"]),
    "sums": body(lambda n: ["a = " + " + ".join(["a"] * n) + ";"]),
    "shifts": body(each("a |= 1 << %;")),
    "masks": body(each("if (a & 0x% == %) a++;")),
    "plain writes": body(each("__set_bit(PG_locked, &page->flags);"), PAGE),
    "writes of a word": body(each("page->flags |= %;"), PAGE),
    "readings of a word": body(
        each("a |= folio->flags & (1 << PG_lru); a |= folio_test_lru(folio);"), FOLIO
    ),
    "page tests": body(each("if (PageLRU(page)) a |= 1 << KPF_LRU;"), PAGE),
    "bit tests": body(each("if (test_bit(PG_lru, &page->flags)) a++;"), PAGE),
    "folios": body(each("a |= page_folio(page)->flags & %;"), PAGE),
    "assignments": body(each("a = a & ~%; a = %;")),
    "locals": body(each("int v% = a & %; a |= v%;")),
    "strings": body(each('pr_err("% /* // \\n");')),
    "comments": code(each("/* % */ // %")),
    "a long comment": code(lambda n: ("/*", *each(" * %")(n), " */", "int x;")),
    "a long string": body(times('g("', "x\\n", '");')),
    "spliced lines": code(lambda n: (*(["\\"] * n), "int x;")),
    "#ifdef in #ifdef": code(nested("#ifdef CONFIG_KSM", "#endif")),
    "#ifdef of many options": code(split(each("#ifdef CONFIG_G%|int x%;|#endif"))),
    "#ifdef of one option": code(split(each("#ifdef CONFIG_KSM|int x%;|#endif"))),
    "#elif": code(
        lambda n: ("#if 0", *each("#elif defined(CONFIG_G%)")(n), "#endif", "int x;")
    ),
    "#if of many terms": code(
        lambda n: [
            "#if " + " || ".join(f"defined(CONFIG_G{i})" for i in range(n)),
            "int x;",
            "#endif",
        ]
    ),
    "#if without end": code(each("#if defined(A%)")),
    "IS_ENABLED": body(each("if (IS_ENABLED(CONFIG_G%)) a++;")),
    "macros": header(each("#define GROW_% (GROW_1% | 1)")),
    "macros that are used": code(
        lambda n: (
            *each("#define GROW_% (1 << (% % 64))")(n),
            *function(each("if (a & GROW_%) a++;")(n)),
        )
    ),
    "macros of macros": header(each("#define GROW_%(x) (GROW_1%(x) + GROW_1%(x))")),
    "structs": header(split(each("struct s% {|\tunsigned long flags;|\tint a;|};"))),
    "members": header(
        lambda n: ("struct grow {", *each("\tunsigned int m% : 3;")(n), "};")
    ),
    "initialisers": code(
        lambda n: ("int t[] = {", *each("\t[%] = PG_lru,")(n), "};"),
    ),
    "options": code(
        split(each("config G%|\tbool|\tdepends on G1% && MMU|\tselect G2%|")),
        "mm/Kconfig.grow",
    ),
    "an option of many terms": code(
        lambda n: [
            "config GROW",
            "\tbool",
            "\tdepends on " + " && ".join(f"G{i}" for i in range(n)),
        ],
        "mm/Kconfig.grow",
    ),
    "files": lambda n: mail(many_files(n)),
    "hunks": lambda n: mail(many_hunks(n)),
    "trailers": message_of("Reviewed-by: R% <r%@example.org>"),
    "words": message_of("This is line % of a message, and no functional change."),
    "quoted lines": message_of("> + if (a & %)"),
    "invisible characters": body(each("a++; // \u202e%")),
}
