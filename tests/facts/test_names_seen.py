# SPDX-License-Identifier: GPL-2.0-or-later
"""What headers say of names is kept by all that the answer hangs on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reviewer.facts import Facts, names_seen
from reviewer.tree import open_tree
from reviewer.tree.views import FolderView, GitView, edits_of

NEAR = "mm/page.c"
ONE = "include/linux/one.h"
OTHER = "include/linux/other.h"
OWN = (
    "#include <linux/one.h>\n#include <linux/two.h>\n#include <linux/other.h>\n"
    "int use(void);\n"
)
FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\n",
    "Kbuild": "obj-y += mm/\n",
    ONE: "#define LIMIT 4\nint first(int x);\n",
    "include/linux/two.h": "static inline int first(int x)\n{\n\treturn LIMIT;\n}\n",
    "include/linux/three.h": "#define LIMIT 8\nlong first(int x, int y);\n",
    OTHER: "int last(void);\n",
    "mm/Makefile": "obj-$(CONFIG_MMU) += page.o\n",
    NEAR: OWN,
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "linux"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "x"]):
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        subprocess.run(["git", "-C", folder, *words], check=True, env=env)
    return folder


class Run:
    """One run of the program with no memory; tells the files that it reads."""

    def __init__(self, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.repo, self.monkeypatch = repo, monkeypatch
        self.read: list[str] = []

    def answers(self, edits: dict[str, bytes | None] | None = None) -> list[object]:
        """What the headers of the file say: of a macro, of a function."""
        names_seen._in_memory.clear()
        self.read.clear()
        with open_tree(self.repo) as tree:
            view = tree.view("HEAD")
            if edits:
                view = view.overlay(edits)
            base, _ = edits_of(view)
            assert isinstance(base, GitView)
            read = base._read
            told = self.monkeypatch.setattr

            def reading(path: str) -> bytes | None:
                self.read.append(path)
                return read(path)

            told(base, "_read", reading)
            facts = Facts(view)
            facts.will_be_asked_of(NEAR)
            values = [one.value.value for one in facts.constant("LIMIT", near=NEAR)]
            holding = [path for path, _ in facts.naming(NEAR, "first")]
            said = [
                (header.path, function.returns, function.body)
                for header, function in facts.functions(NEAR, "first")
            ]
            names_seen.keep(view)
        return [values, holding, said]


@pytest.fixture
def run(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(repo, monkeypatch)


def test_the_second_run_does_not_search_the_headers(run: Run) -> None:
    first = run.answers()
    assert first == [
        [4],
        [ONE, "include/linux/two.h"],
        [
            (ONE, "int", ""),
            ("include/linux/two.h", "static inline int", "{\n\treturn LIMIT;\n}"),
        ],
    ]
    assert OTHER in run.read
    assert run.answers() == first
    assert OTHER not in run.read
    assert run.answers({NEAR: OWN.encode() + b"int LIMITED;\n"}) == first
    assert OTHER not in run.read


@pytest.mark.parametrize(
    ("edits", "values"),
    [
        ({NEAR: b"#include <linux/three.h>\n"}, [8]),
        ({NEAR: b"#include <linux/two.h>\n"}, []),
        ({NEAR: b"#define LIMIT 5\n" + OWN.encode()}, [5]),
        ({ONE: b"#define LIMIT 6\n"}, [6]),
        ({ONE: None}, []),
        ({"include/linux/two.h": b"#define LIMIT 7\n"}, [4]),
    ],
)
def test_what_the_answer_hangs_on_is_looked_at(
    run: Run, edits: dict[str, bytes | None], values: list[int]
) -> None:
    """After a run of the tree as it is, and in an order that was kept, the answer is
    that of a run without memory."""
    kept = run.answers()
    with_memory = run.answers(edits)
    names_seen.disk_cache.forget()
    assert run.answers(edits) == with_memory
    assert with_memory[0] == values
    assert run.answers(edits) == with_memory  # kept now
    assert run.answers() == kept


def test_nothing_is_kept_of_a_repository_that_lost_a_header(run: Run) -> None:
    def git(*words: str) -> str:
        command = ["git", "-C", str(run.repo), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    name = git("rev-parse", f"HEAD:{ONE}")
    lost = run.repo / ".git/objects" / name[:2] / name[2:]
    content = lost.read_bytes()
    lost.unlink()
    assert run.answers()[0] == []
    lost.write_bytes(content)
    assert run.answers()[0] == [4]


def test_a_folder_that_is_no_repository_is_read_anew(
    repo: Path,
) -> None:
    assert names_seen.names_seen(FolderView(repo), NEAR) is None


def test_a_series_that_is_large_pays_for_no_digests(repo: Path) -> None:
    many = {f"mm/{number}.c": b"" for number in range(101)}
    with open_tree(repo) as tree:
        view = tree.view("HEAD")
        for edits in (many, {"mm/x.c": b"x" * (1 << 21)}):
            assert names_seen.names_seen(view.overlay(edits), NEAR) is None
        assert names_seen.names_seen(view.overlay({NEAR: b"x" * (1 << 21)}), NEAR)


def test_a_search_that_was_not_ended_is_not_kept(run: Run) -> None:
    names_seen._in_memory.clear()
    with open_tree(run.repo) as tree:
        facts = Facts(view := tree.view("HEAD"))
        facts.will_be_asked_of(NEAR)
        assert next(iter(facts.functions(NEAR, "first")))[1].body == ""
        names_seen.keep(view)
        assert facts._lookup._names_seen(NEAR).nearest == {"first": (ONE,)}
    assert len(run.answers()[2]) == 2


def test_whoever_asks_for_the_nearest_only_is_answered_from_memory(run: Run) -> None:
    def nearest() -> str:
        names_seen._in_memory.clear()
        with open_tree(run.repo) as tree:
            facts = Facts(tree.view("HEAD"))
            facts.will_be_asked_of(NEAR)
            path, _data = next(facts.naming(NEAR, "first"))
            facts.keep()
            run.read.append(str(len(facts._lookup._levels)))
        return path

    assert [nearest(), nearest()] == [ONE, ONE]
    assert run.read == ["1", "0"]  # nothing was searched the second time


def test_the_gate_of_a_patched_file_is_kept_by_the_makefiles(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gate(edits: dict[str, bytes | None]) -> str:
        with open_tree(repo) as tree:
            facts = Facts(tree.view("HEAD").overlay(edits))
            facts.will_be_asked_of(NEAR)
            return str(facts.build_gate(NEAR).condition)

    assert gate({}) == "IS_ENABLED(CONFIG_MMU)"
    by_ksm = gate({"mm/Makefile": b"obj-$(CONFIG_KSM) += page.o\n"})
    assert by_ksm == "IS_ENABLED(CONFIG_KSM)"
    monkeypatch.setattr("reviewer.facts.kbuild.build_gate", None)
    assert gate({}) == gate({NEAR: b"int x;\n"}) == "IS_ENABLED(CONFIG_MMU)"
    with pytest.raises(TypeError):
        gate({"mm/Kbuild": b"obj-y += page.o\n"})
