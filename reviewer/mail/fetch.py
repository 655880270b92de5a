# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads from a mail archive, through b4: the one module that fetches.

b4 documents no library API; the calls made here are pinned by
``tests/mail/test_b4_contract.py`` and by ``b4>=0.16,<0.17``.  What b4 raises, exits
with or logs ends here as one FetchError that says what happened.
"""

from __future__ import annotations

import logging
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

from reviewer import limits, repository
from reviewer.errors import FetchError
from reviewer.limits import Limits
from reviewer.patterns import regex
from reviewer.utf8 import encode

FRESH = 3600  # seconds: a thread that b4 checks was fetched within them
LARGEST = 32 << 20  # bytes of a cached thread that is looked through
MOST_THREADS = 5  # of the cache that are looked through
LONGEST_ID = 500  # characters; RFC 5322 lines end at 998
MESSAGE_ID = regex(r"[\x21-\x7e\x80-\U0010ffff]+@[\x21-\x7e\x80-\U0010ffff]+")
SEARCH_TERM = regex(r"^(?:rfc822msg)?id:")
PLAIN_QUOTES = regex(r"[<>\"`\\]")


def message_id_of(ref: str) -> str:
    """Returns the message-id in a reference: bare, in
    angle brackets, or in an archive URL.

    The host of a URL is not used: fetching goes to the archive that the user's b4
    is configured for.

    Raises FetchError where there is no proper message-id in it.
    """
    text = ref.strip()
    if text.startswith(("http://", "https://")):
        parts = [unquote(part) for part in urlsplit(text).path.split("/")]
        text = next((part for part in parts if "@" in part), "")
    text = SEARCH_TERM.sub("", text.strip().removeprefix("<").removesuffix(">"))
    if (
        len(text) > LONGEST_ID
        or not MESSAGE_ID.fullmatch(text)
        or not text.isprintable()
        or PLAIN_QUOTES.search(text)
        or text.count("@") != 1
        or ".." in text.split("/")
    ):
        raise FetchError(f"not a message-id: {_shown(ref)}")
    return text


def _shown(ref: str) -> str:
    return repr(ref if len(ref) <= 80 else ref[:77] + "...")


def fetch_thread(
    message_id: str,
    *,
    offline: bool = False,
    bounds: Limits = limits.DEFAULT,
) -> list[bytes]:
    """Returns the raw mails of the thread that ``message_id`` is in, as b4 gets them.

    The user's b4 configuration holds: ``b4.midmask``, mirrors and fallbacks, cache.
    ``.b4-config`` of a checked-out tree cannot choose the server.  The git
    configuration of the repository around says where mail is, besides the user's; what
    it would run, as with ``b4.gpgbin``, b4 does not see.  ``offline`` takes only what
    b4's cache has.

    Raises FetchError, with one line that tells an unknown message-id from a network
    or server failure, and LimitExceeded.
    """
    with _archive(message_id, bounds, offline=offline) as (b4, node):
        if offline:
            mbox = _from_cache(node, message_id)
        else:
            mbox = node.get_mbox_by_msgid(message_id)
        limits.check("mailbox_bytes", len(mbox), bounds.mailbox_bytes, "the thread")
        thread = _strict_thread(b4, mbox, message_id)
        if not thread and not offline:  # a damaged file in the cache
            mbox = node.get_mbox_by_msgid(message_id, nocache=True)
            thread = _strict_thread(b4, mbox, message_id)
        if not thread:
            raise FetchError(f"{message_id}: the archive sent no such message")
        return thread


def with_patch_id(patch_id: str, *, bounds: Limits = limits.DEFAULT) -> list[bytes]:
    """Returns the raw mails that the archive has for a
    ``git patch-id --stable``, by b4.

    Raises FetchError and LimitExceeded, as ``fetch_thread`` does.
    """
    with _archive(patch_id, bounds) as (_, node):
        mbox = node.get_mbox_by_query(f"patchid:{patch_id}", full_threads=False)
        limits.check("mailbox_bytes", len(mbox), bounds.mailbox_bytes, "the answer")
        import liblore.utils

        return list(liblore.utils.split_and_dedupe_as_bytes(mbox))


def search(query: str, *, bounds: Limits = limits.DEFAULT) -> list[bytes]:
    """Returns the raw mails of the threads in which the archive finds something, by b4.

    ``query`` is public-inbox's own language (``dfn:fs/proc/* rt:1.day.ago..``).  No
    mail where nothing is found.

    Raises FetchError and LimitExceeded.
    """
    with _archive(f"search {query}"[:LONGEST_ID], bounds) as (_, node):
        import liblore
        import liblore.utils

        try:
            mbox = node.get_mbox_by_query(query, full_threads=True, nocache=True)
        except liblore.RemoteError as error:
            if getattr(error, "status_code", None) == 404:  # public-inbox: no results
                return []
            raise
        limits.check("mailbox_bytes", len(mbox), bounds.mailbox_bytes, "the answer")
        return list(liblore.utils.split_and_dedupe_as_bytes(mbox))


@contextmanager
def _archive(
    asked: str, bounds: Limits, *, offline: bool = False
) -> Iterator[tuple[Any, Any]]:
    """b4 and its archive, bounded, with one error for all that goes wrong."""
    with (
        b4_errors(asked),
        _deadline(asked, bounds.fetch_time),
        repository.shown_to_b4(),
    ):
        b4 = _configured(offline=offline)
        _bound_unpacking(bounds.mailbox_bytes)
        node = b4.get_lore_node()
        node.set_requests_session(_session(node, bounds.mailbox_bytes))
        yield b4, node


def cached_thread(message_id: str, others: Sequence[str]) -> list[bytes]:
    """Returns the thread of a mail in b4's cache, fetched
    by its id or by one of ``others``.

    b4 keeps a thread under the id that somebody asked for, as a rule the cover
    letter's.  Where none of them is the one, the newest threads are looked through.

    Raises FetchError where b4 does not have it.
    """
    with b4_errors(message_id):
        b4 = _configured(offline=True)
        node = b4.get_lore_node()
        for mbox in _cached(node, [message_id, *others]):
            thread = _strict_thread(b4, mbox, message_id)
            if thread:
                return thread
    raise FetchError(f"{message_id}: not in b4's cache")


def _cached(node: Any, ids: Sequence[str]) -> Iterator[bytes]:
    for one in ids:
        with suppress(FetchError):
            yield _from_cache(node, one)
    wanted = encode(ids[0])
    folder = getattr(node, "_cache_dir", None)
    for place in _newest(Path(folder)) if folder else ():
        with suppress(OSError):
            data = place.read_bytes()
            if b"<" + wanted + b">" in data:
                yield data


def _newest(folder: Path) -> list[Path]:
    """The threads that b4 has written in the last minutes, the newest first."""
    oldest = time.time() - FRESH
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for entry in os.scandir(folder):
            status = entry.stat(follow_symlinks=False)
            usable = stat.S_ISREG(status.st_mode) and status.st_size < LARGEST
            fresh = status.st_mtime > oldest and entry.name.endswith(".lore.cache")
            if usable and fresh:
                found.append((status.st_mtime, Path(entry.path)))
    return [place for _, place in sorted(found, reverse=True)[:MOST_THREADS]]


class _TooLong(BaseException):
    """Past everything that catches Exception on its way out of b4."""


@contextmanager
def _deadline(message_id: str, seconds: int) -> Iterator[None]:
    """Give up on an archive that sends a byte now and then, for ever.

    The timeouts of b4 are for one read each.  A timer can end a read in the main
    thread only, which is where the program fetches.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting = True

    def ring(_number: int, _frame: object) -> None:
        if waiting:
            raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(1, seconds))
    try:
        yield
    except _TooLong:
        raise FetchError(
            f"{message_id}: the archive was not done after {seconds} s "
            f"({limits.option('fetch_time')})"
        ) from None
    finally:
        waiting = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _configured(*, offline: bool) -> Any:
    """b4, set up anew, with the archive that git config names, not the tree's file."""
    import argparse

    logging.getLogger("b4").addHandler(logging.NullHandler())
    logging.getLogger("liblore").addHandler(logging.NullHandler())
    logging.getLogger("b4").propagate = False
    logging.getLogger("liblore").propagate = False
    import b4

    b4.can_network = not offline
    top = repository.top_for_b4()
    chosen = b4.get_config_from_git(r"b4\..*", gitdir=top)
    settings = {
        f"b4.{name}": chosen.get(name, b4.DEFAULT_CONFIG[name])
        for name in ("midmask", "linkmask", "searchmask")
    }
    _have_a_name()
    b4.setup_config(argparse.Namespace(config=settings), topdir=top)
    b4.LORENODE = None  # it keeps the archive of an earlier call
    node = b4.get_lore_node()
    node.set_user_agent("kpf-review", _version())
    return b4


