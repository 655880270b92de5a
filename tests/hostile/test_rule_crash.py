# SPDX-License-Identifier: GPL-2.0-or-later
"""A rule that fails costs its own findings, is named, and makes the status 2."""

from __future__ import annotations

import importlib
import json
import time
from pathlib import Path

import jsonschema
import pytest

import reviewer
from reviewer import rulebook
from reviewer.output import FORMATS, words

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"
SCHEMA = json.loads(
    (Path(reviewer.__file__).parent / "output/schema.json").read_text("utf-8")
)
# one of each scope: a file, a step, a series
RULES = ("mask-vs-equality", "undocumented-change", "submission-trailers")


@pytest.fixture
def failing(monkeypatch):
    """failing(rule, error, after=0): its check yields so many findings, then fails."""

    def fail(name: str, error: Exception, after: int = 0) -> None:
        module = importlib.import_module(
            f"reviewer.rules.{name.replace('-', '_')}.rule"
        )
        check = module.check

        def broken(subject):
            for _number, finding in zip(range(after), check(subject), strict=False):
                yield finding
            raise error

        monkeypatch.setattr(module, "check", broken)
        rulebook.load.cache_clear()

    yield fail
    rulebook.load.cache_clear()


def arguments(world, *more: str) -> tuple[str, ...]:
    return (str(DEMO), "--tree", str(world.tree), *more)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("x"), RecursionError(), AssertionError("a\nb")],
    ids=repr,
)
def test_the_others_are_heard(rule, error, world, here, failing) -> None:
    status, shown, _ = here(*arguments(world, "--format", "json"))
    assert status == 1
    good = json.loads(shown)
    failing(rule, error)
    before = world.files()
    status, shown, said = here(*arguments(world, "--format", "json"))
    assert status == 2
    report = json.loads(shown)
    jsonschema.validate(report, SCHEMA)
    # which asks the rules about masks whether the patch mends a fault
    asks = {"mask-vs-equality": {"undocumented-change"}}.get(rule, set())
    others = [one for one in good["findings"] if one["rule"] not in {rule, *asks}]
    assert report["findings"] == others
    assert {one["what"] for one in report["not_checked"]} >= asks
    assert {
        (one["what"], one["why"])
        for one in report["not_checked"]
        if one not in good["not_checked"] and one["what"] not in asks
    } == {(rule, f"internal error: {type(error).__name__}")}
    assert f"kpf-review: internal error in {rule}: a bug of kpf-review" in said
    assert "Traceback" not in said
    assert world.files() == before


@pytest.mark.parametrize("form", FORMATS)
def test_in_every_format(form: str, world, here, failing) -> None:
    """Status 2, the others' findings, and the name wherever there is room for it."""
    failing("mask-vs-equality", ZeroDivisionError())
    status, shown, said = here(*arguments(world, "--format", form))
    text = shown.decode()
    assert status == 2, said
    assert "Traceback" not in text + said
    if form in ("patchwork", "nipa"):
        assert text
        return
    assert "bit" in text
    if form not in ("checkpatch", "b4-check"):  # of which b4 takes stderr for a failure
        assert "internal error in mask-vs-equality" in said
    if form in ("text", "json", "sarif"):
        assert "mask-vs-equality" in text


def test_drafts_are_written_all_the_same(world, here, failing) -> None:
    failing("mask-vs-equality", ZeroDivisionError())
    out = world.top / "out"
    status, _, said = here(*arguments(world, "--output", str(out)))
    assert status == 2
    drafts = [draft.read_text() for draft in out.glob("*.eml")]
    assert drafts
    assert not [d for d in drafts if "PAGE_MAPPING_KSM is both low bits" in d]
    assert "internal error in mask-vs-equality" in said


def test_what_it_found_before_it_failed_counts(world, here, failing) -> None:
    failing("bit-number-as-mask", ValueError("x"), after=1)
    status, shown, _ = here(*arguments(world, "--format", "json"))
    assert status == 2
    rules = [one["rule"] for one in json.loads(shown)["findings"]]
    assert rules.count("bit-number-as-mask") == 1


