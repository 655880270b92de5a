# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads of a shape that can be made as large as one likes, for what reads threads.

``THREADS[name]`` is a subcommand and, as in growing.py, a function from n to a mailbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from growing import SHAPES, new_file
from growing_more import MORE

Mails = Callable[[int], str]
PATH = "mm/grow.c"
MALLORY, RITA = "Mallory <mallory@example.org>", "Rita <rita@example.org>"
ROBOT = "kernel test robot <lkp@intel.com>"
SIGNED = f"Why not.\n\nSigned-off-by: {MALLORY}\n---\n"


def letter(subject: str, name: str, answers: str, text: str, by: str = MALLORY) -> str:
    """One mail of a mailbox."""
    to = f"In-Reply-To: <{answers}@example.org>\n" if answers else ""
    return (
        f"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: {by}\nSubject: {subject}\n"
        f"Date: Mon, 4 Mar 2024 10:05:00 +0000\nMessage-Id: <{name}@example.org>\n"
        f"To: linux-mm@example.org\n{to}\n{text}\n"
    )


def patch(lines: Iterable[str], version: int = 1, message: str = SIGNED) -> str:
    """A posting of one patch, which makes a file."""
    tag = f" v{version}" if version > 1 else ""
    text = message + new_file(PATH, lines) + "-- \n2.39.5\n"
    return letter(f"[PATCH{tag}] mm: grow", f"v{version}", "", text)


def reply(text: str, name: str = "r", to: str = "v1", by: str = RITA) -> str:
    """An answer in the thread."""
    return letter("Re: [PATCH] mm: grow", name, to, text, by)


def numbered(n: int, line: str = "int v%;") -> list[str]:
    """n lines, each with its number."""
    return [line.replace("%", str(i)) for i in range(n)]


def under_each_line(n: int) -> str:
    """A remark under every line of a patch."""
    lines = numbered(n)
    said = "".join(f"> +{line}\nThis leaks again.\n\n" for line in lines)
    return patch(lines) + reply(said)


def under_each_line_of_a_message(n: int) -> str:
    message = "".join(f"Word {i} of a message.\n" for i in range(n))
    said = "".join(f"> Word {i} of a message.\nNo, it is.\n\n" for i in range(n))
    return patch(["int x;"], message=f"{message}\n{SIGNED}") + reply(said)


def under_one_line(n: int) -> str:
    """Many remarks under a line that stands there many times."""
    said = "> +int again;\nThis leaks again.\n\n" * n
    return patch(["int again;"] * n) + reply(said)


def in_many_replies(n: int) -> str:
    """A reply for each line, and an answer of the author to each."""
    lines = numbered(n)
    said = (
        reply(f"> +{line}\nThis leaks {i}.\n", f"r{i}")
        + reply(f"> This leaks {i}.\nRight.\n", f"a{i}", f"r{i}", MALLORY)
        for i, line in enumerate(lines)
    )
    return patch(lines) + "".join(said)


def answers_to_one(n: int) -> str:
    """Many remarks of one reply, and many answers to it that quote none."""
    answers = (reply(f"> no\nNo {i}.\n", f"a{i}", "r", MALLORY) for i in range(n))
    return under_each_line(n) + "".join(answers)


def of_a_robot(n: int) -> str:
    """One mail with many remarks, each with a severity."""
    said = "".join(
        f"> +{line}\n\n[Severity: High]\nDoes f{i}() leak g{i}->x in mm/grow.c?\n\n"
        for i, line in enumerate(numbered(n))
    )
    return patch(numbered(n)) + reply(said, by=ROBOT)


def names_in_a_remark(n: int) -> str:
    names = "".join(
        f"f{i}_name() calls g{i}_other() under s{i}->lock, CONFIG_G{i} is off.\n"
        for i in range(n)
    )
    return patch(["int x;"]) + reply(f"> +int x;\n{names}")


def names_in_remarks(n: int) -> str:
    """Names that nobody has, each in a remark of its own."""
    said = "".join(
        f"> +{line}\nThere is no f{i}_of_grow() and no CONFIG_G{i}, see mm/g{i}.c.\n\n"
        for i, line in enumerate(numbered(n))
    )
    return patch(numbered(n)) + reply(said)


def code_in_a_remark(n: int) -> str:
    said = "".join(f"mm/grow.c:f{i}() {{\n    int v{i};\n}}\n\n" for i in range(n))
    return patch(numbered(n)) + reply(f"> +int v0;\nIs it?\n{said}", by=ROBOT)


def quotes_of_quotes(n: int) -> str:
    said = "".join(f"{'> ' * (i % 60 + 1)}+int x;\nNo {i}.\n" for i in range(n))
    return patch(["int x;"]) + reply(said)