def _have_a_name() -> None:
    """Let b4 find a name for a user whom passwd does not know; it sends nothing."""
    import pwd

    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        os.environ.setdefault("GIT_COMMITTER_NAME", "nobody")


def _bound_unpacking(most: int) -> None:
    """Let liblore unpack an answer up to the limit, not whatever it comes to."""
    import liblore.node

    from reviewer.mail.gunzip import gunzip

    def decompress(data: bytes) -> bytes:
        unpacked = gunzip(data, most)
        limits.check("mailbox_bytes", len(unpacked), most, "the thread")
        return unpacked

    node: Any = liblore.node
    node.gzip = SimpleNamespace(decompress=decompress)


def _session(node: Any, most: int) -> Any:
    from reviewer.mail.http_limits import session

    return session(most, node._user_agent)


def _version() -> str:
    from reviewer import __version__

    return __version__


def _from_cache(node: Any, message_id: str) -> bytes:
    """What b4 fetched within its cache time; the network is not asked."""
    cached = node._cache_read(node._cache_key("mbox_by_msgid", message_id))
    if cached is None:
        raise FetchError(f"{message_id}: not in b4's cache, and --offline is set")
    return bytes(cached)


def _strict_thread(b4: Any, mbox: bytes, message_id: str) -> list[bytes]:
    """b4's choice of the mails, as the bytes that the archive sent."""
    import liblore.utils

    parsed = b4.split_and_dedupe_pi_results(mbox)
    strict = b4.get_strict_thread(parsed, message_id)
    if not strict:
        return []
    clean_id = b4.LoreMessage.get_clean_msgid
    kept = {clean_id(message) for message in strict}
    preference = b4.get_main_config().get("listid-preference")
    mails = liblore.utils.split_and_dedupe_as_bytes(mbox, listid_preference=preference)
    return [raw for raw in mails if liblore.utils._clean_msgid_raw(raw) in kept]


