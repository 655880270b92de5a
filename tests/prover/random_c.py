# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Random C functions over the subset that the lifter supports, free of undefined
behaviour: every width, structs, bit-fields, arrays, pointers to locals, helpers,
macros, loops, switches with ranges, jumps."""

from __future__ import annotations

import random

TYPES = {
    "char": "unsigned char", "signed char": "signed char", "u8": "unsigned char",
    "s16": "short", "u16": "unsigned short", "int": "int", "unsigned int": "unsigned",
    "long": "long", "unsigned long": "unsigned long", "u64": "unsigned long long",
    "bool": "_Bool", "s64": "long long",
}  # fmt: skip
EDGES = [0, 1, 2, 3, 7, 31, 32, 63, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF,
         0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]  # fmt: skip
# member -> (declaration, bits, signed)
MEMBERS = {
    "mu": ("u8 mu;", 8, False), "ms": ("s16 ms;", 16, True), "ml": ("unsigned long ml;", 64, False),
    "mi": ("int mi;", 32, True), "mb": ("unsigned int mb : 3;", 3, False), "mc": ("int mc : 5;", 5, True),
}  # fmt: skip
PRELUDE = (
    "typedef unsigned char u8; typedef short s16; typedef unsigned short u16;\n"
    "typedef unsigned long long u64; typedef long long s64; typedef _Bool bool;\n"
    "struct m { "
    + " ".join(text for text, _bits, _signed in MEMBERS.values())
    + " };\n"
    "struct t { u8 tp; s16 tq; u64 tr; unsigned int tb : 3; int tc : 5; bool tf; };\n"
    "#define LARGER(p, q) ((p) > (q) ? (p) : (q))\n#define TWICE(p) ((p) + (p))\n#define BARE(p, q) p * q\n"
)


class Writer:
    """Writes a random function that has no undefined behaviour."""

    def __init__(self, rng: random.Random, rich: bool = True) -> None:
        self.rng = rng
        self.rich = rich  # structs, arrays, pointers, helpers
        self.names: list[str] = []
        self.helpers: list[str] = []

    def expression(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.15:
            if rng.random() < 0.7:
                return rng.choice(self.names)
            number = rng.choice([rng.choice(EDGES[:18]), rng.randrange(200)])
            return f"{number}{rng.choice(['', '', 'U', 'L', 'UL', 'ULL', 'LL'])}"
        kind = rng.randrange(15 if self.rich else 12)
        one = self.expression(depth - 1)
        two = self.expression(depth - 1)
        if kind < 4:
            return f"({one} {rng.choice(['+', '-', '*', '&', '|', '^'])} {two})"
        if kind == 4:
            return f"({one} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {two})"
        if kind == 5:
            return f"({one} {rng.choice(['&&', '||'])} {two})"
        if kind == 6:
            amount = rng.choice(
                [f"({two} & 15)", f"({two} & 31)", str(rng.randrange(31))]
            )
            return f"({one} {rng.choice(['<<', '>>'])} {amount})"
        if kind == 7:
            return f"{rng.choice(['-', '~', '!'])}({one})"
        if kind == 8:
            return f"({rng.choice(list(TYPES))})({one})"
        if kind == 9:
            return f"({one} ? {two} : {self.expression(depth - 1)})"
        if kind == 10:
            return f"({one} {rng.choice(['/', '%'])} (({two} & 63) + 1))"
        if kind == 11:
            return f"({one} ?: {two})"
        if kind == 12:
            return f"({rng.choice(['LARGER', 'BARE'])}({one}, {two}))"
        if kind == 13:
            return rng.choice([f"TWICE({one})", f"(int)sizeof(({one}) + 0)", f"({one}, {two})",
                               f"({{ {rng.choice(list(TYPES))} v_ = {one}; v_; }})"])  # fmt: skip
        if self.helpers:
            return f"{rng.choice(self.helpers)}({one}, {two})"
        return one

    def assignment(self, name: str, value: str) -> str:
        rng = self.rng
        kind = rng.randrange(12)
        if kind < 9:
            return f"{name} {rng.choice(['=', '+=', '-=', '|=', '&=', '^=', '*='])} {value};"
        if kind == 9:
            return f"{name} {rng.choice(['<<=', '>>='])} {rng.choice([f'(({value}) & 7)', '3'])};"
        if kind == 10:
            return f"{name} {rng.choice(['/=', '%='])} (({value}) & 63) + 1;"
        other = rng.choice([n for n in self.names if n != name])
        return f"if (({value}) {rng.choice(['&&', '||'])} ({name} = {other})) {other} ^= 1;"

    def statements(self, depth: int, indent: str = "\t") -> list[str]:
        rng = self.rng
        lines: list[str] = []
        for _number in range(rng.randrange(1, 4)):
            kind = rng.randrange(13)
            name = rng.choice(self.names)
            value = self.expression(2)
            if kind < 3:
                lines.append(indent + self.assignment(name, value))
            elif kind == 3:
                lines.append(f"{indent}{rng.choice(['++', '--'])}{name};")
            elif kind == 4:
                other = rng.choice([n for n in self.plain if n != name])
                step = rng.choice(
                    ["{}++", "{}--", "++{}", "--{}", "({} += 3)", "({} = 5)"]
                ).format(other)
                lines.append(f"{indent}{name if name in self.plain else self.plain[0]} = {step};"
                             if name != other and self.plain[0] != other else f"{indent}{other}++;")  # fmt: skip
            elif kind == 5 and depth > 0:
                lines.append(f"{indent}if ({value}) {{")
                lines += self.statements(depth - 1, indent + "\t")
                if rng.random() < 0.6:
                    lines.append(f"{indent}}} else {{")
                    lines += self.statements(depth - 1, indent + "\t")
                lines.append(f"{indent}}}")
            elif kind == 6 and depth > 0:
                lines += self.switch(value, depth, indent)
            elif kind == 7:
                lines.append(
                    f"{indent}if ({value})\n{indent}\treturn {self.expression(1)};"
                )
            elif kind == 8 and depth > 0:
                lines.append(f"{indent}if ({value})\n{indent}\tgoto out;")
            elif kind == 9 and depth > 0:
                lines += self.loop(name, indent)
            elif kind == 10 and depth > 0:
                lines.append(f"{indent}do {{")
                lines += self.statements(0, indent + "\t")
                lines.append(
                    f"{indent}\tif ({value})\n{indent}\t\tbreak;\n{indent}\t{name} ^= 2;\n{indent}}} while (0);"
                )
            elif kind == 11 and self.rich and depth > 0:
                shadow = rng.choice(self.plain)
                lines.append(
                    f"{indent}{{\n{indent}\t{rng.choice(list(TYPES))} {shadow} = {self.expression(1)};"
                )
                lines += self.statements(0, indent + "\t")
                lines.append(f"{indent}}}")
            else:
                lines.append(
                    f"{indent}({value}) ? {name}++ : ({name} = {self.expression(1)});"
                )
        return lines

    def loop(self, name: str, indent: str) -> list[str]:
        rng = self.rng
        counter = f"i{len(self.names)}_{rng.randrange(1 << 30)}"
        rounds = rng.randrange(1, 5)
        jump = rng.choice(["break", "continue"])
        inside = self.statements(0, indent + "\t")
        leave = f"{indent}\tif ({self.expression(1)})\n{indent}\t\t{jump};"
        head = f"{indent}for (int {counter} = 0; {counter} < {rounds}; {counter}++) {{"
        if rng.random() < 0.3:
            head = (
                f"{indent}int {counter} = {rounds};\n{indent}while ({counter}-- > 0) {{"
            )
        if rng.random() < 0.3:
            head = f"{indent}for (unsigned {counter} = {rounds}; {counter} != 0; --{counter}) {{"
        return [head, *inside, leave, f"{indent}\t{name} += {counter};", f"{indent}}}"]

    def switch(self, value: str, depth: int, indent: str) -> list[str]:
        rng = self.rng
        lines = [f"{indent}switch (({value}) & 7) {{"]
        numbers = sorted(rng.sample(range(8), 4))
        labels = [
            f"case {numbers[0]}:",
            f"case {numbers[1]} ... {numbers[2]}:",
            f"case {numbers[3]}:",
            "default:",
        ]
        if rng.random() < 0.3:
            labels.pop()
        rng.shuffle(labels)
        for label in labels:
            lines.append(f"{indent}{label}")
            lines += self.statements(depth - 1, indent + "\t")
            if rng.random() < 0.6:
                lines.append(f"{indent}\tbreak;")
        return [*lines, f"{indent}}}"]

    @property
    def plain(self) -> list[str]:
        return [n for n in ("a", "b", "c", "x", "y") if n in self.names]

    def helper(self, name: str) -> str:
        rng = self.rng
        types = [rng.choice(list(TYPES)) for _ in range(3)]
        self.names = ["p", "q"]
        test, value, rest = (self.expression(2) for _ in range(3))
        return (
            f"static inline {types[0]} {name}({types[1]} p, {types[2]} q)\n{{\n\tif ({test})\n"
            f"\t\treturn {value};\n\tp += q;\n\treturn {rest};\n}}\n"
        )

    def function(self, number: int) -> tuple[str, list[str]]:
        """The text, and the types of the result and of a, b and c."""
        rng = self.rng
        helpers: list[str] = []
        self.helpers = []
        if self.rich:
            for place in range(2):
                helpers.append(self.helper(f"h{number}_{place}"))
                self.helpers.append(f"h{number}_{place}")
        types = [rng.choice(list(TYPES)) for _ in range(3)]
        result = rng.choice(list(TYPES))
        extra = [rng.choice(list(TYPES)) for _ in range(3)]
        more = ", struct m *m" if self.rich else ""
        head = f"{result} f{number}({types[0]} a, {types[1]} b, {types[2]} c{more})"
        members = [f"m->{name}" for name in MEMBERS] if self.rich else []
        self.names = ["a", "b", "c", *members]
        body = [f"\t{extra[0]} x = {self.expression(2)};"]
        self.names.append("x")
        body.append(f"\t{extra[1]} y = {self.expression(2)};")
        self.names.append("y")
        if self.rich:
            values = [self.expression(1) for _ in range(6)]
            body.append(
                f"\tstruct t t = {{ .tp = {values[0]}, .tq = {values[1]}, .tb = {values[2]}, .tc = {values[3]}, .tf = {values[4]} }};"
            )
            target = rng.choice(["x", "y", "a"])
            of = {"x": extra[0], "y": extra[1], "a": types[0]}[target]
            body.append(f"\t{of} *ptr = &{target};")
            body.append(f"\t{extra[2]} arr[4];")
            body += [f"\tarr[{n}] = {self.expression(1)};" for n in range(4)]
            if rng.random() < 0.5:
                body.append(f"\tif ({values[5]})\n\t\tptr = &{target};")
            self.names += [
                "t.tp",
                "t.tq",
                "t.tr",
                "t.tb",
                "t.tc",
                "t.tf",
                "(*ptr)",
                "arr[1]",
                "arr[c & 3]",
                "ptr[0]",
            ]
        body += self.statements(2)
        body += ["\tgoto out;", "out:", f"\treturn {self.expression(3)};"]
        return "".join(helpers) + f"{head}\n{{\n" + "\n".join(body) + "\n}\n", [
            result,
            *types,
        ]
