# SPDX-License-Identifier: GPL-2.0-or-later
"""No replacement is proposed that the rules and the prover have not read."""

from __future__ import annotations

import subprocess

import pytest
from msgspec.structs import replace

from reviewer import disk_cache, engine, rulebook
from reviewer.api import FileImage, Finding, Skipped
from reviewer.c.source import parse
from reviewer.engine import trial
from reviewer.facts import Facts, kept_proofs
from reviewer.models import Confidence, Edit, Judged, Severity, TreeInfo
from reviewer.rulebook import LoadedRule
from reviewer.tree import open_tree
from reviewer.tree.view import EmptyView

FILE = "drivers/x/x.c"
CODE = b"""#define X_A (1UL << 7)
#define X_B (1UL << 0)
int one(unsigned long flags)
{
	if (flags & X_A | X_B)
		return -22;
	return 0;
}
"""


class View(EmptyView):
    """A tree of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, path: str) -> bytes | None:
        return self.data if path == FILE else None


def scanned(data: bytes, *rules: str) -> list[Judged]:
    info = TreeInfo("folder", None, "worktree", None)
    found = engine.scan(View(data), info, [FILE], rulebook.choose(rules))
    assert found.crashed == ()
    return list(found.report.findings)


def proposed(test: bytes) -> str | None:
    """What is proposed for a test in the place of ``flags & X_A | X_B``."""
    data = CODE.replace(b"flags & X_A | X_B", test)
    (finding,) = scanned(data, "logical-vs-bitwise")
    suggestion = finding.fields["suggestion"]
    assert suggestion is None or isinstance(suggestion, str)
    return suggestion


@pytest.mark.parametrize(
    ("test", "right"),
    [
        (b"flags & X_A | X_B", "flags & (X_A | X_B)"),
        (b"(flags & X_A) | X_B", "flags & (X_A | X_B)"),
        (b"flags | X_A", "flags & X_A"),
        (b"flags | X_A | X_B", "flags & (X_A | X_B)"),
        (b"flags & X_A & X_B", "(flags & (X_A | X_B)) == (X_A | X_B)"),
    ],
)
def test_what_is_proposed_is_found_silent(test: bytes, right: str) -> None:
    assert proposed(test) == right
    data = CODE.replace(b"flags & X_A | X_B", right.encode())
    assert scanned(data) == []


def image(data: bytes) -> FileImage:
    return FileImage(parse(FILE, data), Facts(View(data)))


def tried(finding: Judged, data: bytes, *, left: int = 0) -> Judged:
    rule = rulebook.load(finding.rule)

    def ask(other: LoadedRule, subject: FileImage) -> list[Finding]:
        try:
            return [replace(one, anchor="x") for one in other.check(subject)]
        except Skipped:  # wants page-flags.h
            return []

    return trial.try_fix(
        finding, rule, image(data), 1, again=lambda _source: left, ask=ask
    )


def edited(data: bytes, old: bytes, new: bytes, rule: str) -> Judged:
    start = data.index(old)
    return Judged(
        rule,
        Severity.HIGH,
        Confidence.PROVED,
        FILE,
        5,
        {"suggestion": new.decode()},
        edits=(Edit(start, start + len(old), new),),
        function="one",
        anchor="y",
    )


PLAIN = CODE.replace(b"flags & X_A | X_B", b"flags == 4")


def test_a_good_one_is_a_diff() -> None:
    done = tried(edited(PLAIN, b"flags == 4", b"flags & X_A", "shift-width"), PLAIN)
    assert done.fix is not None
    assert "+\tif (flags & X_A)" in done.fix


def test_one_that_does_not_silence_its_rule_is_dropped() -> None:
    given = edited(PLAIN, b"flags == 4", b"flags & X_A", "shift-width")
    done = tried(given, PLAIN, left=1)
    assert (done.fix, done.edits, done.fields["suggestion"]) == (None, (), None)


def test_one_that_another_rule_condemns_is_dropped() -> None:
    done = tried(edited(PLAIN, b"flags == 4", b"flags | X_A", "shift-width"), PLAIN)
    assert (done.fix, done.edits, done.fields["suggestion"]) == (None, (), None)


def test_one_that_changes_nothing_is_dropped() -> None:
    """The finding says that the code is wrong; it is proved that it stays so."""
    done = tried(edited(PLAIN, b"flags == 4", b"4 == flags", "shift-width"), PLAIN)
    assert (done.fix, done.edits, done.fields["suggestion"]) == (None, (), None)


def test_the_prover_is_asked_for_a_proof_and_for_no_witness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(*_asked: object) -> None:
        raise AssertionError("a state that differs is looked for, and nobody reads it")

    monkeypatch.setattr("reviewer.prover.judge.pair_verdict.judge", judge)
    assert proposed(b"flags & X_A | X_B") is not None


def test_what_a_helper_makes_idle_is_dropped() -> None:
    helper = b"static int has(unsigned long f) { return !!(f & X_A); }\nint one("
    data = PLAIN.replace(b"int one(", helper).replace(b"flags == 4", b"flags & (X_A)")
    done = tried(edited(data, b"flags & (X_A)", b"has(flags)", "shift-width"), data)
    assert (done.fix, done.edits, done.fields["suggestion"]) == (None, (), None)


def test_of_very_many_none_is_tried() -> None:
    given = edited(PLAIN, b"flags == 4", b"flags & X_A", "shift-width")
    done = trial.try_fix(
        given,
        rulebook.load("shift-width"),
        image(PLAIN),
        trial.TRIED + 1,
        again=lambda _source: 0,
        ask=lambda _rule, _image: [],
    )
    assert (done.fix, done.fields["suggestion"]) == (None, None)


def test_one_that_is_not_proved_in_its_time_is_dropped(monkeypatch) -> None:
    """A line of a megabyte held the prover for minutes, which no rule's bound ended."""

    def endless(*_asked: object, **_more: object) -> bool:
        while True:
            pass

    monkeypatch.setattr(trial, "_is_idle", endless)
    done = trial.try_fix(
        edited(PLAIN, b"flags == 4", b"flags & X_A", "shift-width"),
        rulebook.load("shift-width"),
        image(PLAIN),
        1,
        again=lambda _source: 0,
        ask=lambda _rule, _image: [],
        seconds=0.05,
    )
    assert (done.fix, done.fields["suggestion"]) == (None, None)


