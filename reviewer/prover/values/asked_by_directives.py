# SPDX-License-Identifier: GPL-2.0-or-later
"""What a directive inside of a struct asks: its members are looked at by themselves."""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.patterns import regex
from reviewer.utf8 import decode

_DIRECTIVE = regex(r"\s*#\s*\w+")


def asked_by(node: Node, source: Source) -> str:
    """Returns what an #if or #elif asks, without the members under it."""
    body = next((one for one in node.named_children if "declaration" in one.type), None)
    end = node.end_byte if body is None else body.start_byte
    return _DIRECTIVE.sub("", decode(source.data[node.start_byte : end]))
