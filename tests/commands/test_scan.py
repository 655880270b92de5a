# SPDX-License-Identifier: GPL-2.0-or-later
"""``scan``: workers, order, what is left out, what is kept, and Ctrl-C."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "tree"
WRONG = """\
#include <linux/page-flags.h>

int wrong_{0}(unsigned long mapping, int value)
{{
	if (mapping & PAGE_MAPPING_KSM)
		return 1;
	return !value & 0x{0}0;
}}
"""
# A rule that ends its process on one file stands for the kernel's OOM killer.
KILLED = """
import os, sys
from reviewer import cli
from reviewer.engine.existing import Scanner
real = Scanner._look_at
def look_at(self, path, run):
    if path.endswith("7.c"):
        os.kill(os.getpid(), 9)
    return real(self, path, run)
Scanner._look_at = look_at
sys.exit(cli.main(sys.argv[1:]))
"""
# Ctrl-C when the parent has taken so many parts.
INTERRUPTED = """
import os, signal, sys
from reviewer import cli
from reviewer.commands import scan_report
real = scan_report.Told._take
taken = []
def take(self, job, part):
    real(self, job, part)
    taken.append(job)
    if len(taken) == 3:
        os.kill(os.getpid(), signal.SIGINT)
scan_report.Told._take = take
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The demo's kernel with 20 wrong files."""
    top = tmp_path / "tree"
    shutil.copytree(DEMO, top)
    (top / "lib").mkdir()
    for number in range(1, 21):
        (top / f"lib/{number:02}.c").write_text(WRONG.format(number))
    return top


