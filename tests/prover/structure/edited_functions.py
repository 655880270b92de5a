# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions with calls, loops, stores and cleanup, edited at random, and run by gcc.

Every branch logs itself when it is taken, every call its arguments.  What the prover
says of a pair is checked against the logs of both sides: where none of the branches to
a difference was taken, both sides must have done the same.
"""

from __future__ import annotations

import copy
import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOCALS = ("r", "x", "y")
CALLS = ("ext1", "ext2", "get", "put")
ERRORS = ("-22", "-12", "-5")
INPUTS = 48


@dataclass
class Node:
    """A statement: ``head`` with %s for a condition that is logged."""

    kind: str
    text: str = ""
    parts: list[list[Node]] = field(default_factory=list)


# --- making ---------------------------------------------------------------------------


class Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.labels = 0

    def value(self) -> str:
        return self.rng.choice(
            ["a", "b", "r", "x", "y", "p->m", "p->n", str(self.rng.randint(0, 4))]
        )

    def condition(self) -> str:
        one = f"{self.value()} {self.rng.choice(['<', '==', '>', '!='])} {self.value()}"
        rest = f"{self.value()} {self.rng.choice(['<', '==', '>'])} {self.value()}"
        shape = self.rng.randint(0, 9)
        if shape < 5:
            return one
        if shape < 7:
            return f"{one} {self.rng.choice(['&&', '||'])} {rest}"
        return self.rng.choice(
            ["r", "!r", f"ext1({self.value()})", f"x & {self.value()}"]
        )

    def simple(self) -> Node:
        kind = self.rng.randint(0, 9)
        if kind < 4:
            return Node("plain", f"{self.rng.choice(CALLS)}({self.value()});")
        if kind < 6:
            name = self.rng.choice(LOCALS)
            return Node("plain", f"{name} = {self.rng.choice(CALLS)}({self.value()});")
        if kind < 8:
            return Node(
                "plain", f"{self.rng.choice(LOCALS)} = {self.value()} + {self.value()};"
            )
        return Node("plain", f"p->{self.rng.choice('mn')} = {self.value()};")

    def statements(self, depth: int, loop: bool, count: int) -> list[Node]:
        return [self.statement(depth, loop) for _ in range(count)]

    def statement(self, depth: int, loop: bool) -> Node:
        kind = self.rng.randint(0, 19)
        if depth <= 0 or kind < 8:
            return self.simple()
        few = self.rng.randint(1, 3)
        if kind < 13:
            parts = [self.statements(depth - 1, loop, few)]
            if self.rng.random() < 0.3:
                parts.append(self.statements(depth - 1, loop, few))
            return Node("if", self.condition(), parts)
        if kind < 15:
            return Node("if", self.condition(), [[self.way_out(loop)]])
        if kind == 15:
            return Node("for", str(self.rng.randint(1, 3)),
                        [self.statements(depth - 1, True, few)])  # fmt: skip
        if kind == 16:
            return Node("do", str(self.rng.randint(1, 3)),
                        [self.statements(depth - 1, True, few)])  # fmt: skip
        if kind == 17:
            body: list[Node] = []
            for number in range(3):
                name = "default" if number == 2 else f"case {number}"
                body.append(Node("case", name))
                body += self.statements(depth - 1, loop, 1)
                if self.rng.random() < 0.7:
                    body.append(Node("plain", "break;"))
            return Node("switch", self.value(), [body])
        if kind == 18:
            return Node("plain", f"{{ int z = {self.value()}; ext2(z); }}")
        return self.way_out(loop) if self.rng.random() < 0.2 else self.simple()

    def way_out(self, loop: bool) -> Node:
        kind = self.rng.randint(0, 5)
        if loop and kind < 2:
            return Node("plain", self.rng.choice(["break;", "continue;"]))
        if kind < 4:
            return Node("plain", f"goto out{self.rng.randint(1, 2)};")
        return Node("plain", f"return {self.rng.choice([*ERRORS, 'r'])};")

    def function(self) -> list[Node]:
        body = [Node("plain", "int r = 0, x = a, y = b;")]
        body += self.statements(2, False, self.rng.randint(3, 7))
        body += [
            Node("plain", "r = get(x);"),
            Node("if", "r", [[Node("plain", "goto out1;")]]),
        ]
        body += self.statements(1, False, self.rng.randint(0, 2))
        body += [Node("label", "out2"), self.simple(), Node("label", "out1")]
        body += [self.simple() for _ in range(self.rng.randint(0, 2))]
        return [*body, Node("plain", "return r;")]


# --- editing --------------------------------------------------------------------------


def lists(body: list[Node]) -> Iterator[list[Node]]:
    yield body
    for node in body:
        for part in node.parts:
            yield from lists(part)


class Editor:
    def __init__(self, maker: Maker) -> None:
        self.maker, self.rng = maker, maker.rng

    def edited(self, body: list[Node]) -> list[Node]:
        body = copy.deepcopy(body)
        for _ in range(self.rng.choice([1, 1, 1, 2, 3])):
            self.edit(body)
        return body

    def edit(self, body: list[Node]) -> None:
        where = self.rng.choice([one for one in lists(body) if one])
        first = 1 if where is body else 0
        last = len(where) - (1 if where is body else 0)
        if last <= first:
            return
        at = self.rng.randrange(first, last)
        node = where[at]
        kind = self.rng.randint(0, 14)
        loop = False
        if kind <= 2:
            where.insert(at, self.maker.statement(1, loop))
        elif kind == 3 and node.kind not in ("label", "case"):
            del where[at]
        elif kind == 4:
            where.insert(
                at, Node("if", self.maker.condition(), [[self.maker.way_out(loop)]])
            )
        elif kind == 5 and node.kind in ("if", "switch", "for"):
            node.text = (
                self.maker.condition() if node.kind == "if" else self.changed(node.text)
            )
        elif kind == 6 and node.kind == "if":
            joint = self.rng.choice(["&&", "||"])
            node.text = (
                f"{node.text} {joint} {self.maker.value()} > {self.maker.value()}"
            )
        elif kind == 7 and node.kind not in ("label", "case"):
            where[at] = Node("if", self.maker.condition(), [[node]])
        elif kind == 8 and node.kind == "if" and len(node.parts) == 1:
            where[at : at + 1] = node.parts[0]
        elif kind == 9 and node.kind == "if":
            node.parts = node.parts[:1] + (
                [] if len(node.parts) > 1 else [[self.maker.simple()]]
            )
        elif kind == 10 and node.kind == "label":
            where.insert(self.rng.randrange(first, last), where.pop(at))
        elif kind > 11 and node.kind == "plain" and node.text.startswith(CALLS):
            self.look_at(where, at)
        elif kind == 14 and node.kind == "plain" and "int" not in node.text:
            other = [self.maker.simple()]
            where[at] = Node("if", self.maker.condition(), [[node], other])
        elif node.kind == "plain" and "(" in node.text and "int" not in node.text:
            node.text = self.maker.simple().text
        else:
            where.insert(at, self.maker.simple())

    def look_at(self, where: list[Node], at: int) -> None:
        """What a call gives is kept, or asked."""
        call = where[at].text.rstrip(";")
        way = [self.maker.way_out(loop=False)]
        name = self.rng.choice(LOCALS)
        if self.rng.random() < 0.4:
            where[at] = Node("if", call, [way])
        else:
            where[at] = Node("plain", f"{name} = {call};")
            if self.rng.random() < 0.8:
                where.insert(at + 1, Node("if", f"{name} < 3", [way]))

    def changed(self, text: str) -> str:
        return str(int(text) + 1) if text.isdigit() else "b"


# --- as text --------------------------------------------------------------------------


class Printer:
    """Writes a function, plain or with a log of the branches that are taken."""

    def __init__(self, side: str, logged: bool) -> None:
        self.side, self.logged = side, logged
        self.lines: list[str] = []
        self.loops = 0

    def function(self, name: str, body: list[Node]) -> str:
        self.lines = [f"int {name}(struct s *p, int a, int b)", "{"]
        self.list(body, 1)
        self.lines.append("}")
        return "\n".join(self.lines) + "\n"

    def taken(self, text: str, ahead: int = 1) -> str:
        if not self.logged:
            return text
        return f"B({self.side}, {len(self.lines) + ahead}, {text})"

    def add(self, depth: int, text: str) -> None:
        self.lines.append("\t" * depth + text)

    def list(self, body: list[Node], depth: int) -> None:
        for node in body:
            self.node(node, depth)

    def node(self, node: Node, depth: int) -> None:
        if node.kind == "plain":
            self.add(depth, node.text)
        elif node.kind == "label":
            self.add(0, f"{node.text}:")
        elif node.kind == "case":
            self.add(depth - 1, f"{node.text}:")
        elif node.kind == "if":
            self.add(depth, f"if ({self.taken(node.text)}) {{")
            self.list(node.parts[0], depth + 1)
            for part in node.parts[1:]:
                self.add(depth, "} else {")
                self.list(part, depth + 1)
            self.add(depth, "}")
        elif node.kind == "for":
            self.loops += 1
            name = f"i{depth}"
            test = self.taken(f"{name} < {node.text}")
            self.add(depth, f"for (int {name} = 0; {test}; {name}++) {{")
            self.list(node.parts[0], depth + 1)
            self.add(depth, "}")
        elif node.kind == "do":
            self.add(depth, "do {")
            self.list(node.parts[0], depth + 1)
            self.add(depth, f"}} while ({self.taken('++p->k % 3')});")
        elif node.kind == "switch":
            value = node.text
            if self.logged:
                value = f"S({self.side}, {len(self.lines) + 1}, {value})"
            self.add(depth, f"switch ({value}) {{")
            self.list(node.parts[0], depth + 1)
            self.add(depth, "}")


def text_of(body: list[Node]) -> str:
    return HEAD + Printer("0", False).function("f", body)


HEAD = """struct s {
	int m, n, k;
};
int ext1(int v);
void ext2(int v);
int get(int v);
void put(int v);

