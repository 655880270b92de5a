# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers that were not read, and may define a name as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.facts import Facts
    from reviewer.kit.gates_names import Known

NEAR = 100  # characters before a name, or a brace, that are looked at


def defined_elsewhere(
    facts: Facts, known: Known, arch: str = "", around: str = ""
) -> bool:
    """Says whether headers that were not read may define the name: those of
    architectures, of folders that makefiles add, and generated code.

    What is built for ``arch`` alone reads no header of another one.  ``around`` is the
    part of the tree whose own headers count, too.
    """
    read = {evidence.file for evidence in known.evidence}
    alone = arch not in ("", "um")  # that one reads the headers of x86
    folders = [f"arch/{arch}" if alone else "arch", "include"]
    if around and not around.startswith(("arch/", "include")):
        folders.append(around)
    for hit in facts.view.grep([known.name], folders, suffixes=(".h",)):
        if hit.path not in read and may_declare(hit.text, known.name):
            return True
    return False


def may_declare(line: str, name: str) -> bool:
    """Says whether a line may define or declare the name."""
    text = line.strip()
    if text.startswith("#"):
        return re.match(rf"#\s*define\s+{re.escape(name)}\b", text) is not None
    if re.match(rf"{re.escape(name)}\s*(?:[,=/}}]|$)", text):
        return True  # an enumerator
    if re.match(rf"[A-Z_][A-Z0-9_]*\(\s*{re.escape(name)}\s*\),?$", text):
        return True  # one that a macro makes: ENUM_BIT(NAME),
    at_margin = not line[:1].isspace()  # where its type may stand on the line above
    head = rf"(?:\A|\w[\s*]+){re.escape(name)}\s*\("
    return at_margin and re.search(head, line) is not None


def given_in_an_enum(code: str, at: int) -> bool:
    """Says whether what stands at an offset is given to a macro in an enum, which may
    make an enumerator of it: ``ENUM_BIT(OURS_START),``."""
    if re.search(r"\w\s*\([^()]*\Z", code[max(0, at - NEAR) : at]) is None:
        return False
    start = code.rfind("{", 0, at)
    enum = re.search(r"\benum\s*\w*\s*\Z", code[max(0, start - NEAR) : max(0, start)])
    return enum is not None and code.find("}", start, at) < 0