# --- proofs that are kept ---


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A commit with the code in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    top = tmp_path / "linux"
    files = {"Makefile": b"VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\n", FILE: CODE}
    for name, data in {**files, "Kbuild": b"obj-y += drivers/\n"}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(data)
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", top, *who, *words], check=True)
    with open_tree(top) as tree:
        yield tree


@pytest.fixture
def proved(monkeypatch) -> list[bytes]:
    """The replacements that the prover was asked about."""
    asked: list[bytes] = []
    prove = trial._is_proved_idle

    def counted(function, image, fixed, depth):
        asked.append(fixed.data)
        return prove(function, image, fixed, depth)

    monkeypatch.setattr(trial, "_is_proved_idle", counted)
    return asked


def is_idle(tree, test: str, path: str = FILE, **edits: bytes) -> bool:
    view = tree.view("HEAD").overlay({"include/x.h": edits.get("header", b"")})
    finding = edited(CODE, b"flags & X_A | X_B", test.encode(), "x")
    fixed = CODE.replace(b"flags & X_A | X_B", test.encode())
    image = FileImage(parse(path, CODE), Facts(view))
    return trial._is_idle(finding, image, parse(path, fixed))


def test_a_proof_is_made_once(kernel, proved) -> None:
    assert is_idle(kernel, "X_B | flags & X_A")
    assert not is_idle(kernel, "flags & (X_A | X_B)")
    assert len(proved) == 2
    assert is_idle(kernel, "X_B | flags & X_A")
    assert not is_idle(kernel, "flags & (X_A | X_B)")
    assert len(proved) == 2


def test_a_proof_holds_for_its_tree_file_limits_and_program(
    kernel, proved, monkeypatch
) -> None:
    assert is_idle(kernel, "X_B | flags & X_A")
    assert is_idle(kernel, "X_B | flags & X_A", header=b"int x;\n")
    assert is_idle(kernel, "X_B | flags & X_A", path="drivers/x/y.c")
    monkeypatch.setattr(trial, "SECONDS", 1.5)
    assert is_idle(kernel, "X_B | flags & X_A")
    monkeypatch.setattr(kept_proofs, "code_version", lambda: "another")
    assert is_idle(kernel, "X_B | flags & X_A")
    assert len(proved) == 5


def test_what_is_no_answer_is_proved_again(kernel, proved, monkeypatch) -> None:
    monkeypatch.setattr(disk_cache.msgspec.json, "encode", lambda _value: b'"yes"')
    assert is_idle(kernel, "X_B | flags & X_A")
    assert is_idle(kernel, "X_B | flags & X_A")
    assert len(proved) == 2
