# SPDX-License-Identifier: GPL-2.0-or-later
"""Which releases by hand are reached only where nothing was given."""

from __future__ import annotations

import pytest

from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.rules.devm_mixed_release.released_by_hand import mixed_releases
from reviewer.tree.view import EmptyView

GIVES = "devm_request_irq(dev, p->irq, g)"
ENDS = {
    "in the branch": (f"ret = {GIVES}; if (ret) free_irq(p->irq, p); return 0;", True),
    "below zero": (f"ret = {GIVES}; if (ret < 0) free_irq(p->irq, p); return 0;", True),
    "of the call": (f"if ({GIVES}) free_irq(p->irq, p); return 0;", True),
    "success": (f"ret = {GIVES}; if (!ret) free_irq(p->irq, p); return 0;", False),
    "another test": (f"ret = {GIVES}; if (p->a) free_irq(p->irq, p);", False),
    "a label": (
        f"ret = {GIVES}; if (ret) goto off; return 0; off: h(p); free_irq(p->irq, p);",
        True,
    ),
    "a label of two": (
        f"ret = {GIVES}; if (ret) goto off; if (h(p)) goto off; return 0;"
        " off: free_irq(p->irq, p);",
        False,
    ),
    "a label that is fallen into": (
        f"ret = {GIVES}; if (ret) goto off; h(p); off: free_irq(p->irq, p);",
        False,
    ),
}


@pytest.mark.parametrize("where", ENDS)
def test_a_release_that_only_the_failure_reaches(where: str) -> None:
    body, failed = ENDS[where]
    code = f"int f(struct device *dev, struct t *p)\n{{\n\tint ret;\n\n\t{body}\n}}\n"
    (mixed,) = mixed_releases(
        FileImage(parse("a.c", code.encode()), Facts(EmptyView()))
    )
    assert mixed.failed is failed
