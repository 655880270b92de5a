# SPDX-License-Identifier: GPL-2.0-or-later
"""``#ifdef CONFIG_X``, or ``select X``, where no Kconfig file defines X."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import Edit, FileImage, Finding, Rule, Scope, Severity, Step
from reviewer.c.conditions import FORCED
from reviewer.c.directives import directives
from reviewer.facts.forced_headers import always_defined
from reviewer.facts.kconfigfile import is_kconfig
from reviewer.kit.gates_symbols import (
    OptionQuestion,
    nearest_option,
    questions_about_options,
    unknown_options,
)
from reviewer.patterns import regex
from reviewer.rules.unknown_config_symbol.kconfig_references import (
    Reference,
    unknown_references,
)
from reviewer.utf8 import encode

RULE = Rule(
    name="unknown-config-symbol",
    summary="an option that no Kconfig file defines, or IS_ENABLED() without CONFIG_",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=(
        '776b5fe4516d ("mm: fix config option typo in header file")',
        "<20210803113531.30720-2-lukas.bulwahn@gmail.com>",
        "<CANpmjNNhd+qAy7tPSu=08_y-BZiowKigVkOh6HnXsxhWYuFpJA@mail.gmail.com>",
    ),
    trigger=rb"\bCONFIG_|\bIS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)\b"
    rb"|\b(?:depends on|select|imply|def_bool|def_tristate|(?:default|if) !?\(?[A-Z\d])"
    rb"|[A-Z\d]\)? (?:&&|\|\|)",
    needs=(
        rb"CONFIG_|IS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)"
        rb"|\n[ \t]*(?:menu)?config[ \t]",
    ),
    on_fragments=True,
    steps_too=True,
    languages=(".c", ".h", "Kconfig"),
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every question about an option that does not exist."""
    cut = {one.line: one for one in ignored_texts(image)}
    for one in cut.values():
        yield _ignored(image, one)
    for question in unknown_options(image, questions_about_options(image)):
        if question.line not in cut:
            yield _finding(image, question)


def _ignored(image: FileImage, one: Ignored) -> Finding:
    return RULE.finding(
        image.source.path,
        one.line,
        {
            "name": one.name,
            "how": one.directive,
            "rest": one.rest,
            "always": one.always,
            "instead": f"{'#el' if one.directive.startswith('el') else '#'}if "
            f"{'!' if one.directive.endswith('ndef') else ''}{one.name}{one.rest}"
            if one.always is not None
            else None,
        },
    )


def check_step(step: Step) -> Iterator[Finding]:
    """Yields every expression of a Kconfig file that the patch gives an
    unknown option."""
    if is_kconfig(step.change.path):
        for one in unknown_references(step):
            yield _in_kconfig(step, one)


def _in_kconfig(step: Step, one: Reference) -> Finding:
    assert step.post is not None
    meant = nearest_option(step.post.facts, one.name)
    # Kconfig passes over it, and the tree that it is meant for may have it
    idle = meant is None and one.how.startswith(("select", "imply"))
    return RULE.finding(
        step.change.path,
        one.line,
        {
            "name": one.name,
            "how": one.how,
            "keyword": one.how,
            "prefixed": True,
            "meant": meant.name if meant else None,
            "sure": meant is not None and meant.sure,
        },
        evidence=(meant.evidence,) if meant and meant.evidence else (),
        column=one.column,
        width=len(one.name),
        severity=Severity.INFO if idle else RULE.severity,
        whole_tree=meant is None,
    )


def _finding(image: FileImage, one: OptionQuestion) -> Finding:
    meant = nearest_option(image.facts, one.name)
    right = f"CONFIG_{meant.name}" if meant else None
    end = one.offset + len(one.name)
    mends = right is not None and meant is not None and meant.sure
    return RULE.finding(
        image.source.path,
        one.line,
        {
            "name": one.name,
            "how": one.how,
            "keyword": None,
            "prefixed": one.prefixed,
            "meant": right,
            "sure": mends,
        },
        severity=RULE.severity if one.prefixed else Severity.HIGH,
        evidence=(meant.evidence,) if meant and meant.evidence else (),
        edits=(Edit(one.offset, end, encode(str(right))),) if mends else (),
        column=one.column,
        width=len(one.name),
        whole_tree=one.prefixed and meant is None,
    )


# --- ``#ifdef NAME`` with more behind the name: the compiler takes the name alone -----

_ONE_NAME = regex(r"([A-Za-z_]\w*)\s*(\S.*)\Z")
_ASKS = ("ifdef", "ifndef", "elifdef", "elifndef")


class Ignored(Struct, frozen=True):
    """A directive that asks for less than it says."""

    directive: str
    name: str
    rest: str  # what the compiler does not look at
    line: int
    always: bool | None  # what the directive is in every configuration, if one thing


def ignored_texts(image: FileImage) -> Iterator[Ignored]:
    """Yields the lines in focus whose #ifdef has more than a name.

    A macro of include/linux/kconfig.h exists in every file (the top Makefile has
    -include for it), so that the directive is always true, or always false.
    """
    for one in directives(image.source.data):
        match = _ONE_NAME.match(one.text) if one.name in _ASKS else None
        if match is None or not image.in_focus(one.line, one.end_line):
            continue
        if not match[2].startswith(("(", "=", "!", "&", "|", "<", ">")):
            continue
        always = None
        if match[1] in FORCED or match[1] in always_defined(image.facts.view):
            always = not one.name.endswith("ndef")
        elif "CONFIG_" not in one.text:
            continue
        yield Ignored(one.name, match[1], match[2], one.line, always)
