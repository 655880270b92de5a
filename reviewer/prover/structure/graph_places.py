# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function is as a graph: its places, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.prover.structure.normal_form import OneFunction

DO, DECLARE, CALL, BRANCH, SWITCH, RETURN, JOIN, HEAD, SET = (
    "do", "declare", "call", "branch", "switch", "return", "join", "head", "set"
)  # fmt: skip


@dataclass(slots=True)
class GraphPlace:
    """One node of the graph.  ``then``: what is next, of a BRANCH where it holds;
    ``other``: where it does not; ``into``: the name that a call's answer has, or the
    variable that is SET; ``word``: the number that is returned or given, of a HEAD
    whether the loop begins or goes on."""

    kind: str
    node: Node | None = None
    then: int = -1
    other: int = -1
    into: str = ""
    cases: tuple[tuple[str, int], ...] = ()
    depth: int = 0  # of loops that macros make
    word: str = ""


@dataclass
class Graph:
    """A function's graph; ``lifted``: by the id of a call's syntax node the name of its
    answer."""

    body: OneFunction
    places: list[GraphPlace] = field(default_factory=list)
    lifted: dict[int, str] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    entry: int = 0
    reads_volatile: bool = False  # what it reads through pointers may be volatile