def test_all_rules_fail(world, here, failing) -> None:
    for name in rulebook.names():
        failing(name, ZeroDivisionError())
    status, shown, said = here(*arguments(world, "--format", "json"))
    assert status == 2
    report = json.loads(shown)
    assert report["findings"] == []
    assert set(RULES) <= {one["what"] for one in report["not_checked"]}
    assert "internal error in " in said


@pytest.mark.parametrize("command", ["scan", "report"])
def test_in_other_commands(command: str, world, here, failing) -> None:
    page = str(world.top / "x.html")
    words_of = {
        "scan": ("scan", "--tree", str(world.tree), "fs/proc", "mm"),
        "report": ("report", *arguments(world, "--html", page)),
    }[command]
    failing("logical-vs-bitwise", ZeroDivisionError())
    failing("mask-vs-equality", ZeroDivisionError())
    failing("folio-conversion", ZeroDivisionError())
    status, _, said = here(*words_of)
    assert status == 2, said
    assert "internal error in " in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("x"), IndexError("x"), KeyError("x")], ids=repr
)
def test_words_that_cannot_be_made(error, world, here, monkeypatch) -> None:
    """A template that fails is a failure of its rule: named, and status 2."""
    make = words._template

    def broken(rule: str):
        if rule == "mask-vs-equality":
            raise error
        return make(rule)

    monkeypatch.setattr(words, "_template", broken)
    status, shown, said = here(*arguments(world, "--format", "json"))
    assert status == 2
    report = json.loads(shown)
    rules = {one["rule"] for one in report["findings"]}
    assert "bit-number-as-mask" in rules
    assert "mask-vs-equality" not in rules
    assert "mask-vs-equality" in {one["what"] for one in report["not_checked"]}
    assert "internal error in mask-vs-equality" in said


def test_a_fix_that_takes_too_long_to_parse_costs_the_fix_only(
    world, here, monkeypatch
) -> None:
    from reviewer.c import source
    from reviewer.errors import LimitExceeded

    parse = source.parse
    seen: dict[str, bytes] = {}

    def slow(path: str, data: bytes):
        if path.endswith("page.c") and b"== PAGE_MAPPING_KSM" in data:
            raise LimitExceeded("kpf.parseTime")
        seen[path] = data
        return parse(path, data)

    monkeypatch.setattr(source, "parse", slow)
    status, shown, said = here(*arguments(world, "--format", "json"))
    assert status == 1, said
    (found,) = (
        one
        for one in json.loads(shown)["findings"]
        if one["rule"] == "mask-vs-equality"
    )
    assert found["fix"] is None


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_never_ends_costs_its_own_findings(
    rule, world, here, monkeypatch
) -> None:
    """It is named with the limit that ended it, and the others are heard."""
    good = json.loads(here(*arguments(world, "--format", "json"))[1])
    module = importlib.import_module(f"reviewer.rules.{rule.replace('-', '_')}.rule")

    def endless(_subject):
        while True:
            yield from ()

    monkeypatch.setattr(module, "check", endless)
    rulebook.load.cache_clear()
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\truleTime = 1\n\tfileTime = 2\n")
    status, shown, said = here(*arguments(world, "--format", "json"))
    rulebook.load.cache_clear()
    report = json.loads(shown)
    assert status == 1, said
    whys = {one["why"] for one in report["not_checked"] if one["what"] == rule}
    assert whys
    assert whys <= {"took too long (kpf.ruleTime)", "took too long (kpf.fileTime)"}
    asks = {"mask-vs-equality": {"undocumented-change"}}.get(rule, set())

    def places(findings):  # what is proposed needs all rules: that may go
        told = [f for f in findings if f["rule"] not in {rule, *asks}]
        return [(f["rule"], f["file"], f["line"], f["severity"]) for f in told]

    assert places(report["findings"]) == places(good["findings"])
    assert "internal error" not in said


