# SPDX-License-Identifier: GPL-2.0-or-later
"""Templates: ours alone, in a sandbox, and what a stranger wrote is never one."""

from __future__ import annotations

import re

import pytest
from jinja2 import StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.sandbox import SandboxedEnvironment

from reviewer.output import FORMATS, html, render, worded, words

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

ENVIRONMENTS = {
    "findings": words.__dict__["_environment"],
    "pages": html.__dict__["_environment"],
}
ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ x.__init__.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ ().__class__.__base__ }}",
    "{{ '%s'.format.__self__.__class__ }}",
    "{% for i in range(10000000) %}x{% endfor %}",
)
TRICKS = (
    "{{ 7 * 191 }}",
    "{% for i in range(3) %}{{ 7 * 191 }}{% endfor %}",
    "{# gone #}kept",
    "{% raw %}",
    "{{ config }}",
    "{% include '/etc/passwd' %}",
)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_both_are_sandboxes_that_know_no_missing_value(name: str) -> None:
    environment = ENVIRONMENTS[name]()
    assert isinstance(environment, SandboxedEnvironment)
    assert environment.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        environment.from_string("{{ nothing }}").render()


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("escape", ESCAPES)
def test_the_sandbox_holds(name: str, escape: str) -> None:
    class Thing:
        pass

    template = ENVIRONMENTS[name]().from_string(escape)
    with pytest.raises((SecurityError, UndefinedError, OverflowError)):
        template.render(x=Thing())


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("place", ["../../cli.py", "/etc/passwd", "./../x.j2"])
def test_no_template_from_elsewhere(name: str, place: str) -> None:
    with pytest.raises(TemplateNotFound):
        ENVIRONMENTS[name]().get_template(place)


@pytest.mark.parametrize("trick", TRICKS)
def test_what_a_stranger_writes_is_no_template(trick: str, make) -> None:
    """In each field that a finding has, in every format."""
    finding = make.ksm(file=f"fs/{trick}.c", code=f"\tif (x & {trick})", function=trick)
    finding = make.ksm(
        fields={**finding.fields, "test": trick, "name": trick}, code=finding.code
    )
    report = worded(make.report(finding))
    for format in FORMATS:
        shown = render(report, format, identity=make.identity, command=f"x {trick}")
        assert not MADE.search(shown)
        assert "root:" not in shown
    assert trick in render(report, "text", command="")
