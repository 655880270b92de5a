# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands between a stranger's text and each place where it is shown.

Every sink has its function: terminal, JSON and SARIF, HTML, workflow commands; mail
has its own in ``reviewer/visible_text.py``, which all of these build on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviewer.utf8 import decode
from reviewer.visible_text import is_plain, one_line, spelt_out

__all__ = [
    "code_line",
    "data",
    "github_message",
    "github_property",
    "html",
    "is_plain",
    "one_line",
    "spelt_out",
    "terminal_line",
]


def terminal_line(text: str) -> str:
    """Returns one line for a terminal or a log."""
    return one_line(text).rstrip()


def code_line(text: str) -> str:
    """Returns one line of code: tabs are kept, a line break is spelt out."""
    return spelt_out(text).replace("\n", "^J")


def data(value: Any) -> Any:
    """Returns a value for JSON or SARIF: strings spelt out, all else plain
    JSON data."""
    if isinstance(value, str):
        return spelt_out(str(value))
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, bytes):
        return spelt_out(decode(value))
    if isinstance(value, Mapping):
        return {spelt_out(str(key)): data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [data(item) for item in items]
    return spelt_out(str(value))


def html(text: str) -> str:
    """Returns text for HTML, in text and in quoted attributes."""
    from html import escape

    return escape(spelt_out(text), quote=True)


def github_message(text: str) -> str:
    """Returns text for the message of a workflow command."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return spelt_out(escaped)


def github_property(text: str) -> str:
    """Returns text for a property (file, title) of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")
