# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that a tree's settings name is started, whichever key names it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import archive
import doors as made
import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"


@pytest.fixture
def doors(world):
    """The repository, not armed yet."""
    one = made.Doors(world)
    one.make()
    one.patch()
    return one


@pytest.fixture
def armed(doors):
    assert doors.arm() > 600
    return doors


def test_the_list_of_keys_has_those_that_b4_starts_a_program_for() -> None:
    """Most of them have no default, and are asked for in its sources only."""
    known = set(made.b4_keys())
    asked = ("am-perpatch-check-cmd", "review-agent-command", "send-auto-to-cmd")
    assert known > {f"b4.{name}" for name in (*asked, "review-perpatch-check-cmd")}


def test_the_canary_sings_where_git_is_not_held_back(doors) -> None:
    """So that the silence above means something."""
    doors.git("config", "gpg.program", str(doors.canary))
    doors.git("config", "filter.x.clean", str(doors.canary))
    doors.git("log", "--show-signature", "-1", check=False)
    assert doors.ran.exists()


def test_a_filter_is_not_run_and_the_file_left_to_the_patch(armed) -> None:
    status, _, said = armed.kpf("check", "--fix")
    assert status == 1
    assert "not committed: lib/one.c has the filter 'x', which is not run" in said
    assert "== 0x10)" in (armed.top / "kpf-review-fixes.patch").read_text()
    assert (armed.top / "lib/one.c").read_text().endswith(made.BAD)
    assert not armed.ran.exists()


def test_a_fix_is_committed_beside_all_these_keys(doors) -> None:
    """Without an attribute nothing is held back, and no key matters."""
    doors.arm(attributes=False)
    status, _, said = doors.kpf("check", "--fix")
    assert status == 1
    assert "fixup! lib: one: test the bit" in said
    assert "(x & 0x10) == 0x10" in (doors.top / "lib/one.c").read_text()
    assert not doors.ran.exists()
    (doors.top / ".git/config").write_text("[core]\n\trepositoryformatversion = 0\n")
    assert doors.git("status", "--porcelain", "-uno") == ""
    assert doors.git("diff-index", "--cached", "HEAD") == ""
    assert doors.git("log", "-1", "--format=%s").startswith("fixup! ")


def test_a_user_who_shows_signatures_has_a_working_check(doors) -> None:
    home = doors.world.top / "home/.gitconfig"
    home.write_text(
        home.read_text()
        + f"[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {doors.canary}\n"
        + "[color]\n\tui = always\n[diff]\n\tnoprefix = true\n\tcontext = 9\n"
    )
    status, shown, said = doors.kpf("check", "--format", "json")
    assert status == 1, said
    assert [f["rule"] for f in json.loads(shown)["findings"]] == ["mask-precedence"]
    assert not doors.ran.exists()


def test_settings_by_place_hold(doors) -> None:
    """includeIf of the user's is for the repository, not for what git is shown."""
    home = doors.world.top / "home/.gitconfig"
    other = doors.world.top / "home/work"
    other.write_text("[kpf]\n\tignore = mask-precedence\n")
    home.write_text(
        f'{home.read_text()}[includeIf "gitdir:linux/"]\n\tpath = {other}\n'
    )
    assert doors.kpf("check")[0] == 0


def test_commands_of_the_tree_stay_in_the_tree(doors) -> None:
    keys = ("prep-perpatch-check-cmd", "am-perpatch-check-cmd", "gpgbin")
    lines = [f"\t{key} = {doors.canary} --evil\n" for key in keys]
    (doors.top / ".b4-config").write_text("[b4]\n" + "".join(lines))
    for scope in ((), ("--local",)):
        config = doors.world.top / "home/.gitconfig"
        config.write_text(config.read_text().partition("[b4]")[0])
        status, shown, said = doors.kpf("setup", "b4", "--write", *scope)
        assert status == 0
        assert "--evil" not in shown
        assert f"asks for b4.prep-perpatch-check-cmd = '{doors.canary} --evil'" in said
    for place in (doors.world.top / "home/.gitconfig", doors.top / ".git/config"):
        assert "--evil" not in place.read_text()
    assert not doors.ran.exists()


