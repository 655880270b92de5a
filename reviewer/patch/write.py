"""Diffs that we write ourselves: the fixes that we suggest."""

from __future__ import annotations

import difflib


def unified_diff(path: str, before: bytes, after: bytes, context: int = 3) -> str:
    """A diff that git apply takes, ``a/`` and ``b/`` in front of the path.

    Returns "" where nothing changes.  Bytes that are no UTF-8 come out as
    surrogates, as everywhere in the models.
    """
    old = before.decode("utf-8", "surrogateescape").split("\n")
    new = after.decode("utf-8", "surrogateescape").split("\n")
    lines = list(
        difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=context, lineterm="")
    )
    # A text that ends in a newline splits into a last empty piece, which is no line.
    if lines and lines[-1] == " " and before.endswith(b"\n"):
        lines = _without_last_context(lines)
    return "".join(line + "\n" for line in lines)


def _without_last_context(lines: list[str]) -> list[str]:
    """Drop the context line that stands for the end of the file."""
    import re

    start = max(n for n, line in enumerate(lines) if line.startswith("@@"))
    match = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", lines[start])
    assert match is not None
    old, old_length, new, new_length = (int(part or 1) for part in match.groups())
    header = f"@@ -{old},{old_length - 1} +{new},{new_length - 1} @@"
    return [*lines[:start], header, *lines[start + 1 : -1]]
