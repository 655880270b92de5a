"""A few seconds of what the fuzzers run for hours, and any bytes at all."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("pipeline", HERE / "pipeline.py")
assert _spec is not None
assert _spec.loader is not None
pipeline = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pipeline)

MAIL = (HERE / "seeds/mail/one-patch.eml").read_bytes()
CODE = (HERE / "seeds/code/masks.c").read_bytes()
some = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


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


@some
@given(st.binary(max_size=2000), st.integers(0, len(MAIL)), st.integers(0, 200))
def test_any_bytes_in_a_mail(tree, noise: bytes, at: int, cut: int) -> None:
    pipeline.review_mail(MAIL[:at] + noise + MAIL[at + cut :], tree)


@some
@given(st.binary(max_size=500), st.integers(0, len(CODE)), st.integers(0, 100))
def test_any_bytes_in_code(tree, noise: bytes, at: int, cut: int) -> None:
    pipeline.review_code(CODE[:at] + noise + CODE[at + cut :], tree)


@pytest.mark.slow
@pytest.mark.parametrize("harness", ["fuzz_mail", "fuzz_code"])
def test_the_harness_runs(harness: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    seeds = HERE / "seeds" / harness.removeprefix("fuzz_")
    command = [sys.executable, str(HERE / f"{harness}.py"), "-runs=20"]
    command += [f"-artifact_prefix={tmp_path}/", str(tmp_path), str(seeds)]
    done = subprocess.run(
        command,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
