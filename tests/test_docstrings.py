# SPDX-License-Identifier: GPL-2.0-or-later
"""What public functions say of themselves: a sentence, and what they raise.

A docstring begins with a verb, of which the function is the subject ("Returns the
name ...", "Says whether ..."), unless it is a property's, which is called as a thing
is.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
# At most so many functions of a package without a docstring, without a verb, that do
# not say what they raise: room for what comes in between, mended with the next change.
ROOM = (1, 2, 1)
# Words that begin a sentence of which a function is the subject.
WORDS = """
    a all an any as at both each every everything for from how in it its no nothing of
    one only other others same some that the their these this those to what when where
    whether which who whom whose why with without
"""
NOUNS = """
    bit definitions formulas locals members names questions real start statements texts
    two type
"""
NO_VERB = {*WORDS.split(), *NOUNS.split()}


def modules() -> Iterator[tuple[str, Path]]:
    """Each module of ours, with the package that answers for it."""
    for path in sorted((TOP / "reviewer").rglob("*.py")):
        parts = path.relative_to(TOP / "reviewer").parts
        if parts[0] != "rules":
            yield parts[0].removesuffix(".py"), path
    for path in sorted((TOP / "rules").rglob("*.py")):
        yield "rules", path


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The public functions and methods of a module or class."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
            yield child
        elif isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public(child)


def is_property(function: ast.FunctionDef) -> bool:
    return any("property" in ast.unparse(one) for one in function.decorator_list)


@cache
def overridden() -> frozenset[str]:
    """Methods that a protocol or base class of ours describes."""
    found = set()
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {f.name for f in public(node) if ast.get_docstring(f)}
    return frozenset(found)


def is_method(function: ast.FunctionDef) -> bool:
    return bool(function.args.args) and function.args.args[0].arg == "self"


def begins_with_a_verb(text: str) -> bool:
    first = text.split(None, 1)[0].rstrip(",.:;")
    return first.isalpha() and first.lower() not in NO_VERB and first[1:].islower()


def raised(function: ast.FunctionDef) -> set[str]:
    """The exceptions that its own text raises, those that it catches left out."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = ast.unparse(node.exc.func).rpartition(".")[2]
            found |= set() if name.startswith("_") else {name}
    caught = {
        ast.unparse(node.type)
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
    }
    return {one for one in found if not any(one in words for words in caught)}


def faults() -> dict[str, list[tuple[int, str]]]:
    """What is owed, by package: (kind, where)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for package, path in modules():
        rows = found.setdefault(package, [])
        for function in public(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(TOP)}:{function.lineno} {function.name}"
            text = ast.get_docstring(function)
            if text is None:
                told = is_method(function) and function.name in overridden()
                if not is_property(function) and not told:
                    rows.append((0, f"{where}: no docstring"))
                continue
            if not is_property(function) and not begins_with_a_verb(text):
                rows.append((1, f"{where}: no verb: {text.splitlines()[0]}"))
            silent = [one for one in raised(function) if one not in text]
            if silent and not re.search(r"\b[Rr]aises?\b", text):
                rows.append((2, f"{where}: does not say that it raises {silent}"))
    return found


FAULTS = faults()


@pytest.mark.parametrize("package", sorted(FAULTS))
def test_public_functions_say_what_they_do(package: str) -> None:
    rows = FAULTS[package]
    counted = Counter(kind for kind, _ in rows)
    for kind, most in enumerate(ROOM):
        told = "\n".join(where for which, where in rows if which == kind)
        assert counted[kind] <= most, told


def test_what_is_a_sentence_and_what_is_none() -> None:
    assert begins_with_a_verb("Returns the name of a thing.")
    assert begins_with_a_verb("Says whether it is there.")
    for text in ("The name of a thing.", "Whether it is.", "``a``, `b`", "--tree."):
        assert not begins_with_a_verb(text)
