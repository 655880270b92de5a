# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review --behaviour``: the changed functions beside the remarks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from reviewer.cli import main

OLD = """int ask(int a);
void unlock(void);

int f(int a)
{
	int r = ask(a);

	if (r)
		return r;
	unlock();
	return 0;
}
"""
NEW = OLD.replace(
    "\tif (r)\n\t\treturn r;", "\tif (r) {\n\t\tunlock();\n\t\treturn r;\n\t}"
)
FILE = "kernel/x.c"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def mail(tmp_path: Path) -> tuple[Path, Path]:
    """A kernel of one file, and a patch for it."""
    tree = tmp_path / "linux"
    (tree / "kernel").mkdir(parents=True)
    (tree / "Makefile").write_text(
        "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
    )
    (tree / "Kbuild").write_text("obj-y += kernel/\n")
    (tree / FILE).write_text(OLD)
    git(tree, "init", "-q", "-b", "main")
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "base")
    (tree / FILE).write_text(NEW)
    git(tree, "commit", "-q", "-a", "-s", "-m", "x: unlock on the way out")
    patch = tmp_path / "0001.patch"
    patch.write_text(git(tree, "format-patch", "-1", "--stdout"))
    git(tree, "reset", "-q", "--hard", "HEAD~1")
    return tree, patch


def test_the_condition_stands_below_the_remarks(
    mail: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    tree, patch = mail
    words = [str(patch), "--offline", "--tree", str(tree)]
    main([*words, "--behaviour"])
    said = capsys.readouterr().out
    assert "1 changed function: 1 the same but under a condition" in said
    assert "when `r`, what ask() gave (kernel/x.c:8)" in said
    assert "calls `unlock()`" in said
    assert "otherwise: the same (proved)" in said
    main(words)
    assert "changed function" not in capsys.readouterr().out


def test_a_second_run_proves_nothing(
    mail: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says the same; with another assumption it proves anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tree, patch = mail
    words = ["behaviour", str(patch), "--tree", str(tree), "--format=json"]
    main(words)
    first = capsys.readouterr().out
    assert json.loads(first)["functions"][0]["verdict"] == "equal unless"

    def proved(*_given: object, **_named: object) -> tuple[()]:
        return ()

    monkeypatch.setattr("reviewer.prover.judge.compare.compare_functions", proved)
    main(words)
    assert capsys.readouterr().out == first
    main([*words, "--without", "no-fake-heads"])
    assert json.loads(capsys.readouterr().out)["functions"] == []


def test_the_page_of_a_review_has_the_functions(
    mail: tuple[Path, Path], tmp_path: Path
) -> None:
    tree, patch = mail
    page = tmp_path / "page.html"
    words = ["report", str(patch), "--html", str(page), "--offline", "--force"]
    main([*words, "--tree", str(tree), "--behaviour"])
    shown = page.read_text()
    assert "1 changed function: 1 the same but under a condition." in shown
    assert "calls <code>unlock()</code>" in shown
    main([*words, "--tree", str(tree)])
    assert "changed function" not in page.read_text()


def test_json_has_the_functions(
    mail: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    tree, patch = mail
    words = [str(patch), "--offline", "--tree", str(tree), "--format=json"]
    main([*words, "--behaviour"])
    (function,) = json.loads(capsys.readouterr().out)["functions"]
    assert function["same_unless"] == ["when `r`, what ask() gave (kernel/x.c:8)"]
    assert function["then"] == ["calls `unlock()`"]
    assert function["otherwise"] == "the same (proved)"
    main(words)
    assert "functions" not in json.loads(capsys.readouterr().out)


def test_who_can_see_it_is_told(
    mail: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the state behind the whole series, on each page and in JSON."""
    tree, _patch = mail
    low = OLD.replace("int f(int a)", "static int low(int a)")
    low = low.replace("ask(a);", "a > 9;")
    rest = "int g(void) { return low(3); }\nint h(void) { return low(10); }\n"
    for text in (low + rest, low.replace("return r;", "return 7;") + rest):
        (tree / FILE).write_text(text)
        git(tree, "commit", "-q", "-a", "-s", "-m", "x: another number")
    patch = tmp_path / "0002.patch"
    patch.write_text(git(tree, "format-patch", "-1", "--stdout"))
    git(tree, "reset", "-q", "--hard", "HEAD~1")
    words = ["behaviour", str(patch), "--tree", str(tree)]
    main(words)
    said = " ".join(capsys.readouterr().out.split())
    assert "callers: 2 in this file; 1 differs, too: h()" in said
    assert "h() (kernel/x.c:14: return value: 1 -> 7)" in said
    assert "1 does not see it (proved): g() (kernel/x.c:13: hands it `a = 3`)" in said
    main([*words, "--format=json"])
    whole = json.loads(capsys.readouterr().out)
    found = whole["functions"][0]["callers"]["found"]
    assert [(one["name"], one["sees"]) for one in found] == [("g", "no"), ("h", "yes")]
    page = tmp_path / "page.html"
    options = ["--offline", "--force", "--tree", str(tree), "--behaviour"]
    main(["report", str(patch), "--html", str(page), *options])
    assert "<code>low()</code>: callers: 2 in this file" in page.read_text()


def test_each_patch_has_its_verdict(
    mail: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    tree, _patch = mail
    for text in (NEW, OLD, OLD.replace("return 0", "return 1")):
        (tree / FILE).write_text(text)
        git(tree, "commit", "-q", "-a", "-s", "-m", "x: a step")
    main(["behaviour", "HEAD~3..HEAD~1", "--tree", str(tree)])
    said = capsys.readouterr().out
    assert "f(): equal\n" in said
    assert "patch by patch: 1: equal unless, 2: equal unless" in said
    words = ["behaviour", "HEAD~3..HEAD", "--tree", str(tree), "--format=json"]
    main(words)
    (function,) = json.loads(capsys.readouterr().out)["functions"]
    assert function["verdict"] == "differs"
    assert [step[0] for step in function["by_patch"]] == [1, 2, 3]
    main([*words[:1], "HEAD~1..HEAD", *words[2:]])
    assert json.loads(capsys.readouterr().out)["functions"][0]["by_patch"] == []


@pytest.mark.parametrize("first", [["behaviour"], ["--behaviour"]])
def test_the_base_is_looked_for_as_for_the_review(
    first: list[str],
    mail: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In every tree that is named, and at the revision that is."""
    tree, patch = mail
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(tree), str(other))
    git(tree, "rm", "-q", FILE)
    git(tree, "commit", "-q", "-m", "gone")
    found = "1 changed function: 1 the same but under a condition"
    words = [*first, str(patch), "--offline", "--tree", str(tree)]
    main([*words, "--tree", str(other)])
    assert found in capsys.readouterr().out
    main([*words, "--base", "HEAD~1"])
    assert found in capsys.readouterr().out