def a_long_quote(n: int) -> str:
    """All of a long patch is quoted, with one remark at its end."""
    lines = numbered(n)
    said = "".join(f"> +{line}\n" for line in lines)
    return patch(lines) + reply(f"{said}This leaks.\n")


def a_deep_quote(n: int) -> str:
    return patch(["int x;"]) + reply("> " * n + "x\nNo, it leaks.\n")


def shuffled(n: int) -> str:
    """A new version in which few lines have a neighbour that they had."""
    lines = [f"int v{i % 7};" for i in range(n)]
    other = [f"int v{i * i % 7};" for i in range(n)]
    said = "".join(f"> +{line}\nThis leaks.\n\n" for line in lines[:7])
    return patch(lines) + reply(said) + patch(other, 2)


def one_long_line(n: int) -> str:
    """Lines of which no character is frequent, and that are nearly alike."""
    line = "".join(chr(0x4E00 + i * 7 % 997) for i in range(n))
    said = f"> +int x; /* {line} */\nThis leaks.\n"
    other = [f"int y; /* {line[::-1]} */"] * 2
    return patch([f"int x; /* {line} */"]) + reply(said) + patch(other, 2)


def many_versions(n: int) -> str:
    """Each version has a remark."""
    return "".join(
        patch([f"int x{i};"], i)
        + reply(f"> +int x{i};\nThis leaks.\n", f"r{i}", f"v{i}")
        for i in range(1, n + 1)
    )


def a_series_twice(n: int) -> str:
    """Two versions of a series, in which each patch has another name."""

    def posting(version: int) -> str:
        return "".join(
            letter(
                f"[PATCH v{version} {i}/{n}] mm: grow {i * version}",
                f"v{version}p{i}",
                f"v{version}p1" if i > 1 else "",
                SIGNED + new_file(f"mm/grow{i}.c", [f"int v{version}_{i};"]),
            )
            for i in range(1, n + 1)
        )

    said = "".join(
        reply(f"> +int v1_{i};\nThis leaks.\n", f"r{i}", f"v1p{i}")
        for i in range(1, n + 1)
    )
    return posting(1) + said + posting(2)


def unrelated(n: int) -> str:
    """Many series, none of which has to do with another."""
    return "".join(
        letter(
            f"[PATCH] mm: grow {i}", f"p{i}", "", SIGNED + new_file(f"mm/g{i}.c", ["x"])
        )
        for i in range(n)
    )


def of_one_name(n: int) -> str:
    """Many mails of one message-id."""
    return patch(["int x;"]) * n


def in_a_circle(n: int) -> str:
    """Replies that answer each other in a ring."""
    return patch(["int x;"]) + "".join(
        reply(f"> +int x;\nThis leaks {i}.\n", f"r{i}", f"r{(i + 1) % n}")
        for i in range(n)
    )


def as_mails(made: Callable[[int], bytes]) -> Mails:
    """A shape of the other files."""
    return lambda n: made(n).decode("utf-8", "surrogateescape")


REMARKS: dict[str, Mails] = {
    "remarks under lines": under_each_line,
    "remarks under a message": under_each_line_of_a_message,
    "remarks under one line": under_one_line,
    "replies with a remark": in_many_replies,
    "answers to one reply": answers_to_one,
    "remarks of a robot": of_a_robot,
    "names in a remark": names_in_a_remark,
    "names in remarks": names_in_remarks,
    "code in a remark": code_in_a_remark,
    "quotes of quotes": quotes_of_quotes,
    "a long quote": a_long_quote,
    "a deep quote": a_deep_quote,
    "shuffled lines": shuffled,
    "one long line": one_long_line,
    "versions with a remark": many_versions,
    "a series twice": a_series_twice,
    "a ring of replies": in_a_circle,
}
BOXES: dict[str, Mails] = {
    "unrelated series": unrelated,
    "one message-id": of_one_name,
    "long references": as_mails(MORE["references"]),
    "trailers": as_mails(SHAPES["trailers"]),
}
COMMANDS = {
    "factcheck": (*REMARKS, "long references"),
    "followup": (*REMARKS, "long references"),
    "inbox": (*BOXES, "replies with a remark", "a series twice", "a ring of replies"),
}


def mailbox(command: str, made: Mails) -> Callable[[int], bytes]:
    """The shape as a mailbox; one that has another version, where that is asked for."""

    def box(n: int) -> bytes:
        text = made(n)
        if command == "followup" and "[PATCH v2" not in text:
            text += patch(numbered(n, "int v%, w;"), 2)
        return text.encode("utf-8", "surrogateescape")

    return box


THREADS = {
    f"{command}: {name}": (command, mailbox(command, (REMARKS | BOXES)[name]))
    for command, names in COMMANDS.items()
    for name in names
}
