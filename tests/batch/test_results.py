# SPDX-License-Identifier: GPL-2.0-or-later
"""The file of results: what a kill cut off is done again, and nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from reviewer.batch import results
from reviewer.batch.results import open_results
from reviewer.errors import OutputError


def test_a_later_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with open_results(path) as file:
        assert file.done == set()
        file.write({"schema": 1, "job": "a\n", "status": 0})
    with path.open("ab") as cut:
        cut.write(b'{"schema":1,"job":"b","sta')
    with open_results(path) as file:
        assert file.done == {"a\n"}
        file.write({"schema": 1, "job": "c", "status": 1})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["job"] for line in lines] == ["a\n", "c"]


def test_another_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    line = results.json_line({"schema": 1, "job": "a"})
    for text in (
        "my notes\n",
        f"{line}[]\n",
        "3\n",
        "without an end",
        "{}",
        f"{line} x",
    ):
        path.write_text(text)
        with pytest.raises(OutputError, match="not a result"), open_results(path):
            pass
        assert path.read_text() == text


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with (
        open_results(path),
        pytest.raises(OutputError, match="another run"),
        open_results(path),
    ):
        pass


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("pipe", "link", "no/such", "."):
        with pytest.raises(OutputError), open_results(tmp_path / name):
            pass
    assert not (tmp_path / "elsewhere").exists()