def test_what_was_there_before_is_not_new_when_time_is_up(
    world, here, monkeypatch
) -> None:
    """The look at the old state never ends: then nothing is called new."""
    module = importlib.import_module("reviewer.rules.mask_precedence.rule")
    check = module.check
    looks = []

    def slow_the_second_time(subject):
        looks.append(subject)
        while len(looks) > 1:
            yield from ()
        yield from check(subject)

    old = "int f(int x)\n{\n\tif (x & 0x10 == 0x10)\n\t\treturn 1;\n"
    (world.tree / "mm/old.c").write_text(old + "\treturn 2;\n}\n")
    mail = world.mail(
        b"From: A <a@example.org>\nSubject: [PATCH] x\nMessage-Id: <x@example.org>\n\n"
        b"Why.\n---\ndiff --git a/mm/old.c b/mm/old.c\n--- a/mm/old.c\n+++ b/mm/old.c\n"
        b"@@ -2,5 +2,5 @@\n {\n-\tif (x & 0x10 == 0x10)\n+\tif (x  & 0x10 == 0x10)\n"
        b" \t\treturn 1;\n \treturn 2;\n }\n"
    )
    words = (str(mail), "--tree", str(world.tree), "--format", "json")
    assert json.loads(here(*words)[1])["findings"] == []
    monkeypatch.setattr(module, "check", slow_the_second_time)
    rulebook.load.cache_clear()
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\truleTime = 1\n")
    report = json.loads(here(*words)[1])
    rulebook.load.cache_clear()
    assert len(looks) > 1
    assert report["findings"] == []
    assert [one["what"] for one in report["not_checked"]] == ["mask-precedence"]


def test_all_rules_together_have_a_bound(world, here, monkeypatch) -> None:
    """Many files, none of which takes long: what no time is left for is named."""
    import growing

    files = "".join(
        growing.new_file(f"mm/grow{i}.c", growing.function(["a = a & 1;"]))
        for i in range(20)
    )
    module = importlib.import_module("reviewer.rules.mask_precedence.rule")

    def takes_a_while(_subject):
        end = time.process_time() + 0.3
        while time.process_time() < end:
            yield from ()

    monkeypatch.setattr(module, "check", takes_a_while)
    rulebook.load.cache_clear()
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\treviewTime = 1\n")
    words = (str(world.mail(growing.mail(files))), "--tree", str(world.tree))
    status, shown, said = here(
        *words, "--select", "mask-precedence", "--format", "json"
    )
    rulebook.load.cache_clear()
    assert status == 0, said
    told = {one["what"]: one["why"] for one in json.loads(shown)["not_checked"]}
    left = told["the rules that were left"]
    assert left.startswith("all rules together took too long (kpf.reviewTime): mm/grow")
    assert left.endswith(" more")


def test_of_very_many_findings_the_worst_are_told(world, here) -> None:
    import growing

    many = growing.function(["if (a & PG_lru) a++;"] * 1200)
    mail = growing.mail(growing.new_file("mm/grow.c", many))
    words = (str(world.mail(mail)), "--tree", str(world.tree), "--format", "json")
    report = json.loads(here(*words)[1])
    assert len(report["findings"]) == 1000
    left = {one["what"]: one["why"] for one in report["not_checked"]}
    assert left == {"200 findings": "more than 1000 in a series: the worst are told"}


def _told(world, here, diff: str, *more: str) -> tuple[list[dict], dict[str, str]]:
    """The findings of a patch with this diff, and what was not checked."""
    import growing

    words = (str(world.mail(growing.mail(diff))), "--tree", str(world.tree))
    report = json.loads(here(*words, "--format", "json", *more)[1])
    left = {one["what"]: one["why"] for one in report["not_checked"]}
    return report["findings"], left


def test_what_follows_thousands_of_findings_is_not_looked_at(
    world, here, monkeypatch
) -> None:
    import growing

    from reviewer.engine import run

    monkeypatch.setattr(run, "MOST_IN_A_FILE", 5)
    many = growing.function(["if (a & PG_lru) a++;"] * 8)
    found, left = _told(world, here, growing.new_file("mm/grow.c", many))
    assert len(found) == 5
    why = "5 findings in one file: what follows was not looked at"
    assert left == {"bit-number-as-mask": why}


def test_an_expression_of_a_megabyte_is_no_part_of_a_remark(world, here) -> None:
    import growing

    names = " | ".join(["PG_lru"] * 7000)
    for line, is_long in ((f"a = a & ({names});", True), ("a = a & PG_lru;", False)):
        code = growing.new_file("mm/grow.c", growing.function([line]))
        found, left = _told(world, here, code)
        said = json.dumps({**found[0], "code": ""})
        assert len(said) < 20_000
        assert ("a line of over 4000" in str(left)) is is_long
        assert (found[0]["fix"] is None) is is_long
