# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of what is one expression, as that expression: ``to_foo(x)`` as container_of(),
``platform_get_drvdata(pdev)`` as ``dev_get_drvdata(&pdev->dev)``.

The text is the tree's; only names that the other side does not use are written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from re import Match

from tree_sitter import Node

from reviewer.c.formula import TRUE
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised, without_strings
from reviewer.patterns import regex
from reviewer.prover.names.definition_texts import FunctionText
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.structure.plain_arguments import is_function
from reviewer.prover.structure.same_calls import call_of
from reviewer.prover.structure.shown_arguments import shows_names

_SIMPLE = frozenset(
    ["identifier", "field_expression", "field_identifier", "pointer_expression",
     "parenthesized_expression", "number_literal", "null", "true", "false"]
)  # fmt: skip
_ONE_RETURN = regex(r"\{ ?return ([^;{}]++); ?\}\Z")
_PARAMETER = regex(r"(.*[\w*])?(?:(?<=\*)|\s)\s*(\w+)\Z")
_NO_EXPRESSION = frozenset(["if", "do", "while", "for", "return", "goto", "switch",
                            "break", "continue", "else", "asm", "__asm__", "typeof",
                            "__typeof__", "_Generic", "defined"])  # fmt: skip
_AROUND = regex(r" ?(->|\.) ?")
_CHANGES = regex(r"\+\+|--|(?<![=!<>])=(?!=)|[;{}#\"\[\]]|\.\.\.")


def calls(body: OneFunction) -> list[Edit]:
    """Rewrites the first call, of a macro or a function of one expression, of a name
    that the other side does not use."""
    others = frozenset(IDENTIFIER.findall(body.other))
    for node in body.walk("call_expression"):
        call = call_of(body.source, node)
        if call is None or call[0] in others or call[0] in body.variables:
            continue
        name, given = call
        if not all(_is_simple(body, one) for one in given) or is_text(body, node):
            continue
        texts = [body.text(one) for one in given]
        found = _of_macro(body, name, texts) or _of_function(body, node, name, texts)
        if found:
            return [body.instead(node, found)]
    return []


def _is_simple(body: OneFunction, node: Node) -> bool:
    """Whether an argument may be had more than once, or not at all."""
    return all(part.type in _SIMPLE for part in body.source.walk(node) if part.is_named)


def _of_macro(body: OneFunction, name: str, given: list[str]) -> str:
    known = body.known
    macros = [one for one in known.macros(name) if one.condition.satisfiable()]
    if len(macros) != 1 or macros[0].condition != TRUE or name in known.placed:
        return ""
    macro = macros[0]
    if macro.parameters is None or len(macro.parameters) != len(given):
        return ""
    text = normalised(macro.body)
    if _CHANGES.search(without_strings(text)) or not text:
        return ""
    words = set(IDENTIFIER.findall(text))
    if not words.isdisjoint(_NO_EXPRESSION) or name in words:
        return ""
    own = _variables_in(text) - {*macro.parameters}
    if not own.isdisjoint(body.variables) or not _is_whole(text):
        return ""
    return _put_in(text, dict(zip(macro.parameters, given, strict=True)))


_TAG = regex(r"\b(?:struct|union|enum) \w+")
_MEMBER_OF = regex(
    r"\b(container_of\w*+|offsetof) ?\(([^(),]++, ?[^(),]*+), ?[\w.]++ ?\)"
)


def _variables_in(text: str) -> set[str]:
    """The words of an expression that may be variables: no tag, no member."""
    return set(IDENTIFIER.findall(_MEMBER_OF.sub(r"\1(\2)", _TAG.sub(" ", text))))


_WHOLE = regex(r"\w+ ?\(|\(")


def _is_whole(text: str) -> bool:
    """Whether a text is one operand wherever it stands: in parentheses, or a call."""
    if _WHOLE.match(text) is None:
        return False
    opening = text.find("(")
    return opening >= 0 and closing_bracket(text, opening) == len(text) - 1


def _put_in(text: str, values: dict[str, str]) -> str:
    text = _AROUND.sub(r"\1", text).replace("( ", "(").replace(" )", ")")

    def instead(word: Match[str]) -> str:
        if word[0] not in values or _is_member(text, word.start()):
            return word[0]
        value = values[word[0]]
        is_alone = text[: word.start()].rstrip().endswith(("(", ",")) and (
            text[word.end() :].lstrip().startswith((")", ","))
        )
        return value if is_alone or value.isidentifier() else f"({value})"

    return IDENTIFIER.sub(instead, text)


