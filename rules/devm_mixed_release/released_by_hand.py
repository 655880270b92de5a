# SPDX-License-Identifier: GPL-2.0-or-later
"""What device-managed functions give, released by hand as if it were not managed.

A local is followed in its function, a member by its name in the whole file: all that is
assigned to it there must be managed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.kit import places
from reviewer.kit.assignments import assignments
from reviewer.kit.expressions import (
    NAMED,
    call,
    literal,
    object_read,
    operator,
    without_parentheses,
)
from reviewer.kit.truth_values import type_of_local
from reviewer.patterns import regex
from reviewer.rules.devm_mixed_release.by_argument import (
    ACTION,
    is_where_it_failed,
    managed_by_argument,
    undone_actions,
)
from reviewer.rules.devm_mixed_release.by_argument import (
    RELEASES as BY_ARGUMENT_RELEASES,
)

# managed functions ; the plain releases that end what they gave a second time, by their
# first argument ; the headers, of which one declares the managed ones
_TABLE = """
devm_kmalloc devm_kzalloc devm_kcalloc devm_kmalloc_array devm_kmemdup devm_kstrdup devm_kasprintf ; kfree kfree_sensitive kvfree ; include/linux/device.h include/linux/device/devres.h
devm_clk_get devm_clk_get_enabled devm_clk_get_prepared devm_clk_get_optional ; clk_put ; include/linux/clk.h
devm_clk_get_enabled devm_clk_get_optional_enabled ; clk_disable_unprepare clk_disable ; include/linux/clk.h
devm_ioremap devm_ioremap_wc ; iounmap ; include/linux/io.h
devm_of_iomap devm_ioremap_resource ; iounmap ; include/linux/device.h include/linux/device/devres.h
devm_platform_ioremap_resource ; iounmap ; include/linux/platform_device.h
devm_gpiod_get devm_gpiod_get_optional devm_gpiod_get_index ; gpiod_put ; include/linux/gpio/consumer.h
devm_regulator_get devm_regulator_get_optional ; regulator_put ; include/linux/regulator/consumer.h
devm_reset_control_get devm_reset_control_get_exclusive devm_reset_control_get_shared ; reset_control_put ; include/linux/reset.h
devm_iio_device_alloc ; iio_device_free ; include/linux/iio/iio.h
devm_pwm_get ; pwm_put ; include/linux/pwm.h
devm_nvmem_cell_get ; nvmem_cell_put ; include/linux/nvmem-consumer.h
devm_hwmon_device_register_with_info devm_hwmon_device_register_with_groups ; hwmon_device_unregister ; include/linux/hwmon.h
devm_power_supply_register ; power_supply_unregister ; include/linux/power_supply.h
devm_pinctrl_get ; pinctrl_put ; include/linux/pinctrl/consumer.h
devm_regmap_init_i2c devm_regmap_init_spi devm_regmap_init_mmio devm_regmap_init ; regmap_exit ; include/linux/regmap.h
"""  # noqa: E501


def _managed_functions() -> dict[str, tuple[frozenset[str], tuple[str, ...]]]:
    found: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}
    for row in filter(None, _TABLE.split("\n")):
        names, releases, headers = (part.split() for part in row.split(";"))
        for name in names:
            known = found.get(name, (frozenset(), ()))[0]
            found[name] = (known | frozenset(releases), tuple(headers))
    return found


MANAGED = _managed_functions()
# What is turned off is right where something turns it on again (resume, another path)
TURNED_ON = {
    "clk_disable_unprepare": ("clk_prepare_enable", "clk_enable", "clk_prepare"),
    "clk_disable": ("clk_prepare_enable", "clk_enable"),
}
RELEASES = frozenset(name for releases, _ in MANAGED.values() for name in releases)
_DEVM = regex(r"\b(devm|drmm)_\w+")


class Mixed(Struct, frozen=True):
    """A release by hand of what is released by itself."""

    source: Source
    release: Node
    name: str  # what is released
    managed: Node  # the call that gave it
    called: str
    failed: bool = False  # the call that would have given it failed on this way


def mixed_releases(image: FileImage) -> Iterator[Mixed]:
    """Yields the calls in functions in focus that release what devm_ functions gave."""
    source = image.source
    if not _DEVM.search(source.data.decode("utf-8", "replace")):
        return
    for function in places.functions_in_focus(image):
        for node in source.walk(function.node, "call_expression"):
            name, given = call(source, node)
            found = None
            if name in RELEASES and given and _is_for_good(source, function, name):
                found = _managed(source, function, name, given[0])
            elif name in BY_ARGUMENT_RELEASES and given:
                found = managed_by_argument(source, function, node)
            if found is None:
                continue
            failed = is_where_it_failed(source, function, node, found)
            if failed and name in RELEASES:
                continue  # of NULL: most of them do nothing then
            thing, called = object_read(source, given[0]), call(source, found)[0]
            yield Mixed(source, node, thing, found, called, failed)
        for again, done, thing in undone_actions(source, function):
            yield Mixed(source, again, thing, done, ACTION)


def _is_for_good(source: Source, function: Function, release: str) -> bool:
    """Whether what is turned off in a function stays off: nothing in the file turns it
    on, and it is the end of a device's life."""
    if release not in TURNED_ON:
        return True
    text = source.data.decode("utf-8", "replace")
    if any(name in text for name in TURNED_ON[release]):
        return False
    made = "_enabled(" in source.text(function.node)  # an error path of the same probe
    return made or function.name.endswith(("remove", "disconnect", "exit"))


