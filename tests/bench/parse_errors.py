# SPDX-License-Identifier: GPL-2.0-or-later
"""How much of a kernel tree the C layer can read: files and functions with errors.

    python tests/bench/parse_errors.py TREE [DIR...]

A function is counted by its text, not by the tree that is on trial: a line at column
0 (comments and strings out) that names something before a parenthesis, whose
parameter list ends, with nothing but annotations behind it, at a ``{`` at column 0;
its end is the first ``}`` at column 0, or the same line's.  It is clean if the tree
has a function definition over those lines without any error or missing node in it;
what the parser swallowed or cut short is broken.  The functions that only the tree
knows (K&R braces, definitions made by macros) are counted too, by the tree's own
verdict.  A function in code that was left out to parse the rest counts as broken.

Every file's length and newline positions are compared on the way.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewer.c.neutralise import neutralise
from reviewer.c.neutralise_text import (
    directives,
    with_plain_strings,
    without_directives,
)
from reviewer.c.source import Source, forget, parse
from reviewer.c.trees import errors_of
from reviewer.errors import LimitExceeded

DIRS = ("mm", "kernel", "fs", "drivers/net")
_HEAD = re.compile(rb"^(?![ \t\n#{}/*])[^\n;=(]*?([A-Za-z_]\w*)[ \t]*\(", re.MULTILINE)
_PARENTHESIS = re.compile(rb"[()]")
_OPENS = re.compile(rb"(?:\s*\b(?:__|no)\w+[ \t]*(?:\([^()]*\))?)*\s*\{")


@dataclass(slots=True)
class Count:
    """What was seen under one folder."""

    files: int = 0
    bad_files: int = 0
    functions: int = 0
    broken: int = 0
    blanked: int = 0  # lines
    size: int = 0
    neutralising: float = 0.0
    whole: float = 0.0
    refused: int = 0


def text_functions(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, first line of the name, line of the closing brace) by text alone."""
    plain = with_plain_strings(data)
    code = bytes(without_directives(plain, directives(plain)))
    done = 0
    for match in _HEAD.finditer(code):
        if match.start() < done:
            continue
        end = _closing(code, match.end() - 1)
        if not end:
            continue
        opens = _OPENS.match(code, end)
        if opens is None:
            continue
        brace = opens.end() - 1
        if code[brace - 1 : brace] != b"\n":
            continue  # not at column 0: the tree's own count has it
        close = code.find(b"\n}", brace)
        line = code.find(b"\n", brace)
        if code[brace:line].rstrip().endswith(b"}"):
            close = line - 1  # a body on one line
        if close < 0:
            continue
        yield (
            match[1],
            code.count(b"\n", 0, match.start(1)) + 1,
            code.count(b"\n", 0, close + 1) + 1,
        )
        done = close


def _closing(code: bytes, opening: int) -> int:
    depth = 0
    for mark in _PARENTHESIS.finditer(code, opening, opening + 20_000):
        depth += 1 if mark[0] == b"(" else -1
        if not depth:
            return mark.end()
    return 0


def broken_functions(source: Source) -> tuple[int, list[tuple[str, int]]]:
    """How many functions there are, and (name, line) of the broken ones."""
    clean = {}
    broken = []
    for function in source.functions:
        clean[function.last_line] = function
    total = 0
    seen = set()
    for name, first, last in text_functions(source.data):
        total += 1
        seen.add(last)
        function = clean.get(last)
        if (
            function is None
            or function.broken
            or not (function.first_line <= first <= last)
        ):
            broken.append((name.decode("utf-8", "replace"), first))
    for function in source.functions:
        if function.last_line not in seen:
            total += 1
            if function.broken:
                broken.append((function.name, function.first_line))
    return total, broken


def files_under(folder: Path) -> list[Path]:
    """All .c and .h files, no links."""
    return sorted(
        path
        for path in folder.rglob("*.[ch]")
        if path.is_file() and not path.is_symlink()
    )


def measure(folder: Path, step: int, show: bool) -> Count:
    """Read every ``step``-th file below ``folder``."""
    count = Count()
    for path in files_under(folder)[::step]:
        data = path.read_bytes()
        count.files += 1
        count.size += len(data)
        started = time.process_time()
        neutralise(data)
        count.neutralising += time.process_time() - started
        forget()
        started = time.process_time()
        try:
            source = parse(str(path), data)
        except LimitExceeded:
            count.refused += 1
            count.bad_files += 1
            continue
        count.whole += time.process_time() - started
        same_places(path, data, source.neutral)
        total, broken = broken_functions(source)
        count.functions += total
        count.broken += len(broken)
        count.bad_files += source.root.has_error
        count.blanked += len(source.blanked)
        if show:
            report(path, source, broken)
    return count


def same_places(path: Path, data: bytes, neutral: bytes) -> None:
    """Length and newlines are those of the file."""
    assert len(neutral) == len(data), path
    assert [m.start() for m in re.finditer(rb"\n", neutral)] == [
        m.start() for m in re.finditer(rb"\n", data)
    ], path


def report(path: Path, source: Source, broken: list[tuple[str, int]]) -> None:
    """The first errors of a file, and its broken functions."""
    if not source.root.has_error and not broken:
        return
    print(f"{path}: {len(broken)} broken")
    for name, line in broken[:5]:
        print(f"    function {name} at {line}")
    for start, _end in sorted(errors_of(source.tree))[:4]:
        line = source.line_at(start + 1)
        print(f"    {line}: {source.line_text(line).strip()[:100]}")


def main() -> int:
    """Print one table row a folder; 1 if the budget is exceeded anywhere."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=Path)
    parser.add_argument("dirs", nargs="*", default=list(DIRS))
    parser.add_argument("--every", type=int, default=1, help="read every Nth file only")
    parser.add_argument("--show", action="store_true", help="list what is broken")
    options = parser.parse_args()
    print(
        "| folder | files | with an error | functions | broken | lines left out"
        " | MB/s neutralise | MB/s with parse |\n|---|---|---|---|---|---|---|---|"
    )
    over = False
    for name in options.dirs:
        count = measure(options.tree / name, options.every, options.show)
        files = count.bad_files / max(1, count.files) * 100
        functions = count.broken / max(1, count.functions) * 100
        megabytes = count.size / 1e6
        print(
            f"| {name} | {count.files} | {count.bad_files} ({files:.2f} %)"
            f" | {count.functions} | {count.broken} ({functions:.3f} %)"
            f" | {count.blanked} | {megabytes / max(count.neutralising, 1e-9):.1f}"
            f" | {megabytes / max(count.whole, 1e-9):.1f} |",
            flush=True,
        )
        over = over or files > 8 or functions > 0.5
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