""".replace("void put", "int put").replace("void ext2", "int ext2")
HEAD_LINES = HEAD.count("\n")

PROGRAM = r"""
#include <stdio.h>
#include <setjmp.h>
struct s { int m, n, k; };
static int calls, steps; static jmp_buf end;
static void step(void) { if (++steps > 300) { printf("L\n"); longjmp(end, 1); } }
static int out(const char *name, int v) {
	printf("C %s %d\n", name, v);
	step();
	return (v * 7 + ++calls * 3) % 5;
}
int ext1(int v) { return out("ext1", v); }
int ext2(int v) { return out("ext2", v); }
int get(int v) { return out("get", v) % 3; }
int put(int v) { return out("put", v); }
static int B(int side, int line, int v) {
	step();
	printf("B %d %d %d\n", side, line, !!v);
	return v;
}
static int S(int side, int line, int v) {
	printf("S %d %d %d\n", side, line, v);
	return v;
}
"""
MAIN = r"""
int main(void) {
	for (int pair = 0; pair < PAIRS; pair++)
		for (int side = 0; side < 2; side++)
			for (int i = 0; i < INPUTS; i++) {
				struct s s = { i % 3, i % 4 - 1, 0 };
				calls = i % 2; steps = 0;
				printf("R %d %d %d\n", pair, side, i);
				if (!setjmp(end)) {
					int r = functions[pair][side](&s, i % 5 - 1, i % 7 - 2);
					printf("C result %d\nC m %d\nC n %d\n", r, s.m, s.n);
				}
			}
	return 0;
}
"""
Taken = set[tuple[int, int, str]]


@dataclass
class Run:
    """One run of one side: what others saw, and the branches that were taken."""

    seen: list[str] = field(default_factory=list)
    taken: Taken = field(default_factory=set)
    ended: bool = True  # not cut short
    values: set[tuple[int, int, int]] = field(default_factory=set)


def run_all(
    pairs: list[tuple[list[Node], list[Node]]], folder: Path
) -> dict[tuple[int, int, int], Run]:
    """Compiles and runs both sides; (pair, side, input) -> what that run did."""
    parts = [PROGRAM]
    for number, pair in enumerate(pairs):
        for side, body in enumerate(pair):
            parts.append(Printer(str(side), True).function(f"f{number}_{side}", body))
    table = ", ".join(f"{{f{n}_0, f{n}_1}}" for n in range(len(pairs)))
    parts.append("static int (*functions[][2])(struct s *, int, int) = ")
    parts.append(f"{{ {table} }};\n")
    parts.append(MAIN.replace("PAIRS", str(len(pairs))).replace("INPUTS", str(INPUTS)))
    (folder / "pairs.c").write_text("".join(parts))
    subprocess.run(
        ["gcc", "-w", "-O0", "-fwrapv", "-o", folder / "pairs", folder / "pairs.c"],
        check=True, capture_output=True,
    )  # fmt: skip
    told = subprocess.run(
        [folder / "pairs"], capture_output=True, text=True, check=True, timeout=60
    )
    found: dict[tuple[int, int, int], Run] = {}
    run = Run()
    for line in told.stdout.splitlines():
        kind, *words = line.split()
        if kind == "R":
            run = found[int(words[0]), int(words[1]), int(words[2])] = Run()
        elif kind == "L":
            run.ended = False
        elif kind == "C":
            run.seen.append(line)
        elif kind == "B":
            way = "yes" if words[2] == "1" else "no"
            run.taken.add((int(words[0]), int(words[1]) + HEAD_LINES, way))
        else:
            run.values.add((int(words[0]), int(words[1]) + HEAD_LINES, int(words[2])))
    return found


def compiling(
    pairs: list[tuple[list[Node], list[Node]]], folder: Path
) -> list[tuple[list[Node], list[Node]]]:
    """The pairs of which gcc takes both sides."""
    lines: list[str] = []
    owner: list[int] = []
    for number, pair in enumerate(pairs):
        for side, body in enumerate(pair):
            text = Printer("0", False).function(f"f{number}_{side}", body)
            lines += text.splitlines()
            owner += [number] * text.count("\n")
    (folder / "try.c").write_text(HEAD + "\n".join(lines) + "\n")
    done = subprocess.run(
        ["gcc", "-w", "-fmax-errors=0", "-fsyntax-only", folder / "try.c"],
        capture_output=True, text=True,
    )  # fmt: skip
    bad = {
        owner[int(line) - HEAD_LINES - 1]
        for line in re.findall(r"try\.c:(\d+):\d+: error", done.stderr)
    }
    return [pair for number, pair in enumerate(pairs) if number not in bad]


def pairs_of(
    seed: int, count: int, folder: Path
) -> list[tuple[list[Node], list[Node]]]:
    """Makes pairs by seed; those that do not compile are left out."""
    rng = random.Random(seed)
    pairs = []
    for _ in range(count):
        maker = Maker(rng)
        one = maker.function()
        pairs.append((one, Editor(maker).edited(one)))
    return compiling(pairs, folder)