def _managed(
    source: Source, function: Function, release: str, given: Node
) -> Node | None:
    """The managed call that gave what is released, if nothing else can have."""
    given = without_parentheses(given)
    if given.type == "identifier":
        name = source.text(given)
        if type_of_local(source, function, name) is None:
            return None
        values = _assigned(source, function.node).get(name, ())
    elif given.type == "field_expression":
        member = given.child_by_field_name("field")
        if member is None or "[" in source.text(given):
            return None
        name = f"->{source.text(member)}"
        values = _assigned(source, source.root).get(name, ())
        if not _is_one_struct(source, given):
            return None
    else:
        return None
    calls = [value for value in values if literal(source, value) != 0]
    if not calls or len(calls) > 4:
        return None
    for value in calls:
        called = call(source, value)[0] if value.type == "call_expression" else ""
        if called not in MANAGED or release not in MANAGED[called][0]:
            return None
    return calls[0]


def _is_one_struct(source: Source, given: Node) -> bool:
    """Whether the member is of the struct that the managed one is put into: all in
    the file that reach a member of this name do so through pointers of one type."""
    member = given.child_by_field_name("field")
    name = source.text(member) if member is not None else ""
    kinds = set()
    for node in source.everywhere("field_expression"):
        field = node.child_by_field_name("field")
        base = node.child_by_field_name("argument")
        if field is None or base is None or source.text(field) != name:
            continue
        around = source.function_around(node)
        if around is None or base.type != "identifier":
            return False
        kinds.add(type_of_local(source, around, source.text(base)))
    return len(kinds) == 1 and None not in kinds


@once_per_subject
def _assigned(source: Source, where: Node) -> dict[str, list[Node]]:
    """All that is assigned, by the name of the local or member ("->clk"); a name
    whose address is taken, or that stands in a list of names, has no entry."""
    found: dict[str, list[Node]] = {}
    for _, target, value in assignments(source, where):
        if target.type in NAMED:
            name = _name(source, target)
            found.setdefault(name, []).append(without_parentheses(value))
    for node in source.walk(where, "pointer_expression"):
        argument = node.child_by_field_name("argument")
        if argument is not None and operator(node) == "&":
            found.pop(_name(source, argument), None)
    return found


def _name(source: Source, node: Node) -> str:
    field = node.child_by_field_name("field")
    if node.type == "field_expression" and field is not None:
        return f"->{source.text(field)}"
    return source.text(node)