def start(*words: object, code: str = "", command: str = "scan") -> Any:
    run = ["-c", code] if code else ["-m", "reviewer.cli"]
    return subprocess.run(
        [sys.executable, *run, command, *map(str, words)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def scan(tree: Path, *words: object, code: str = "") -> Any:
    return start("lib", "--tree", tree, *words, code=code)


def found(report: str) -> list[tuple[str, int, str]]:
    """File, line and rule of each finding."""
    told = json.loads(report)["findings"]
    return [(one["file"], one["line"], one["rule"]) for one in told]


def places(text: str) -> list[str]:
    return re.findall(r"(?m)^(lib/\S+?:\d+)", text)


def test_many_workers_say_what_one_says_in_the_same_order(tree: Path) -> None:
    one = scan(tree, "--workers", 1, "--format", "json")
    many = scan(tree, "--workers", 3, "--format", "json")
    assert one.returncode == many.returncode == 1
    assert json.loads(one.stdout) == json.loads(many.stdout)
    assert len(found(one.stdout)) == 40
    shown = scan(tree, "--workers", 3).stdout
    assert shown == scan(tree, "--workers", 1).stdout
    wanted = [f"{file}:{line}" for file, line, _ in found(one.stdout)]
    assert places(shown) == wanted


def test_findings_are_shown_before_the_last_file_is_looked_at(tree: Path) -> None:
    done = scan(tree, "--workers", 2, code=INTERRUPTED)
    assert done.returncode == 130
    assert 1 < len(places(done.stdout)) < 40
    assert places(done.stdout) == sorted(places(done.stdout))
    last = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"kpf-review: interrupted: \d+ of 20 files were .*", last)


def test_what_was_found_before_ctrl_c_is_in_a_report_too(tree: Path) -> None:
    done = scan(tree, "--workers", 2, "--format", "json", code=INTERRUPTED)
    assert done.returncode == 130
    assert 1 < len(found(done.stdout)) < 40


def test_a_file_that_ends_its_worker_costs_itself_only(tree: Path) -> None:
    done = scan(tree, "--workers", 2, "--format", "json", code=KILLED)
    files = {file for file, _, _ in found(done.stdout)}
    all_of_them = {f"lib/{number:02}.c" for number in range(1, 21)}
    assert all_of_them - files == {"lib/07.c", "lib/17.c"}
    missed = json.loads(done.stdout)["not_checked"]
    assert [one["file"] for one in missed] == ["lib/07.c", "lib/17.c"]
    assert {one["why"] for one in missed} == {"its process ended with signal 9"}


def test_a_scan_goes_on_where_it_was_ended(tree: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    words = ("--workers", 2, "--resume", kept, "--format", "json")
    whole = scan(tree, "--workers", 2, "--format", "json").stdout
    assert scan(tree, *words, code=INTERRUPTED).returncode == 130
    before = kept.read_bytes()
    assert len(before.splitlines()) >= 3
    done = scan(tree, *words)
    assert json.loads(done.stdout) == json.loads(whole)
    assert kept.read_bytes().startswith(before)
    after = kept.read_bytes()
    assert json.loads(scan(tree, *words).stdout) == json.loads(whole)
    assert kept.read_bytes() == after  # all was there


def test_a_file_that_changed_is_looked_at_again(tree: Path, tmp_path: Path) -> None:
    words = ("--resume", tmp_path / "kept", "--workers", 2, "--format", "json")
    assert len(found(scan(tree, *words).stdout)) == 40
    (tree / "lib/03.c").write_text("int three(void)\n{\n\treturn 3;\n}\n")
    assert len(found(scan(tree, *words).stdout)) == 38
    fewer = scan(tree, *words, "--ignore", "mask-vs-equality")
    assert len(found(fewer.stdout)) == 19  # other rules: nothing of it is of use


def test_a_baseline_leaves_out_what_was_there(tree: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.write_text(scan(tree, "--format", "json").stdout)
    done = scan(tree, "--baseline", report)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith(f"that {report} has: 40\n")
    file = tree / "lib/05.c"  # lines move; two that read the same have other names
    again = "\tif (value > 9)\n\t\treturn !value & 0x50;\n\treturn !"
    file.write_text("\n\n" + file.read_text().replace("\treturn !", again))
    new = found(scan(tree, "--baseline", report, "--format", "json").stdout)
    assert new == [("lib/05.c", line, "mask-precedence") for line in (10, 11)]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"findings": 3}', "[" * 100_000])
def test_what_is_no_report_is_no_baseline(tree, tmp_path, text: str) -> None:
    (tmp_path / "report").write_text(text)
    done = scan(tree, "--baseline", tmp_path / "report")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_only_what_changed_since_a_revision(tree: Path, tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
        subprocess.run(["git", "-C", tree, *who, *words], check=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "base")
    nothing = scan(tree, "--since", "HEAD")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "looked at 0 files" in nothing.stderr
    file = tree / "lib/04.c"
    file.write_text(file.read_text() + "\n")
    (tree / "lib/new.c").write_text(WRONG.format(99))
    git("add", "lib/new.c")
    words = ("--format", "json", "--since")
    changed = ["lib/04.c", "lib/04.c", "lib/new.c", "lib/new.c"]
    assert [file for file, _, _ in found(scan(tree, *words, "HEAD").stdout)] == changed
    git("add", "-A")
    git("commit", "-qm", "more")
    at = scan(tree, *words, "HEAD~1", "--base", "HEAD")
    assert [file for file, _, _ in found(at.stdout)] == changed
    assert scan(tree, "--since", "nothing").returncode == 3


def test_progress_counts_the_files_on_a_terminal(tree: Path) -> None:
    code = """
import sys
from reviewer import cli
said = []
cli._progress = lambda _quiet: said.append
status = cli.main(sys.argv[1:])
print(said[-1])
"""
    done = scan(tree, "--workers", 2, "-q", "--format", "json", code=code)
    assert done.stdout.splitlines()[-1] == "20 of 20 files"


def test_a_signal_to_be_gone_says_no_more(tree: Path) -> None:
    code = INTERRUPTED.replace("signal.SIGINT", "signal.SIGTERM")
    done = scan(tree, "--workers", 2, "--format", "json", code=code)
    assert done.returncode == 128 + signal.SIGTERM
    assert (done.stdout, done.stderr) == ("", "kpf-review: terminated\n")
