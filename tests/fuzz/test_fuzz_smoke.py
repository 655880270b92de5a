# SPDX-License-Identifier: GPL-2.0-or-later
"""A few seconds of what the fuzzers run for hours, with and without atheris."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
try:
    pipeline, samples, mutate = map(
        importlib.import_module, ("pipeline", "samples", "mutate")
    )
finally:
    sys.path.remove(str(HERE))

MAIL = (HERE / "seeds/mail/one-patch.eml").read_bytes()
CODE = (HERE / "seeds/code/masks.c").read_bytes()
some = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.shrink},  # minutes, where an input takes a second
)


@pytest.fixture(scope="module")
def tree():
    with pipeline.demo_tree() as opened:
        yield opened


@pytest.mark.parametrize("seed", sorted((HERE / "seeds/mail").iterdir()), ids=str)
def test_mail_seeds_are_reviewed(seed: Path, tree) -> None:
    report = pipeline.review_mail(seed.read_bytes(), tree)
    assert report is not None
    assert report.findings


@pytest.mark.parametrize("seed", sorted((HERE / "seeds/code").iterdir()), ids=str)
def test_code_seeds_are_reviewed(seed: Path, tree) -> None:
    assert pipeline.review_code(seed.read_bytes(), tree) is not None


def test_the_samples_reach_every_stage(tree) -> None:
    """Of what the mutators start from, a series applies, and both kinds find."""
    for data in samples.code():
        sample = samples.unpack(data)
        assert samples.unpack(samples.pack(sample)) == sample
    made = [samples.mailed(samples.unpack(data)) for data in samples.code()]
    for data in [one for one in made if b" 2/2]" in one][:3]:
        report = pipeline.review_mail(data, tree)
        assert report is not None
        assert [state.applied for state in report.patches] == [True, True]
        assert not any("parse error" in one.why for one in report.not_checked)


@pytest.mark.parametrize("number", range(5))
def test_a_mutated_patch_still_applies(number: int, tree) -> None:
    """What a mutator changes in a diff is something that git goes on taking."""
    dice = random.Random(number)
    data = mutate.diff(MAIL, dice)
    report = pipeline.review_mail(data, tree)
    assert data != MAIL
    assert report is not None
    assert report.patches[0].applied


@some
@given(st.binary(max_size=2000), st.integers(0, len(MAIL)), st.integers(0, 200))
def test_any_bytes_in_a_mail(tree, noise: bytes, at: int, cut: int) -> None:
    pipeline.review_mail(MAIL[:at] + noise + MAIL[at + cut :], tree)


@some
@given(st.binary(max_size=500), st.integers(0, len(CODE)), st.integers(0, 100))
def test_any_bytes_in_code(tree, noise: bytes, at: int, cut: int) -> None:
    pipeline.review_code(CODE[:at] + noise + CODE[at + cut :], tree)


@some
@given(st.integers(0, 1 << 32))
def test_mutated_mail(tree, seed: int) -> None:
    dice = random.Random(seed)
    pipeline.review_mail(mutate.mail(dice.choice(samples.mails()), dice), tree)


@some
@given(st.integers(0, 1 << 32))
def test_mutated_code(tree, seed: int) -> None:
    dice = random.Random(seed)
    pipeline.review_code(mutate.change(dice.choice(samples.code()), dice), tree)


@settings(some, max_examples=60)
@given(st.integers(0, 1 << 32))
def test_mutated_diffs_are_read_as_git_reads_them(seed: int) -> None:
    dice = random.Random(seed)
    data = dice.choice(samples.diffs())
    data = mutate.bytes_in(mutate.diff(data, dice), dice)
    pipeline.compare_with_git(data)


@pytest.mark.slow
@pytest.mark.parametrize("harness", ["fuzz_mail", "fuzz_code", "fuzz_diff"])
def test_the_harness_runs(harness: str, tmp_path: Path, need_module) -> None:
    need_module("atheris", "pip install -e '.[fuzz]'")
    command = [sys.executable, str(HERE / f"{harness}.py"), "-runs=50"]
    # as tests/fuzz/long.py: what is counted of our code takes 1.5 GB by itself
    command += ["-rss_limit_mb=4000", f"-artifact_prefix={tmp_path}/", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode == 0, said[-2000:]
    assert "INITED cov: " in said