def _is_member(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return before.endswith(("->", "."))


def _of_function(body: OneFunction, node: Node, name: str, given: list[str]) -> str:
    known = body.known
    if known.may_be_defined(name):
        return ""
    texts = known.functions(name)
    if len(texts) != 1 or texts[0].condition != TRUE:
        return ""
    function = texts[0]
    if "static" not in function.returns.split():
        return ""
    found = _ONE_RETURN.match(normalised(function.body))
    if found is None or _CHANGES.search(found[1]):
        return ""
    parameters = list(_parameters(function))
    if len(parameters) != len(given) or not all(
        body.type_of(one) == kind or _is_only_handed_on(kind, name_, found[1])
        for (kind, name_), one in zip(parameters, given, strict=True)
    ):
        return ""
    words = set(IDENTIFIER.findall(found[1]))
    names = {one for _kind, one in parameters}
    if not (words - names).isdisjoint(body.variables) or name in words:
        return ""
    if not words.isdisjoint(_NO_EXPRESSION) or not _keeps_type(body, node, function):
        return ""
    if body.is_one_place(found[1]):
        return ""
    text = _put_in(
        found[1].strip(), dict(zip([n for _k, n in parameters], given, strict=True))
    )
    return text if _is_whole(text) else f"({text})"


def _is_only_handed_on(kind: str, name: str, text: str) -> bool:
    """Whether a parameter is a pointer of which the type makes no difference: members
    of a struct are looked at, or it is handed on."""
    if not kind.endswith("*") or not name:
        return False
    rest = regex(rf"(?<![\w.>])(?<!\* ){name} ?->").sub("", text)
    handed = regex(rf"[(,] ?{name} ?(?=[,)])")
    return regex(rf"\b{name}\b").search(handed.sub("", rest)) is None


def _parameters(function: FunctionText) -> Iterator[tuple[str, str]]:
    """(type, name) of each parameter; of one that is not read ("", "")."""
    if function.parameters.strip() in ("void", ""):
        return
    for text in function.parameters.split(","):
        found = _PARAMETER.match(normalised(text))
        kind = "" if found is None else (found[1] or "").replace("const ", "")
        yield kind.replace(" *", "*"), found[2] if found else ""


def _keeps_type(body: OneFunction, node: Node, function: FunctionText) -> bool:
    """Whether a value is converted as the function converts it: it is a pointer, goes
    to a variable of the same type, or is only asked about, or nobody has it."""
    words = function.returns.replace("*", " * ").split()
    kind = " ".join(
        w for w in words if w not in ("static", "inline", "const", "__always_inline")
    )
    if kind.endswith("*"):
        return True
    if kind == "bool":
        return is_asked(body, node)
    above = node.parent
    if above is None or above.type == "expression_statement":
        return above is not None  # nobody has the value
    if above.type == "return_statement":
        return body.returns == kind
    left = above.child_by_field_name(
        "left" if above.type == "assignment_expression" else "declarator"
    )
    if left is None or above.type not in ("assignment_expression", "init_declarator"):
        return False
    if above.type == "assignment_expression" and above.children[1].type != "=":
        return False
    return body.type_of(body.text(left)) == kind and node != left


def is_asked(body: OneFunction, node: Node) -> bool:
    """Says whether of an expression only counts whether it is 0."""
    inner = node
    above = inner.parent
    while above is not None and above.type == "parenthesized_expression":
        inner, above = above, above.parent
    if above is None:
        return False
    if above.type in (
        "if_statement",
        "while_statement",
        "do_statement",
        "for_statement",
    ):
        return above.child_by_field_name("condition") == inner
    if above.type == "conditional_expression":
        return above.child_by_field_name("condition") == inner
    operator = above.child_by_field_name("operator")
    if above.type in ("binary_expression", "unary_expression") and operator is not None:
        return body.text(operator) in ("&&", "||", "!")
    call = call_of(body.source, above.parent) if above.parent is not None else None
    return above.type == "argument_list" and call is not None and (
        call[0] in ("likely", "unlikely") and len(call[1]) == 1
    )  # fmt: skip


def is_text(body: OneFunction, node: Node) -> bool:
    """Says whether a macro that an expression is handed to may look at its text."""
    above = node.parent
    while above is not None and above != body.block:
        if above.type == "call_expression":
            callee = above.child_by_field_name("function")
            name = "" if callee is None else body.text(callee)
            if not is_function(body.known, name) and shows_names(body.known, [name]):
                return True
        above = above.parent
    return False
