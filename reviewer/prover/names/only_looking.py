# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that only look: no store, no call that could make one.

A call of one of them leaves the world as it is.  What cannot be read does not only
look.
"""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING

from reviewer.c.formula import any_of
from reviewer.c.text import IDENTIFIER, without_strings
from reviewer.c.vocabulary import LOOK_ONLY
from reviewer.prover.names.primitives import kind_of
from reviewer.prover.names.scope_ends import has_cleanup_attribute
from reviewer.prover.names.taken_out import meaningful_word
from reviewer.prover.names.weak_functions import is_weak
from reviewer.prover.syntax import block_of, part_of, snippet

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.formula import Condition
    from reviewer.c.source import Source
    from reviewer.prover.names.definition_texts import FunctionText, MacroText
    from reviewer.prover.names.definitions import Definitions

DEEPEST = 12  # calls in calls
_PRIMITIVES = re.compile(  # Documentation/atomic_t.txt, compiler.h, mmdebug.h
    r"(?:likely|unlikely|READ_ONCE|data_race|test_bit|(?:arch_)?atomic\w*_read"
    r"|VM_BUG_ON\w*|VM_WARN_ON\w*|static_branch_(?:un)?likely|IS_ENABLED|ULL?|UL|BIT"
    r"|smp_rmb|typeof|__typeof__)\Z"
)
_TYPE = re.compile(
    r"(?:_*[us](?:8|16|32|64)|\w+_t|unsigned|int|long|bool|char|_*typeof_*\s*\(.*\))\Z"
)
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_CHANGING = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|\b__asm__\b|\basm\b|<<=|>>=")
CALLED = re.compile(r"(?<![\w.])(?<!->)([A-Za-z_]\w*)\s*\(")
_ASKING = frozenset(["sizeof", "typeof", "__typeof__", "offsetof", "defined", "return",
                     "__builtin_constant_p", "__attribute__", "_Alignof", "if",
                     "__alignof__", "__builtin_offsetof"])  # fmt: skip
_BESIDE_A_WORD = (
    re.compile(r"(?<=[\w*])\s+([A-Za-z_]\w*)"),
    re.compile(r"\b([A-Za-z_]\w*)\s+(?=[\w*])"),
)
_TYPES = ("function_declarator", "macro_type_specifier", "type_identifier")
_OF_A_STATEMENT = re.compile(r"\b(?:if|else|while|for|do|switch|return|goto)\b")
_CHANGES = ("assignment_expression", "update_expression")
_NEVER = ("gnu_asm_expression", "goto_statement", "ERROR", "labeled_statement")
_LEAVES = ("return_statement", "break_statement", "continue_statement")


class Readers:
    """Answers for one file of one tree, and remembers."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = weakref.ref(definitions)  # which hold this: no circle
        self._known: dict[str, bool] = {}
        self._seen: dict[str, set[str]] = {}  # primitives that it uses
        self._open: list[set[str]] = []
        self._doing: dict[str, bool] = {}  # macros without arguments
        self._cleaning: dict[str, bool] = {}  # macros with a cleanup attribute

    @property
    def definitions(self) -> Definitions:
        """What names mean in the file that this answers for, and that is held by who
        asks."""
        definitions = self._definitions()
        assert definitions is not None
        return definitions

    def looks_only(self, name: str, depth: int = 0) -> bool:
        """Says whether a function or macro only looks."""
        if _PRIMITIVES.match(name) and not self.definitions.is_local(name):
            if self._open and kind_of(name) is not None:
                self._open[-1].add(name)
            return True
        if name in LOOK_ONLY and not self.definitions.is_local(name):
            return True
        if name not in self._known:
            self._known[name] = False  # of a recursion
            self._open.append(set())
            self._known[name] = self._text_looks_only(name, depth)
            self._seen[name] = self._open.pop()
        if self._open:
            self._open[-1] |= self._seen.get(name, set())
        return self._known[name]

    def primitives_of(self, name: str) -> set[str]:
        """Says what other CPUs see of a function that only looks, such as
        READ_ONCE()."""
        if kind_of(name) is not None:
            return {name}
        return self._seen.get(name, set()) if self.looks_only(name) else set()

    def _text_looks_only(self, name: str, depth: int) -> bool:
        if depth > DEEPEST:
            return False
        macros = tuple(m for m in self.definitions.macros(name) if _counts(m))
        if macros:
            seen = any_of(macro.condition for macro in macros)
            if _by_architecture(~seen):
                return False
            if (~seen).satisfiable() and self.definitions.is_declared_apart(name, ()):
                return False  # a function where the macro is not
            return all(self._macro_looks_only(macro, depth) for macro in macros)
        texts = tuple(t for t in self.definitions.functions(name) if _counts(t))
        if texts and is_weak(self.definitions, name):
            return False  # an architecture may have another
        seen = any_of(text.condition for text in texts)
        if (~seen).satisfiable():  # a stub says nothing of the real one
            if _by_architecture(~seen):
                return False
            others = self.definitions.elsewhere(name)
            if not others and self.definitions.is_declared_apart(name, texts):
                return False
            texts += others
        return bool(texts) and all(self._function(text, depth) for text in texts)

    def _macro_looks_only(self, macro: MacroText, depth: int) -> bool:
        if macro.parameters is None and _NAME.match(macro.body):
            return self.looks_only(macro.body, depth + 1)
        if self.cleans_up(macro.body):
            return False
        for shape in ("int f(void) {{ return {}; }}", "void f(void) {{ {}; }}"):
            source = snippet(shape.format(macro.body.rstrip(" ;")))
            functions = source.functions
            if source.root.has_error or source.blanked or len(functions) != 1:
                continue
            if meaningful_word(self.definitions, source, 0, len(source.data), 0):
                return False
            body = block_of(functions[0])
            leaves = next(source.walk(body, *_LEAVES), None) is not None
            if leaves and shape.startswith("void"):
                return False  # the function that it is in
            return self._tree(source, body, set(), depth, "")
        return False

    def _function(self, text: FunctionText, depth: int) -> bool:
        source = snippet(
            f"{text.returns} {text.name}({text.parameters})\n{text.body}\n"
        )
        functions = source.functions
        if len(functions) != 1 or functions[0].broken or source.blanked:
            return False
        body = block_of(functions[0]).start_byte
        if meaningful_word(self.definitions, source, 0, len(source.data), body):
            return False
        if "volatile" in text.parameters or self.cleans_up(text.body):
            return False
        node = functions[0].node
        own = {
            name
            for part in source.walk(node, "parameter_declaration")
            if (name := _declared(source, part.child_by_field_name("declarator")))
        }
        return self._tree(source, block_of(functions[0]), own, depth, text.path)

    def cleans_up(self, text: str, depth: int = 0) -> bool:
        """Says whether something is called where a scope of a text ends: an attribute
        says so, which is no part of the tree, or a macro that stands for one."""
        if has_cleanup_attribute(text) or depth > DEEPEST:
            return True
        patterns = (IDENTIFIER,) if depth else _BESIDE_A_WORD
        found = {word for pattern in patterns for word in pattern.findall(text)}
        return any(self._stands_for_cleanup(word, depth) for word in found)

    def _stands_for_cleanup(self, word: str, depth: int) -> bool:
        if word not in self._cleaning:
            self._cleaning[word] = False  # of a recursion
            self._cleaning[word] = any(
                self.cleans_up(macro.body, depth + 1)
                for macro in self.definitions.macros(word)
            )
        return self._cleaning[word]

    def does_something(self, word: str, depth: int = 0) -> bool:
        """Says whether a word without parentheses behind it is a macro that may
        change something, or call what does not only look."""
        if word not in self._doing:
            self._doing[word] = False  # of a recursion
            self._doing[word] = any(
                self._body_does(macro.body, depth)
                for macro in self.definitions.macros(word)
                if macro.parameters is None
            )
        return self._doing[word]

    def _body_does(self, body: str, depth: int) -> bool:
        code = without_strings(body)
        if depth > DEEPEST or _CHANGING.search(code):
            return True
        called = set(CALLED.findall(code)) - _ASKING
        for word in called:
            macros = self.definitions.macros(word)
            if not macros and not self.looks_only(word, depth + 1):
                return True
            if any(self._body_does(macro.body, depth + 1) for macro in macros):
                return True
        words = set(IDENTIFIER.findall(code)) - called
        return any(self.does_something(word, depth + 1) for word in words)

    def _tree(
        self, source: Source, body: Node, own: set[str], depth: int, path: str
    ) -> bool:
        if next(source.walk(body, *_NEVER), None) is not None:
            return False
        words = set(IDENTIFIER.findall(source.text(body)))
        if any(self.does_something(word) for word in words - own):
            return False
        if any(self._is_no_type(source, one) for one in source.walk(body, *_TYPES)):
            return False
        if "volatile" in words or not words.isdisjoint(self.definitions.volatile):
            return False  # a read that is seen
        arrays: set[str] = set()
        for part in source.walk(body, "declaration"):
            kinds = [source.text(c) for c in part.children]
            for declarator in part.children_by_field_name("declarator"):
                name = _declared(source, declarator)
                if "static" in kinds or "extern" in kinds:
                    own.discard(name)
                    continue
                own.add(name)
                if next(source.walk(declarator, "array_declarator"), None) is not None:
                    arrays.add(name)
        for changed in source.walk(body, *_CHANGES):
            left = changed.child_by_field_name("left")
            target = left or changed.child_by_field_name("argument")
            if not _is_own(source, target, own, arrays):
                return False
        if any(source.is_iterator(n) for n in source.walk(body, *_ITERATORS)):
            return False
        return all(
            self._call(source, part, own, depth, path)
            for part in source.walk(body, "call_expression")
        )

    def _is_no_type(self, source: Source, node: Node) -> bool:
        """Whether what is read as a type or as the declaration of a function may be a
        macro with an if and a call behind it: ``ifdebug(FACILITY) f(x);``."""
        text = source.text(node)
        if node.type == "function_declarator":
            inner = node.child_by_field_name("declarator")
            return inner is not None and inner.type == "identifier"
        if node.type == "macro_type_specifier":
            return "typeof" not in text.partition("(")[0]
        bodies = (macro.body for macro in self.definitions.macros(text))
        return any(_OF_A_STATEMENT.search(body) for body in bodies)

    def _call(
        self, source: Source, node: Node, own: set[str], depth: int, path: str
    ) -> bool:
        callee = part_of(node, "function")
        if callee.type == "parenthesized_expression" and callee.named_child_count == 1:
            return bool(_TYPE.match(source.text(callee.named_children[0])))  # cast
        name = source.text(callee)
        if callee.type != "identifier" or name in own:
            return False
        if self.looks_only(name, depth + 1):
            return True
        there = self.definitions.of_file(path)
        return there is not None and there.readers.looks_only(name, depth + 1)


