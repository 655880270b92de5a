# SPDX-License-Identifier: GPL-2.0-or-later
"""One thing is known by its names in two functions, and two things are told apart."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.kit.same_thing import place_of

CODE = b"""\
int probe(struct bus *bus, int index, struct twin *a, struct twin *b)
{
	struct device *dev = &bus->dev;
	struct sensor *s = sensor_of(bus);
	struct device *again = dev;
	int irq = s->irq;

	return use(dev, s, again, irq, index, a, b);
}

int remove(struct bus *other, int number)
{
	struct sensor *mine = sensor_of(other);

	return use(mine, number);
}
"""


@pytest.fixture(scope="module")
def places():
    source = parse("a.c", CODE)
    by_name = {function.name: function for function in source.functions}
    return lambda name, text: place_of(source, by_name[name], text)


SAME = {
    "&bus->dev": "&other->dev",
    "dev": "&other->dev",
    "again": "&other->dev",
    "dev->parent": "other->dev.parent",
    "s": "mine",
    "s->clk": "mine->clk",
    "irq": "mine->irq",
    "index": "number",
}


@pytest.mark.parametrize("here", SAME)
def test_one_thing_of_two_functions(places, here):
    assert places("probe", here) == places("remove", SAME[here]) is not None


@pytest.mark.parametrize("here", ["s->clk[0]", "elsewhere", "f(s)", "1", ""])
def test_what_is_no_name_has_no_place(places, here):
    assert places("probe", here) is None


def test_two_of_one_struct_are_told_apart(places):
    assert places("probe", "a->clk") != places("probe", "b->clk")
    assert places("probe", "s->clk") != places("remove", "mine->bus_clk")
