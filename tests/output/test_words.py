# SPDX-License-Identifier: GPL-2.0-or-later
"""The sentences: made from data, one template a rule, never from mail text."""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewer import rulebook
from reviewer.models import Confidence, Judged, NotChecked, Severity
from reviewer.output import worded, words

PRECEDENCE = Judged(
    "mask-precedence",
    Severity.HIGH,
    Confidence.PROVED,
    "fs/table.c",
    7,
    fields={
        "test": "mapping & KSM == KSM",
        "inner": "KSM == KSM",
        "operator": "&",
        "comparison": "==",
        "value": "1",
        "computed": "mapping & 1",
        "always": None,
        "suggestion": "(mapping & KSM) == KSM",
    },
)


def test_a_wheel_says_the_same_with_its_compiled_templates(monkeypatch) -> None:
    top = Path(__file__).parent.parent.parent
    place = top / ".ci" / "compiled_at_build.py"
    spec = importlib.util.spec_from_file_location("compiled_at_build", place)
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    made = {}
    texts = build.template_modules(top)
    for file, text in texts.items():
        name = f"reviewer.{file.removesuffix('.py').replace('/', '.')}"
        name = name.removesuffix(".__init__")
        module = made[name] = types.ModuleType(name)
        module.__file__ = file
        exec(text, vars(module))
        monkeypatch.setitem(sys.modules, name, module)
    assert made.keys() >= {
        f"reviewer.compiled_templates.{path.stem.replace('-', '_')}"
        for path in (words.TEMPLATES / "findings").glob("*.j2")
    }
    plain = words.render_message(PRECEDENCE), words.render_mail(PRECEDENCE)
    environment = words._environment()
    template = words._template.__wrapped__("mask-precedence")
    assert (
        vars(template)["blocks"]
        is vars(made["reviewer.compiled_templates.mask_precedence"])["blocks"]
    )
    monkeypatch.setattr(words, "_template", lambda _rule: template)
    assert plain == (words.render_message(PRECEDENCE), words.render_mail(PRECEDENCE))
    for path in (words.TEMPLATES / "findings").glob("*.j2"):
        code = environment.compile(
            path.read_text(), path.name, path.name, raw=True, defer_init=True
        )
        told = texts[f"compiled_templates/{path.stem.replace('-', '_')}.py"]
        assert told.partition("\n")[2] == code


def test_what_another_jinja2_compiled_is_not_used(monkeypatch) -> None:
    other = types.ModuleType("reviewer.compiled_templates")
    other.MADE_BY = "0"
    monkeypatch.setitem(sys.modules, other.__name__, other)
    assert words._made_at_build("mask-precedence") is None


def test_the_first_three_rules_say_this(make, golden) -> None:
    states = make.ksm().fields["states"]
    data = make.ksm().fields

    def ksm(**changes):
        return make.ksm(fields=data | changes)

    anon_only = [state | {"reached": state["bits"][1] == "1"} for state in states]
    guarded = ksm(guard="is_anon", states=anon_only, helper=None)
    negated = ksm(
        test="!(mapping & PAGE_MAPPING_KSM)",
        negated=True,
        suggestion="(mapping & PAGE_MAPPING_FLAGS) != PAGE_MAPPING_KSM",
    )
    never = ksm(states=[state | {"now": 0} for state in states], form="unmasked")
    inverted = ksm(states=[s | {"now": 1 - s["wanted"]} for s in states])
    likely = replace(make.ksm(), confidence=Confidence.LIKELY)
    shift = make.bit(fields=make.bit().fields | {"kind": "shift", "suggestion": None})
    constant = replace(PRECEDENCE, fields=PRECEDENCE.fields | {"always": "false"})
    variable = replace(
        PRECEDENCE,
        fields=PRECEDENCE.fields | {"value": None, "computed": "mapping & (a == b)"},
    )
    masks = (make.ksm(), guarded, negated, never, inverted, likely)
    said = []
    for finding in (*masks, make.bit(), shift, PRECEDENCE, constant, variable):
        said += [f"[{words.render_message(finding)}]", words.render_mail(finding), ""]
    golden("words.txt", "\n".join(said))


