# SPDX-License-Identifier: GPL-2.0-or-later
"""Fetching through b4 from a real public-inbox on loopback, and its failures."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from reviewer.errors import FetchError, NotAPatch
from reviewer.mail import is_message_id, open_series, open_thread
from reviewer.mail.fetch import fetch_thread, message_id_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def archive(new_inbox, mails):
    return new_inbox(
        mails.story()
        + mails.incomplete()
        + mails.without_cover()
        + mails.partial_reroll()
    )


@pytest.fixture
def served(archive, monkeypatch):
    archive.use(monkeypatch)
    return archive


def test_the_newest_revision_by_its_cover(served):
    series = open_series("v3-0@kpf")
    assert series.version == 3
    assert series.revisions == (2, 3)
    assert series.message_id == "v3-0@kpf"
    assert [patch.title for patch in series.patches] == ["one", "two"]
    assert series.base_commit == "0123456789abcdef0123456789abcdef01234567"
    assert series.change_id == "20260302-kpf-folio-0123456789ab"
    assert any("v2 is in the thread" in note for note in series.notes)


def test_the_message_id_decides_the_revision(served):
    assert open_series("<v2-2@kpf>").version == 2
    assert open_series("v2-2@kpf").cover.headers.message_id == "v2-0@kpf"


def test_replies_say_which_patch_they_are_about(served):
    series = open_series("v3-1@kpf")
    by_id = {reply.headers.message_id: reply for reply in series.replies}
    assert set(by_id) == {"v3-r@kpf", "v3-c@kpf", "v3-q@kpf"}
    review = by_id["v3-r@kpf"]
    assert review.headers.in_reply_to == "v3-1@kpf"
    assert [(t.name, t.value) for t in review.trailers] == [
        ("Reviewed-by", "Lena List <lena@example.com>")
    ]
    assert [name for name, reply in by_id.items() if reply.has_diff] == ["v3-c@kpf"]


def test_a_counter_patch_by_its_own_message_id(served, mails):
    series = open_series("v3-c@kpf")
    (patch,) = series.patches
    assert patch.author.email == "max@example.net"
    assert patch.title == "proc: take one snapshot of the flags"
    assert patch.message.startswith("The flags may change under us.")
    assert patch.diff == mails.DIFF
    assert patch.headers.message_id == "v3-c@kpf"


def test_a_comment_leads_to_its_series(served):
    series = open_series("v3-r@kpf")
    assert series.version == 3
    assert any("is a comment" in note for note in series.notes)


def test_missing_patches_are_named(served):
    series = open_series("gap-3@kpf")
    assert series.missing == (2,)
    assert [patch.index for patch in series.patches] == [1, 3]
    assert any("missing: 2 of 3" in note for note in series.notes)


def test_a_partial_reroll_keeps_the_other_patches(served):
    series = open_series("re-2b@kpf")
    ids = [patch.headers.message_id for patch in series.patches]
    assert ids == ["re-1@kpf", "re-2b@kpf"]
    assert any("partial reroll" in note for note in series.notes)


def test_an_archive_url_is_only_its_message_id(served):
    # the host of the URL does not exist: it must not be asked
    series = open_series("https://archive.invalid/linux-mm/single-2%40kpf/T/#u")
    assert series.version == 2


def test_all_mails_of_a_thread(served):
    assert len(open_thread("v2-0@kpf")) == 10


def test_the_tree_does_not_choose_the_server(served, tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".b4-config").write_text(
        "[b4]\n\tmidmask = http://127.0.0.1:9/evil/%s\n"
    )
    monkeypatch.chdir(tmp_path)
    assert open_series("single-1@kpf").version == 1
    assert len(fetch_thread("single-1@kpf")) == 2


def test_unknown_message_id(served):
    with pytest.raises(FetchError, match=r"^nobody@kpf: unknown to the archive"):
        open_series("nobody@kpf")


def test_offline_takes_the_cache_only(served):
    fetch_thread("v3-0@kpf")
    assert len(fetch_thread("v3-0@kpf", offline=True)) == 10
    with pytest.raises(FetchError, match="not in b4's cache"):
        fetch_thread("v2-1@kpf", offline=True)


def test_a_damaged_cache_is_passed_by(served):
    fetch_thread("single-1@kpf")
    for file in (served.home / "cache").rglob("*.lore.cache"):
        file.write_bytes(b"\0garbage")
    assert len(fetch_thread("single-1@kpf")) == 2


def test_no_place_for_the_cache(served, monkeypatch):
    blocked = served.home / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    with pytest.raises(FetchError, match="b4 cannot use its files"):
        open_series("single-1@kpf")


def test_nothing_on_stdout_and_stderr(served, capfd):
    open_series("v3-0@kpf")
    with pytest.raises(FetchError):
        open_series("nobody@kpf")
    assert capfd.readouterr() == ("", "")


class Server:
    """Answers every request in one way, on loopback."""

    def __init__(self, status: int, body: bytes, length: int | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(length or len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = True

            do_HEAD = do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/all"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.mark.parametrize(
    ("status", "body", "length", "message"),
    [
        (200, b"<html>Are you a robot?</html>", None, "did not send a mail archive"),
        (200, gzip.compress(b"From a\n")[:-9], None, "did not send a mail archive"),
        (200, gzip.compress(b"From mboxrd@z\n"), 5000, "to the archive broke off"),
        (200, gzip.compress(b""), None, "no such message"),
        (404, b"", None, "unknown to the archive"),
        (429, b"", None, "come back later"),
        (500, b"", None, "HTTP 500"),
    ],
    ids=["html", "cut gzip", "reset", "empty", "404", "429", "500"],
)
def test_server_trouble(served, status, body, length, message):
    server = Server(status, body, length)
    before = served.url
    served.configure("b4.midmask", f"{server.url}/%s")
    try:
        with pytest.raises(FetchError, match=message) as caught:
            open_series("v9-0@kpf")
    finally:
        served.configure("b4.midmask", f"{before}/%s")
        server.http.shutdown()
    assert "\n" not in str(caught.value)


def test_nobody_listens(served, monkeypatch):
    served.configure("b4.midmask", "http://127.0.0.1:9/all/%s")
    try:
        with pytest.raises(FetchError, match="no connection to the archive"):
            open_series("v8-0@kpf")
    finally:
        served.configure("b4.midmask", f"{served.url}/%s")


@pytest.mark.parametrize(
    "bad",
    [
        "no-at-sign",
        "two@at@signs",
        "a b@c",
        "a@b\nHost: evil",
        "a@b\0",
        "../../etc/passwd@x",
        "x@" + "y" * 600,
        "https://lore.example.org/all/",
        "$(touch x)@`id`",
        "<>",
    ],
)
def test_what_is_no_message_id(bad):
    with pytest.raises(FetchError, match="not a message-id"):
        message_id_of(bad)


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("20260302.1234-1-a@b.org", "20260302.1234-1-a@b.org"),
        ("<a+b=c@d>", "a+b=c@d"),
        ("https://lore.example.org/linux-mm/a%2Fb@c/", "a/b@c"),
        ("https://lore.example.org/r/a@b/raw", "a@b"),
        ("id:a@b", "a@b"),
        ("$HOME;id@b", "$HOME;id@b"),
    ],
)
def test_message_ids(ref, found):
    assert is_message_id(ref) or ref.startswith("id:")
    assert message_id_of(ref) == found


def test_a_thread_without_a_patch(served, mails):
    served.add([mails.mail("talk@kpf", "How do flags work?", "I wonder.\n")])
    with pytest.raises(NotAPatch, match="no patch in"):
        open_series("talk@kpf")


def test_local_mail_does_not_import_b4(tmp_path, mails):
    file = tmp_path / "one.patch"
    file.write_bytes(mails.without_cover()[0])
    program = (
        "import sys; from reviewer.mail import open_series; "
        f"open_series({str(file)!r}); "
        "sys.exit(any(m in sys.modules for m in ('b4', 'requests', 'email.parser')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
