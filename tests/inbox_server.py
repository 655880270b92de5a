# SPDX-License-Identifier: GPL-2.0-or-later
"""A real public-inbox on loopback for b4 to fetch from.

Needs Debian's public-inbox.  b4 is pointed at it by a HOME of its own: take
``inbox.env`` as the environment of a subprocess, or ``inbox.use(monkeypatch)``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

ADDRESS = "list@lists.example.org"
IMPORT = r"""
use strict; use warnings;
use PublicInbox::Config; use PublicInbox::InboxWritable; use PublicInbox::Eml;
my ($address, @files) = @ARGV;
my $config = PublicInbox::Config->new;
my $found = $config->lookup($address) // die "no inbox";
my $inbox = PublicInbox::InboxWritable->new($found);
my @mails;
for my $file (@files) {
  open my $fh, '<:raw', $file or die "$file: $!";
  local $/;
  push @mails, scalar <$fh>;
}
my $importer = $inbox->importer(0);
for my $raw (@mails) { $importer->add(PublicInbox::Eml->new(\$raw)); }
$importer->done;
"""


class Inbox:
    """An archive in a folder; ``start`` it, ``add`` to it, ``stop`` it."""

    def __init__(self, folder: Path, need: Callable[[str, str], str]) -> None:
        for program in ("public-inbox-init", "public-inbox-httpd"):
            need(program, "public-inbox")
        need("perl", "perl")
        self.folder = folder
        self.home = folder / "home"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/all"
        self._mails = 0
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """An environment in which b4 knows only this archive and no proxy."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "XDG_", "B4_", "COLUMNS", "LINES"))
            and not name.lower().endswith("_proxy")
        }
        return kept | self._own_env()

    def _own_env(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PI_CONFIG": str(self.folder / "pi-config"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "no_proxy": "127.0.0.1,localhost",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def use(self, monkeypatch) -> None:
        """Make this process' b4 use the archive, by pytest's monkeypatch."""
        for name in list(os.environ):
            if name.lower().endswith("_proxy") or name.startswith(("GIT_", "XDG_")):
                monkeypatch.delenv(name, raising=False)
        for name, value in self._own_env().items():
            monkeypatch.setenv(name, value)

    def start(self, mails: Sequence[bytes] = ()) -> str:
        """Create the archive anew, import ``mails``, serve it; returns its URL."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.home.mkdir(parents=True)
        self.configure("b4.midmask", f"{self.url}/%s")
        self.configure("b4.attestation-check-dkim", "no")
        self.configure("user.name", "Rita Reviewer")
        self.configure("user.email", "rita@example.org")
        # -L full: b4 finds revisions with phrase queries, "medium" answers 404
        self._run(
            "public-inbox-init", "-V2", "-L", "full", "all", str(self.folder / "all"),
            self.url, ADDRESS,
        )  # fmt: skip
        config = str(self.folder / "pi-config")
        self._run("git", "config", "-f", config, "publicinboxmda.spamcheck", "none")
        if mails:
            self.add(mails)
        self._serve()
        return self.url

    def configure(self, key: str, value: str) -> None:
        """Set a key of the user's git config."""
        self._run("git", "config", "--global", key, value)

    def add(self, mails: Sequence[bytes]) -> None:
        """Import further mails and forget what b4 has cached.

        The server is not up meanwhile: one that has the index open ends with an
        exception of Xapian's (DatabaseModifiedError) at its next request.
        """
        serves = self._server is not None
        self.stop()
        folder = self.folder / "in"
        folder.mkdir(exist_ok=True)
        files = []
        for mail in mails:
            self._mails += 1
            file = folder / f"{self._mails:04}.eml"
            file.write_bytes(mail)
            files.append(str(file))
        self._run("perl", "-e", IMPORT, ADDRESS, *files)
        shutil.rmtree(self.home / "cache", ignore_errors=True)
        if serves:
            self._serve()

    def stop(self) -> None:
        """End the server; the archive stays."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=20)
            self._server = None

    def _serve(self) -> None:
        log = (self.folder / "httpd.log").open("wb")
        self._server = subprocess.Popen(
            ["public-inbox-httpd", "-W0", "-l", f"127.0.0.1:{self.port}"],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(200):
            try:
                opener.open(f"{self.url}/", timeout=5).close()
                return
            except urllib.error.HTTPError:
                return  # it answers: an archive without mail is "not found"
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError((self.folder / "httpd.log").read_text("utf-8", "replace"))

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, env=self.env, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
