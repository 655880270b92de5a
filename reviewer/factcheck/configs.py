# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether Kconfig allows the configuration that a remark speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.c.formula import FALSE, Condition, all_of, enabled, module, symbol
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.facts.kconfig import Kconfig
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import decode

SETTING = regex(
    r"[`'\"]?\bCONFIG_(\w+)[`'\"]?\s*(?:=\s*|(?:is|are|be|being|set to)\s+(?:set to |"
    r"built )?)[`'\"]?(y|m|n|enabled|disabled|not set|unset|not enabled|off|on|a module"
    r"|modular|as a module)\b",
    re.IGNORECASE,
)
VALUES = {
    "y": "y", "enabled": "on", "on": "on", "n": "n", "disabled": "n", "not set": "n",
    "unset": "n", "not enabled": "n", "off": "n", "m": "m", "a module": "m",
    "modular": "m", "as a module": "m",
}  # fmt: skip
MOST = 5  # options of one configuration


def impossible_configuration(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark where no configuration has the options as a sentence sets them."""
    view = ground.view_after(remark.patch)
    if view is None:
        return
    for sentence in claims_in(remark.text).sentences:
        given = {m[1]: VALUES[m[2].lower()] for m in SETTING.finditer(sentence)}
        if 1 <= len(given) <= MOST and not re.search(r"\bor\b", sentence):
            mark = _checked(sentence, given, view)
            if mark is not None:
                yield mark
                return


def _checked(sentence: str, given: dict[str, str], view: View) -> Mark | None:
    from reviewer.facts import Facts

    kconfig = Facts(view).kconfig
    if not all(kconfig.defines(name) for name in given):
        return None
    for name, value in given.items():
        if value == "m" and kconfig.type_of(name) == "bool":
            place = kconfig.definitions(name)[0].evidence
            fact = f"{name} is bool, never m: {place.file}:{place.line}"
            return Mark(Decision.SELECTED, sentence, fact, (place,), refutes=True)
    if len(given) < 2:
        return None
    why = _selected(given, kconfig, view)
    if why is None or kconfig.refute(_formula(given), FALSE) is not None:
        return None
    name, target, place = why
    fact = f"{name} selects {target}, so that none has both: {place.file}:{place.line}"
    return Mark(Decision.SELECTED, sentence, fact, (place,), refutes=True)


def _formula(given: dict[str, str]) -> Condition:
    return all_of(
        {"y": symbol, "m": module, "on": enabled}[value](name)
        if value != "n"
        else ~enabled(name)
        for name, value in given.items()
    )


def _selected(
    given: dict[str, str], kconfig: Kconfig, view: View
) -> tuple[str, str, Evidence] | None:
    """An option that is on and selects, always, one that is said to be off."""
    for name in (one for one, value in given.items() if value != "n"):
        for definition in kconfig.definitions(name):
            for target, condition in definition.entry.selects:
                if given.get(target) == "n" and condition.some.is_true:
                    place = definition.path, definition.entry.line
                    return name, target, _select_line(view, *place, target)
    return None


def _select_line(view: View, path: str, line: int, target: str) -> Evidence:
    """The line of a block that selects an option; else that of the block."""
    data = view.read(path) or b""
    texts = decode(data).split("\n")
    for number, text in enumerate(texts[line:], start=line + 1):
        if re.match(r"\s*(?:menu)?config\s", text):
            break
        if re.match(rf"\s+select\s+{re.escape(target)}\s*$", text):
            return Evidence(path, number, text.strip())
    return Evidence(path, line, f"config ... select {target}")
