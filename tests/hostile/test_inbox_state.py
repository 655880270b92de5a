# SPDX-License-Identifier: GPL-2.0-or-later
"""The state of ``inbox`` and the folder of its pages as nobody has written them."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import kill_states as states
import pytest
from kill_states import as_a_folder, as_a_pipe

from reviewer.inbox.state import _sum as sum_of

STATE = "home/.local/state/kpf-review/inbox.sqlite"


def words(world, *more: str) -> tuple[str, ...]:
    return ("inbox", str(states.DEMO), "--tree", str(world.tree), "--workers=1", *more)


def packed(record: object) -> bytes:
    return zlib.compress(json.dumps(record).encode())


RECORDS: dict[str, object] = {
    "null": packed(None),
    "junk": b"null",
    "number": 5,
    "none": None,
    "empty": packed({}),
    "list": packed([]),
    "no rows": packed({"series": 1, "notes": [], "failed": False}),
    "another row": packed({"series": [{"row": {}}], "notes": [], "failed": False}),
    "notes": packed({"series": [], "notes": ["\x1b[31m"], "failed": False}),
    "deep": zlib.compress(b"[" * 100_000),
}


def test_what_is_no_review_of_ours_is_reviewed_anew(world) -> None:
    """Whatever stands there in its place, the list is the same."""
    status, shown, said = world.run(*words(world, "--format=json"))
    assert status == 1, said
    for name, record in RECORDS.items():
        set_records(world, lambda _key, one=record: one)
        again = world.run(*words(world, "--format=json", "--again"))
        assert again[:2] == (1, shown), (name, again[2])


def set_records(world, data: Callable[[str], object]) -> None:
    with closing(sqlite3.connect(world.top / STATE)) as file, file:
        for (key,) in file.execute("SELECT key FROM done").fetchall():
            row = data(key), key
            file.execute("UPDATE done SET data = ? WHERE key = ?", row)


@pytest.mark.parametrize("name", ["null", "junk", "empty", "list", "deep"])
def test_nor_what_has_a_sum_as_ours_have(name: str, here, world) -> None:
    """Whoever can write there can make a sum."""
    data = RECORDS[name]
    assert isinstance(data, bytes)
    status, shown, said = here(*words(world, "--format=json"))
    assert status == 1, said
    set_records(world, lambda key: sum_of(key, data) + data)
    again = here(*words(world, "--format=json", "--again"))
    assert again[:2] == (1, shown), again[2]


def as_a_view(place: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    with closing(sqlite3.connect(place)) as file, file:
        file.execute("DROP TABLE listed")
        view = f"CREATE VIEW listed AS {endless} SELECT 'x' AS mail, i AS run FROM n"
        file.execute(view)


def with_a_trigger(place: Path) -> None:
    with closing(sqlite3.connect(place)) as file, file:
        file.execute(
            "CREATE TRIGGER t BEFORE INSERT ON listed BEGIN"
            " SELECT raise(ABORT, '\x1b[31mno'); END"
        )


def as_words(place: Path) -> None:
    with closing(sqlite3.connect(place)) as file, file:
        file.execute("UPDATE listed SET run = 'x\x1b'")


def as_a_late_run(place: Path) -> None:
    with closing(sqlite3.connect(place)) as file, file:
        file.execute("UPDATE listed SET run = ?", (2**63 - 1,))


HARMS = {  # and what the run after it ends with
    as_a_view: 2,
    with_a_trigger: 2,
    as_a_pipe: 2,
    as_a_folder: 2,
    as_words: 1,
    as_a_late_run: 1,
}


def test_a_state_that_is_none_is_said_in_a_line(world) -> None:
    assert world.run(*words(world))[0] == 1
    place = world.top / STATE
    good = place.read_bytes()
    for harm, right in HARMS.items():
        harm(place)
        status, _, said = world.run(*words(world, "--all", "-q"))
        assert status == right, (harm, said)
        assert "internal error" not in said
        if right == 2:
            (line,) = said.splitlines()
            assert line.isprintable()
            assert "inbox.sqlite" in line
        if place.is_dir():
            place.rmdir()
        else:
            place.unlink()
        place.write_bytes(good)


@pytest.mark.parametrize("what", ["pipe", "link", "folder"])
@pytest.mark.parametrize("where", ["index.html", "drafts"])
def test_what_lies_where_pages_go(what: str, where: str, world) -> None:
    place = world.top / "out" / where
    place.parent.mkdir()
    if what == "pipe":
        os.mkfifo(place)
    elif what == "link":
        place.symlink_to(world.top / "home")
    elif where == "drafts":
        return  # that is what it is
    else:
        place.mkdir()
    before = world.files(without="home/.local")
    status, _, said = world.run(*words(world, "--html", str(place.parent)))
    assert status == 2, said
    assert len(said.splitlines()) == 1
    after = world.files(without="home/.local")
    assert {k: v for k, v in after.items() if "/.cache" not in k} == before
