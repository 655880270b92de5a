# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review rules --new NAME``, in a checkout of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reviewer.commands import new_rule
from reviewer.errors import UsageError

TOP = Path(__file__).parent.parent.parent
FILES = ("README.md", "pyproject.toml", "tests/conftest.py", "tests/case_language.py")
PARTS = ("reviewer", "rules", "templates", "tests/rules", "tests/submission")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of what a rule touches, and of the tests of rules."""
    top = tmp_path_factory.mktemp("checkout")
    no = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(TOP / part, top / part, symlinks=True, ignore=no)
    for file in FILES:
        shutil.copy(TOP / file, top / file)
    return top


def python(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=top, capture_output=True, text=True, check=False
    )


def rules(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return python(top, "-m", "reviewer.cli", "rules", *words)


@pytest.fixture(scope="module")
def begun(checkout) -> subprocess.CompletedProcess[str]:
    return rules(checkout, "--new", "lost-residue")


def test_it_says_what_it_wrote_and_what_to_do(begun, checkout) -> None:
    assert begun.returncode == 0, begun.stderr
    written = re.findall(r"^wrote (.+)$", begun.stdout, re.M)
    assert len(written) == len(set(written)) == 8
    for path in written:
        assert (checkout / path).is_file(), path
    assert "rules/lost_residue/rule.py" in written
    assert "help writing-a-rule" in begun.stdout


def test_what_repeats_the_rules_has_it(begun, checkout) -> None:
    listed = rules(checkout).stdout
    assert re.search(r"^lost-residue +medium +preview ", listed, re.M)
    for file in ("rules/index.json", "README.md"):
        assert "lost-residue" in (checkout / file).read_text(), file
    again = rules(checkout, "--write")
    assert (again.returncode, again.stdout) == (0, "")


def test_its_cases_are_green_and_the_rest_asks_for_a_person(begun, checkout) -> None:
    done = python(
        checkout, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider",
        "tests/rules/test_cases.py", "tests/rules/test_rules_meta.py",
        "-k", "lost-residue or index or list_of", "--junit-xml=told.xml",
    )  # fmt: skip
    told = ElementTree.parse(checkout / "told.xml").getroot()
    cases = list(told.iter("testcase"))
    failed = {
        c.get("name", "").split("[")[0] for c in cases if c.find("failure") is not None
    }
    assert failed == {
        "test_has_a_precedent_that_can_be_looked_up",
        "test_says_todo_nowhere",
    }
    assert len(cases) > 11, done.stdout[-500:]


def test_what_is_written_is_as_the_linters_want_it(begun, checkout) -> None:
    for words in (("check",), ("format", "--check")):
        done = python(
            checkout, "-m", "ruff", *words, "rules", "reviewer/commands/new_rule.py"
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lost-residue", "there is a rule"),
        ("mask-precedence", "there is a rule"),
        ("Lost", "no name for a rule"),
        ("lost_update", "no name for a rule"),
        ("../escape", "no name for a rule"),
        ("-", "no name for a rule"),
        ("a--b", "no name for a rule"),
        ("x" * 41, "no name for a rule"),
        ("class", "something else"),
        ("index", "something else"),
        ("new\n", "no name for a rule"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(begun, checkout, name, said) -> None:
    before = sorted(p for p in checkout.rglob("*") if "__pycache__" not in p.parts)
    done = rules(checkout, f"--new={name}")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert before == sorted(
        p for p in checkout.rglob("*") if "__pycache__" not in p.parts
    )


@pytest.mark.parametrize(
    "there", ["rules/other_one/rule.py", "templates/findings/other-one.j2"]
)
def test_nothing_is_overwritten(begun, checkout, there: str) -> None:
    path = checkout / there
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")
    index = (checkout / "rules/index.json").read_text()
    done = rules(checkout, "--new", "other-one")
    assert done.returncode == 2
    assert f"{there} is there" in done.stderr
    assert path.read_text() == "mine\n"
    assert (checkout / "rules/index.json").read_text() == index
    path.unlink()


def test_where_nothing_can_be_written_nothing_is_left(begun, checkout) -> None:
    """A file stands where the words' folder should be: no part of the rule is made."""
    words = checkout / "templates/findings"
    words.rename(checkout / "templates/away")
    words.write_text("")
    listed = (checkout / "rules/index.json").read_text()
    done = rules(checkout, "--new", "third-one")
    words.unlink()
    (checkout / "templates/away").rename(words)
    assert done.returncode == 2
    assert done.stderr.startswith("kpf-review: cannot write ")
    assert done.stderr.count("\n") == 1
    assert not list(checkout.rglob("third[-_]one*/**/*.*"))
    assert (checkout / "rules/index.json").read_text() == listed


def test_an_installed_package_has_no_place_for_it(monkeypatch, tmp_path) -> None:
    (tmp_path / "reviewer/rules").mkdir(parents=True)
    monkeypatch.setattr(new_rule, "PACKAGE", tmp_path / "reviewer")
    for call in (lambda: new_rule.begin("lost-residue"), new_rule.write):
        with pytest.raises(UsageError, match="installed package"):
            call()