@contextmanager
def b4_errors(message_id: str) -> Iterator[None]:
    """Turn what b4, liblore and requests raise into one FetchError."""
    import gzip
    import zlib

    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FetchError(
            f"{message_id}: the server did not send a mail archive (a log-in page, a "
            "bot wall or a broken transfer)"
        ) from None
    except SystemExit as error:
        raise FetchError(f"{message_id}: b4 gave up (exit {error.code})") from None
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise FetchError(
            f"{message_id}: the answer of the archive cannot be read: {_line(error)}"
        ) from None
    except ImportError as error:
        raise FetchError(f"b4 0.16 is needed to fetch: {_line(error)}") from None
    except OSError as error:  # requests' own errors are OSErrors as well
        if error.filename is not None:
            why = f"{error.strerror}: {error.filename}"
            raise FetchError(f"{message_id}: b4 cannot use its files: {why}") from None
        raise FetchError(f"{message_id}: {_network_trouble(error)}") from None
    except Exception as error:
        if not type(error).__module__.startswith("liblore"):
            raise
        raise FetchError(f"{message_id}: {_remote_trouble(error)}") from None


def _remote_trouble(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    if status == 404:
        return "unknown to the archive (404)"
    if status == 429:
        return "the archive asks to come back later (429)"
    if status is not None:
        return f"the archive has a problem (HTTP {status})"
    return _network_trouble(error)


_TROUBLES = (  # words in messages of requests and urllib3, and what they come to
    (("refused",), "no connection to the archive (refused)"),
    (("redirects",), "the archive redirects for ever"),
    (("content-encoding",), "the answer of the archive cannot be unpacked"),
    (
        (
            "RemoteDisconnected",
            "Connection broken",
            "Connection reset",
            "IncompleteRead",
        ),
        "the connection to the archive broke off",
    ),
    (
        ("BadStatusLine", "InvalidChunkLength", "LineTooLong", "HTTPException"),
        "what answers is no mail archive (not HTTP)",
    ),
)


def _network_trouble(error: Exception) -> str:
    text = _line(error)
    if "timed out" in text.lower():
        return "the archive does not answer (timed out)"
    for words, trouble in _TROUBLES:
        if any(word in text for word in words):
            return trouble
    if "resolve" in text or "resolution" in text:
        return "no network: the archive's name is not found"
    return f"no connection to the archive: {text[:200]}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def with_older_threads(
    raw: list[bytes], message_id: str, *, bounds: Limits
) -> list[bytes]:
    """Returns the mails of a thread, and those of the thread that holds the revision
    before.

    b4 looks for it by change-id, else by title and sender.  Only after
    ``fetch_thread``, whose configuration of b4 holds.  A search that finds nothing
    or fails leaves the mails as they were: the archive may not be able to search.
    """
    import b4
    import b4.mbox
    import liblore.utils

    parsed = [b4.liblore.utils.parse_message(mail) for mail in raw]
    known = {liblore.utils._clean_msgid_raw(mail) for mail in raw}
    try:
        with (
            b4_errors(message_id),
            _deadline(message_id, bounds.fetch_time),
            repository.shown_to_b4(),
        ):
            every = b4.mbox.get_extra_series(parsed, direction=-1)
    except FetchError:
        return raw
    found = list(raw)
    clean_id = b4.LoreMessage.get_clean_msgid
    for other in [one for one in map(clean_id, every) if one and one not in known]:
        if other in known:
            continue
        try:
            thread = fetch_thread(other, bounds=bounds)
        except FetchError:
            continue
        fresh = [
            one for one in thread if liblore.utils._clean_msgid_raw(one) not in known
        ]
        known |= {liblore.utils._clean_msgid_raw(mail) for mail in fresh}
        found += fresh
    return found
