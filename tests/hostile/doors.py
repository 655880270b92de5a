# SPDX-License-Identifier: GPL-2.0-or-later
"""A repository whose own settings would start a program wherever git or b4 has a key.

The keys are git's own list (``git help --config``) and b4's defaults; what a name
stands for in ``filter.<driver>.clean`` is made up, and .gitattributes uses it.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

KERNEL = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\n",
    "Kbuild": "obj-y += lib/\n",
    "MAINTAINERS": "LIB\nM:\tMary <mary@example.org>\nF:\tlib/\n",
    "include/linux/one.h": "#define ONE 1\n",
    "lib/one.c": "int first(int x)\n{\n\treturn x;\n}\n",
}
BAD = "int one(int x)\n{\n\tif (x & 0x10 == 0x10)\n\t\treturn 1;\n\treturn x;\n}\n"
MESSAGE = (
    "lib: one: test the bit\n\nIt is asked for.\n\n"
    "Signed-off-by: Olga Other <olga@example.org>\n"
)
SIGNATURE = (
    "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAABCAAdFiEE\n =abcd\n"
    " -----END PGP SIGNATURE-----\n"
)
# git dies of these itself if they are no numbers; the tests set them to what they are
TYPED = re.compile(r"core\.repositoryformatversion|extensions\..*")
WHO = {
    "GIT_AUTHOR_NAME": "Olga Other",
    "GIT_AUTHOR_EMAIL": "olga@example.org",
    "GIT_COMMITTER_NAME": "Olga Other",
    "GIT_COMMITTER_EMAIL": "olga@example.org",
}


def git_keys() -> list[str]:
    """Every key that git knows, with a name for each thing in angle brackets."""
    done = subprocess.run(
        ["git", "help", "--config"], capture_output=True, check=True, text=True
    )
    found = []
    for line in done.stdout.splitlines():
        key = line.strip()
        key = re.sub(r"<[^>]*>|\*", "x", key)
        if re.fullmatch(r"[A-Za-z0-9]+(\.[^ ]+)*\.[A-Za-z][A-Za-z0-9-]*", key):
            found.append(key)
    return found


# What has a program in it and is in no list of git's: b4's and patatt's are in their
# sources, and these are for names that the attributes and remotes below use.
MORE = (
    *("filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv"),
    *("diff.x.command", "merge.x.driver", "gpg.x.program", "gpg.ssh.program"),
    *("gpg.x509.program", "gpg.openpgp.program", "gpg.program", "remote.x.vcs"),
    *("remote.x.uploadpack", "remote.x.receivepack", "credential.helper"),
    *("core.sshcommand", "core.gitproxy", "core.alternaterefscommand"),
    *("uploadpack.packobjectshook", "pager.log", "pager.config", "alias.log"),
    *(
        "sequence.editor",
        "trailer.x.command",
        "trailer.x.cmd",
        "interactive.difffilter",
    ),
    *("mergetool.x.cmd", "difftool.x.cmd", "browser.x.cmd", "man.x.cmd"),
    *("core.fsmonitor", "core.hookspath", "core.editor", "core.askpass", "core.pager"),
    *("b4.gpgbin", "patatt.gpg-bin", "patatt.ssh-keygen-bin", "sendemail.smtpserver"),
    *(
        "hook.x.command",
        "hook.x.event",
        "key.of-a-git-to-come",
        "key.with.command",
        "log.showsignature",
    ),
)


ASKED = re.compile(
    r"""(?:config|cfg|settings)(?:\.get\(|\[)\s*f?["']([a-z][a-z0-9-]*)["']"""
    r"""|["']b4\.([a-z][a-z0-9-]*)["']"""
)


def b4_keys() -> list[str]:
    """Every key that b4 has a default for, or that its sources ask for."""
    import b4

    found = dict.fromkeys(b4.DEFAULT_CONFIG)
    for file in sorted(Path(b4.__file__).parent.rglob("*.py")):
        for match in ASKED.finditer(file.read_text(encoding="utf-8")):
            found[match[1] or match[2]] = None
    return [f"b4.{name}" for name in found]


class Doors:
    """The repository, its canary, and a run of the program in it."""

    def __init__(self, world) -> None:
        self.world = world
        self.top = world.top / "linux"
        self.ran = world.top / "ran"
        self.canary = world.top / "canary"
        self.canary.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.ran}\nexit 0\n')
        self.canary.chmod(0o755)
        (world.top / "home/.gitconfig").write_text(
            "[user]\n\tname = Olga Other\n\temail = olga@example.org\n"
        )

    def git(self, *words: str, stdin: bytes = b"", check: bool = True) -> str:
        """git as the one who made the tree has it."""
        done = subprocess.run(
            ["git", "-C", str(self.top), *words],
            input=stdin,
            capture_output=True,
            check=check,
            env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, **WHO},
        )
        return done.stdout.decode()

    def make(self) -> None:
        """A kernel, a signed commit with a mistake on top, upstream at the kernel."""
        for name, text in KERNEL.items():
            self.write(name, text)
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "the kernel")
        self.git("branch", "base")
        self.write("lib/one.c", KERNEL["lib/one.c"] + BAD)
        self.git("commit", "-qam", MESSAGE)
        raw = self.git("cat-file", "commit", "HEAD")
        head, _, body = raw.partition("\n\n")
        signed = f"{head}\n{SIGNATURE}\n{body}"
        words = ("hash-object", "-t", "commit", "-w", "--stdin")
        commit = self.git(*words, stdin=signed.encode()).strip()
        self.git("update-ref", "refs/heads/main", commit)
        self.git("config", "branch.main.remote", ".")
        self.git("config", "branch.main.merge", "refs/heads/base")

    def write(self, name: str, text: str) -> None:
        place = self.top / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def arm(self, *, attributes: bool = True) -> int:
        """Set every key to the canary; returns how many there are."""
        from reviewer.repository import is_kept

        keys = dict.fromkeys([*git_keys(), *b4_keys(), *MORE])
        armed = [
            key for key in keys if not TYPED.fullmatch(key.lower()) and not is_kept(key)
        ]
        config = self.top / ".git/config"
        lines = []
        for key in armed:
            section, _, name = key.rpartition(".")
            first, dot, middle = section.partition(".")
            head = f'[{first} "{middle}"]' if dot else f"[{first}]"
            value = "true" if key == "log.showsignature" else self.canary
            lines.append(f"{head}\n\t{name} = {value}\n")
        more = self.world.top / "included"
        more.write_text("".join(lines))
        text = config.read_text() + "".join(lines)
        config.write_text(f"{text}[include]\n\tpath = {more}\n")
        hooks = self.top / ".git/hooks"
        for name in ("reference-transaction", "post-index-change", "pre-commit"):
            (hooks / name).write_text(self.canary.read_text())
            (hooks / name).chmod(0o755)
        if attributes:
            text = "* filter=x diff=x merge=x\n"
            (self.top / ".git/info/attributes").write_text(text)
            (self.top / ".gitattributes").write_text(text)
        return len(armed)

    def kpf(self, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Exit status, stdout and stderr in the top folder of the tree."""
        import sys

        done = subprocess.run(
            [sys.executable, "-m", "reviewer.cli", *arguments],
            cwd=self.top,
            env=self.world.environment,
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        out = done.stdout.decode("utf-8", "replace")
        return done.returncode, out, done.stderr.decode("utf-8", "replace")

    def patch(self) -> Path:
        """The commit as a mail, made before the settings are armed."""
        place = self.world.top / "mails/one.patch"
        if not place.exists():
            place.write_text(self.git("format-patch", "-1", "--stdout"))
        return place
