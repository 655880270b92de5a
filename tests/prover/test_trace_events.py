# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trace event is handed is no declaration; what it makes has its name."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.facts.header import Header
from reviewer.prover.changes.changed_names import ChangedNames, changed_names
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

EVENT = """TRACE_EVENT(open_it,
	TP_PROTO(struct file *file, unsigned long flags),
	TP_ARGS(file, flags),
	TP_STRUCT__entry(
		__field(unsigned long, flags)
	),
	TP_fast_assign(
		__entry->flags = flags;
		if (file)
			__entry->flags |= F_OPEN;
	),
	TP_printk("flags %lx", __entry->flags)
);
"""
TRACE, FLAGS = "include/trace/events/mine.h", "include/linux/flags.h"
OWN = """#include <linux/flags.h>
#include <trace/events/mine.h>
int ask(unsigned long flags);
int quiet(unsigned long flags)
{
	return ask(flags);
}
int told(struct file *file, unsigned long flags)
{
	trace_open_it(file, flags);
	return ask(flags);
}
"""


def sides(
    event: str = EVENT, new_event: str = EVENT, flag: str = "2", own: str = OWN
) -> tuple[list, list]:
    found = []
    for text, value, source in ((event, "1", OWN), (new_event, flag, own)):
        files = {"kernel/x.c": source, TRACE: text, FLAGS: f"#define F_OPEN {value}\n"}
        view = OverlayView(EmptyView(), {p: t.encode() for p, t in files.items()})
        found.append((parse("kernel/x.c", source.encode()), Facts(view)))
    (one, facts), (two, others) = found
    return [one, two], [facts, others]


def names(**given: str) -> ChangedNames:
    sources, facts = sides(**given)
    return changed_names(*sources, *facts)


def test_what_an_event_is_handed_is_no_declaration() -> None:
    found = names()
    assert "F_OPEN" in found.changed
    assert found.changed.isdisjoint(["flags", "file", "long", "quiet"])
    assert not found.dark


@pytest.mark.parametrize(
    "given",
    [
        {"flag": "2"},  # a flag that it looks at
        {"flag": "1", "new_event": EVENT.replace("|= F_OPEN", "= F_OPEN")},
        {"flag": "1", "new_event": EVENT.replace("if (file)", "if (!file)")},
    ],
)
def test_only_who_makes_the_event_sees_that_it_is_another(
    given: dict[str, str],
) -> None:
    own = OWN.replace("return ask(flags);", "return (ask(flags));")
    sources, facts = sides(**given, own=own)
    limits = ProverLimits(seconds=4.0)
    found = compare_files(*sources, *facts, conditions=True, limits=limits)
    verdicts = {one.name: one.verdict for one in found}
    assert verdicts["quiet"] is Verdict.EQUAL
    assert verdicts["told"] is not Verdict.EQUAL


def test_a_macro_of_that_name_of_the_file_itself_is_another() -> None:
    own = "#define TRACE_EVENT(name, ...) int name(int x) { return x; }\n"
    text = own + "TRACE_EVENT(f, a, b) int g(int x) { return x; }\n"
    assert not any(
        '"' in made for made in meanings_of(Header("a.h", text.encode())).made
    )


def test_no_keyword_is_declared() -> None:
    text = (
        "typedef unsigned int long;\nextern unsigned long __n;\n#define if(x) if (x)\n"
    )
    assert set(meanings_of(Header("a.h", text.encode())).texts) == {"__n", "if"}
