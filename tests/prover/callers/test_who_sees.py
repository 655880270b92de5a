# SPDX-License-Identifier: GPL-2.0-or-later
"""Who can see that a function differs: its callers, proved or not claimed."""

from __future__ import annotations

import pytest
from edited_callee import F, callers

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.callers.who_sees import MOST_OF_ONE, with_callers
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Callers
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView


def seen(rest: str) -> list[str]:
    """What is known of each caller."""
    return [caller.sees for caller in callers(rest).found]


NOT_SEEN = {
    "another constant": "int g(struct dev *d) { return f(d, 1); }",
    "a test before": "int g(struct dev *d, int y)"
    " { if (!y) return 0; return f(d, y); }",
    "a test around": "void g(struct dev *d, int y) { if (y > 3) f(d, y - 2); }",
    "a test in the same expression": "int g(struct dev *d, int y)"
    " { return y && f(d, y); }",
    "a variable that is set before the test": "int g(struct dev *d, int y)"
    " { int z = y & 7; if (z < 2) return 0; return f(d, z - 1); }",
    "what is given back is not looked at": "void g(struct dev *d, int y) { f(d, y); }",
    "all errors are one to it": "int g(struct dev *d, int y)"
    " { if (f(d, y) < 0) return -5; return 0; }",
    "a switch": "int g(struct dev *d, int y)"
    " { switch (y) { case 1: case 2: return f(d, y); } return 0; }",
}


@pytest.mark.parametrize("title", NOT_SEEN)
def test_a_caller_that_is_proved_to_do_the_same(title: str) -> None:
    assert seen(NOT_SEEN[title]) == ["no"]


MAY_BE_SEEN = {
    "any number": "int g(struct dev *d, int y) { return f(d, y); }",
    "the constant": "int g(struct dev *d) { return f(d, 0); }",
    "changed behind the test": "int g(struct dev *d, int y)"
    " { if (!y) return 0; y--; return f(d, y); }",
    "changed by who has its address": "void set(int *); int g(struct dev *d, int y)"
    " { set(&y); if (!y) return 0; set(&y); return f(d, y); }",
    "changed in the expression": "int g(struct dev *d, int y)"
    " { if (!y) return 0; return f(d, --y); }",
    "changed by a macro": "#define DROP(v) ((v)--)\nint g(struct dev *d, int y)"
    " { if (!y) return 0; DROP(y); return f(d, y); }",
    "a global, read twice": "int g(struct dev *d)"
    " { if (!glob) return 0; bar(1); return f(d, glob); }",
    "volatile, read twice": "int g(struct dev *d, volatile int *y)"
    " { if (!*y) return 0; return f(d, *y); }",
    "narrowed on the way": "int g(struct dev *d, long y)"
    " { if (!y) return 0; return f(d, y); }",
    "a loop that counts down": "int g(struct dev *d, int n)"
    " { while (n >= 0) { f(d, n); n--; } return f(d, 0); }",
    "a loop that goes on": "int g(struct dev *d, int n)"
    " { if (!n) return 0; again: if (f(d, n)) { n--; goto again; } return n; }",
    "the test of another way": "int g(struct dev *d, int y, int z)"
    " { if (z) goto out; if (!y) return 0; out: return f(d, y); }",
    "a test under an option": "int g(struct dev *d, int y) {\n#ifdef CONFIG_NUMA\n"
    " if (!y) return 0;\n#endif\n return f(d, y); }",
    "a shadowed variable": "int g(struct dev *d, int y)"
    " { if (!y) return 0; { int y = 0; return f(d, y); } }",
    "one call of two": "int g(struct dev *d, int y)"
    " { if (y) return f(d, y); return f(d, 0); }",
    "by way of the file's own": "static int h(struct dev *d, int y)"
    " { return f(d, y); }\nint g(struct dev *d) { return h(d, 0); }",
}


@pytest.mark.parametrize("title", MAY_BE_SEEN)
def test_a_caller_that_may_see_it(title: str) -> None:
    (known,) = seen(MAY_BE_SEEN[title])
    assert known != "no"


def test_a_caller_that_differs_is_told_with_its_state() -> None:
    (one,) = callers("int g(struct dev *d, int y) { return f(d, y - 3); }").found
    assert (one.name, one.sees, one.line) == ("g", "yes", 12)
    assert one.how == "return value: -1 -> -22 when y = 3"


NOT_KNOWN = {
    "its address is taken": "int (*p)(struct dev *, int) = f;",
    "it is handed over": "void reg(void *); void h(void) { reg(f); }",
    "it stands in a table": "struct o { void *p; }; struct o o = { .p = f };",
    "a macro calls it": "#define CALL(d) f(d, 0)\nint h(struct dev *d)"
    " { return CALL(d); }",
    "the branch of an #if that is not read": "#ifdef CONFIG_NUMA\n"
    "int h(struct dev *d) { return f(d, 1);\n#else\n"
    "int h(struct dev *d) { return f(d, 0);\n#endif\n}",
    "code that is not read": "int h(struct dev *d) { return f(d, 0) }",
}


@pytest.mark.parametrize("title", NOT_KNOWN)
def test_nothing_is_said_where_others_may_call_it(title: str) -> None:
    found = callers(f"{NOT_KNOWN[title]}\nint g(struct dev *d) {{ return f(d, 1); }}")
    assert found.others
    assert [caller.sees for caller in found.found if caller.name == "g"] == [""]


def test_the_places_of_other_uses_are_quoted() -> None:
    found = callers("struct o { void *p; };\nstruct o o = {\n\t.p = f,\n};")
    assert found.found == ()
    assert found.others == ("`.p = f,` (mm/x.c:14)",)


