# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Edits of a function on its syntax tree: what keeps the behaviour, what changes it.

Every maker yields (kind, [(start, end, new text), ...]) with offsets into the file.
The edits are blind: whether a mutant is another function is for the caller to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from reviewer.c.source import Function, Source

Edit = tuple[str, list[tuple[int, int, str]]]
_EFFECTS = ("call_expression", "assignment_expression", "update_expression", "gnu_asm_expression",
            "compound_statement", "comma_expression", "ERROR")  # fmt: skip
_JUMPS = ("break_statement", "continue_statement", "goto_statement", "labeled_statement",
          "case_statement", "return_statement")  # fmt: skip


class Editor:
    """The edits of one function."""

    def __init__(self, source: Source, function: Function) -> None:
        self.source = source
        self.function = function
        self.body: Any = function.body
        self.start = function.node.start_byte

    def text(self, node: Any) -> str:
        return self.source.text(node)

    def walk(self, *types: str) -> Iterator[Any]:
        for node in self.source.walk(self.body, *types):
            if not self.odd(node):
                yield node

    def odd(self, node: Any) -> bool:
        """In code that was not parsed as it stands (macro loops, #if in a statement)."""
        return (
            node.has_error
            or "#" in self.text(node)
            or (self.source.is_iterator(node))
            or self.source.data[node.start_byte : node.end_byte]
            != self.source.neutral[node.start_byte : node.end_byte]
        )

    def pure(self, node: Any) -> bool:
        return next(self.source.walk(node, *_EFFECTS), None) is None

    def condition(self, node: Any) -> Any:
        """The condition of an if, without its parentheses."""
        outer = node.child_by_field_name("condition")
        if outer is None or outer.type != "parenthesized_expression":
            return None
        inner = [c for c in outer.named_children if c.type != "comment"]
        return inner[0] if len(inner) == 1 else None

    def operator(self, node: Any) -> str:
        found = node.child_by_field_name("operator")
        return "" if found is None else self.text(found)

    def sides(self, node: Any) -> tuple[Any, Any]:
        return node.child_by_field_name("left"), node.child_by_field_name("right")

    # --- keeping ------------------------------------------------------------------

    def inverted_condition(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            other = node.child_by_field_name("alternative")
            yes, test = node.child_by_field_name("consequence"), self.condition(node)
            if other is None or test is None:
                continue
            no = other.named_children[-1]
            yield (
                "inverted condition",
                [
                    (test.start_byte, test.end_byte, f"!({self.text(test)})"),
                    (yes.start_byte, yes.end_byte, block(self.text(no))),
                    (no.start_byte, no.end_byte, block(self.text(yes))),
                ],
            )

    def de_morgan(self) -> Iterator[Edit]:
        for node in self.walk("binary_expression"):
            operator = self.operator(node)
            if operator not in ("&&", "||"):
                continue
            one, two = self.sides(node)
            other = "||" if operator == "&&" else "&&"
            new = f"!(!({self.text(one)}) {other} !({self.text(two)}))"
            yield "De Morgan", [(node.start_byte, node.end_byte, f"({new})")]

    def double_negation(self) -> Iterator[Edit]:
        for node in self.walk("if_statement", "while_statement"):
            test = self.condition(node)
            if test is not None:
                yield (
                    "!!x",
                    [(test.start_byte, test.end_byte, f"!!({self.text(test)})")],
                )

    def early_return(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            other = node.child_by_field_name("alternative")
            yes = node.child_by_field_name("consequence")
            if other is None or node.parent.type != "compound_statement":
                continue
            if yes.type == "return_statement" or (
                yes.type == "compound_statement"
                and yes.named_children
                and yes.named_children[-1].type == "return_statement"
            ):
                no = other.named_children[-1]
                yield (
                    "early return",
                    [(other.start_byte, other.end_byte, self.text(no))],
                )

    def else_after_return(self) -> Iterator[Edit]:
        """if (c) return x; REST -> if (c) return x; else { REST }"""
        for node in self.walk("if_statement"):
            yes = node.child_by_field_name("consequence")
            if yes.type != "return_statement" or node.child_by_field_name(
                "alternative"
            ):
                continue
            if (
                node.parent.type != "compound_statement"
                or node.parent.id != self.body.id
            ):
                continue
            end = self.body.end_byte - 1
            rest = self.source.data[node.end_byte : end].decode("utf-8", "replace")
            if "#" in rest or next(
                self.source.walk(self.body, "labeled_statement"), None
            ):
                continue
            yield "else after return", [
                (node.end_byte, node.end_byte, " else {"), (end, end, "}"),
            ]  # fmt: skip

    def split_condition(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            test = self.condition(node)
            if test is None or node.child_by_field_name("alternative") is not None:
                continue
            if test.type == "binary_expression" and self.operator(test) == "&&":
                one, two = self.sides(test)
                yes = node.child_by_field_name("consequence")
                new = f"if ({self.text(one)}) {{ if ({self.text(two)}) {block(self.text(yes))} }}"
                yield "condition split", [(node.start_byte, node.end_byte, new)]

    def split_or(self) -> Iterator[Edit]:
        """if (a || b) return x; -> two ifs"""
        for node in self.walk("if_statement"):
            test = self.condition(node)
            yes = node.child_by_field_name("consequence")
            if test is None or node.child_by_field_name("alternative") is not None:
                continue
            if node.parent.type != "compound_statement" or yes.type not in (
                "return_statement", "goto_statement",
            ):  # fmt: skip
                continue
            if test.type == "binary_expression" and self.operator(test) == "||":
                one, two = self.sides(test)
                new = (
                    f"if ({self.text(one)}) {self.text(yes)} "
                    f"if ({self.text(two)}) {self.text(yes)}"
                )
                yield "condition split at ||", [(node.start_byte, node.end_byte, new)]

    def joined_ifs(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            inner = node.child_by_field_name("consequence")
            if inner.type == "compound_statement" and inner.named_child_count == 1:
                inner = inner.named_children[0]
            if inner.type != "if_statement" or self.odd(inner):
                continue
            if any(n.child_by_field_name("alternative") for n in (node, inner)):
                continue
            one, two = self.condition(node), self.condition(inner)
            if one is None or two is None:
                continue
            yes = inner.child_by_field_name("consequence")
            new = f"if (({self.text(one)}) && ({self.text(two)})) {self.text(yes)}"
            yield "ifs joined", [(node.start_byte, node.end_byte, new)]

    def condition_in_local(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            test = self.condition(node)
            if test is None or node.parent.type != "compound_statement":
                continue
            yield (
                "condition in a local",
                [
                    (
                        node.start_byte,
                        node.start_byte,
                        f"{{ bool cond_ = {self.text(test)}; ",
                    ),
                    (test.start_byte, test.end_byte, "cond_"),
                    (node.end_byte, node.end_byte, " }"),
                ],
            )

    def value_in_local(self) -> Iterator[Edit]:
        """A member read in a condition, in a local before it (evaluated in any case)."""
        for node in self.walk("if_statement"):
            test = self.condition(node)
            if (
                test is None
                or node.parent.type != "compound_statement"
                or not self.pure(test)
            ):
                continue
            first = test
            while first.type == "binary_expression":
                first = first.child_by_field_name("left")
            if first.type != "field_expression":
                continue
            yield "value in a local", [
                (node.start_byte, node.start_byte, f"{{ typeof({self.text(first)}) val_ = {self.text(first)}; "),
                (first.start_byte, first.end_byte, "val_"),
                (node.end_byte, node.end_byte, " }"),
            ]  # fmt: skip

    def while_to_for(self) -> Iterator[Edit]:
        for node in self.walk("while_statement"):
            test, body = self.condition(node), node.child_by_field_name("body")
            if test is not None:
                new = f"for (; {self.text(test)}; ) {self.text(body)}"
                yield "while to for", [(node.start_byte, node.end_byte, new)]

    def for_to_while(self) -> Iterator[Edit]:
        for node in self.walk("for_statement"):
            parts = [
                node.child_by_field_name(n)
                for n in ("initializer", "condition", "update", "body")
            ]
            if any(p is None for p in parts) or parts[0].type == "declaration":
                continue
            first, test, update, body = parts
            if next(self.source.walk(body, "continue_statement"), None) is not None:
                continue
            new = f"{{ {self.text(first)}; while ({self.text(test)}) {{ {self.text(body)} {self.text(update)}; }} }}"
            yield "for to while", [(node.start_byte, node.end_byte, new)]

    def operands_swapped(self) -> Iterator[Edit]:
        for node in self.walk("binary_expression"):
            one, two = self.sides(node)
            if self.operator(node) in (
                "&",
                "|",
                "^",
                "+",
                "*",
                "==",
                "!=",
            ) and self.pure(node):
                yield (
                    "operands swapped",
                    [
                        (one.start_byte, one.end_byte, f"({self.text(two)})"),
                        (two.start_byte, two.end_byte, f"({self.text(one)})"),
                    ],
                )

    def comparison_turned(self) -> Iterator[Edit]:
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        for node in self.walk("binary_expression"):
            operator = self.operator(node)
            if operator in turned and self.pure(node):
                one, two = self.sides(node)
                new = f"({self.text(two)}) {turned[operator]} ({self.text(one)})"
                yield "comparison turned", [(node.start_byte, node.end_byte, new)]
                negated = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}[operator]
                new = f"!(({self.text(one)}) {negated} ({self.text(two)}))"
                yield (
                    "comparison negated",
                    [(node.start_byte, node.end_byte, f"({new})")],
                )

    def not_as_comparison(self) -> Iterator[Edit]:
        for node in self.walk("unary_expression"):
            if self.operator(node) == "!":
                inner = node.child_by_field_name("argument")
                new = f"(({self.text(inner)}) == 0)"
                yield "!x as x == 0", [(node.start_byte, node.end_byte, new)]

    def compound_spelled(self) -> Iterator[Edit]:
        for node in self.walk("assignment_expression"):
            operator = self.operator(node)
            left, right = self.sides(node)
            if operator != "=" and self.pure(left) and self.pure(right):
                new = f"{self.text(left)} = {self.text(left)} {operator[:-1]} ({self.text(right)})"
                yield (
                    "compound assignment spelled out",
                    [(node.start_byte, node.end_byte, new)],
                )

    def increment(self) -> Iterator[Edit]:
        for node in self.walk("update_expression"):
            if node.parent.type not in ("expression_statement", "for_statement"):
                continue
            inner = self.text(node.child_by_field_name("argument"))
            sign = self.operator(node)
            new = inner + sign if node.child(0).type in ("++", "--") else sign + inner
            yield "pre for post increment", [(node.start_byte, node.end_byte, new)]
            new = f"{inner} {sign[0]}= 1"
            yield "increment as += 1", [(node.start_byte, node.end_byte, new)]

    def goto_return(self) -> Iterator[Edit]:
        for label in self.walk("labeled_statement"):
            name = self.text(label.named_children[0])
            last = label.named_children[-1]
            if last.type != "return_statement":
                continue
            for node in self.walk("goto_statement"):
                if self.text(node.child_by_field_name("label")) == name:
                    yield (
                        "goto to return",
                        [(node.start_byte, node.end_byte, self.text(last))],
                    )

    def return_goto(self) -> Iterator[Edit]:
        """return CONSTANT; in the middle -> goto of a label at the end"""
        for node in self.walk("return_statement"):
            value = self.text(node.named_children[0]) if node.named_children else ""
            if node.parent.id == self.body.id or not re.fullmatch(
                r"-?[A-Z0-9_]+|true|false", value
            ):
                continue
            end = self.body.end_byte - 1
            yield (
                "return to goto",
                [
                    (node.start_byte, node.end_byte, "goto out_;"),
                    (end, end, f"\nout_: {self.text(node)}\n"),
                ],
            )

    def ternary_to_if(self) -> Iterator[Edit]:
        for node in self.walk("return_statement"):
            value = node.named_children[0] if node.named_children else None
            if value is None or value.type != "conditional_expression":
                continue
            yes = value.child_by_field_name("consequence")
            test, no = (
                value.child_by_field_name(n) for n in ("condition", "alternative")
            )
            if yes is not None:
                new = f"{{ if ({self.text(test)}) return {self.text(yes)}; return {self.text(no)}; }}"
                yield "ternary to if", [(node.start_byte, node.end_byte, new)]

    def if_to_ternary(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            other = node.child_by_field_name("alternative")
            if other is None:
                continue
            values = []
            for branch in (
                node.child_by_field_name("consequence"),
                other.named_children[-1],
            ):
                while (
                    branch.type == "compound_statement"
                    and branch.named_child_count == 1
                ):
                    branch = branch.named_children[0]
                inner = (
                    branch.named_children[0] if branch.named_child_count == 1 else None
                )
                if (
                    branch.type == "expression_statement"
                    and inner is not None
                    and inner.type == "assignment_expression"
                    and self.operator(inner) == "="
                ):
                    values.append(self.sides(inner))
            test = self.condition(node)
            if (
                len(values) == 2
                and test is not None
                and self.text(values[0][0]) == self.text(values[1][0])
            ):
                one, two = (self.text(right) for _left, right in values)
                new = (
                    f"{self.text(values[0][0])} = ({self.text(test)}) ? {one} : {two};"
                )
                yield "if to ternary", [(node.start_byte, node.end_byte, new)]

    def local_renamed(self) -> Iterator[Edit]:
        for name in self.locals():
            edits = [
                (n.start_byte, n.end_byte, f"{name}_x")
                for n in self.source.walk(self.function.node, "identifier")
                if self.text(n) == name
            ]
            yield "local renamed", edits

    def locals(self) -> list[str]:
        found = []
        for node in self.walk("declaration"):
            for declarator in node.children_by_field_name("declarator"):
                if declarator.type == "init_declarator":
                    declarator = declarator.child_by_field_name("declarator")
                while (
                    declarator is not None and declarator.type == "pointer_declarator"
                ):
                    declarator = declarator.child_by_field_name("declarator")
                if declarator is not None and declarator.type == "identifier":
                    found.append(self.text(declarator))
        text = self.text(self.function.node)
        return [
            n
            for n in found
            if found.count(n) == 1 and not re.search(rf"(?:->|\.)\s*{n}\b", text)
        ]

    def initialiser_split(self) -> Iterator[Edit]:
        for node in self.walk("declaration"):
            if (
                node.next_named_sibling is not None
                and node.next_named_sibling.type == "declaration"
            ):
                continue
            declarators = node.children_by_field_name("declarator")
            kinds = self.text(node)
            if len(declarators) != 1 or re.match(
                r"(?:static|extern|const)\b|.*\*\s*const\b", kinds
            ):
                continue
            only = declarators[0]
            if (
                only.type != "init_declarator"
                or node.parent.type != "compound_statement"
            ):
                continue
            value, name = (only.child_by_field_name(n) for n in ("value", "declarator"))
            bare = name
            while bare.type == "pointer_declarator":
                bare = bare.child_by_field_name("declarator")
            if bare.type != "identifier" or value.type == "initializer_list":
                continue
            yield (
                "initialiser moved",
                [
                    (only.start_byte, only.end_byte, self.text(name)),
                    (
                        node.end_byte,
                        node.end_byte,
                        f" {self.text(bare)} = {self.text(value)};",
                    ),
                ],
            )

    def declarations_swapped(self) -> Iterator[Edit]:
        for node in self.walk("declaration"):
            after = node.next_named_sibling
            if after is None or after.type != "declaration" or self.odd(after):
                continue
            one, two = self.text(node), self.text(after)
            names = set(re.findall(r"\w+", one)) & set(self.locals())
            if "(" in one + two or names & set(re.findall(r"\w+", two)):
                continue
            if (
                set(re.findall(r"\w+", two))
                & set(self.locals())
                & set(re.findall(r"\w+", one))
            ):
                continue
            yield "declarations moved", [
                (node.start_byte, node.end_byte, two), (after.start_byte, after.end_byte, one),
            ]  # fmt: skip

    def helper_extracted(self) -> Iterator[Edit]:
        """A condition becomes a static helper of the parameters that it uses."""
        parameters = self.parameters()
        for node in self.walk("if_statement"):
            test = self.condition(node)
            if test is None or not self.pure(test):
                continue
            used = {self.text(n) for n in self.source.walk(test, "identifier")}
            if (
                used & set(self.locals())
                or not used & parameters.keys()
                or test.type == "identifier"
            ):
                continue
            given = [name for name in parameters if name in used]
            taken = ", ".join(parameters[name] for name in given)
            helper = (
                f"static bool helper_({taken})\n{{\n\treturn {self.text(test)};\n}}\n\n"
            )
            yield (
                "helper extracted",
                [
                    (self.start, self.start, helper),
                    (test.start_byte, test.end_byte, f"helper_({', '.join(given)})"),
                ],
            )

    def parameters(self) -> dict[str, str]:
        found = {}
        for node in self.source.walk(self.function.node, "parameter_declaration"):
            text = self.text(node)
            names = [self.text(n) for n in self.source.walk(node, "identifier")]
            if len(names) == 1 and "(" not in text and "[" not in text:
                found[names[0]] = text
        assigned = {
            self.text(
                n.child_by_field_name("left") or n.child_by_field_name("argument")
            )
            for n in self.source.walk(
                self.body, "assignment_expression", "update_expression"
            )
        }
        return {name: text for name, text in found.items() if name not in assigned}

    def switch_to_if(self) -> Iterator[Edit]:
        for node in self.walk("switch_statement"):
            body, test = node.child_by_field_name("body"), self.condition(node)
            cases = [c for c in body.named_children if c.type != "comment"]
            if test is None or not self.pure(test) or not cases:
                continue
            chain = self.chain(cases, self.text(test))
            if chain:
                yield "switch to if", [(node.start_byte, node.end_byte, chain)]

    def chain(self, cases: list[Any], value: str) -> str:
        labels: list[str] = []
        parts, default = [], ""
        for place, case in enumerate(cases):
            if case.type != "case_statement":
                return ""
            label = case.child_by_field_name("value")
            labels.append("" if label is None else f"({value}) == ({self.text(label)})")
            inside = [
                c for c in case.named_children if c.type != "comment" and c != label
            ]
            if not inside:
                continue
            last = inside[-1]
            if last.type not in (
                "break_statement",
                "return_statement",
                "goto_statement",
            ) and place + 1 < len(cases):
                return ""
            if any(
                next(self.source.walk(i, "break_statement"), None) for i in inside[:-1]
            ):
                return ""
            text = " ".join(self.text(i) for i in inside if i.type != "break_statement")
            if "" in labels:
                if place + 1 < len(cases):
                    return ""
                default = f"else {{ {text} }}"
            else:
                parts.append(f"if ({' || '.join(labels)}) {{ {text} }}")
            labels = []
        return " else ".join(parts) + " " + default if parts and not labels else ""

    # --- changing -----------------------------------------------------------------

    def comparisons(self) -> Iterator[Edit]:
        other = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        for node in self.walk("binary_expression"):
            sign = node.child_by_field_name("operator")
            if self.operator(node) in other:
                yield (
                    "comparison",
                    [(sign.start_byte, sign.end_byte, other[self.operator(node)])],
                )
            if self.operator(node) in flipped:
                yield (
                    "comparison flipped",
                    [(sign.start_byte, sign.end_byte, flipped[self.operator(node)])],
                )

    def operators(self) -> Iterator[Edit]:
        other = {
            "&&": "||",
            "||": "&&",
            "&": "|",
            "|": "&",
            "+": "-",
            "-": "+",
            "<<": ">>",
            ">>": "<<",
        }
        single = {"&&": "&", "&": "&&", "|": "||"}
        for node in self.walk("binary_expression"):
            sign = node.child_by_field_name("operator")
            if self.operator(node) in other:
                yield f"{self.operator(node)} to {other[self.operator(node)]}", [
                    (sign.start_byte, sign.end_byte, other[self.operator(node)])]  # fmt: skip
            if self.operator(node) in single:
                yield (
                    "logical for bitwise",
                    [(sign.start_byte, sign.end_byte, single[self.operator(node)])],
                )

    def constants(self) -> Iterator[Edit]:
        for node in self.walk("number_literal"):
            match = re.fullmatch(r"(\d+)([uUlL]*)", self.text(node))
            if match and not (match[1].startswith("0") and match[1] != "0"):
                yield (
                    "off by one",
                    [
                        (
                            node.start_byte,
                            node.end_byte,
                            f"{int(match[1]) + 1}{match[2]}",
                        )
                    ],
                )
                if match[2]:
                    yield "suffix lost", [(node.start_byte, node.end_byte, match[1])]

    def names_of_constants(self) -> Iterator[Edit]:
        found = dict.fromkeys(
            self.text(n)
            for n in self.walk("identifier")
            if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", self.text(n))
        )
        names = list(found)
        for node in self.walk("identifier"):
            if self.text(node) in found and node.parent.type != "call_expression":
                for other in names:
                    if other != self.text(node):
                        yield (
                            "other constant",
                            [(node.start_byte, node.end_byte, other)],
                        )
                        break

    def dropped(self) -> Iterator[Edit]:
        for node in self.walk("expression_statement"):
            inner = node.named_children[0] if node.named_children else None
            kinds = {"assignment_expression": "store dropped", "update_expression": "update dropped",
                     "call_expression": "call dropped"}  # fmt: skip
            if inner is not None and inner.type in kinds:
                yield kinds[inner.type], [(node.start_byte, node.end_byte, ";")]

    def negations(self) -> Iterator[Edit]:
        for node in self.walk("unary_expression"):
            if self.operator(node) in ("!", "~", "-"):
                inner = node.child_by_field_name("argument")
                yield (
                    f"{self.operator(node)} lost",
                    [(node.start_byte, node.end_byte, self.text(inner))],
                )

    def conditions_negated(self) -> Iterator[Edit]:
        for node in self.walk("if_statement"):
            test = self.condition(node)
            if test is not None:
                yield (
                    "condition negated",
                    [(test.start_byte, test.end_byte, f"!({self.text(test)})")],
                )

    def arguments(self) -> Iterator[Edit]:
        for node in self.walk("call_expression"):
            given = node.child_by_field_name("arguments").named_children
            if len(given) >= 2 and self.text(given[0]) != self.text(given[1]):
                one, two = given[:2]
                yield "arguments swapped", [
                    (one.start_byte, one.end_byte, self.text(two)), (two.start_byte, two.end_byte, self.text(one)),
                ]  # fmt: skip

    def types(self) -> Iterator[Edit]:
        other = {"unsigned long": "unsigned int", "unsigned int": "int", "int": "unsigned int", "long": "int",
                 "u64": "u32", "u32": "u16", "bool": "int", "size_t": "int", "pgoff_t": "unsigned int",
                 "u8": "s8", "unsigned char": "char", "s64": "int", "loff_t": "int"}  # fmt: skip
        for node in self.walk("declaration", "cast_expression"):
            kind: Any = node.child_by_field_name("type")
            text = self.text(kind)
            if text in other:
                where = "local" if node.type == "declaration" else "cast"
                yield (
                    f"type of a {where}",
                    [(kind.start_byte, kind.end_byte, other[text])],
                )

    def return_type(self) -> Iterator[Edit]:
        other = {"int": "bool", "bool": "int", "unsigned long": "unsigned int", "long": "int", "u64": "u32",
                 "unsigned int": "unsigned char"}  # fmt: skip
        kind: Any = self.function.node.child_by_field_name("type")
        if kind is not None and self.text(kind) in other:
            yield (
                "return type",
                [(kind.start_byte, kind.end_byte, other[self.text(kind)])],
            )

    def breaks(self) -> Iterator[Edit]:
        for node in self.walk("break_statement"):
            yield "break dropped", [(node.start_byte, node.end_byte, ";")]

    def elses(self) -> Iterator[Edit]:
        for node in self.walk("else_clause"):
            yield "else dropped", [(node.start_byte, node.end_byte, "")]

    def statements_swapped(self) -> Iterator[Edit]:
        for node in self.walk("expression_statement"):
            after = node.next_named_sibling
            if (
                after is not None
                and after.type == "expression_statement"
                and not self.odd(after)
                and self.text(node) != self.text(after)
            ):
                yield (
                    "statements swapped",
                    [
                        (node.start_byte, node.end_byte, self.text(after)),
                        (after.start_byte, after.end_byte, self.text(node)),
                    ],
                )

    def options(self) -> Iterator[Edit]:
        for match in re.finditer(r"\bCONFIG_\w+", self.text(self.function.node)):
            start = self.start + match.start()
            yield "option", [(start, start + len(match[0]), match[0] + "_X")]


def block(text: str) -> str:
    return text if text.lstrip().startswith("{") else f"{{ {text} }}"


KEEPING: list[Callable[[Editor], Iterator[Edit]]] = [
    Editor.inverted_condition, Editor.de_morgan, Editor.double_negation, Editor.early_return,
    Editor.else_after_return, Editor.split_condition, Editor.split_or, Editor.joined_ifs,
    Editor.condition_in_local, Editor.value_in_local, Editor.while_to_for, Editor.for_to_while,
    Editor.operands_swapped, Editor.comparison_turned, Editor.not_as_comparison, Editor.compound_spelled,
    Editor.increment, Editor.goto_return, Editor.return_goto, Editor.ternary_to_if, Editor.if_to_ternary,
    Editor.local_renamed, Editor.initialiser_split, Editor.declarations_swapped, Editor.helper_extracted,
    Editor.switch_to_if,
]  # fmt: skip
CHANGING: list[Callable[[Editor], Iterator[Edit]]] = [
    Editor.comparisons, Editor.operators, Editor.constants, Editor.names_of_constants, Editor.dropped,
    Editor.negations, Editor.conditions_negated, Editor.arguments, Editor.types, Editor.return_type,
    Editor.breaks, Editor.elses, Editor.statements_swapped, Editor.options,
]  # fmt: skip


def applied(data: bytes, edits: list[tuple[int, int, str]]) -> bytes:
    """The file with the edits made."""
    for start, end, text in sorted(edits, reverse=True):
        data = data[:start] + text.encode() + data[end:]
    return data
