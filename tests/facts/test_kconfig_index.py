# SPDX-License-Identifier: GPL-2.0-or-later
"""The index of Kconfig files: of a commit, of an edited one, and from disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer import disk_cache
from reviewer.c.conditions import parse_condition
from reviewer.c.formula import digest
from reviewer.facts import kconfig_index, kept_proofs
from reviewer.facts.kconfig import Kconfig
from reviewer.facts.kconfig_index import KconfigIndex, index_of
from reviewer.tree import Tree, open_tree
from reviewer.tree.views import FolderView

FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n",
    "Kconfig": 'source "mm/Kconfig"\nsource "fs/Kconfig"\n',
    "mm/Kconfig": "config A\n\tbool\n\tselect B\nconfig B\n\tbool\n",
    "fs/Kconfig": "config B\n\tbool\nmenuconfig C\n\tbool\n\timply A\n",
    "tools/Kconfig": "config D\n",
    "fs/Makefile": "obj-y += x.o\n",
    "Kbuild": "obj-y += fs/\n",
    "include/linux/x.h": "\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    top = tmp_path / "tree"
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    env = {**os.environ, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", top, *who, *words], check=True, env=env)
    with open_tree(top) as opened:
        yield opened


def anew(tree: Tree) -> KconfigIndex:
    """The index as another run finds it."""
    kconfig_index._known.clear()
    return index_of(tree.view("HEAD"))


def test_an_index_names_the_files(tree: Tree) -> None:
    found = anew(tree)
    assert found.paths == {"Kconfig", "mm/Kconfig", "fs/Kconfig"}
    assert found.defines == {
        "A": ["mm/Kconfig"],
        "B": ["fs/Kconfig", "mm/Kconfig"],
        "C": ["fs/Kconfig"],
    }
    assert found.selects == {"B": ["mm/Kconfig"], "A": ["fs/Kconfig"]}
    assert found.sources == {"mm/Kconfig": ["Kconfig"], "fs/Kconfig": ["Kconfig"]}


def test_the_second_run_reads_no_kconfig_file(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = anew(tree)
    monkeypatch.setattr(kconfig_index, "_read", None)
    assert anew(tree) == first


@pytest.mark.parametrize(
    "kept", [[], {}, 3, "x", [[1], {}, {}, {}], [["a"], {"A": [7]}, {}, {}],
             [["a"], {"A": 1}, {}, {}], [["a"], [], {}, {}]],
)  # fmt: skip
def test_what_is_no_index_is_made_anew(tree: Tree, kept: object) -> None:
    first = anew(tree)
    view = tree.view("HEAD")
    disk_cache.keep("kconfig index", kconfig_index._VERSION, view.label, kept)
    assert anew(tree) == first


def test_an_edited_view_is_as_if_read_whole(tree: Tree) -> None:
    """With files replaced, added and deleted, on what was kept and on what was not."""
    edits = {
        "mm/Kconfig": b"config B\n\tbool\n\tselect E\n",
        "fs/Kconfig": None,
        "arch/x86/Kconfig": b'config E\n\tbool\nsource "x/Kconfig.debug"\n',
        "fs/Makefile": b"",
    }
    anew(tree)
    edited = index_of(tree.view("HEAD").overlay(edits))
    whole = kconfig_index._read(tree.view("HEAD").overlay(edits))
    assert edited == whole
    assert edited.defines == {"B": ["mm/Kconfig"], "E": ["arch/x86/Kconfig"]}


def test_the_files_of_a_worktree_are_not_kept(tree: Tree) -> None:
    assert index_of(tree.view(None)) == anew(tree)
    (tree.path / "mm/Kconfig").write_text("config Z\n\tbool\n")
    with open_tree(tree.path) as again:
        assert "Z" in index_of(again.view(None)).defines


def test_a_plain_folder_and_a_worktree_have_the_same_index(tree: Tree) -> None:
    tracked = index_of(tree.view(None))
    shutil.rmtree(tree.path / ".git")
    with open_tree(tree.path) as plain:
        view = plain.view(None)
        assert isinstance(view, FolderView)
        assert view.named("Kconfig") == ["Kconfig", "fs/Kconfig", "mm/Kconfig",
                                         "tools/Kconfig"]  # fmt: skip
        assert index_of(view) == tracked


# --- answers that are kept ---


def asked(tree: Tree, given: str, wanted: str, **edits: bytes) -> tuple[object, bool]:
    """What Kconfig refutes, and whether it had to be computed."""
    view = tree.view("HEAD")
    if edits:
        view = view.overlay({"mm/Kconfig": edits["mm"]})
    kconfig, computed = Kconfig(view), []
    compute = kconfig._refutations
    kconfig._refutations = lambda *words: computed.append(words) or compute(*words)
    found = kconfig.refute(parse_condition(given), parse_condition(wanted))
    return found, bool(computed)


def test_a_refutation_is_computed_once(tree: Tree) -> None:
    found, computed = asked(tree, "!defined(CONFIG_A)", "CONFIG_C")
    assert found is not None
    assert computed
    assert asked(tree, "!defined(CONFIG_A)", "CONFIG_C") == (found, False)
    assert asked(tree, "CONFIG_A", "CONFIG_B") == (None, True)  # A selects B
    assert asked(tree, "CONFIG_A", "CONFIG_B") == (None, False)


def test_a_refutation_holds_for_its_kconfig_and_its_reader(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(tree, "CONFIG_A", "CONFIG_B") == (None, True)
    without = b"config A\n\tbool\nconfig B\n\tbool\n"
    assert asked(tree, "CONFIG_A", "CONFIG_B", mm=without)[1]
    monkeypatch.setattr(kept_proofs, "code_version", lambda: "another")
    assert asked(tree, "CONFIG_A", "CONFIG_B") == (None, True)


def test_a_condition_is_named_the_same_however_it_was_made() -> None:
    one = parse_condition("defined(CONFIG_A) && !defined(CONFIG_B)")
    assert digest(one) == digest(
        parse_condition("defined(CONFIG_A)") & ~(parse_condition("defined(CONFIG_B)"))
    )
    assert digest(one) != digest(parse_condition("defined(CONFIG_A)"))
    assert digest(~one) != digest(one)
