# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether bindings of the tree do what is said to fail in a binding.

A released tree passes ``make dt_binding_check``, so that a form which several of its
bindings have does not fail there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Evidence
from reviewer.patterns import regex

FOLDER = "Documentation/devicetree/bindings"
FAILS = regex(
    r"\b(?:must not|not allowed|cannot|can't|invalid|illegal|fail\w*|error|regression"
    r"|need|warning|not (?:be )?(?:defined|resolved)|undefined|unresolved)\b",
    re.IGNORECASE,
)
UNIT = regex(r"(?<![\w@])([A-Za-z][\w-]*@)[0-9a-f]+")
LABEL = regex(r"<[^>]*&(\w+)|\b(?:label|phandle)s? [`'\"<&]*(\w{2,})|(\w{2,}) label\b")
DEFINES = regex(r"\b(?:label|phandle)\b", re.IGNORECASE)
PROPERTIES = regex(r"\bproperties\b")
# Names that many examples use where the one of the remark is rare
COMMON_LABELS = ("clk", "gpio", "cru", "clks")
COMMON_NODE = "port@"
ENOUGH = 3  # bindings that have the form
MOST = 300  # lines with a name that are looked at


def disputed_forms(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark where a remark says of a binding that a form of it is wrong, and
    several bindings before the series have that form."""
    anchor, view = remark.anchor, ground.base
    path = anchor.file if anchor is not None else ""
    if view is None or anchor is None or not path.startswith(FOLDER):
        return
    sentences = [one for one in claims_in(remark.text).sentences if FAILS.search(one)]
    quoted = "\n".join(anchor.lines[-3:])
    for sentence in sentences:
        unit = UNIT.search(f"{sentence}\n{quoted}")
        if PROPERTIES.search(sentence) and "@" in sentence and unit:
            names = [unit[1], COMMON_NODE]
            what = "have a unit address right below properties"
            yield from _told(ground, names, _units, sentence, what)
            return
        match = LABEL.search(f"{sentence}\n{quoted}")
        if DEFINES.search(sentence) and match and "&" in quoted:
            names = [next(filter(None, match.groups())), *COMMON_LABELS]
            what = "use a label in an example that nothing there defines"
            yield from _told(ground, names, _unlabelled, sentence, what)
            return


def _told(
    ground: Ground,
    names: list[str],
    finds: Callable[[str, list[str]], Iterator[int]],
    sentence: str,
    what: str,
) -> Iterator[Mark]:
    view = ground.base
    assert view is not None
    found: dict[str, Evidence] = {}
    for name in names:
        hits = view.grep(
            [name], [FOLDER], suffixes=(".yaml",), whole_words=False, limit=MOST
        )
        for path in dict.fromkeys(hit.path for hit in hits):
            lines = (view.read(path) or b"").decode("utf-8", "replace").split("\n")
            at = next(finds(name, lines), None)
            if at is not None and not ground.names_file(path):
                found.setdefault(path, Evidence(path, at + 1, lines[at].strip()))
        if len(found) >= ENOUGH:
            first = min(found.values(), key=lambda one: one.file)
            fact = (
                f"{len(found)} bindings of {ground.tree_name} {what}, as"
                f" {first.file}:{first.line}"
            )
            yield Mark(Decision.OTHERS, sentence, fact, (first,), refutes=True)
            return


def _units(name: str, lines: list[str]) -> Iterator[int]:
    """The lines of keys with a unit address right below ``properties:``."""
    above: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        match = re.match(r"( *)([\w@,-]+):", line)
        if match is None:
            continue
        depth = len(match[1])
        while above and above[-1][0] >= depth:
            above.pop()
        if match[2].startswith(name) and above and above[-1][1] == "properties":
            yield number
        above.append((depth, match[2]))


def _unlabelled(name: str, lines: list[str]) -> Iterator[int]:
    """The lines of examples that refer to a label which the binding nowhere has."""
    start = next((n for n, one in enumerate(lines) if one.startswith("examples:")), 0)
    if not start or any(re.search(rf"\b{name}\s*:", one) for one in lines[start:]):
        return
    for number in range(start, len(lines)):
        if re.search(rf"<[^>]*&{name}\b", lines[number]):
            yield number
