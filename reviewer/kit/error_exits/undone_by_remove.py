# SPDX-License-Identifier: GPL-2.0-or-later
"""What a driver's probe acquires and its remove releases, and the like of other pairs.

Where probe fails the driver core does not call remove (drivers/base/dd.c,
really_probe()), so an error exit of probe has to release the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.kit.acquire_release import NO_OTHER_OWNER, PAIRS, Sort
from reviewer.kit.error_exits.acquired import Resource
from reviewer.kit.expressions import call, object_read
from reviewer.kit.same_thing import place_of
from reviewer.patterns import regex

# What begins, and what the core calls to end it where that went well, and only then.
_COUNTERPARTS = (
    # drivers/base/dd.c, really_probe(); .probe_new of i2c up to 6.2, .remove_new of 6.3
    # to 6.11, .disconnect of include/linux/usb.h
    (".probe .probe_new", ".remove .remove_new .disconnect"),
    (".bind", ".unbind"),  # drivers/base/component.c, component_bind()
    (".ndo_open", ".ndo_stop"),  # net/core/dev.c, __dev_open()
    (".open", ".release"),  # fs/open.c, do_dentry_open()
    (".start_streaming", ".stop_streaming"),  # videobuf2-core.c, vb2_start_streaming()
    (".runtime_resume", ".runtime_suspend"),  # power/runtime.c, rpm_callback()
    (".init", ".exit"),  # drivers/phy/phy-core.c, phy_init(), phy_power_on()
    (".power_on", ".power_off"),
    (".prepare", ".unprepare"),  # drivers/clk/clk.c, clk_core_prepare()
    (".enable", ".disable"),
    (".start", ".stop"),  # remoteproc_core.c, rproc_start(); watchdog_dev.c
    (".startup", ".shutdown"),  # serial_core.c, uart_port_startup(); soc-dai.c
)
_BEGIN = regex(
    rb"\.(probe|bind|ndo_open|open|start_streaming|runtime_resume|init|power_on|prepare"
    rb"|enable|start|startup|probe_new)\s*=|RUNTIME_(DEV_)?PM_OPS"
)
# include/linux/pm.h, pm_runtime.h: they make .runtime_suspend and .runtime_resume
_RUNTIME_PM = regex(
    rb"(?:\bRUNTIME_PM_OPS\(|SET_RUNTIME_PM_OPS\(|DEFINE_RUNTIME_DEV_PM_OPS\(\s*\w+,)"
    rb"\s*(\w+),\s*(\w+)"
)


@once_per_subject
def remove_of(source: Source, probe: str) -> Function | None:
    """Returns the function that undoes what one of a name did, None where the file does
    not name it so for the core, or names two that differ."""
    found = {ends for begins, ends, _ in _counterparts(source) if begins == probe}
    return source.function_named(found.pop()) if len(found) == 1 else None


@once_per_subject
def _counterparts(source: Source) -> tuple[tuple[str, str, bool], ...]:
    """Probe and remove, and their like, as the file's initialisers name them; whether
    they are probe and remove."""
    if not _BEGIN.search(source.data):
        return ()
    members: dict[int, dict[str, str]] = {}
    for pair in source.everywhere("initializer_pair"):
        value = pair.child_by_field_name("value")
        if value is None or value.type != "identifier" or pair.parent is None:
            continue
        name = source.text(pair).partition("=")[0].strip()
        members.setdefault(pair.parent.id, {})[name] = source.text(value)
    made = _RUNTIME_PM.findall(source.data)
    runtime = ((b.decode(), a.decode(), False) for a, b in made)
    return *_named(members.values()), *runtime


def _named(initialisers: Iterable[dict[str, str]]) -> Iterator[tuple[str, str, bool]]:
    for members in initialisers:
        if ".next" in members:  # fs/seq_file.c calls .stop whatever .start gave
            continue
        for begins, ends in _COUNTERPARTS:
            first = [members[one] for one in begins.split() if one in members]
            last = [members[one] for one in ends.split() if one in members]
            is_probe = begins.startswith(".probe")
            yield from ((one, last[0] if last else "", is_probe) for one in first)


def released_by(
    source: Source, probe: Function, remove: Function, resource: Resource
) -> Node | None:
    """Returns the call in remove, under no condition, that releases what probe holds;
    None where there is none, or where it cannot be told to be the same thing."""
    pair = resource.pair
    if pair.taken is None or pair.sort is Sort.LOCK:
        return None
    if pair.sort not in NO_OTHER_OWNER and not _is_probe(source, probe.name):
        return None  # what .open allocates is freed in more ways than by .release
    wanted = place_of(source, probe, resource.name)
    if wanted is None:
        return None
    for node in _always_called(source, remove):
        name, given = call(source, node)
        known = PAIRS.get(name)
        if known is not None and set(known.releases) & set(pair.releases):
            return None  # it acquires one itself, to be released below
        if name in pair.releases and len(given) > pair.taken:
            taken = object_read(source, given[pair.taken])
            if place_of(source, remove, taken) == wanted:
                return node
    return None


def _is_probe(source: Source, name: str) -> bool:
    return any(is_one for one, _, is_one in _counterparts(source) if one == name)


def _always_called(source: Source, function: Function) -> Iterator[Node]:
    """The calls that are statements of a function's outermost block, up to a jump."""
    assert function.body is not None
    for statement in function.body.named_children:
        if statement.type in ("if_statement", "return_statement"):
            jumps = source.walk(statement, "return_statement", "goto_statement")
            if any(True for _ in jumps):
                return
        if statement.type == "expression_statement":
            for inner in statement.named_children[:1]:
                if inner.type == "call_expression":
                    yield inner
