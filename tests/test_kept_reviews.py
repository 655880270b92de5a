# SPDX-License-Identifier: GPL-2.0-or-later
"""Remembered answers: only what we wrote ourselves, a while ago, is one."""

from __future__ import annotations

import json
import os
import time

import pytest

from reviewer.kept_reviews import KEPT, Answer, Answers, key

NAME = key(["a question"])
SAID = Answer("text\n", 1, ("a note",))


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    return tmp_path


@pytest.fixture
def answers(runtime):
    return Answers({"XDG_RUNTIME_DIR": str(runtime)})


def test_what_is_kept_is_found_again(answers, runtime):
    answers.keep(NAME, SAID)
    assert answers.get(NAME) == SAID
    assert answers.get(key(["another"])) is None
    assert [p.name for p in (runtime / "kpf-review").iterdir()] == [f"{NAME}.json"]
    assert (runtime / "kpf-review").stat().st_mode & 0o777 == 0o700


def test_parts_do_not_run_into_each_other():
    assert key(["ab", "c"]) != key(["a", "bc"]) != key([b"abc"])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nonsense",
        "[]",
        '{"text": 1, "status": 0, "notes": []}',
        '{"text": "", "status": "0", "notes": []}',
        '{"text": "", "status": 77, "notes": []}',
        '{"text": "", "status": true, "notes": []}',
        '{"text": "", "status": 0, "notes": [1]}',
        '{"text": "", "status": 0, "notes": "ab"}',
        "[" * 100_000,
    ],
)
def test_what_is_not_as_we_write_it_is_no_answer(answers, runtime, written):
    (runtime / "kpf-review" / f"{NAME}.json").write_text(written)
    assert answers.get(NAME) is None


def test_links_pipes_and_old_files_are_none(answers, runtime):
    place = runtime / "kpf-review" / f"{NAME}.json"
    good = runtime / "good"
    good.write_text(json.dumps({"text": "x", "status": 0, "notes": []}))
    place.symlink_to(good)
    assert answers.get(NAME) is None
    place.unlink()
    os.mkfifo(place)
    assert answers.get(NAME) is None
    place.unlink()
    answers.keep(NAME, SAID)
    old = time.time() - KEPT - 1
    os.utime(place, (old, old))
    assert answers.get(NAME) is None
    answers.keep(key(["another"]), SAID)
    assert not place.exists()  # swept


@pytest.mark.parametrize("how", ["link", "open to others", "file"])
def test_a_folder_that_somebody_prepared_is_not_used(runtime, how):
    place = runtime / "kpf-review"
    if how == "link":
        (runtime / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(runtime / "elsewhere")
    elif how == "file":
        place.write_text("")
    else:
        place.mkdir()
        place.chmod(0o777)
    answers = Answers({"XDG_RUNTIME_DIR": str(runtime)})
    answers.keep(NAME, SAID)
    assert answers.get(NAME) is None
    if place.is_dir():
        assert not list(place.iterdir())
