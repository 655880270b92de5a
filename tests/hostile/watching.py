# SPDX-License-Identifier: GPL-2.0-or-later
"""kpf-review with its ears open: what programs it starts, which sockets it opens.

python watching.py FILE ARGUMENT...

FILE gets a line for each: ``start`` and the program, ``connect`` and the place,
``send`` where a datagram goes, ``load`` a template's or a module's file.
"""

from __future__ import annotations

import os
import sys
from typing import Any

LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "pty.spawn")
NETWORK = (
    *("socket.connect", "socket.sendto", "socket.sendmsg"),
    *("socket.getaddrinfo", "socket.gethostbyname", "smtplib.connect", "smtplib.send"),
    *("http.client.connect", "urllib.Request", "ftplib.connect"),
)


def note(event: str, what: tuple[Any, ...]) -> None:
    """Write down what is not between us and the file system."""
    if event in STARTS:
        words = what[1] if event == "subprocess.Popen" else what[0]
        line = f"start {words}"
    elif event in NETWORK:
        line = f"network {event} {what[-1]}"
    else:
        return
    os.write(LOG, (line.replace("\n", " ") + "\n").encode("utf-8", "replace"))


sys.addaudithook(note)
sys.argv[:] = ["kpf-review", *sys.argv[2:]]

from reviewer import cli  # noqa: E402

sys.exit(cli.main())
