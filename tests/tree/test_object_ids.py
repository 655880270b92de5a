# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a content is the blob of an id, by git's own word."""

from __future__ import annotations

import subprocess

import pytest

from reviewer.tree.objects import is_blob


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_git_gives_the_content_that_id(kind: str, tmp_path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", f"--object-format={kind}"], check=True)
    data = b"int a;\n"
    done = subprocess.run(
        [*git, "hash-object", "--stdin"], input=data, check=True, capture_output=True
    )
    name = done.stdout.decode().strip()
    assert is_blob(data, name)
    assert is_blob(data, name[:12])
    assert not is_blob(data + b"\n", name)
    assert not is_blob(data, name[1:])


def test_nothing_is_the_blob_of_no_id_and_no_file_has_one() -> None:
    assert not is_blob(b"", None)
    assert not is_blob(b"", "")
    assert not is_blob(None, "0123456")
