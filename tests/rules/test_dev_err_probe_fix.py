# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fix of dev-err-probe leaves of a call."""

from __future__ import annotations

import pytest

from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.rules.dev_err_probe.rule import printed_twice
from reviewer.tree.view import EmptyView

FIXES = {
    r'"no clock: %d\n", ret': r'"no clock\n"',
    r'"no clock (%d)\n", ret': r'"no clock\n"',
    r'"no clock, ret=%d", ret': r'"no clock"',
    r'"init failed with error %d\n", ret': r'"init failed\n"',
    r'"%s failed: %d.\n", name, ret': r'"%s failed\n", name',
    r'"failed to get error %d\n", ret': None,
    r'"error %d in %s\n", ret, name': None,
    r'"%d\n", ret': None,
    r'"no clock: " "%d\n", ret': None,
}


@pytest.mark.parametrize("given", FIXES)
def test_the_call_that_is_left(given: str) -> None:
    code = f"int f(void)\n{{\n\treturn dev_err_probe(dev, ret, {given});\n}}\n".encode()
    (twice,) = printed_twice(FileImage(parse("a.c", code), Facts(EmptyView())))
    fixed = code
    for edit in sorted(twice.edits, key=lambda one: -one.start):
        fixed = fixed[: edit.start] + edit.text + fixed[edit.end :]
    wanted = FIXES[given]
    left = given if wanted is None else wanted
    assert f"dev_err_probe(dev, ret, {left});".encode() in fixed
