# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as a list of steps: statements, labels, branches with steps in them.

Every byte of the body is in the text of one step, directives and code that the parser
does not see included: two functions with the same steps have the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import (
    IDENTIFIER,
    closing_bracket,
    normalised,
    without_literals,
    without_strings,
)
from reviewer.patterns import regex
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.utf8 import decode

PLAIN, DECLARATION, RETURN, GOTO = "plain", "declaration", "return", "goto"
BREAK, CONTINUE, LABEL, CASE = "break", "continue", "label", "case"
IF, LOOP, DO, SWITCH, BLOCK, VARIANTS = "if", "loop", "do", "switch", "block", "#if"
_KINDS = {
    "expression_statement": PLAIN,
    "declaration": DECLARATION,
    "return_statement": RETURN,
    "goto_statement": GOTO,
    "break_statement": BREAK,
    "continue_statement": CONTINUE,
    "type_definition": DECLARATION,
}
_JUMPS = ("return_statement", "goto_statement", "break_statement", "continue_statement")
_OPAQUE = ("preproc_def", "preproc_function_def", "preproc_call", "preproc_undef",
           "preproc_include")  # fmt: skip
_CONTROL = regex(r"\b(?:goto|case|default|if|else|for|while|do|switch)\b|\w\s*:(?!:)")
_WHOLE_CALL = regex(r"(\w+)\s*\(")
_MEMBER = regex(r"(?:\.|->)\s*([A-Za-z_]\w*)")
BARE = "{}"  # of a statement without braces, where a macro may make more of it
DEEPEST = 100  # blocks in blocks
# include/linux/dev_printk.h; an error that is only read
_PROBE_ERROR = regex(
    r"return dev_err_probe ?\( ?[^(),]++, ?"
    r"(-?\w++|PTR_ERR ?\( ?[\w.]++(?:->[\w.]++)*+ ?\)) ?,"
)


class NotRead(Exception):
    """The function is written in a way that is not read as steps."""


