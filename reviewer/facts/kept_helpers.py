# SPDX-License-Identifier: GPL-2.0-or-later
"""All helpers that one header defines, read once for every tree that has the header.

Its generators make over a thousand functions, and what they make hangs on nothing but
the content of the file.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from reviewer import disk_cache
from reviewer.facts.header import Header
from reviewer.facts.helper_definitions import definitions_of, generators_of
from reviewer.facts.helper_records import HelperDefinition
from reviewer.facts.kept_proofs import code_version, digest_of
from reviewer.utf8 import encode

_KIND = "helpers"
_VERSION = 1


class HelpersOfHeader(Struct):
    """What a header defines, in the order of its lines."""

    definitions: tuple[HelperDefinition, ...]
    unread: tuple[tuple[str, int], ...]  # generator and line that were not expanded


@lru_cache(maxsize=8)
def all_helpers(header: Header) -> HelpersOfHeader:
    """Returns all that a header defines, as it was kept or as it is read now."""
    key = _key(header)
    known: HelpersOfHeader | None
    known = disk_cache.recall(_KIND, _VERSION, key, HelpersOfHeader)
    if known is None:
        known = _read(header)
        disk_cache.keep(_KIND, _VERSION, key, known)
    return known


@lru_cache(maxsize=8)
def kept_helpers(header: Header) -> HelpersOfHeader | None:
    """Returns what was kept of a header by an earlier run; None where nothing was."""
    known: HelpersOfHeader | None
    known = disk_cache.recall(_KIND, _VERSION, _key(header), HelpersOfHeader)
    return known


def _read(header: Header) -> HelpersOfHeader:
    definitions = tuple(definitions_of(header))
    unread = dict.fromkeys(generators_of(header).unread)
    return HelpersOfHeader(definitions, tuple(sorted(unread, key=lambda one: one[1])))


def _key(header: Header) -> str:
    named = encode("\0".join((code_version(), header.path, "")))
    return digest_of(named + header.data)
