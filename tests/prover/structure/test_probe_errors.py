# SPDX-License-Identifier: GPL-2.0-or-later
"""``return dev_err_probe(dev, e, ..)`` is a line in the log and ``return e``."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions

MESSAGE = "only a message changes"
HEAD = (
    "struct device; struct clk; int g(struct device *); struct clk *get(void);\n"
    "int dev_err_probe(const struct device *dev, int err, const char *fmt, ...);\n"
    "void use(struct clk *);\n"
)
BODY = (
    "{type} f(struct device *d, long big) "
    "{{ int ret = g(d); if (ret < 0) {way} return 0; }}"
)
PRINTS = '{ dev_err(d, "no %d\\n", ret); return ret; }'


def told(old: str, new: str, kind: str = "int", head: str = HEAD) -> str:
    one, two = (
        parse("a.c", (head + BODY.format(type=kind, way=way) + "\n").encode())
        for way in (old, new)
    )
    return str(compare_functions(one, two, None, None, "f", conditions=True)[0].verdict)


MESSAGES = {
    "in the place of dev_err()": (PRINTS, 'return dev_err_probe(d, ret, "no\\n");'),
    "and the other way round": ('return dev_err_probe(d, ret, "no\\n");', PRINTS),
    "where nothing was printed": (
        "return ret;",
        'return dev_err_probe(d, ret, "no\\n");',
    ),
    "of a constant": (
        '{ dev_err(d, "no\\n"); return -EINVAL; }',
        'return dev_err_probe(d, -EINVAL, "no\\n");',
    ),
}


@pytest.mark.parametrize("title", MESSAGES)
def test_only_a_message_changes(title: str) -> None:
    head = HEAD + "#define EINVAL 22\n"
    old, new = MESSAGES[title]
    assert told(old, new, head=head) == MESSAGE


OTHERS = {
    "another error": ("return ret;", 'return dev_err_probe(d, -5, "no\\n");'),
    "one that is counted": ("return ret;", 'return dev_err_probe(d, ret++, "no\\n");'),
    "the result is dropped": ("return ret;", 'dev_err_probe(d, ret, "no\\n");'),
    "the device is asked for": (
        "return ret;",
        'return dev_err_probe(d + g(d), ret, "no\\n");',
    ),
}


@pytest.mark.parametrize("title", OTHERS)
def test_something_else_changes(title: str) -> None:
    assert told(*OTHERS[title]) not in (MESSAGE, "equal")


def test_what_is_returned_is_an_int() -> None:
    """A long that does not fit into one comes back as another number."""
    new = 'return dev_err_probe(d, big, "no\\n");'
    assert told("return big;", new, "long") not in (MESSAGE, "equal")
    assert told("return big;", new) == MESSAGE


def test_one_of_the_file_is_its_own() -> None:
    own = HEAD.replace("fmt, ...);", "fmt, ...) { return 0; }")
    new = 'return dev_err_probe(d, ret, "no\\n");'
    assert told("return ret;", new, head=own) not in (MESSAGE, "equal")
    macro = HEAD + "#define dev_err_probe(a, b, ...) (1)\n"
    assert told("return ret;", new, head=macro) not in (MESSAGE, "equal")


def test_a_name_for_an_error_that_makes_more() -> None:
    head = HEAD + "#define EINVAL 22; use(0)\n"
    old, new = "{ return -EINVAL; }", "return -EINVAL;"
    assert told(old, new, head=head) != "equal"
    assert told(old, new, head=HEAD + "#define EINVAL 22\n") == "equal"


def test_what_is_printed_and_what_is_returned_are_told_apart() -> None:
    head = HEAD + "#define EINVAL 22\n"
    one, two = (
        parse("a.c", (head + BODY.format(type="int", way=way) + "\n").encode())
        for way in (
            '{ dev_err(d, "no\\n"); return -EINVAL; }',
            'return dev_err_probe(d, ret, "no\\n");',
        )
    )
    found = compare_functions(one, two, None, None, "f", conditions=True)[0]
    assert [part.then for part in found.parts] == [
        ("returns `ret`, not `-EINVAL`",),
        ('prints `dev_err_probe(d, ret, "no\\n")`, not `dev_err(d, "no\\n")`',),
    ]