@dataclass(eq=False, slots=True)
class Step:
    """``text``: what is its own, without the steps in its ``parts``; ``names``: what
    each part is entered for; ``node``: None of what stands behind the last one."""

    kind: str
    text: str
    line: int
    node: Node | None = None
    parts: list[list[Step]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    shown: str = ""
    key: str = ""  # the text with that of all its parts
    split: bool = False  # its node has another step, too

    @property
    def words(self) -> frozenset[str]:
        """Returns the names in the step's own text, but for those of members."""
        text = without_literals(self.text)
        return frozenset(IDENTIFIER.findall(_MEMBER.sub(" ", text)))

    @property
    def members(self) -> frozenset[str]:
        """The names of members in its own text."""
        return frozenset(_MEMBER.findall(without_strings(self.text)))


def inside_parentheses(text: str) -> str:
    """Returns a condition without the parentheses around all of it."""
    if text.startswith("(") and closing_bracket(text, 0) == len(text) - 1:
        return text[1:-1].strip()
    return text


def inside(steps: Iterable[Step]) -> Iterator[Step]:
    """Yields the steps of a list with all that is in them, in the order of the text."""
    for step in steps:
        yield step
        for part in step.parts:
            yield from inside(part)


def steps_before(steps: list[Step], wanted: Step) -> list[Step]:
    """Returns the steps of the same block in front of one, the nearest first."""
    block = block_of(steps, wanted)
    place = next((n for n, step in enumerate(block) if step is wanted), 0)
    return block[:place][::-1]


def block_of(steps: list[Step], wanted: Step) -> list[Step]:
    """Returns the steps of the block that one stands in, none where it is in none."""
    if any(step is wanted for step in steps):
        return steps
    parts = (part for step in steps for part in step.parts)
    return next((found for part in parts if (found := block_of(part, wanted))), [])


def steps_of(
    source: Source,
    function: Function,
    is_macro: Callable[[str], bool],
    rewritten: Iterable[tuple[int, int, bytes]] = (),
    is_one_statement: Callable[[str], bool] = lambda _name: False,
) -> list[Step]:
    """Returns the body of a function as steps.

    ``is_macro`` says whether a name may be a macro that makes code,
    ``is_one_statement`` whether that is one statement wherever it is used,
    ``rewritten`` what stands in the text of a step for a part of the file.  Raises
    NotRead for what is no row of statements, such as control flow in an expression.
    """
    if function.body is None or function.broken:
        raise NotRead("its text is not read as C")
    hidden = source.blanked & set(range(function.first_line, function.last_line + 1))
    if any(_CONTROL.search(source.line_text(line)) for line in hidden):
        raise NotRead("an #if goes through a statement")
    reader = _Reader(source, is_macro, list(rewritten), _returns_int(source, function))
    reader.is_one_statement = is_one_statement
    return reader.body(function.body)


def _returns_int(source: Source, function: Function) -> bool:
    kind = function.node.child_by_field_name("type")
    head = function.node.child_by_field_name("declarator")
    plain = head is not None and head.type == "function_declarator"
    return plain and kind is not None and source.text(kind) == "int"


class _Reader:
    """Reads on from where the last step ended, so that nothing is left out."""

    def __init__(
        self,
        source: Source,
        is_macro: Callable[[str], bool],
        rewritten: list[tuple[int, int, bytes]],
        returns_int: bool,
    ) -> None:
        self.source = source
        self.is_macro = is_macro
        self.rewritten = rewritten
        self.returns_int = returns_int
        self.is_one_statement: Callable[[str], bool] = lambda _name: False
        self.at = 0
        self.depth = 0

    def body(self, node: Node) -> list[Step]:
        self.at = node.start_byte
        found = self._statement(node)
        return found[0].parts[0] if found and found[0].kind == BLOCK else found

    def _take(self, end: int) -> str:
        found = b""
        for first, last, text in self.rewritten:
            if self.at <= first and last <= end:
                found += self.source.data[self.at : first] + text
                self.at = last
        found += self.source.data[self.at : max(end, self.at)]
        self.at = max(end, self.at)
        return normalised(decode(found))

    def _list(self, nodes: list[Node], end: int) -> list[Step]:
        found: list[Step] = []
        for node in nodes:
            if node.type != "comment":
                found += self._statement(node)
        rest = self._take(end)
        if rest:
            found.append(_made(Step(PLAIN, rest, self.source.line_at(end), shown=rest)))
        return found

    def _statement(self, node: Node) -> list[Step]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotRead("it is nested too deeply")
        try:
            return self._read(node)
        finally:
            self.depth -= 1

    def _read(self, node: Node) -> list[Step]:
        kind = node.type
        if kind in _KINDS:
            return self._print_and_return(self._simple(node, _KINDS[kind]))
        if kind == "compound_statement":
            return [self._parted(node, BLOCK, [("", node)])]
        if kind == "if_statement":
            return [self._branches(node)]
        if kind in ("while_statement", "for_statement"):
            body = _field(node, "body")
            return [self._parted(node, LOOP, [("yes", body)])]
        if kind == "do_statement":
            return [self._parted(node, DO, [("yes", _field(node, "body"))])]
        if kind == "switch_statement":
            return [self._parted(node, SWITCH, [("", _field(node, "body"))])]
        if kind == "labeled_statement":
            return self._labelled(node)
        if kind == "case_statement":
            return self._case(node)
        if kind in ("preproc_if", "preproc_ifdef"):
            return [self._variants(node)]
        if kind in _OPAQUE:
            return [self._simple(node, PLAIN)]
        raise NotRead(f"a {kind.replace('_', ' ')} is not read")

    def _simple(self, node: Node, kind: str) -> Step:
        if kind in (PLAIN, DECLARATION, RETURN):
            inner = (n for n in self.source.walk(node, *_JUMPS) if n != node)
            if next(inner, None) is not None:
                raise NotRead("control flow in an expression")
        line = self.source.line_of(node)
        text = self._take(node.end_byte)
        return _made(Step(kind, text, line, node, shown=self.source.norm(node)))

    def _print_and_return(self, step: Step) -> list[Step]:
        """``return dev_err_probe(dev, ret, ..)``: a line in the log and ``return ret``,
        for it gives back the error that it is handed, as an int."""
        found = _PROBE_ERROR.match(step.text) if step.kind == RETURN else None
        if found is None or not self.returns_int or self.is_macro("dev_err_probe"):
            return [step]
        printed = step.text.removeprefix("return").lstrip()
        line, node = step.line, step.node
        shown = step.shown.removeprefix("return").lstrip()
        returned = f"return {found[1]};"
        return [
            _made(Step(PLAIN, printed, line, node, shown=shown, split=True)),
            _made(Step(RETURN, returned, line, node, shown=returned, split=True)),
        ]

    def _branches(self, node: Node) -> Step:
        """An if; of what a macro makes of it, such as scoped_cond_guard(), a block."""
        then = _field(node, "consequence")
        other = node.child_by_field_name("alternative")
        parts = [("yes", then)]
        if other is not None:
            parts.append(("no", other.named_children[-1]))
        kind = LOOP if self.source.is_iterator(node) else IF
        if kind == LOOP and other is not None:
            raise NotRead("a macro with an else")
        return self._parted(node, kind, parts)

    def _parted(self, node: Node, kind: str, parts: list[tuple[str, Node]]) -> Step:
        step = Step(kind, "", self.source.line_of(node), node)
        texts = [self._take(parts[0][1].start_byte)]
        step.shown = _one_line(self.source, node.start_byte, parts[0][1].start_byte)
        for place, (name, part) in enumerate(parts):
            if place:  # that there is an else is told by the parts
                texts.append(self._take(part.start_byte).removeprefix("else"))
            steps, around = self._part(part)
            texts.append(around)
            step.parts.append(steps)
            step.names.append(name)
        texts.append(self._take(node.end_byte))
        if kind == DO:
            step.shown = " ".join(texts[-1].split())
        step.text = " ".join(text for text in texts if text)
        return _made(step)

    def _part(self, node: Node) -> tuple[list[Step], str]:
        """The steps of a block or of one statement; what braces say about a macro."""
        if node.type != "compound_statement":
            steps = self._statement(node)
            return steps, BARE if self._may_be_more(steps) else ""
        before = self._take(node.start_byte)
        opening, closing = node.children[0], node.children[-1]
        before += self._take(opening.end_byte).replace("{", "")
        steps = self._list(node.named_children, closing.start_byte)
        after = self._take(node.end_byte).replace("}", "")
        return steps, before + after

    def _may_be_more(self, steps: list[Step]) -> bool:
        """Whether a macro may make several statements of one that has no braces."""
        return any(
            self.is_macro(word) and not self.is_one_statement(word)
            for step in steps
            if not (step.kind == IF and step.text.startswith("if"))
            for word in _making(step)
        )

    def _labelled(self, node: Node) -> list[Step]:
        label = _field(node, "label")
        line = self.source.line_of(node)
        colon = next((c for c in node.children if c.type == ":"), label)
        text = self._take(colon.end_byte)
        step = _made(Step(LABEL, text, line, node, shown=self.source.text(label)))
        rest = [c for c in node.named_children if c != label and c.type != "comment"]
        return [step, *(one for child in rest for one in self._statement(child))]

    def _case(self, node: Node) -> list[Step]:
        colon = next((c for c in node.children if c.type == ":"), None)
        if colon is None:
            raise NotRead("a case without a colon")
        line = self.source.line_of(node)
        text = self._take(colon.end_byte)
        shown = _one_line(self.source, node.start_byte, colon.start_byte)
        step = _made(Step(CASE, text, line, node, shown=shown))
        rest = [c for c in node.named_children if c.start_byte > colon.start_byte]
        return [step, *self._list(rest, node.end_byte)]

    def _variants(self, node: Node) -> Step:
        """An #if around whole statements, each branch a part."""
        step = Step(VARIANTS, "", self.source.line_of(node), node)
        texts: list[str] = []
        at: Node | None = node
        while at is not None:
            other = at.child_by_field_name("alternative")
            name, nodes = self._variant(at)
            step.names.append(name)
            end = other.start_byte if other is not None else node.end_byte
            if nodes:
                texts.append(self._take(nodes[0].start_byte))
            steps = []
            for child in nodes:
                if child.type != "comment":
                    steps += self._statement(child)
            texts.append(self._take(end))
            step.parts.append(steps)
            at = other
        step.text = " ".join(text for text in texts if text)
        step.shown = step.names[0]
        return _made(step)

    def _variant(self, node: Node) -> tuple[str, list[Node]]:
        heads = [
            child
            for field_ in ("name", "condition", "alternative")
            if (child := node.child_by_field_name(field_)) is not None
        ]
        nodes = [child for child in node.named_children if child not in heads]
        line = self.source.line_text(self.source.line_of(node))
        return " ".join(line.split()), nodes


def _making(step: Step) -> frozenset[str]:
    """The words that may make statements: of a call, not those that it is handed."""
    found = _WHOLE_CALL.match(step.text) if step.kind == PLAIN else None
    if (
        found is None
        or closing_bracket(step.text, found.end() - 1) != len(step.text) - 2
    ):
        return step.words
    return frozenset() if is_print(found[1]) else frozenset([found[1]])


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise NotRead(f"a {node.type.replace('_', ' ')} without a {name}")
    return found


def _one_line(source: Source, start: int, end: int) -> str:
    return normalised(source.data[start:end].decode("utf-8", "replace"))


def _made(step: Step) -> Step:
    inner = " ".join(
        f"{name} {{ {' '.join(one.key for one in part)} }}"
        for name, part in zip(step.names, step.parts, strict=True)
    )
    step.key = f"{step.kind} {step.text} {inner}"
    return step
