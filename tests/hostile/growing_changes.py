# SPDX-License-Identifier: GPL-2.0-or-later
"""Series that bring a file and change it, of any size.

As ``growing.SHAPES``, and used in the same places.
"""

from __future__ import annotations

from collections.abc import Callable

from growing import Lines, each, function, new_file, split
from growing_rules import in_function, row_of_options
from growing_threads import MALLORY, letter

Make = Callable[[int], Lines]
PATH = "mm/grow.c"


def changed_by(
    old: Make, new: Make, message: str = "Why not.", path: str = PATH
) -> Callable[[int], bytes]:
    """A series whose first patch brings a file and whose second writes it anew."""

    def made(n: int) -> bytes:
        before, after = list(old(n)), list(new(n))
        whole = (
            f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
            f"@@ -1,{len(before)} +1,{len(after)} @@\n"
            + "".join(f"-{line}\n" for line in before)
            + "".join(f"+{line}\n" for line in after)
        )
        signed = f"\n\nSigned-off-by: {MALLORY}\n---\n"
        end = "-- \n2.39.5\n"
        return (
            letter(
                "[PATCH 1/2] mm: grow",
                "p1",
                "",
                f"Why not.{signed}{new_file(path, before)}{end}",
            )
            + letter(
                "[PATCH 2/2] mm: change", "p2", "p1", f"{message}{signed}{whole}{end}"
            )
        ).encode()

    return made


def edited(
    lines: Make, old: str, new: str, message: str = "Why not."
) -> Callable[[int], bytes]:
    """A series that brings a file, and puts one word for another everywhere."""
    return changed_by(
        lines, lambda n: (line.replace(old, new) for line in lines(n)), message
    )


def backwards(lines: Make) -> Make:
    """Functions of four lines in the other order."""

    def made(n: int) -> Lines:
        given = list(lines(n))
        parts = [given[i : i + 4] for i in range(0, len(given), 4)]
        return (line for part in reversed(parts) for line in part)

    return made


SAME = "No functional change."
FUNCTIONS = split(each("int f%(int a)|{|\treturn a & PG_lru;|}"))
IFS = each("if (a == %) return %;")
CHANGES: dict[str, Callable[[int], bytes]] = {
    "functions in another order": changed_by(FUNCTIONS, backwards(FUNCTIONS)),
    "functions of other names": edited(FUNCTIONS, "int f", "int g"),
    "functions indented anew": edited(FUNCTIONS, "\t", "        "),
    "functions changed": edited(FUNCTIONS, "a & PG_lru", "PG_lru & a", SAME),
    "functions that differ": edited(FUNCTIONS, "PG_lru", "PG_dirty", SAME),
    "ifs changed": edited(in_function(IFS), "return 7;", "return 8;", SAME),
    "ifs turned round": edited(in_function(IFS), "if (a ==", "if (a !=", SAME),
    "calls changed": edited(in_function(each("g%(a);")), "g7(a)", "g7((a))", SAME),
    "calls with results changed": edited(
        in_function(each("a = g%(a);")), "g7(a)", "g7(a + 0)", SAME
    ),
    "loops changed": edited(
        in_function(each("for (i = 0; i < %; i++) a += t[i];")), "a +=", "a -=", SAME
    ),
    "stores changed": edited(
        in_function(each("p->m% = a + %;"), "int f(struct grow *p, int a)"),
        "a +",
        "0 + a +",
        SAME,
    ),
    "cases changed": edited(
        in_function(lambda n: ("switch (a) {", *each("case %: a = %; break;")(n), "}")),
        "break;",
        "return a;",
        SAME,
    ),
    "locals changed": edited(
        in_function(each("int v% = a + %; a ^= v%;")), "a ^= v", "a = a ^ v", SAME
    ),
    "gotos changed": edited(
        in_function(
            lambda n: (
                *(f"if (a & {i}) goto l{i};" for i in range(n)),
                *(f"l{i}: a++;" for i in range(n)),
            )
        ),
        "a++",
        "++a",
        SAME,
    ),
    "divisions changed": edited(
        in_function(each("a = a / (b + %) * %;"), "int f(int a, int b)"),
        "/ (b + ",
        "/ (0 + b + ",
        SAME,
    ),
    "macros changed": edited(
        lambda n: (
            *each("#define G% (%)")(n),
            *function(each("if (a == G%) return G%;")(n)),
        ),
        "#define G",
        "#define  G",
        SAME,
    ),
    "members changed": changed_by(
        lambda n: (
            "struct s {",
            *each("\tint m%;")(n),
            "};",
            *in_function(each("a += s->m%;"), "int f(struct s *s, int a)")(n),
        ),
        lambda n: (
            "struct s {",
            *each("\tlong m%;")(n),
            "};",
            *in_function(each("a += s->m%;"), "int f(struct s *s, int a)")(n),
        ),
        SAME,
    ),
    "helpers changed": edited(
        split(each("static int f%(int a)|{|\treturn f1%(a) + 1;|}")),
        "+ 1",
        "+ 0 + 1",
        SAME,
    ),
    "callers of what changed": changed_by(
        lambda n: (
            *function([], "static int g(int a)"),
            *split(each("int f%(int a)|{|\treturn g(a + %);|}"))(n),
        ),
        lambda n: (
            *function(["a++;"], "static int g(int a)"),
            *split(each("int f%(int a)|{|\treturn g(a + %);|}"))(n),
        ),
        SAME,
    ),
    "findings changed": edited(
        in_function(each("if (a & PG_lru) a += %;")), "a +=", "a -="
    ),
    "options changed": edited(row_of_options("select"), "select", "depends on"),
    "strings changed": edited(
        in_function(each('pr_err("% /* // \\n");')), "pr_err", "pr_warn", SAME
    ),
    "comments changed": edited(split(each("/* % */|int x%;")), "/* ", "/* see ", SAME),
    "#ifdefs changed": edited(
        split(each("#ifdef CONFIG_G%|int f%(int a) { return a; }|#endif")),
        "#ifdef CONFIG_G",
        "#ifdef CONFIG_H",
        SAME,
    ),
}
