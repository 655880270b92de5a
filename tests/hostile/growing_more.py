# SPDX-License-Identifier: GPL-2.0-or-later
"""Further shapes: of mails and mailboxes, of build files, and of long things in C.

As ``growing.SHAPES``, and used in the same places.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable, Iterator

import growing
from growing import body, code, each, function, header, mail, nested, new_file

SMALL = new_file("mm/grow.c", ["int x;"])


def _headed(extra: Callable[[int], str], diff: str = SMALL) -> Callable[[int], bytes]:
    """A mail with further lines in its header."""
    return lambda n: mail(diff).replace(b"\nTo: ", f"\n{extra(n)}\nTo: ".encode(), 1)


def _subject(make: Callable[[int], str]) -> Callable[[int], bytes]:
    return lambda n: mail(SMALL).replace(b"[PATCH] mm: grow", make(n).encode(), 1)


def _mime(encoding: str, encode: Callable[[bytes], bytes]) -> Callable[[int], bytes]:
    """A patch whose text is encoded."""

    def made(n: int) -> bytes:
        head, _, text = mail(
            new_file("mm/grow.c", each("int x%; /* \u00e9 = */")(n))
        ).partition(b"\n\n")
        kind = (
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            f"Content-Transfer-Encoding: {encoding}\n"
        )
        return head + b"\n" + kind.encode() + b"\n" + encode(text)

    return made


def _parts(n: int) -> bytes:
    """A patch in the first of n parts."""
    head, _, text = mail(SMALL).partition(b"\n\n")
    parts = [text, *(b"part %d\n" % i for i in range(n))]
    between = b"--x\nContent-Type: text/plain\n\n"
    kind = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    inner = b"".join(between + part for part in parts)
    return head + b"\n" + kind + inner + b"--x--\n"


def _depth(n: int) -> bytes:
    """A patch below n parts that hold one part each."""
    head, _, text = mail(SMALL).partition(b"\n\n")
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (i, i)
        for i in range(n)
    )
    closed = b"".join(b"--x%d--\n" % i for i in reversed(range(n)))
    plain = b"Content-Type: text/plain\n\n"
    return head + b"\nMIME-Version: 1.0\n" + opened + plain + text + closed


def _letter(number: str, name: str, answers: str, text: str) -> str:
    return (
        "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
        f"From: Mallory <mallory@example.org>\nSubject: {number}\n"
        "Date: Mon, 4 Mar 2024 10:05:00 +0000\n"
        f"Message-Id: <{name}@example.org>\nTo: linux-mm@example.org\n"
        + (f"In-Reply-To: <{answers}@example.org>\n" if answers else "")
        + f"\n{text}\n"
    )


def _patches(n: int) -> bytes:
    """A series of n patches."""
    return "".join(
        _letter(
            f"[PATCH {i}/{n}] mm: grow {i}",
            f"p{i}",
            "p1" if i > 1 else "",
            "Why not.\n\nSigned-off-by: Mallory <mallory@example.org>\n---\n"
            + new_file(
                f"mm/grow{i}.c", ["int f(int a)", "{", f"\treturn a & {i};", "}"]
            ),
        )
        for i in range(1, n + 1)
    ).encode()


def _of_one_file(n: int) -> bytes:
    """A series of n patches, each of which changes the same line."""
    path = "mm/grow.c"

    def diff(i: int) -> str:
        if i == 1:
            return new_file(path, ["int v1;"])
        return (
            f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
            f"@@ -1 +1 @@\n-int v{i - 1};\n+int v{i};\n"
        )

    return "".join(
        _letter(
            f"[PATCH {i}/{n}] mm: grow {i}",
            f"p{i}",
            "p1" if i > 1 else "",
            f"Why not.\n\nSigned-off-by: Mallory <mallory@example.org>\n---\n{diff(i)}",
        )
        for i in range(1, n + 1)
    ).encode()


def _thread(deep: bool) -> Callable[[int], bytes]:
    """A patch and n replies, to the patch or each to the one before."""

    def made(n: int) -> bytes:
        first = _letter("[PATCH] mm: grow", "p0", "", f"Why not.\n---\n{SMALL}")
        return (
            first.encode()
            + "".join(
                _letter(
                    "Re: [PATCH] mm: grow",
                    f"p{i}",
                    f"p{i - 1 if deep else 0}",
                    f"On Monday, Mallory wrote:\n> +int x;\nNo {i}.\n\n"
                    f"Reviewed-by: R{i} <r{i}@example.org>\n",
                )
                for i in range(1, n + 1)
            ).encode()
        )

    return made


def _versions(n: int) -> bytes:
    """n postings of one patch in a thread."""
    return "".join(
        _letter(
            f"[PATCH v{i}] mm: grow",
            f"p{i}",
            "p1" if i > 1 else "",
            f"Why not.\n\nSigned-off-by: Mallory <mallory@example.org>\n---\nv{i}: x\n"
            + SMALL,
        )
        for i in range(1, n + 1)
    ).encode()


def _renames(n: int) -> bytes:
    return mail(
        "".join(
            f"diff --git a/mm/a{i}.c b/mm/b{i}.c\nsimilarity index 100%\n"
            f"rename from mm/a{i}.c\nrename to mm/b{i}.c\n"
            for i in range(n)
        )
    )


def _table(n: int) -> str:
    """A page with a table of n rows, as Documentation has them."""
    rule = "=" * 12 + "  " + "=" * 30
    rows = [f"PG_grow{i:<6} {i}. KPF_GROW_{i}" for i in range(n)]
    path = "Documentation/admin-guide/mm/grow.rst"
    return new_file(path, [rule, "Name          Meaning", rule, *rows, rule])


def _chained_macros(n: int) -> Iterator[str]:
    """Macros that name each other in a row, and one use."""
    yield "#define GROW_0 1"
    yield from (f"#define GROW_{i} (GROW_{i - 1} + 1)" for i in range(1, n))
    yield from function([f"if (a & GROW_{n - 1}) a++;"])


def _doubled_macros(n: int) -> Iterator[str]:
    """Macros that name the one before twice: written out, two to the n."""
    yield "#define GROW_0 a"
    yield from (f"#define GROW_{i} (GROW_{i - 1} | GROW_{i - 1})" for i in range(1, n))
    yield from function([f"if (PG_lru & GROW_{n - 1}) a++;"])


PAGE = growing.PAGE
MORE: dict[str, Callable[[int], bytes]] = {
    # --- mails
    "recipients": _headed(
        lambda n: "Cc: " + ",\n ".join(f"R{i} <r{i}@example.org>" for i in range(n))
    ),
    "recipients in one line": _headed(
        lambda n: "Cc: " + ", ".join(f"r{i}@example.org" for i in range(n))
    ),
    "comments in an address": _headed(
        lambda n: "Cc: " + "(" * n + ")" * n + " r@x.org"
    ),
    "quotes in an address": _headed(lambda n: "Cc: " + '"a" ' * n + "<r@x.org>"),
    "references": _headed(
        lambda n: "References: " + "\n ".join(f"<r{i}@example.org>" for i in range(n))
    ),
    "open brackets in references": _headed(lambda n: "References: " + "<" * n),
    "headers": _headed(lambda n: "\n".join(f"X-Grow-{i}: {i}" for i in range(n))),
    "a folded header": _headed(lambda n: "X-Grow: a" + "\n b" * n),
    "a long subject": _subject(lambda n: "[PATCH] mm: " + "grow " * n),
    "brackets in a subject": _subject(lambda n: "[PATCH] " + "[" * n + "]" * n),
    "tags in a subject": _subject(lambda n: "[PATCH] " + "[RFC] " * n + "mm: x"),
    "answers in a subject": _subject(lambda n: "Re: " * n + "[PATCH] mm: x"),
    "encoded words": _subject(
        lambda n: "[PATCH] mm: " + "=?utf-8?q?=C3=A9?=\n " * n + "x"
    ),
    "parts": _parts,
    "parts in parts": _depth,
    "base64": _mime("base64", base64.encodebytes),
    "quoted-printable": _mime("quoted-printable", quopri.encodestring),
    "patches": _patches,
    "patches of one line": _of_one_file,
    "replies": _thread(deep=False),
    "replies to replies": _thread(deep=True),
    "versions": _versions,
    "a quote in quotes": lambda n: mail(SMALL, "> " * n + "x"),
    "a long line of text": lambda n: mail(SMALL, "word " * n),
    "a long word": lambda n: mail(SMALL, "w" * 10 * n),
    "blank lines": lambda n: mail(SMALL, "x" + "\n" * n + "y"),
    "blanks": lambda n: mail(SMALL, "x" + " " * 10 * n + "y"),
    "links": growing.message_of("Link: https://lore.kernel.org/r/%@example.org/"),
    "commits": growing.message_of('Fixes: 1234567890% ("mm: a % ")'),
    "hashes": growing.message_of("as in commit 12345678%%% ('mm: %')"),
    "parentheses in text": lambda n: mail(SMALL, "(" * n + ")" * n),
    "scissors": growing.message_of("-- >8 -- % -- >8 --"),
    "dashes": growing.message_of("---"),
    "stars": lambda n: mail(SMALL, "*" * 10 * n),
    "signatures": growing.message_of("-- "),
    # --- files
    "renames": _renames,
    "a long name of a file": lambda n: mail(
        new_file("mm/" + "d/" * n + "x.c", ["int x;"])
    ),
    "objects": code(each("obj-$(CONFIG_G%) += g%.o"), "mm/Makefile.grow"),
    "objects of one option": code(
        lambda n: ["obj-y += " + " ".join(f"g{i}.o" for i in range(n))], "mm/Makefile.x"
    ),
    "a Makefile of ifs": code(
        lambda n: (*["ifdef CONFIG_G"] * n, "obj-y += x.o", *["endif"] * n),
        "lib/grow/Makefile",
    ),
    "variables": code(
        growing.split(each("g%-y := h%.o $(g1%-y)|obj-y += g%.o")), "lib/grow/Makefile"
    ),
    "parentheses in Kconfig": code(
        lambda n: [
            "config GROW",
            "\tbool",
            "\tdepends on " + "(" * n + "MMU" + ")" * n,
        ],
        "mm/Kconfig.grow",
    ),
    "negations in Kconfig": code(
        lambda n: ["config GROW", "\tbool", "\tdepends on " + "!" * n + "MMU"],
        "mm/Kconfig.grow",
    ),
    "ifs in Kconfig": code(
        lambda n: (*["if MMU"] * n, "config GROW", "\tbool", *["endif"] * n),
        "mm/Kconfig.grow",
    ),
    "defaults": code(
        lambda n: ("config GROW", "\tint", *each("\tdefault % if G%")(n)),
        "mm/Kconfig.grow",
    ),
    "selects": code(
        lambda n: ("config GROW", "\tbool", *each("\tselect G%")(n)), "mm/Kconfig.grow"
    ),
    "a long help": code(
        lambda n: ("config GROW", "\tbool", "\thelp", *each("\t  text %")(n)),
        "mm/Kconfig.grow",
    ),
    "members of a choice": code(
        lambda n: ("choice", *growing.split(each("config G%|\tbool"))(n), "endchoice"),
        "mm/Kconfig.grow",
    ),
    "a table of a page": lambda n: mail(_table(n)),
    # --- C
    "a long comment line": code(lambda n: ["/* " + "x & " * n + "*/", "int x;"]),
    "open comments in one line": code(lambda n: ["/*" * n + "*/", "int x;"]),
    "a long // line": code(lambda n: ["// " + "x & " * n, "int x;"]),
    "adjacent strings": body(lambda n: ["g(" + '"x" ' * n + ");"]),
    "quotes in characters": body(lambda n: ["a = " + "'\"' + " * n + "0;"]),
    "open strings": code(each('int x% = "')),
    "a long name": body(lambda n: ["int " + "x" * 10 * n + " = a & PG_lru;"]),
    "a long number": body(lambda n: ["a = a & 0x" + "1" * n + ";"]),
    "a long decimal": body(lambda n: ["a = a & 1" + "0" * n + ";"]),
    "stars of a type": body(lambda n: ["int " + "*" * n + "p;"]),
    "arrows": body(lambda n: ["a = p" + "->next" * n + "->x;"]),
    "dots": body(lambda n: ["a = p" + ".next" * n + ".x;"]),
    "chained assignments": body(lambda n: ["a = " + "a = " * n + "1;"]),
    "commas": body(lambda n: ["a = 1" + ", a = 2" * n + ";"]),
    "complements": body(lambda n: ["a = a & " + "~" * n + "PG_lru;"]),
    "and-ors": body(lambda n: ["a = " + "a & 1 | " * n + "0;"]),
    "comparisons": body(lambda n: ["a = " + "a == " * n + "0;"]),
    "shifts of shifts": body(lambda n: ["a = 1" + " << 1" * n + ";"]),
    "ors of bit numbers": body(
        lambda n: ["a = a & (" + " | ".join(["PG_lru", "PG_dirty"] * n) + ");"]
    ),
    "ands of flags": body(lambda n: ["a = a" + " & PG_lru" * n + ";"]),
    "parameters": code(
        lambda n: function(
            [], "int f(" + ", ".join(f"int a{i}" for i in range(n)) + ")"
        )
    ),
    "arguments": body(lambda n: ["g(" + ", ".join(["a & PG_lru"] * n) + ");"]),
    "attributes": code(
        lambda n: function([], "int " + "__attribute__((unused)) " * n + "f(int a)")
    ),
    "words before a function": code(
        lambda n: function([], "static " * n + "int f(int a)")
    ),
    "dimensions": code(lambda n: ["int x" + "[1]" * n + ";"]),
    "struct in struct": header(nested("struct s% {", "} ;")),
    "union in union": header(nested("union {", "};")),
    "a line of structs": header(lambda n: ["struct s {" * n + "int x;" + "} y;" * n]),
    "initialisers in initialisers": code(
        lambda n: ["int x[] = " + "{" * n + "1" + "}" * n + ";"]
    ),
    "cases of one line": body(
        lambda n: ["switch (a) {", "".join(f"case {i}: " for i in range(n)), "a++; }"]
    ),
    "switches in switches": body(
        lambda n: ["switch (a) { case 1: " * n + "a++;" + "}" * n]
    ),
    "ifs in ifs": body(lambda n: (*["if (a & 1) {"] * n, "a++;", *["}"] * n)),
    "elses of ifs": body(lambda n: ["if (a) a = 1; else " * n + "a++;"]),
    "labels": body(lambda n: (*(f"l{i}:" for i in range(n)), "a++;")),
    "sizeofs": body(lambda n: ["a = " + "sizeof " * n + "a;"]),
    "statement expressions": body(lambda n: ["a = " + "({ " * n + "a;" + " });" * n]),
    "typedefs": header(each("typedef t1% t%;")),
    "redefinitions": header(each("#define GROW %")),
    "undefs": header(growing.split(each("#define GROW %|#undef GROW"))),
    "a macro of many lines": header(
        lambda n: ("#define GROW(a) do { \\", *each("\ta |= %; \\")(n), "} while (0)")
    ),
    "macros in a row": code(_chained_macros),
    "macros that double": code(_doubled_macros),
    "a macro in itself": header(lambda n: ["#define G(x) " + "G(" * n + "x" + ")" * n]),
    "pastings": header(lambda n: ["#define G(x) " + "x##" * n + "x"]),
    "parameters of a macro": header(
        lambda n: ["#define G(" + ", ".join(f"a{i}" for i in range(n)) + ") (a0)"]
    ),
    "includes": code(each("#include <linux/g%.h>")),
    "includes of one header": code(each("#include <linux/page-flags.h>")),
    "exports": code(each("EXPORT_SYMBOL(g%);")),
    "page flag macros": header(each("PAGEFLAG(Grow%, grow%, PF_ANY)")),
    "declarations": header(each("int f%(struct page *page, unsigned long flags);")),
    "gates in gates of code": code(
        nested("#if IS_ENABLED(CONFIG_G%) && defined(G%)", "#endif")
    ),
    "parentheses in #if": code(
        lambda n: ["#if " + "(" * n + "1" + ")" * n, "int x;", "#endif"]
    ),
    "negations in #if": code(lambda n: ["#if " + "!" * n + "1", "int x;", "#endif"]),
    "questions in #if": code(
        lambda n: ["#if " + "1 ? 1 : " * n + "0", "int x;", "#endif"]
    ),
    "#else without #if": code(each("#else")),
    "tests of one flag": body(each("if (PageDirty(page) && PageLRU(page)) a++;"), PAGE),
    "masks and equality": body(
        each("if ((a & PAGE_MAPPING_KSM) == PAGE_MAPPING_ANON) a++;")
    ),
    "zero flags": body(each("if (a & GFP_NOWAIT) a++; if (a & FOLL_%) a++;")),
    "locks": body(
        each("spin_lock(&p->lock); p->a = %; spin_unlock(&p->lock);"),
        "int f(struct grow *p)",
    ),
    "READ_ONCE": body(
        each("a = READ_ONCE(p->a) & %; WRITE_ONCE(p->a, a);"), "int f(struct grow *p)"
    ),
    "a line of blanks": body(lambda n: ["a" + " " * 10 * n + "++;"]),
    "tabs and carriage returns": body(each("a++;\r\t\t\r")),
    "backslashes": body(lambda n: ["a = '" + "\\" * n + "';"]),
    "question marks": body(lambda n: ["a = " + "?" * n + ";"]),
    "at signs": code(lambda n: ["@" * n, "int x;"]),
    "asm": body(each('asm volatile("nop %" : "=r"(a) : "r"(a) : "memory");')),
    "bytes that are none": lambda n: code(each("int x%; /* \u00ff */"))(n).replace(
        b"\xc3\xbf", b"\xff"
    ),
    "accents": body(each("a++; /* e\u0301\u0302\u0303 */")),
}
