# SPDX-License-Identifier: GPL-2.0-or-later
"""The formats in the tools that read them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent.parent
DEMO = TOP / "reviewer/demo"
RULES = ("--select", "mask-vs-equality", "--select", "bit-number-as-mask")


@pytest.fixture(scope="module")
def kpf():
    def run(*words, source="series.mbox"):
        return subprocess.run(
            [sys.executable, "-m", "reviewer.cli", str(DEMO / source), "--offline",
             "--tree", str(DEMO / "tree"), *RULES, *words],
            cwd=TOP,
            capture_output=True,
            text=True,
            timeout=120,
        )  # fmt: skip

    return run


def test_vim_steps_through_the_findings(kpf, need, tmp_path):
    """vim -q FILE, with its own errorformat."""
    need("vim", "vim")
    (tmp_path / "errors").write_text(kpf("--format", "quickfix").stdout)
    script = (
        "call writefile([json_encode(map(getqflist(), "
        "{_, v -> [bufname(v.bufnr), v.lnum, v.col, v.valid]}))], 'seen')"
    )
    subprocess.run(
        ["vim", "-es", "-N", "-u", "NONE", "-c", "cfile errors", "-c", script, "-c",
         "qa!"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert json.loads((tmp_path / "seen").read_text()) == [
        ["fs/proc/page.c", 29, 6, 1],
        ["fs/proc/page.c", 38, 34, 1],
    ]


def test_nipa_reads_the_exit_status(kpf):
    """0, 250 or anything else, and one line of description."""
    wrong = kpf("--format", "nipa")
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert wrong.stdout.startswith("2 high: mapping & PAGE_MAPPING_KSM")
    assert wrong.stdout.count("\n") == 1
    clean = kpf("--format", "nipa", "--ignore", "mask-vs-equality,bit-number-as-mask")
    assert (clean.returncode, clean.stdout) == (0, "nothing to say\n")


def test_a_warning_is_250_for_nipa(kpf):
    from reviewer.models import Confidence, Judged, Report, Severity, TreeInfo
    from reviewer.output import patchwork

    def report(*severities):
        findings = tuple(
            Judged("x", severity, Confidence.LIKELY, "x.c", 1, message="m", patch=1)
            for severity in severities
        )
        return Report(None, TreeInfo("none", None, "none", None), (), findings)

    assert patchwork.nipa_status(report(Severity.MEDIUM, Severity.INFO)) == 250
    assert patchwork.nipa_status(report(Severity.LOW, Severity.HIGH)) == 1
    assert patchwork.nipa_status(report(Severity.INFO)) == 0


def test_patchwork_takes_each_line_as_it_is(kpf):
    """The fields and states of POST /api/patches/ID/checks/."""
    for line in kpf("--format", "patchwork").stdout.splitlines():
        check = json.loads(line)
        assert check["state"] in ("pending", "success", "warning", "fail")
        assert len(check["description"]) <= 255
        assert check["context"] == "kpf-review"
        assert check["message_id"].endswith("-nadia@example.org")


def test_github_shows_them_at_the_lines(kpf):
    first, second = kpf("--format", "github").stdout.splitlines()
    assert first.startswith("::error file=fs/proc/page.c,line=29,col=6,title=")
    assert second.startswith("::error file=fs/proc/page.c,line=38,col=34,title=")


def test_sarif_and_json_agree(kpf):
    sarif = json.loads(kpf("--format", "sarif").stdout)
    (run,) = sarif["runs"]
    places = [
        (
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
    ]
    report = json.loads(kpf("--format", "json").stdout)
    assert sarif["version"] == "2.1.0"
    assert places == [(f["rule"], f["line"]) for f in report["findings"]]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {
        name for name, _ in places
    }