def test_a_program_that_only_has_our_name_is_not_proved_by_running_it(doors) -> None:
    evil = doors.world.top / "evil/kpf-review"
    evil.parent.mkdir()
    evil.write_text(doors.canary.read_text())
    evil.chmod(0o755)
    doors.git("config", "b4.review-agent-command", f"{evil} agent")
    doors.git("config", "--add", "b4.am-perpatch-check-cmd", f"{evil} b4-check")
    status, shown, _ = doors.kpf("setup", "b4", "--check")
    assert status == 1
    assert "not tried" in shown
    assert not doors.ran.exists()


# --- a signed mail --------------------------------------------------------------------

SIGN = """
import sys, patatt
patatt.GPGBIN = sys.argv[1]
for name in sys.argv[2:]:
    data = open(name, "rb").read()
    open(name, "wb").write(
        patatt.sign_message(data, "openpgp", "k", "nadia@example.org", "default"))
"""
GPG = """#!/bin/sh
case "$*" in
*--fingerprint*) echo 'pub:u:1:1:ABCD:';echo 'fpr:::::::::0123ABCD:';;
*) cat >/dev/null; echo signed;;
esac
"""


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """The demo's mails, its patches signed with a key that nobody has."""
    from reviewer.mail.local import read_local

    top = tmp_path_factory.mktemp("signed")
    gpg = top / "gpg"
    gpg.write_text(GPG)
    gpg.chmod(0o755)
    names = []
    for number, mail in enumerate(read_local(DEMO)):
        (top / f"{number}.eml").write_bytes(mail)
        names.append(str(top / f"{number}.eml"))
    command = [sys.executable, "-c", SIGN, str(gpg), *names[1:]]
    subprocess.run(command, check=True, capture_output=True)
    mails = [Path(name).read_bytes() for name in names]
    assert all(b"X-Developer-Signature" in mail for mail in mails[1:])
    return mails


