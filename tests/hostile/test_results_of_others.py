# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that a run reads again, as a stranger has written them: JSON of any type at any
key, files that are none of ours, and files without an end."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kill_states as states
import pytest
from doors import Doors
from test_odd_values import UNSEEN

ODD: tuple[Any, ...] = (
    *(None, True, -1, 2**70, 1.5, "\x1b[2J\u202e{{7*191}}", "../../../etc/passwd"),
    *([], [[]], {"x": {}}, "a" * 10_000),
)
RESUMED = {
    "scan": ("scan", "lib", "--resume", "../results"),
    "batch": ("batch", str(states.DEMO), "--resume", "../results", "--workers", "1"),
}


@pytest.fixture
def doors(world, here, monkeypatch) -> Doors:
    made = Doors(world)
    made.make()
    made.run = here
    monkeypatch.chdir(made.top)
    return made


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in JSON data, the whole first."""
    yield at
    inner = data.items() if isinstance(data, dict) else ()
    inner = enumerate(data) if isinstance(data, list) else inner
    for key, value in inner:
        yield from places(value, (*at, key))


def with_value(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    made = inner = copy.deepcopy(data)
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return made


def test_results_of_a_scan_with_any_value_anywhere(doors) -> None:
    """Looked at anew, or refused and left as they are."""
    results = doors.world.top / "results"
    words = (*RESUMED["scan"], "--format", "json")
    right = doors.run(*words)
    assert right[0] == 1
    record = json.loads(results.read_text())
    for number, at in enumerate(places(record)):
        for value in ODD[number % 2 :: 2]:
            results.write_text(json.dumps(with_value(record, at, value)) + "\n")
            before = results.read_bytes()
            status, shown, said = doors.run(*words)
            told = (at, str(value)[:40], said[-300:])
            assert "internal error" not in said, told
            assert not UNSEEN.search(said + shown.decode()), told
            assert "1337" not in said, told
            assert status in (0, 1, 2), told
            if status == 2:
                assert len(said.splitlines()) == 1, told
                assert results.read_bytes() == before, told
            if at[:4] == ("scan", "findings", 0, "rule"):
                assert (status, shown) in (right[:2], (2, b"")), told


NOT_OURS = (
    *(b"without an end", b"{}", b"[1, 2]", b'{"schema":2', b"\0" * 5000, b"x" * 70_000),
    *(b'{"schema":1,"job":"a"}\nmy notes', b'{\n "schema": 1\n}'),
)


@pytest.mark.parametrize("command", RESUMED)
def test_a_file_that_holds_something_else_is_left_as_it_is(command, doors) -> None:
    """Also where its last line has no end, as that of a run that was killed."""
    place = doors.world.top / "results"
    for content in NOT_OURS:
        place.write_bytes(content)
        status, shown, said = doors.run(*RESUMED[command])
        assert (status, shown) == (2, b""), (content, said)
        assert "left as it is" in said
        assert place.read_bytes() == content
    place.write_bytes(b'{"schema":1,"jo')  # but this is one
    assert doors.run(*RESUMED[command])[0] in (0, 1, 3)
    assert place.read_text().count("\n") == 1


BASELINES: dict[str, bytes] = {
    "empty": b"",
    "junk": b"\xff\xfe\0",
    "deep": b"[" * 200_000,
    "long number": b'{"findings": [{"fingerprint": ' + b"9" * 9999 + b"}]}",
    **{
        f"{key} {value!r:.20}": json.dumps(
            {"findings": value}
            if key == "findings"
            else {"findings": [{"fingerprint": value}]}
        ).encode()
        for key in ("findings", "fingerprint")
        for value in ODD
    },
}


def test_a_baseline_that_is_none(doors) -> None:
    """What it leaves out is told; it leaves out nothing else."""
    place = doors.world.top / "baseline"
    for name, content in BASELINES.items():
        place.write_bytes(content)
        status, shown, said = doors.run("scan", "lib", "--baseline", str(place))
        assert "internal error" not in said, name
        assert status in (1, 2), (name, said)
        assert status == 1 or len(said.splitlines()) == 1, (name, said)
        assert not UNSEEN.search(said + shown.decode()), name


@pytest.mark.parametrize("option", ["--baseline", "--resume"])
def test_a_file_without_an_end(option: str, doors) -> None:
    """A hole of many gigabytes costs neither memory nor the file."""
    place = doors.world.top / "huge"
    with place.open("wb") as file:
        file.truncate(1 << 34)

    def small() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    words = ("scan", "lib", option, str(place))
    status, shown, said = doors.world.run(*words, cwd=doors.top, preexec_fn=small)
    assert (status, shown) == (2, b""), said
    assert len(said.splitlines()) == 1
    assert place.stat().st_size == 1 << 34


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "device"])
def test_what_is_no_file(what: str, doors) -> None:
    place = doors.world.top / "results"
    if what == "pipe":
        os.mkfifo(place)
    elif what == "folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero" if what == "device" else "elsewhere")
    for words in (*RESUMED.values(), ("scan", "lib", "--baseline", str(place))):
        status, _, said = doors.run(*words)
        assert "internal error" not in said
        if (words[2], what) == ("--baseline", "link"):
            continue  # that of a baseline may be one, and leads nowhere here
        assert status == 2, (words, said)
    assert not Path(doors.world.top, "elsewhere").exists()