def _counts(text: FunctionText | MacroText) -> bool:
    """Whether the kernel is ever built with it: not with !defined(__KERNEL__)."""
    return not text.condition.is_false


def _by_architecture(left: Condition) -> bool:
    """Whether others define the name where ``left``: ``#ifndef arch_foo``."""
    others = {atom: False for atom in left.atoms if not atom.startswith("CONFIG_")}
    return bool(others) and (left & ~left.assign(others)).satisfiable()


_ITERATORS = ("while_statement", "if_statement")


def _declared(source: Source, declarator: Node | None) -> str:
    """The name that a declarator declares, "" for none."""
    while declarator is not None:
        if declarator.type == "identifier":
            return source.text(declarator)
        inner = declarator.child_by_field_name("declarator")
        if inner is None and declarator.type == "parenthesized_declarator":
            inner = declarator.named_child(0)
        declarator = inner
    return ""


def _is_own(
    source: Source, target: Node | None, own: set[str], arrays: set[str]
) -> bool:
    """Whether what is assigned lies in a variable of the function itself."""
    indexed = False
    while target is not None:
        if target.type == "identifier":
            name = source.text(target)
            return name in own and (not indexed or name in arrays)
        if target.type == "parenthesized_expression":
            target = target.named_child(0) if target.named_child_count == 1 else None
        elif target.type == "subscript_expression":
            if indexed:
                return False
            indexed = True
            target = part_of(target, "argument")
        elif target.type == "field_expression":
            if any(child.type == "->" for child in target.children) or indexed:
                return False
            target = part_of(target, "argument")
        else:
            return False
    return False
