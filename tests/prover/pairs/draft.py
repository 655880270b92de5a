# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What a pair is, and the dice it is made with."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from string import Template

PATH = "kernel/kpf_@.c"
HEAD = (
    "#include <linux/types.h>\n"
    "extern int ext(int);\nextern int ext2(int, int);\nextern void sink(long);\n"
    "extern void touch(void);\nextern void take(void *);\n"
)
EQUAL, DIFFERS = "equal", "differs"
Files = dict[str, str]


@dataclass(frozen=True)
class Draft:
    """Two states of some files: in all texts "@" stands for the pair's number.

    ``claim`` is what its maker says of f@(); ``args`` are its parameters, as C;
    ``shared`` are variables that others may write (filled before each call, shown at
    each event), ``setup`` C that runs before each call; ``pointers``: what the
    arguments point at holds pointers, which nobody else may write.
    """

    before: Files
    after: Files
    claim: str
    args: str = "int x, int y"
    shared: tuple[str, ...] = ()
    setup: str = ""
    pointers: bool = False
    registers: tuple[str, ...] = ()  # volatile variables: each access is an event


@dataclass(frozen=True)
class Pair:
    """A draft with its number, the kind it is of and the name of its maker."""

    number: int
    kind: str
    maker: str
    draft: Draft

    @property
    def function(self) -> str:
        return f"f{self.number}"

    def files(self, after: bool) -> Files:
        """The files before or after the change."""
        files = self.draft.after if after else self.draft.before
        return {self.text(p): self.text(t) for p, t in files.items()}

    def text(self, text: str) -> str:
        return text.replace("@", str(self.number))


Maker = Callable[["Dice"], Draft]
MAKERS: dict[str, list[Maker]] = {}


def kind(name: str) -> Callable[[Maker], Maker]:
    """Enter a maker among those of a kind."""

    def enter(maker: Maker) -> Maker:
        MAKERS.setdefault(name, []).append(maker)
        return maker

    return enter


def fill(text: str, **words: object) -> str:
    """The template with its $words set."""
    return Template(text).substitute(words)


def expand(body: str, **words: str) -> str:
    """A macro's body with its parameters replaced, as the preprocessor does it.

    Blanks keep the tokens apart: an argument -x after a minus is no decrement.
    """
    return re.sub(
        r"\b[a-z]\w*\b",
        lambda m: f" {words[m[0]]} " if m[0] in words else m[0],
        body,
    )


@dataclass
class Dice:
    """Random choices of C text; int expressions without undefined behaviour."""

    rng: random.Random
    names: tuple[str, ...] = ("x", "y")
    used: list[int] = field(default_factory=list)

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def coin(self) -> bool:
        return self.rng.random() < 0.5

    def number(self, low: int = 2, high: int = 60) -> int:
        """A small number that was not drawn before."""
        while (n := self.rng.randint(low, high)) in self.used:
            high += 1
        self.used.append(n)
        return n

    def expression(self, depth: int = 2, names: tuple[str, ...] = ()) -> str:
        names = names or self.names
        if depth == 0 or self.rng.random() < 0.2:
            leaf = self.rng.choice(names)
            return leaf if self.rng.random() < 0.75 else str(self.rng.randint(1, 20))
        one, two = (self.expression(depth - 1, names) for _ in range(2))
        shape = self.pick(
            "($1 + $2)", "($1 - $2)", "($1 & $2)", "($1 | $2)", "($1 ^ $2)", "($1 < $2)",
            "($1 == $2)", "($1 ? $2 : 3)", "($1 >> 2)", "(~$1)", "(!$1 + $2)", "($1 && $2)",
        )  # fmt: skip
        return shape.replace("$1", one).replace("$2", two)

    def reworded(self, text: str) -> str:
        """The same int another way."""
        return self.pick(
            "(#)", "((#))", "~~(#)", "(#) + 0", "0 ^ (#)", "-(-(#))", "({ (#); })",
            "(1 ? (#) : 0)", "(0, (#))", "(int)(#)", "1 * (#)",
        ).replace("#", text)  # fmt: skip

    def returned(self, text: str) -> str:
        """Statements that return the int of an expression."""
        if "," in text or "N@" in text or "M@" in text:
            return f"return {text};"  # a comma would end a declaration
        return self.pick(
            "return #;", "return (#);", "int r_ = #; return r_;", "int r_; r_ = (#); return r_;",
            "goto out; out: return #;", "do { return #; } while (0);", "{ return #; }",
            "if (1) return #; return 0;", "const int r_ = (#); return r_ + 0;",
        ).replace("#", text)  # fmt: skip

    def pair(
        self, head: str, before: str, same: str, other: str, **more: object
    ) -> Draft:
        """A file: its head, and f@() before and after, which is the same or another."""
        equal = self.coin()
        sides = [before, same if equal else other]
        self.rng.shuffle(sides)
        return in_one_file(
            head + sides[0], head + sides[1], EQUAL if equal else DIFFERS, **more
        )


def in_one_file(before: str, after: str, claim: str, **more: object) -> Draft:
    """A draft of one file."""
    return Draft(
        {PATH: HEAD + before + "\n"}, {PATH: HEAD + after + "\n"}, claim, **more
    )  # type: ignore[arg-type]


def over_headers(
    before: Files,
    after: Files,
    claim: str,
    main: str,
    reworded: str = "",
    **more: object,
) -> Draft:
    """A draft whose other files change; f@()'s own stays, or is reworded."""
    one = {**before, PATH: HEAD + main + "\n"}
    two = {**after, PATH: HEAD + (reworded or main) + "\n"}
    return Draft(one, two, claim, **more)  # type: ignore[arg-type]
