# SPDX-License-Identifier: GPL-2.0-or-later
"""Further shapes: what single rules read.

As ``growing.SHAPES``, and used in the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from growing import (
    FOLIO,
    PAGE,
    Lines,
    body,
    code,
    each,
    function,
    header,
    mail,
    message_of,
    new_file,
    split,
)

Make = Callable[[int], Lines]
PATH = "mm/grow.c"
PROBE = "static int grow_probe(struct grow *p)"


def in_function(lines: Make, head: str = "int f(int a)") -> Make:
    return lambda n: function(lines(n), head)


def documented(n: int) -> Lines:
    """A function of n parameters, each described."""
    yield from ("/**", " * f - grow", *(f" * @a{i}: it" for i in range(n)), " */")
    yield from function([], "int f(" + ", ".join(f"int a{i}" for i in range(n)) + ")")


def documented_badly(n: int) -> Lines:
    """n parameters of which none is described, and n described that are none."""
    yield from ("/**", " * f - grow", *(f" * @b{i}: it" for i in range(n)), " */")
    yield from function([], "int f(" + ", ".join(f"int a{i}" for i in range(n)) + ")")


def documented_members(n: int) -> Lines:
    yield from ("/**", " * struct s - grow", *(f" * @m.a{i}: it" for i in range(n)))
    yield from (" */", "struct s {", "\tstruct {")
    yield from (*(f"\t\tint a{i};" for i in range(n)), "\t} m;", "};")


def undone(acquire: str, release: str, stepwise: bool = True) -> Make:
    """A probe that takes n things, with an exit for each: all by a label of their own,
    or none but the last."""

    def made(n: int) -> Iterator[str]:
        yield from (PROBE, "{", "\tint ret;", "")
        for i in range(n):
            yield f"\tret = {acquire.replace('%', str(i))};"
            yield f"\tif (ret) {f'goto err{i}' if stepwise else 'return ret'};"
        yield from ("\tret = g(p);", "\tif (!ret)", "\t\treturn 0;")
        for i in reversed(range(n)):
            yield f"\t{release.replace('%', str(i))};"
            yield from [f"err{i}:"] * stepwise
        yield from ("\treturn ret;", "}")

    return made


def probes(lines: str) -> Make:
    """n probes, each with the same statements."""
    return split(each(f"int grow%_probe(struct device *dev)|{{|{lines}|return 0;|}}"))


def enum_and_switch(n: int) -> Lines:
    """A switch over all names of an enum."""
    yield from ("enum grow {", *(f"\tGROW_{i}," for i in range(n)), "};")
    cases = (f"case GROW_{i}: return {i};" for i in range(n))
    yield from function(("switch (a) {", *cases, "}"), "int f(enum grow a)")


def structs_in_a_row(n: int) -> Lines:
    """Structs of which each holds the one before, and a use of the innermost."""
    yield "struct s0 { int flags; };"
    yield from (f"struct s{i} {{ struct s{i - 1} m; }};" for i in range(1, n))
    yield from function(
        [f"a = s->{'m.' * (n - 1)}flags & 1;"], f"int f(struct s{n} *s)"
    )


def called_once_more(n: int) -> Lines:
    """One function that returns an error pointer, and n that call it."""
    yield from function(
        ["if (a)", "\treturn ERR_PTR(-EINVAL);"], "static void *g(int a)"
    )
    for i in range(n):
        yield from (f"int f{i}(void)", "{", "\tvoid *p = g(1);", "\tif (!p)")
        yield from ("\t\treturn -ENOMEM;", "\treturn 0;", "}")


def macro_of_many(n: int) -> Lines:
    names = ", ".join(f"a{i}" for i in range(n))
    yield f"#define G({names}) (a0 & a{n - 1})"
    yield from function([f"a = G({', '.join(['PG_lru'] * n)});"])


def redefined_and_used(n: int) -> Lines:
    for i in range(n):
        yield from ("#undef GROW", f"#define GROW (1 << {i % 64})")
        yield from (f"int f{i}(int a)", "{", "\treturn a & GROW;", "}")


def options_in_a_row(word: str) -> Make:
    return split(each(f"config G%|\tbool|\t{word}|"))


def row_of_options(word: str) -> Make:
    """Options of which each names the next."""
    return lambda n: (
        line
        for i in range(n)
        for line in (f"config G{i}", "\tbool", f"\t{word} G{i + 1}", "")
    )


def files_of(piece: str) -> Callable[[int], bytes]:
    """A diff of n pieces, one for each file."""
    return lambda n: mail("".join(piece.replace("%", str(i)) for i in range(n)))


def appended(path: str, before: str, add: Make) -> Callable[[int], bytes]:
    """Lines behind one of a file that both trees have."""

    def made(n: int) -> bytes:
        lines = list(add(n))
        added = "".join(f"+{line}\n" for line in lines)
        return mail(
            f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
            f"@@ -24,1 +24,{len(lines) + 1} @@\n {before}\n{added}"
        )

    return made


def below_the_line(line: str) -> Callable[[int], bytes]:
    """A patch of version 9 with n lines below its ---."""
    small = new_file(PATH, ["int x;"])

    def made(n: int) -> bytes:
        notes = "\n".join(line.replace("%", str(i)) for i in range(n, 0, -1))
        text = mail(notes + "\n\n" + small).decode()
        return text.replace("[PATCH]", "[PATCH v9]").encode()

    return made


RULES: dict[str, Callable[[int], bytes]] = {
    # --- kernel-doc
    "a described function": code(documented),
    "a function described badly": code(documented_badly),
    "described functions": code(
        split(each("/**| * f% - grow| * @b: it| */|int f%(int a)|{|\treturn a;|}"))
    ),
    "described members": header(documented_members),
    "an open description": code(each("/** @a%: it")),
    # --- error paths
    "labels and gotos": code(
        undone("clk_prepare_enable(p->c%)", "clk_disable_unprepare(p->c%)")
    ),
    "exits without undoing": code(
        undone(
            "clk_prepare_enable(p->c%)", "clk_disable_unprepare(p->c%)", stepwise=False
        )
    ),
    "one clock taken often": code(
        undone("clk_prepare_enable(p->c)", "clk_disable_unprepare(p->c)")
    ),
    "interrupts": code(
        undone("request_irq(p->i%, h, 0, n, p)", "free_irq(p->i%, p)", stepwise=False)
    ),
    "memory": code(
        undone("kmalloc(%, GFP_KERNEL); p->m% = ret", "kfree(p->m%)", stepwise=False)
    ),
    "probes": code(probes("pm_runtime_enable(dev); if (x()) return -EIO;")),
    "managed and released": body(
        each("p% = devm_kzalloc(dev, %, GFP_KERNEL); kfree(p%);"), PROBE
    ),
    "locks of many": body(
        each("mutex_lock(&p->l%); if (a == %) return %; mutex_unlock(&p->l%);"),
        "int f(struct grow *p, int a)",
    ),
    "dev_err_probe": body(
        each(
            'if (IS_ERR(p%)) { dev_err(dev, "x");'
            ' return dev_err_probe(dev, PTR_ERR(p%), "x"); }'
        ),
        PROBE,
    ),
    # --- values
    "callers of one function": code(called_once_more),
    "functions of error pointers": code(
        split(
            each(
                "static void *g%(int a)|{|\tif (a) return ERR_PTR(-1);|"
                "\treturn g1%(a);|}|int f%(int a)|{|\tvoid *p = g%(a);|"
                "\tif (!p)|\t\treturn 1;|\treturn 0;|}"
            )
        )
    ),
    "error pointers": body(each("p% = clk_get(dev, 0); if (!p%) return -%;"), PROBE),
    "unsigned values": body(each("unsigned int u% = g(a); if (u% < 0) return u%;")),
    "one unsigned value": body(
        lambda n: ("unsigned int u;", *each("u = g(%); if (u < 0) return -%;")(n))
    ),
    "arrays and bounds": body(
        each("int t%[%]; if (a > ARRAY_SIZE(t%)) return 1; a = t%[a];")
    ),
    "copies to users": body(
        each("ret = copy_to_user(p, &a, %); if (ret) return ret;"),
        "int f(void *p, int a)",
    ),
    "values not kept": body(each("clamp(a, %, 7); min(a, %); round_up(a, %);")),
    "kpf_copy_bit": code(
        in_function(each("u |= kpf_copy_bit(k, KPF_LRU, PG_lru); k & PG_%;"), PAGE),
        "fs/proc/grow.c",
    ),
    "words of pages": body(
        each("a |= page->flags & folio->flags; a |= PageHWPoison(page) << %;"), FOLIO
    ),
    "updates that are lost": body(each("a |= 1 << %; a = 0; a |= b & ~a;")),
    "bits of narrow types": body(each("u8 v%; v% = a & 0x1ff; if (v% & 0x100) a++;")),
    "genmasks": body(each("a |= GENMASK(%, 3) | BIT(%) | BIT_ULL(4%);")),
    # --- long things
    "an enum and a switch": code(enum_and_switch),
    "structs in a row": code(structs_in_a_row),
    "a macro of many arguments": code(macro_of_many),
    "a name redefined and used": code(redefined_and_used),
    "a long declaration": code(
        lambda n: ["int " + ", ".join(f"v{i} = PG_lru" for i in range(n)) + ";"]
    ),
    "members that are set": code(
        lambda n: ("struct o o = {", *each("\t.a% = PG_lru, .f% = f,")(n), "};")
    ),
    "mins in mins": body(lambda n: ["a = " + "min(a, " * n + "1" + ")" * n + ";"]),
    "macros with statements": body(each("for_each_x(a, %) { if (a & PG_lru) a++; }")),
    "a string of escapes": body(lambda n: ['g("' + "\\x41\\\\" * n + '");']),
    "case ranges": body(
        lambda n: ("switch (a) {", *each("case % ... %9: a |= %; break;")(n), "}")
    ),
    "commas of an enum": header(
        lambda n: [
            "enum e { " + ", ".join(f"E{i} = 1 << {i % 31}" for i in range(n)) + " };"
        ]
    ),
    "flags of an enum in masks": code(
        lambda n: (
            "enum e {",
            *(f"\tE{i} = {i}," for i in range(n)),
            "};",
            "#define M (" + " | ".join(f"E{i}" for i in range(n)) + ")",
            *function(["if (a & M) a++;"]),
        )
    ),
    # --- build files and pages
    "a row of selects": code(row_of_options("select"), "mm/Kconfig.grow"),
    "a row of dependencies": code(row_of_options("depends on"), "mm/Kconfig.grow"),
    "a row of implies": code(row_of_options("imply"), "mm/Kconfig.grow"),
    "selects of one option": code(
        options_in_a_row("select MEMORY_FAILURE"), "mm/Kconfig.grow"
    ),
    "one option often": code(
        lambda n: ("config GROW", "\tbool", "\tdepends on MMU") * n, "mm/Kconfig.grow"
    ),
    "sources": code(each('source "mm/Kconfig.%"'), "mm/Kconfig.grow"),
    "flags of a Makefile": code(
        each("CFLAGS_g%.o += $(call cc-option,-DG%) -I$(src)/g%"), "mm/grow/Makefile"
    ),
    "folders of a Makefile": code(each("obj-$(CONFIG_G%) += g%/"), "lib/grow/Makefile"),
    "a long line of a Makefile": code(
        lambda n: ("obj-y += \\", *each("\tg%.o \\")(n), "\tx.o"), "lib/grow/Makefile"
    ),
    "maintainers": code(
        split(each("GROW %|M:\tR <r%@example.org>|F:\tmm/g%*|K:\tPG_grow%|")),
        "MAINTAINERS.grow",
    ),
    "names of files on a page": code(
        each("See Documentation/mm/g%.rst and mm/g%.c, :c:func:`g%`."),
        "Documentation/mm/grow.rst",
    ),
    "a grid table": code(
        split(each("+-----+-----+|| KPF_G% | % |")), "Documentation/mm/grow.rst"
    ),
    "headings": code(split(each("g%|==||.. _g%:|")), "Documentation/mm/grow.rst"),
    "binding": code(each("  g%: {$ref: /schemas/g%.yaml}"), "Documentation/grow.yaml"),
    # --- files
    "modes": files_of(
        "diff --git a/mm/g%.c b/mm/g%.c\nold mode 100644\nnew mode 100755\n"
    ),
    "binary pieces": files_of(
        "diff --git a/mm/g%.bin b/mm/g%.bin\nnew file mode 100644\n"
        "index 0000000..1111111\n"
        "GIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"
    ),
    "files that go": files_of(
        "diff --git a/mm/g%.c b/mm/g%.c\ndeleted file mode 100644\n"
        "--- a/mm/g%.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x;\n"
    ),
    "new headers": files_of(
        "diff --git a/include/linux/g%.h b/include/linux/g%.h\nnew file mode 100644\n"
        "--- /dev/null\n+++ b/include/linux/g%.h\n@@ -0,0 +1,2 @@\n"
        "+#include <linux/g1%.h>\n+#define G% PG_lru\n"
    ),
    "renames with a change": files_of(
        "diff --git a/mm/a%.c b/mm/b%.c\nsimilarity index 100\nrename from mm/a%.c\n"
        "rename to mm/b%.c\n--- a/mm/a%.c\n+++ b/mm/b%.c\n@@ -1 +1 @@\n"
        "-int a%;\n+int b%;\n"
    ),
    "one file in many pieces": lambda n: mail(
        "".join(new_file("mm/grow.c", [f"int x{i};"]) for i in range(n))
    ),
    "a header of many": appended(
        "include/uapi/linux/kernel-page-flags.h",
        "#define KPF_IDLE\t\t25",
        split(each("static inline int f%(struct page *p)|{|\treturn p->flags & %;|}")),
    ),
    # --- messages
    "many trailers": message_of(
        'Fixes: 12345678%% ("x")\nLink: https://x.org/%\nCc: r%@x.org\n'
        "Tested-by: R <r%@x.org>"
    ),
    "sign-offs": message_of("Signed-off-by: R% <r%@example.org>"),
    "closes": message_of("Reported-by: R <r%@x.org>\nCloses: https://x.org/%"),
    "versions below the line": below_the_line("Changes in v%:\n- x% (R)"),
    "versions in a line": below_the_line("v% -> v1%: x"),
    "numstat": below_the_line(" mm/g%.c | 2 +-"),
    "names in a message": message_of("f%() in mm/g%.c needs CONFIG_G% and PG_g%."),
    "promises": message_of("No functional change intended, f%() is the same."),
    "bases": below_the_line(
        "prerequisite-patch-id: %1234567890123456789012345678901234567890"
    ),
}
