# SPDX-License-Identifier: GPL-2.0-or-later
"""The store of reviewer/disk_cache.py as nobody has written it: no answer, no wait.

Each is looked at through the command line: a check that asks the store, and ``cache``.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from doors import BAD, KERNEL, MESSAGE, Doors
from kill_states import as_a_folder, as_a_pipe

USES = "#ifdef CONFIG_TWO\nint two;\n#endif\n"
HUGE = 70 << 20  # bytes of a value: more than all that is kept may take


@pytest.fixture
def doors(world, here, monkeypatch) -> Doors:
    """A kernel with Kconfig, and a patch that asks it about a symbol."""
    one = Doors(world)
    one.run = here
    one.make()
    one.git("reset", "-q", "--hard", "base")
    one.write("Kconfig", "config ONE\n\tbool\n")
    one.git("add", "-A")
    one.git("commit", "-qm", "Kconfig")
    one.git("branch", "-f", "base")
    one.write("lib/one.c", KERNEL["lib/one.c"] + USES + BAD)
    one.git("commit", "-qam", MESSAGE)
    monkeypatch.chdir(one.top)
    return one


def store(doors: Doors) -> Path:
    return doors.world.top / "home/.cache/kpf-review/facts.sqlite"


def found(doors: Doors) -> list[str]:
    status, shown, said = doors.run("check", "--format", "json")
    assert status == 1, said
    assert "Traceback" not in said
    return sorted(finding["rule"] for finding in json.loads(shown)["findings"])


def sql(place: Path, *lines: str, values: tuple[object, ...] = ()) -> None:
    with closing(sqlite3.connect(place)) as facts, facts:
        for line in lines:
            facts.execute(line, values)


VALUE = "UPDATE facts SET value = ?"
ENDLESS = (
    "CREATE VIEW facts AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
    " FROM n) SELECT 'k' AS kind, 1 AS version, 'x' AS key, i AS value, i AS made"
    " FROM n"
)


def of(value: object) -> Callable[[Path], None]:
    """A row that says that."""
    return lambda place: sql(place, VALUE, values=(value,))


def other_file(data: bytes) -> Callable[[Path], object]:
    return lambda place: place.write_bytes(data)


def cut(place: Path) -> None:
    place.write_bytes(place.read_bytes()[:-2000])


def flipped(place: Path) -> None:
    data = bytearray(place.read_bytes())
    data[100::97] = b"\xff" * len(data[100::97])
    place.write_bytes(data)


def replaced_by_a_view(place: Path) -> None:
    sql(place, "DROP TABLE facts", ENDLESS)


def with_a_trigger(place: Path) -> None:
    sql(
        place,
        "DELETE FROM facts",
        "CREATE TRIGGER t BEFORE INSERT ON facts BEGIN SELECT raise(ABORT, 'no'); END",
    )


def of_other_columns(place: Path) -> None:
    sql(place, "DROP TABLE facts", "CREATE TABLE facts (kind, made)")


def as_a_link(place: Path) -> None:
    place.rename(place.parents[2] / "other")
    place.symlink_to(place.parents[2] / "other")


def locked(place: Path) -> None:
    """By somebody who has begun to write: the journal says so."""
    Path(f"{place}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 200)


def a_pipe_for_a_journal(place: Path) -> None:
    os.mkfifo(f"{place}-journal")


def read_only(place: Path) -> None:
    sql(place, "DELETE FROM facts")
    place.chmod(0o400)
    place.parent.chmod(0o500)


def of_another_user(place: Path) -> None:
    place.parent.chmod(0o777)


HARMS: dict[str, Callable[[Path], object]] = {
    "empty": other_file(b""),
    "junk": other_file(b"junk" * 5000),
    "head": other_file(b"SQLite format 3\0" + b"\xff" * 9000),
    "null": of(b"null"),
    "number": of(17),
    "list": of(b"[[], [], [], []]"),
    "shapes": of(b'{"paths": 1, "defines": [], "selects": {"x": 1}, "sources": null}'),
    "deep": of(b"[" * 200_000),
    "no text": of(b"\xff\xfe{"),
    "infinite": of(b'{"paths": [1e999, NaN]}'),
    "huge": of(b'["' + b"x" * HUGE + b'"]'),
}
for one in (
    *(cut, flipped, replaced_by_a_view, with_a_trigger, of_other_columns, as_a_pipe),
    *(as_a_folder, as_a_link, locked, a_pipe_for_a_journal, read_only),
    of_another_user,
):
    HARMS[one.__name__] = one


@pytest.mark.parametrize("harm", HARMS)
def test_the_same_findings_whatever_is_kept(harm: str, doors) -> None:
    rules = found(doors)
    assert rules == ["mask-precedence", "unknown-config-symbol"]
    place = store(doors)
    assert place.stat().st_size, "the check asks it"
    HARMS[harm](place)
    other = place.parents[2] / "other"
    before = other.read_bytes() if other.exists() else None
    assert found(doors) == rules
    assert before is None or other.read_bytes() == before
    for words in (("cache",), ("cache", "--clear")):
        status, _, said = doors.run(*words)
        assert "internal error" not in said, said
        assert status == 0 or len(said.splitlines()) == 1
    place.parent.chmod(0o700)
    assert found(doors) == rules


def test_clearing_leaves_nothing(doors) -> None:
    found(doors)
    place = store(doors)
    locked(place)
    assert doors.run("cache", "--clear")[0] == 0
    assert list(place.parent.iterdir()) == []
