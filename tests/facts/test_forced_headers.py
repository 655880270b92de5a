# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers of every file are read from the makefiles of the tree."""

from __future__ import annotations

import pytest

from reviewer.facts.forced_headers import DEFAULT, always_defined, forced_headers
from reviewer.tree import open_tree
from reviewer.tree.view import EmptyView, View
from reviewer.tree.views import OverlayView

USER = "USERINCLUDE := -I$(srctree)/include \\\n\t-include $(srctree)/include/k/a.h\n"
FLAGS = "c_flags = -Wp,-MMD \\\n\t\t -include $(srctree)/include/k/b.h       \\\n"
GUARDED = "#ifndef _B_H\n#define _B_H\n#define EVERYWHERE 1\n%s#endif\n"


def tree(**files: str) -> View:
    named = {
        "Makefile": USER, "scripts/Makefile.lib": FLAGS, "include/k/a.h": "",
        "include/k/b.h": GUARDED % "#ifdef CONFIG_X\n#define SOMEWHERE 1\n#endif\n",
        **files,
    }  # fmt: skip
    return OverlayView(EmptyView(), {p: text.encode() for p, text in named.items()})


def test_the_makefiles_name_them() -> None:
    assert forced_headers(tree()) == ("include/k/a.h", "include/k/b.h")


def test_what_is_not_there_is_left_out() -> None:
    files = {"Makefile": USER + "-include .kernelvariables\n", "include/k/a.h": ""}
    view = OverlayView(EmptyView(), {p: text.encode() for p, text in files.items()})
    assert forced_headers(view) == ("include/k/a.h",)


def test_a_tree_without_makefiles_has_those_of_today() -> None:
    files = dict.fromkeys(DEFAULT, b"")
    assert forced_headers(OverlayView(EmptyView(), files)) == DEFAULT
    assert forced_headers(EmptyView()) == ()


def test_what_only_some_configurations_have_is_not_always_defined() -> None:
    assert always_defined(tree()) == {"_B_H", "EVERYWHERE"}


@pytest.mark.kernel
def test_the_kernels_force_the_same_three(linux_6_1, linux_6_12) -> None:
    for path in (linux_6_1, linux_6_12):
        view = open_tree(path).view("HEAD")
        assert forced_headers(view) == DEFAULT
        assert {"IS_ENABLED", "IS_REACHABLE", "__is_defined"} <= always_defined(view)
