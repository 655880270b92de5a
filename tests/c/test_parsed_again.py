# SPDX-License-Identifier: GPL-2.0-or-later
"""A file that changed a little is read where it changed, to the same tree."""

from __future__ import annotations

import math
import random

import pytest

from reviewer.c import neutralise as module
from reviewer.c import trees
from reviewer.c.neutralise import neutralise

PIECES = (
    "static int f{n}(struct page *page, unsigned long flags)\n{{\n"
    "\tint i, ret = -EINVAL;\n\n\tfor (i = 0; i < {n}; i++) {{\n"
    "\t\tif (PageLRU(page) && (flags & BIT(i)))\n\t\t\tret = g(page, (u32)i);\n"
    "\t\telse\n\t\t\tcontinue;\n\t}}\n\treturn ret;\n}}\n\n",
    "#ifdef CONFIG_X{n}\nstruct s{n} {{\n\tint a, b;\n\tvoid (*call)(int, long);\n}};\n"
    "#endif\n\n",
    "static const struct ops o{n} = {{\n\t.open = f{n},\n\t.size = sizeof(int),\n"
    "}};\n\n",
    "/* What {n} means. */\n#define M{n}(x) do {{ (x)++; }} while (0)\n\n",
    "enum e{n} {{\n\tONE{n},\n\tTWO{n} = ONE{n} << 2,\n}};\n\n",
)
LINES = (
    "\tbarrier();\n", "\tint x = a * (b);\n", "}\n", "{\n", "#if 1\n", "#endif\n",
    "\tif (x) {\n", "\tfoo(bar)(baz);\n", "/*\n", "*/\n", "\tstruct s1 *p;\n", '"\n',
)  # fmt: skip


def a_file(chance: random.Random) -> str:
    """C of more than is ever parsed at once."""
    made = [chance.choice(PIECES).format(n=n) for n in range(300)]
    assert len("".join(made)) > trees._NEVER_SLOW
    return "".join(made)


def edited(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                lines.insert(at, chance.choice(LINES))
            case 1:
                del lines[at : at + chance.randrange(1, 4)]
            case 2:
                lines[at] = lines[at].replace("(", "((", 1)
            case 3:
                lines.insert(at, chance.choice(lines))
    return "".join(lines)


def shape(tree) -> list[tuple[str, int, int, bool]]:
    found, waiting = [], [tree.root_node]
    while waiting:
        node = waiting.pop()
        found.append((node.type, node.start_byte, node.end_byte, node.is_missing))
        assert node.start_point[0] >= 0
        waiting += node.children
    return found


def parsed(text: bytes) -> list[tuple[str, int, int, bool]]:
    return shape(trees.tree_of(neutralise(text), math.inf))


@pytest.mark.parametrize("seed", range(6))
def test_the_tree_is_that_of_a_whole_parse(seed, monkeypatch) -> None:
    chance = random.Random(seed)
    first = a_file(chance)
    texts = [edited(first, chance).encode() for _ in range(6)]
    monkeypatch.setattr(trees, "_recent", trees.deque(maxlen=2))
    parsed(first.encode())
    in_turn = [parsed(text) for text in texts]
    monkeypatch.setattr(trees, "_recent", trees.deque(maxlen=0))
    assert in_turn == [parsed(text) for text in texts]


def test_most_of_it_is_not_read_again(monkeypatch) -> None:
    """A file that thirty patches touch is parsed once, and thirty times in part."""
    steps = []
    ended = trees._ended

    def counting(ends):
        asked = ended(ends)

        def heed(offset, error):
            steps[-1] += 1
            return asked(offset, error)

        steps.append(0)
        return heed

    monkeypatch.setattr(trees, "_ended", counting)
    monkeypatch.setattr(trees, "_recent", trees.deque(maxlen=2))
    text = a_file(random.Random(1))
    for number in range(30):
        at = text.index("\tint i,", number * 100)
        text = f"{text[:at]}\tint added{number};\n{text[at:]}"
        parsed(text.encode())
    whole, *parts = steps
    assert len(parts) == 29
    assert max(parts) * 10 < whole


# --- neutralising: parts of a file, as in the whole of it ---

# What a pass may look for over the end of a function: marks and words around it.
BETWEEN = (
    "EXPORT_SYMBOL(f{n});\n", "EXPORT_SYMBOL(f{n})\n", "MODULE_LICENSE({n})\n",
    "SYSCALL_DEFINE1(f{n}, int, a)\n{{\n\treturn a;\n}}\n\n", "static __init\n",
    "static int __init f{n}(void)\n{{\n\treturn 0;\n}}\n\n", "__setup({n}, f)\n\n",
    "int f{n}(a, b)\n\tint a; int b;\n{{\n}}\n\n", "}} name{n};\n\n", "#else\n",
    "static DEFINE_MUTEX(m{n});\n\n", "struct s f{n}(void)\n__acquires(x)\n{{\n}}\n\n",
    "bool v{n} __read_mostly;\n", "static typeof(a) f{n};\n\n",
    "int f{n}(void) {{\n#ifdef A\n\tif (b) {{\n#else\n\t{{\n#endif\n\t}}\n}}\n\n",
    "TRACE_EVENT(f{n},\n\tTP_PROTO(int x),\n\tTP_ARGS(x)\n);\n\n", "unsigned __x\n",
)  # fmt: skip


def a_mixture(chance: random.Random) -> str:
    lines = a_file(chance).split("\n\n")
    for number in range(60):
        text = chance.choice(BETWEEN)
        if "{{" in text or "{n}" in text:
            text = text.format(n=number)
        lines.insert(chance.randrange(len(lines)), text.removesuffix("\n\n"))
    return "\n\n".join(lines)


@pytest.mark.parametrize("seed", range(8))
def test_parts_are_as_in_the_whole(seed: int, monkeypatch) -> None:
    chance = random.Random(seed)
    data = a_mixture(chance).encode()
    parts = neutralise(data)
    monkeypatch.setattr(module, "_PART", 1 << 40)
    monkeypatch.setattr(module, "_parts", {})
    whole = neutralise(data)
    assert (parts.text, parts.code) == (whole.text, whole.code)
    assert parts.blanked == whole.blanked


def test_an_edit_costs_the_part_that_it_is_in(monkeypatch) -> None:
    monkeypatch.setattr(module, "_parts", {})
    rewritten: list[int] = []
    rewrite = module.rewrite

    def counted(code, *rest, **more):
        rewritten.append(len(code))
        return rewrite(code, *rest, **more)

    monkeypatch.setattr(module, "rewrite", counted)
    text = a_file(random.Random(2))
    neutralise(text.encode(), ends=math.inf)
    whole = sum(rewritten)
    del rewritten[:]
    for number in range(10):
        at = text.index("\tint i,", len(text) * number // 12)
        text = f"{text[:at]}\tint added{number};\n{text[at:]}"
        neutralise(text.encode())
    assert len(rewritten) == 10
    assert sum(rewritten) * 3 < 10 * whole


def test_a_bracket_that_stays_open_spoils_its_part_only(monkeypatch) -> None:
    text = a_file(random.Random(2))
    spoilt = text.replace("(struct page", "((struct page", 1).encode()
    before, after = neutralise(text.encode()), neutralise(spoilt)
    end = next(module._ends_of_parts(before.code))
    assert after.text[end + 1 :] == before.text[end:]