def test_the_path_of_a_header_is_no_use() -> None:
    rest = "#include <linux/f.h>\nint g(struct dev *d) { return f(d, 1); }"
    found = callers(rest)
    assert [caller.sees for caller in found.found] == ["no"]
    assert found.others == ()


def test_a_name_that_a_macro_may_make_is_not_followed() -> None:
    text = "#define CALL(l, d) l##_x(d, 0)\n" + F.replace("int f(", "int f_x(")
    rest = "int g(struct dev *d) { return f_x(d, 1); }\nint h(void *d)"
    rest += " { return CALL(f, d); }\n"
    pre, post = (
        parse("mm/x.c", f"{one}{rest}".encode())
        for one in (text, text.replace("-1", "-22"))
    )
    found = compare_functions(pre, post, None, None, ("f_x",), conditions=True)
    (told,) = with_callers(pre, post, None, None, found)
    assert told.callers is not None
    assert [caller.sees for caller in told.callers.found] == [""]


def test_a_function_that_calls_itself_is_not_its_caller() -> None:
    text = F.replace("return foo(d)", "return f(d, x - 1)")
    found = callers("int g(struct dev *d) { return f(d, 1); }", text, ("-1", "-22"))
    assert [caller.name for caller in found.found] == ["g"]
    assert found.found[0].sees != "no"  # it gets to 0 in the end


def test_a_pointer_of_the_same_name_is_no_caller() -> None:
    found = callers("int g(int (*f)(int, int)) { return f(0, 1); }")
    assert found.found == ()


def test_a_caller_that_changes_is_said_to() -> None:
    rest = "int g(struct dev *d) { return f(d, 1) + 1; }\n"
    rest += "int h(struct dev *d) { return f(d, 1) + 1 - 1; }\n"
    pre = parse("mm/x.c", f"{F}{rest}".encode())
    after = f"{F}{rest}".replace("-1", "-22").replace("+ 1;", "+ 2;")
    post = parse("mm/x.c", after.replace(" + 1 - 1", "").encode())
    names = ("f", "g", "h")
    found = compare_functions(pre, post, None, None, names, conditions=True)
    told = with_callers(pre, post, None, None, found)
    assert told[0].callers is not None
    assert [caller.sees for caller in told[0].callers.found] == ["changes", "no"]
    assert told[1].callers is None


def test_only_some_are_judged() -> None:
    many = "\n".join(
        f"int g{number}(struct dev *d) {{ return f(d, 1); }}" for number in range(7)
    )
    assert seen(many) == ["no"] * MOST_OF_ONE + [""] * 3


def test_of_what_does_the_same_nobody_is_asked() -> None:
    pre = parse("mm/x.c", f"{F}int g(struct dev *d) {{ return f(d, 1); }}".encode())
    found = compare_functions(pre, pre, None, None, ("f",), conditions=True)
    assert with_callers(pre, pre, None, None, found)[0].callers is None


SHARED = F.replace("static int f(", "int f(")
NEAR = {
    "mm/f.h": "int f(struct dev *d, int x);\n",
    "mm/one.c": '#include "f.h"\nint one(struct dev *d) { return f(d, 1); }\n',
    "mm/two.c": "static int f(int a) { return a; }\nint two(void) { return f(1); }\n",
    "mm/three.c": '#include "f.h"\nstruct o { void *p; } o = { .p = f };\n',
    "fs/far.c": "int f(void *, int);\nint far(void) { return f(0, 0); }\n",
}


def nearby(files: dict[str, str]) -> Callers | None:
    view = OverlayView(EmptyView(), {path: t.encode() for path, t in files.items()})
    facts = Facts(view)
    rest = "int own(struct dev *d) { return f(d, 1); }\n"
    pre, post = (
        parse("mm/x.c", f"{text}{rest}".encode())
        for text in (SHARED, SHARED.replace("-1", "-22"))
    )
    found = compare_functions(pre, post, facts, facts, ("f",), conditions=True)
    return with_callers(pre, post, facts, facts, found)[0].callers


def test_the_folder_is_searched_for_what_its_header_declares() -> None:
    found = nearby(NEAR)
    assert found is not None
    assert found.where == "mm/"
    told = [(one.name, one.file, one.line, one.sees) for one in found.found]
    assert told == [("own", "mm/x.c", 12, ""), ("one", "mm/one.c", 2, "")]
    assert found.others == ("`struct o { void *p; } o = { .p = f };` (mm/three.c:2)",)


def test_what_is_only_called_is_judged_in_its_own_file() -> None:
    found = nearby({path: text for path, text in NEAR.items() if path != "mm/three.c"})
    assert found is not None
    told = [(one.name, one.sees) for one in found.found]
    assert (told, found.others) == ([("own", "no"), ("one", "")], ())


def test_what_no_header_of_the_folder_declares_is_told_of_the_file() -> None:
    found = nearby({path: text for path, text in NEAR.items() if path != "mm/f.h"})
    assert found is not None
    assert (found.where, [one.name for one in found.found]) == ("this file", ["own"])


def test_a_name_in_many_files_is_told_of_the_file() -> None:
    many = {f"mm/n{n}.c": NEAR["mm/one.c"] for n in range(9)}
    found = nearby({**NEAR, **many})
    assert found is not None
    assert found.where == "this file"


@pytest.mark.parametrize("attribute", ["alias", "__alias__", "weakref", "ifunc"])
def test_another_name_of_it_is_a_use(attribute: str) -> None:
    found = callers(
        f'int also(int) __attribute__(({attribute}("f")));\n{NOT_SEEN["a switch"]}'
    )
    assert len(found.others) == 1
    assert [caller.sees for caller in found.found] == [""]
