# SPDX-License-Identifier: GPL-2.0-or-later
"""What the prover says of generated pairs is what gcc's code shows.

The campaign in tests/bench/behaviour_pairs.py runs as many as one likes; here are some
of every kind by a fixed seed, and that the campaign would see a prover that is wrong.
"""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
SEED = 20261129


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = load("pair_generator")
judge = importlib.import_module("pairs.judge")
draft = importlib.import_module("pairs.draft")

pytestmark = [
    pytest.mark.usefixtures("compiler"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the layout is x86-64's"),
]


def program() -> tuple[str, ...]:
    """kpf-review as a process of its own."""
    start = "import sys; from reviewer.cli import main; sys.exit(main())"
    return sys.executable, "-c", start


def answer(name: str, verdict: str, outputs: tuple[dict[str, object], ...] = ()):
    """What the command would say of f@()."""
    file = f"kernel/kpf_{name[1:]}.c"
    said = {"file": file, "name": name, "verdict": verdict, "why": ""}
    return {**said, "outputs": list(outputs)}


def ask(git: Path, span: str):
    return judge.command(git, span, program())


def test_every_kind_has_pairs_that_are_equal_and_pairs_that_differ(
    tmp_path: Path,
) -> None:
    pairs = generator.generated(SEED, 600)  # of as many kinds as there are
    runs = judge.observed(tmp_path, pairs)
    seen: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        truth = "differs" if runs[pair.number].differs else "same"
        seen[pair.kind, truth] += 1
        claimed = pair.draft.claim == judge.EQUAL
        assert not (claimed and truth == "differs"), pair.files(True)
    for kind in generator.MAKERS:
        assert seen[kind, "differs"] >= 3, seen
        assert seen[kind, "same"] >= 3, seen


def test_a_seed_gives_the_same_pairs() -> None:
    one, two = (generator.generated(7, 60) for _ in range(2))
    assert one == two
    assert one != generator.generated(8, 60)


def test_the_prover_is_right_about_pairs_of_every_kind(tmp_path: Path) -> None:
    """No verdict is wrong; a third is decided at least, of each truth."""
    pairs = generator.generated(SEED, 160)
    campaign = judge.Campaign(tmp_path, ask=ask)
    judged = [j for n in (0, 80) for j in campaign.judge(pairs[n : n + 80])]
    bad = (judge.WRONG_EQUAL, judge.WRONG_DIFFERS)
    wrong = [j.shown() for j in judged if j.mark in bad]
    assert not wrong, "\n".join(wrong)
    for truth in ("equal", "differs"):
        marks = [j.mark for j in judged if j.truth == truth]
        assert marks.count(judge.RIGHT) > len(marks) / 3


def test_the_rule_calls_no_pair_proved_that_differs(tmp_path: Path) -> None:
    pairs = generator.generated(SEED + 1, 40)

    def by_the_rule(git: Path, span: str):
        return judge.by_the_rule(git, span, program())

    campaign = judge.Campaign(tmp_path, ask=by_the_rule, each=True)
    judged = campaign.judge(pairs)
    wrong = [j.shown() for j in judged if j.mark == judge.WRONG_EQUAL]
    assert not wrong, "\n".join(wrong)
    assert sum(j.mark == judge.RIGHT for j in judged) > 8


@pytest.mark.parametrize(
    ("said", "mark"), [("equal", "wrong equal"), ("differs", "wrong differs")]
)
def test_a_prover_that_always_says_one_thing_is_caught(
    said: str, mark: str, tmp_path: Path
) -> None:
    pairs = generator.generated(SEED, 40)

    def broken(git: Path, span: str):
        return [answer(p.function, said) for p in pairs]

    found = Counter(j.mark for j in judge.Campaign(tmp_path, ask=broken).judge(pairs))
    assert found[mark] >= 10
    assert found[mark] + found["right"] + found[judge.NOT_SEEN] == 40


def test_a_prover_that_is_wrong_once_is_caught(tmp_path: Path) -> None:
    pairs = generator.generated(SEED, 40)
    right = judge.Campaign(tmp_path / "one", ask=ask)
    (tmp_path / "one").mkdir()
    judged = right.judge(pairs)
    victim = next(j for j in judged if j.truth == "differs" and j.said[:3] == "dif")

    def broken(git: Path, span: str):
        answers = ask(git, span)
        for answer in answers:
            if answer["name"] == victim.pair.function:
                answer["verdict"] = "equal"
        return answers

    (tmp_path / "two").mkdir()
    again = judge.Campaign(tmp_path / "two", ask=broken).judge(pairs)
    turned = {j.pair.number for j in again if j.mark == judge.WRONG_EQUAL}
    before = {j.pair.number for j in judged if j.mark == judge.WRONG_EQUAL}
    assert turned - before == {victim.pair.number}


def test_a_witness_that_shows_nothing_is_caught(tmp_path: Path) -> None:
    """f(3) is the same on both sides; only f(40) differs."""
    texts = [f"int f1(int x, int y) {{ return x == 40 ? {n} : x; }}\n" for n in (1, 2)]
    made = draft.in_one_file(*texts, "differs")
    pair = draft.Pair(1, "order", "by hand", made)

    def answers(value: int):
        given = {"relies_on": [], "values": [["input x", value]], "when": []}
        output = {"output": "return value", "verdict": "differs", "witness": given}
        told = {**output, "before": "", "after": ""}
        return [answer("f1", "differs", (told,))]

    marks = []
    for value in (40, 3):
        folder = tmp_path / str(value)
        folder.mkdir()
        campaign = judge.Campaign(folder, ask=lambda git, span, v=value: answers(v))
        marks += [j.mark for j in campaign.judge([pair])]
    assert marks == ["right", judge.FALSE_WITNESS]


def test_a_variable_that_changes_has_one_address(tmp_path: Path) -> None:
    head = (
        "struct ops { int (*a)(int); };\nextern int g(int), h(int);\n"
        "extern int reg(struct ops *);\nextern void unreg(struct ops *, int);\n"
    )
    use = "void f1(int x) { int r = reg(&o); unreg(&o, r); }\n"
    ops = "static struct ops o = {{ .a = {} }};\n"
    texts = [head + ops.format(name) + use for name in ("g", "h")]
    made = draft.in_one_file(texts[0], texts[1].replace("r); }", "0 + r); }"), "equal")
    git = judge.Campaign(tmp_path).repository()
    span = judge.commit(git, [draft.Pair(1, "kernel", "by hand", made)])
    assert all(a["verdict"] != "differs" for a in ask(git, span) if a["name"] == "f1")


def test_a_type_without_a_name_ends_no_comparison(tmp_path: Path) -> None:
    head = (
        "struct e { int v; int w; };\n"
        "static const struct e ge[] = { { 15, 27 }, { .w = 3 } };\n"
    )
    one = "int f1(int x) { const struct e *r = &ge[x & 1]; return r->w; }\n"
    two = "int f1(int x) { return ge[x & 1].v; }\n"
    made = draft.in_one_file(head + one, head + two, "differs")
    git = judge.Campaign(tmp_path).repository()
    span = judge.commit(git, [draft.Pair(1, "arrays", "by hand", made)])
    assert [a["verdict"] for a in ask(git, span)] != ["equal"]