def fetched(doors, environment: dict[str, str]) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [sys.executable, "-m", "reviewer.cli", archive.COVER, "--format", "json"],
        cwd=doors.top,
        env={**doors.world.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("whose", ["tree", "user"])
def test_a_signed_mail_starts_no_gpg(whose, doors, signed, new_inbox) -> None:
    """From a real public-inbox; who signed it is for b4 to say, and not asked."""
    inbox = new_inbox(signed)
    environment = {k: inbox.env[k] for k in inbox.env if k.startswith(("XDG", "HOME"))}
    if whose == "tree":
        assert doors.arm() > 600
    else:
        inbox.configure("gpg.program", str(doors.canary))
    status, shown, said = fetched(doors, environment)
    assert status in (0, 1, 3), said
    assert json.loads(shown)["series"]["message_id"] == archive.COVER
    assert not doors.ran.exists()


# --- what stands in the place of a file -----------------------------------------------

# Each of these was waited for at 3e2855c, by one of the commands below.
PIPES = (
    *(".git/config", ".git/HEAD", ".git/index", ".git/packed-refs", ".git/shallow"),
    *(".git/refs/heads/pipe", ".git/info/attributes", ".git/objects/info/alternates"),
    *(".git/commondir", ".git/config.worktree", ".git/info/grafts", ".gitattributes"),
    *("lib/.gitattributes", ".b4-config", ".mailmap", ".git/objects/pack/p.idx"),
    *(".git/info/exclude", ".git/logs/HEAD", "included"),
    *(".git/objects/info/commit-graph", ".git/objects/pack/multi-pack-index"),
)
NOT_OPENED = (".gitmodules", ".git/hooks", ".git/objects/pack/p.pack")
OPENED_BY = {
    ".git/refs/heads/pipe": ("agent",),
    ".b4-config": ("nobody@example.org", "--offline"),
}


@pytest.mark.parametrize("place", PIPES + NOT_OPENED)
def test_a_pipe_in_the_place_of_a_file_is_no_end(place: str, doors) -> None:
    pipe = doors.top / place
    if place == ".git/hooks":
        pipe.rename(pipe.with_name("other"))
    if place == ".git/config.worktree":  # git asks this before it opens it
        doors.git("config", "extensions.worktreeConfig", "true")
    if "/pack/p." in place:  # a pack is a pair
        for name in ("p.idx", "p.pack"):
            pipe.with_name(name).write_bytes(b"x")
    pipe.parent.mkdir(exist_ok=True)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    if place == "included":
        text = f"[include]\n\tpath = {pipe}\n"
        config = doors.top / ".git/config"
        config.write_text(config.read_text() + text)
    for words in (("check", "--fix"), OPENED_BY.get(place, ("setup", "b4"))):
        status, _, said = doors.kpf(*words)
        assert status in (0, 1, 2, 3)
        assert "internal error" not in said
        assert "Traceback" not in said
        if status > 1:
            assert len(said.splitlines()) == 1, said


# --- records, and streams that are closed ---------------------------------------------

SHAPES = (
    *('{"series": []}', '{"series": null}', '{"series": 1}', '{"series": "x"}', "[]"),
    *("null", "1", '"x"', "{", "", "{}", "[" * 9999, '{"series":' * 9999),
    *('{"series": {"revision": "2"}}', '{"series": {"revision": []}}'),
    *('{"series": {"revision": -1}}', '{"series": {"revision": true}}'),
    *('{"series": {"revision": 1e999}}', f'{{"series": {{"revision": {"9" * 5000}}}}}'),
)
TOLD = "cannot be read: name the commits"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one[:30])
@pytest.mark.parametrize("where", ["commit", "config"])
def test_a_record_that_b4_did_not_write(where: str, shape: str, doors) -> None:
    if where == "config":
        if not shape:
            return  # no record at all
        doors.git("config", "branch.main.description", "title")
        (doors.top / "value").write_text(shape)
        config = doors.top / ".git/config"
        text = shape.replace('"', '\\"')
        config.write_text(
            f'{config.read_text()}[branch "main"]\n\tb4-tracking = "{text}"\n'
        )
    else:
        marker = "--- b4-submit-tracking ---"
        message = f"cover: title\n\n{marker}\n{shape}\n"
        tree = doors.git("rev-parse", "base^{tree}").strip()
        cover = doors.git(
            "commit-tree", tree, "-p", "base", "-F", "-", stdin=message.encode()
        )
        doors.git("reset", "-q", "--hard", cover.strip())
        doors.write("lib/one.c", made.KERNEL["lib/one.c"] + made.BAD)
        doors.git("commit", "-qam", made.MESSAGE)
    status, shown, said = doors.kpf("check")
    assert (status, shown) == (3, ""), said
    (line,) = said.splitlines()
    assert TOLD in line


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["-", "--version", "rules", "b4-check"])
def test_a_stream_that_is_closed(words: str, closed: str, doors) -> None:
    """No internal error, and the result nowhere but on stdout."""
    command = f'"$1" -m reviewer.cli {words} {closed}'
    done = subprocess.run(
        ["sh", "-c", command, "sh", sys.executable],
        cwd=doors.top,
        env=doors.world.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    said = done.stderr.decode()
    assert "internal error" not in said
    assert "Traceback" not in said
    assert "Exception" not in said
    if ">&-" in closed.replace("2>&-", ""):
        assert done.returncode in (2, 3), said
        if "2>&-" not in closed and done.returncode == 2:
            assert "cannot write the result" in said
    else:
        assert done.returncode in (0, 1, 2, 3)
    if closed == "2>&-":
        assert b"kpf-review: " not in done.stdout


# --- an archive without an end --------------------------------------------------------


def endless(encoding: str):
    """An answer that HTTP says is packed, and that never ends unpacking."""
    import zlib

    def answer(one, connection, _request) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        packer = zlib.compressobj(9, zlib.DEFLATED, 31 if "gzip" in encoding else 15)
        zeros = b"\0" * (1 << 22)
        for _ in range(1000):
            if one.stopped.is_set():
                return
            connection.sendall(packer.compress(zeros))

    return answer


def plain(one, connection, _request) -> None:
    """An answer that is long without being packed."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(1 << 12):
        if one.stopped.is_set():
            return
        connection.sendall(b"x" * (1 << 20))


@pytest.mark.parametrize(
    "answer", [endless("gzip"), endless("deflate"), endless("gzip, gzip"), plain],
    ids=["gzip", "deflate", "twice", "plain"],
)  # fmt: skip
def test_an_answer_is_measured_as_it_comes(answer, world) -> None:
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    with archive.Archive(answer) as bad:
        world.fetches_from(bad.url, mailboxBytes="1m", fetchTime="60")
        status, shown, said = world.run(archive.COVER, preexec_fn=small)
    assert (status, shown) == (3, b""), said
    (line,) = said.splitlines()
    assert "kpf.mailboxBytes" in line or "cannot be unpacked" in line