@pytest.mark.parametrize("rule", rulebook.names())
def test_every_rule_has_its_words(rule: str) -> None:
    template = words._template(rule)
    assert {"message", "mail"} <= set(template.blocks)


def test_prose_is_filled_and_tables_are_not(make) -> None:
    text = words.render_mail(make.ksm())
    prose = [line for line in text.split("\n") if not line.startswith(" ")]
    assert max(map(len, prose)) <= words.WIDTH
    assert 2 <= len([line for line in prose if line]) <= 8
    assert "    01  anon           0          1  <--" in text


def test_long_code_in_a_paragraph_is_not_broken() -> None:
    long = "x" * 90
    assert words.wrapped(f"Should it be\n{long}?") == f"Should it be\n{long}?"
    assert words.wrapped(f"  {long}\n    {long}") == f"  {long}\n    {long}"


def test_a_question_is_put_as_one(make) -> None:
    for finding in (make.ksm(), make.bit(), PRECEDENCE):
        asked = replace(finding, confidence=Confidence.QUESTION)
        assert words.render_mail(asked).endswith("?")


def test_the_tone_is_that_of_the_list(make) -> None:
    for finding in (make.ksm(), make.bit(), PRECEDENCE):
        said = words.render_mail(finding).lower()
        assert not {"you", "your", "thanks", "please", "patch"} & set(said.split())


def test_mail_text_is_a_value_and_no_template(make) -> None:
    evil = "{{ 7 * 7 }}{% for x in range(9) %}{{ ''.__class__ }}"
    finding = make.ksm(fields=make.ksm().fields | {"test": evil, "suggestion": evil})
    assert evil in words.render_message(finding)
    assert "49" not in words.render_mail(finding)


def test_the_sandbox_holds() -> None:
    from jinja2.exceptions import SecurityError

    environment = words._environment()
    with pytest.raises(SecurityError):
        environment.from_string("{{ ''.__class__.__mro__ }}").render()


def test_a_template_that_fails_costs_its_own_finding_only(make) -> None:
    broken = make.bit(fields={"name": "PG_lru"})
    unknown = make.bit(rule="no-such-rule")
    report = worded(make.report(make.ksm(), broken, unknown))
    assert [f.rule for f in report.findings] == ["mask-vs-equality"]
    assert {item.what for item in report.not_checked} == {
        "bit-number-as-mask",
        "no-such-rule",
    }
    assert all(isinstance(item, NotChecked) and item.why for item in report.not_checked)


def test_the_configuration_that_it_takes_is_said(make) -> None:
    finding = make.bit(fields=make.bit().fields | {"only_with": "CONFIG_KSM=n"})
    paragraphs = words.render_mail(finding).split("\n\n")
    assert paragraphs[-2] == "Only with CONFIG_KSM=n."


def test_the_author_is_told_the_same_in_the_second_person(make, golden) -> None:
    said = [
        words.render_mail(finding, voice="self_check")
        for finding in (make.ksm(), make.bit(), PRECEDENCE)
    ]
    golden("self-check.txt", "\n\n".join(said) + "\n")
    assert all("efore you send" in text for text in said)


def test_a_rule_without_a_second_voice_uses_the_first(make) -> None:
    from jinja2 import DictLoader

    environment = words._environment().overlay(
        loader=DictLoader(
            {
                "x.j2": "{% block message %}m{% endblock %}"
                "{% block mail %}said{% endblock %}"
            }
        )
    )
    template = environment.get_template("x.j2")
    assert words._block_of(template, "self_check") is template.blocks["mail"]


def test_lists_read_like_english() -> None:
    assert [words.listed_in_words("abc"[:n]) for n in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
