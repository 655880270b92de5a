# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations that keep an input meaningful, so that it reaches the last stage.

Bytes changed at random hardly ever give a patch that applies or a function that
parses.  These change names, operators and lines of C, and in a mail only what git
goes on accepting: added lines, hunks with their counts put right, headers, encodings.
What they make is deterministic for a seed.
"""

from __future__ import annotations

import base64
import functools
import quopri
import random
import re
from collections.abc import Callable

import samples

_TOKEN = re.compile(rb"[A-Za-z_]\w*|\d\w*|<<=|>>=|[-+*/%&|^<>=!]=|<<|>>|&&|\|\||->|\S")
_HUNK = re.compile(rb"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$")
OPERATORS = (
    b"& | ^ && || == != < > <= >= << >> + - * / % = |= &= ^= <<= >>= -> . ! ~ ? : , ;"
).split()
NUMBERS = (
    b"0 1 2 3 31 32 33 63 64 65 0x80000000 0xffffffff 0xffffffffffffffff 1UL 1ULL -1 "
    b"0x 08 1e9 'a' '\\377' 99999999999999999999 1u BIT(3) BIT_ULL(63) GENMASK(3,0)"
).split()
PIECES = rb"""
#ifdef CONFIG_KSM
#if defined(CONFIG_A) && !IS_ENABLED(CONFIG_B)
#else
#elif 1
#endif
#define X(a, ...) ((a) & PG_lru)
#undef SWAPCACHE
	if (!page)
	if (PageHead(page) || !PageTail(page))
	if ((mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM)
	else
{
}
	return 0;
	for (i = 0; i < 3; i++)
	while (u)
	do {
	} while (0);
	switch (k) {
	case 1 ... 3:
	default:
	break;
	continue;
	goto out;
out:
	u64 x = ({ u64 y = k; y; });
	u |= k ? u : k;
	u |= kpf_copy_bit(k, KPF_LRU, PG_lru);
	u |= 1 << KPF_NEW;
	u <<= 1 << k;
	k = folio->flags.f;
	k &= ~(1UL << PG_locked);
	set_bit(PG_lru, &k);
	page++;
	x = *(u64 *)&page[1].flags;
	int a[3] = { [0] = 1 };
	unsigned long mapping = (unsigned long)folio->mapping;
	struct folio *folio = page_folio(page);
	WRITE_ONCE(page->flags, READ_ONCE(k));
static inline int f(struct page *page) { return 0; }
PAGEFLAG(Lru, lru, PF_HEAD)
TESTPAGEFLAG_FALSE(Ksm, ksm)
	PG_new,
	PG_old = PG_new,
#define KPF_NEW 63
	\
"
	/* */ //
""".strip(b"\n").split(b"\n")
TRAILERS = rb"""
Signed-off-by: A <a@b.example>
Reviewed-by: B <b@b.example>
Fixes: 0123456789ab ("x")
Fixes: x
Cc: stable
No functional change.
---
base-commit: 0000000000000000000000000000000000000000
Changes since v2:
v2: x
> quoted
-- >8 --
From: B <b@c.example>
[a@b: fixed]
Tested-by: =?utf-8?q?=C3?= <>

Link: https://x.example/r/a@b
""".strip(b"\n").split(b"\n")
HEADERS = rb"""
Subject: [PATCH v4 2/2] x
Subject: Re: [PATCH 1/2] y
Subject: [RFC PATCH] =?u
In-Reply-To: <20240304100500.1-1-nadia@example.org>
References: <a@b> <c@d>
Content-Type: text/plain; charset=latin1
Content-Type: multipart/mixed; boundary=q
Content-Type: text/plain; format=flowed
Content-Transfer-Encoding: base64
Content-Transfer-Encoding: 8bit
Date: x
From: =?utf-8?b?w6k=?= <e@x.example>
To: a, b <c@d>, "e, f" <g@h>
Cc: <>
Message-Id: <n@x.example>
 folded
""".strip(b"\n").split(b"\n")


@functools.cache
def _words() -> list[bytes]:
    return samples.words()


@functools.cache
def _donors() -> list[bytes]:
    """Lines of code to be put elsewhere."""
    lines = {
        line + b"\n"
        for data in samples.code()
        for line in data.split(b"\n")
        if line.strip() and not line.startswith(b"@@@")
    }
    return sorted(lines)


# --- C ------------------------------------------------------------------------------


def line(text: bytes, dice: random.Random) -> bytes:
    """A line of C with one token changed, inserted, left out or doubled."""
    tokens = list(_TOKEN.finditer(text))
    if not tokens:
        return text + dice.choice(_words())
    token = dice.choice(tokens)
    old = token.group()
    if dice.random() < 0.15:
        new = dice.choice([b"", old + b" " + old, old + b"(" + old + b")", b"(", b")"])
    elif old[:1].isdigit():
        new = dice.choice(NUMBERS)
    elif old[:1].isalpha() or old[:1] == b"_":
        new = _name(old, dice)
    else:
        new = dice.choice(OPERATORS)
    return text[: token.start()] + new + text[token.end() :]


def _name(old: bytes, dice: random.Random) -> bytes:
    """Another name, more often than not one of the same family."""
    family = [word for word in _words() if word[:3] == old[:3]]
    return dice.choice(family if family and dice.random() < 0.7 else _words())


def file(data: bytes, dice: random.Random) -> bytes:
    """A C file with a line or two changed."""
    lines = data.splitlines(keepends=True) or [b"\n"]
    at = dice.randrange(len(lines))
    to = min(len(lines), at + dice.choice([1, 1, 1, 2, 5]))
    what = dice.random()
    if what < 0.5:
        lines[at] = line(lines[at], dice)
    elif what < 0.65:
        lines.insert(at, dice.choice(PIECES) + b"\n")
    elif what < 0.8:
        lines.insert(at, dice.choice(_donors()))
    elif what < 0.87:
        del lines[at:to]
    elif what < 0.93:
        lines[at:at] = lines[at:to] * dice.choice([1, 1, 1, 30])
    elif what < 0.97:
        moved = lines[at:to]
        del lines[at:to]
        target = dice.randrange(len(lines) + 1)
        lines[target:target] = moved
    else:
        lines[at] = bytes_in(lines[at], dice)
    return b"".join(lines)


def bytes_in(text: bytes, dice: random.Random) -> bytes:
    """Bytes that are seldom where they are put."""
    at = dice.randrange(len(text) + 1)
    odd = [b"\0", b"\r", b"\xff", b"\x1b[2J", "\u202e".encode(), b"\t" * 9, b"(" * 300]
    return text[:at] + dice.choice(odd) + text[at:]


def change(data: bytes, dice: random.Random) -> bytes:
    """A packed change of files with one of its files changed further."""
    sample = samples.unpack(data)
    for path in list(sample.after):
        if path not in sample.before and (samples.TREE / path).is_file():
            sample.before[path] = (samples.TREE / path).read_bytes()
    what = dice.random()
    path = dice.choice(list(sample.after) or [samples.PAGE_C])
    sample.after.setdefault(path, b"")
    if what < 0.55:
        sample.after[path] = file(sample.after[path], dice)
    elif what < 0.75:
        path = dice.choice(list(sample.before) or [path])
        sample.before[path] = file(sample.before.get(path, b""), dice)
    elif what < 0.85:  # the same edit on both sides: what was there before
        twice = dice.random()
        for files in (sample.before, sample.after):
            files[path] = file(files.get(path, b""), random.Random(twice))
    elif what < 0.9:
        was = sample.before.get(path, b"")
        sample.before[path], sample.after[path] = sample.after[path], was
    elif what < 0.95:
        other = samples.unpack(dice.choice(samples_of_code()))
        sample.before |= other.before
        sample.after |= other.after
    else:
        name = dice.choice([samples.PAGE_C, "mm/x.c", "include/linux/page-flags.h"])
        sample.after[name] = sample.after.pop(path)
    return samples.pack(sample)


@functools.cache
def samples_of_code() -> list[bytes]:
    """As ``samples.code``, read once."""
    return samples.code()


# --- mail ---------------------------------------------------------------------------


def diff(text: bytes, dice: random.Random) -> bytes:
    """A text with one of the lines of its diffs changed and the hunks put right."""
    lines = text.split(b"\n")
    body = [
        n
        for n, one in enumerate(lines)
        if one[:1] in (b"+", b"-", b" ") and not one.startswith((b"+++ ", b"--- "))
    ]
    hunks = [n for n, one in enumerate(lines) if _HUNK.match(one)]
    body = [n for n in body if hunks and n > hunks[0]]
    if not body:
        return file(text, dice)
    at = dice.choice(body)
    kind, rest = lines[at][:1], lines[at][1:]
    if kind == b"+":
        changed = file(rest + b"\n", dice).rstrip(b"\n").split(b"\n")
        lines[at : at + 1] = [b"+" + one for one in changed]
    elif kind == b" ":  # taken away, or replaced
        new = [b"-" + rest]
        if dice.random() < 0.7:
            new.append(b"+" + line(rest, dice))
        lines[at : at + 1] = new
    else:  # stays after all
        lines[at] = b" " + rest
    return b"\n".join(counted(lines))


def counted(lines: list[bytes]) -> list[bytes]:
    """The lines with the counts of each hunk as its lines are."""
    result = list(lines)
    head: int | None = None
    old = new = growth = 0

    def close() -> None:
        nonlocal growth
        match = _HUNK.match(result[head]) if head is not None else None
        if match is None or head is None:
            return
        start = int(match[1][:9])
        result[head] = b"@@ -%d,%d +%d,%d @@%s" % (
            start, old, max(0, start + growth), new, match[3],
        )  # fmt: skip
        growth += new - old

    for number, text in enumerate(lines):
        if _HUNK.match(text):
            close()
            head, old, new = number, 0, 0
        elif text.startswith((b"diff --git ", b"-- ", b"From ")) or not text:
            close()
            head = None
            growth = 0 if text.startswith(b"diff ") else growth
        elif head is not None:
            old += text[:1] in (b" ", b"-")
            new += text[:1] in (b" ", b"+")
    close()
    return result


def mail(data: bytes, dice: random.Random) -> bytes:
    """A mailbox of which git can still make something."""
    mails = re.split(rb"(?m)^(?=From mboxrd@z )", data)
    at = dice.randrange(len(mails))
    what: list[tuple[float, Callable[[bytes, random.Random], bytes]]] = [
        (0.55, diff), (0.7, header), (0.82, message), (0.9, encoded), (0.95, bytes_in),
    ]  # fmt: skip
    chosen = dice.random()
    for bound, act in what:
        if chosen < bound:
            mails[at] = act(mails[at], dice)
            return b"".join(mails)
    if chosen < 0.98:  # once more, as another revision or a reply
        again = mails[at] if mails[at].startswith(b"From ") else b""
        again = again or b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mails[at]
        for old, new in ((b"-1-", b"-9-"), (b"v3", b"v4"), (b"[PATCH", b"Re: [PATCH")):
            if dice.random() < 0.5:
                again = again.replace(old, new, 2)
        return b"".join([*mails, again])
    del mails[at]
    return b"".join(mails) or data


def header(text: bytes, dice: random.Random) -> bytes:
    """One header line more, fewer or other."""
    head, _, body = text.partition(b"\n\n")
    lines = head.split(b"\n")
    at = dice.randrange(len(lines))
    what = dice.random()
    if what < 0.4:
        lines.insert(at + 1, dice.choice(HEADERS))
    elif what < 0.6:
        del lines[at]
    elif what < 0.8:
        lines[at] = line(lines[at], dice)
    else:
        lines[at] = bytes_in(lines[at], dice)
    return b"\n".join(lines) + b"\n\n" + body


def message(text: bytes, dice: random.Random) -> bytes:
    """A line of the commit message, or below it, more or fewer."""
    head, _, body = text.partition(b"\n\n")
    lines = body.split(b"\n")
    last = next((n for n, one in enumerate(lines) if one.startswith(b"diff ")), 1)
    at = dice.randrange(max(1, last))
    if dice.random() < 0.7:
        lines.insert(at, dice.choice(TRAILERS))
    else:
        del lines[at]
    return head + b"\n\n" + b"\n".join(lines)


def encoded(text: bytes, dice: random.Random) -> bytes:
    """The body in another transfer encoding, or with other line ends."""
    head, _, body = text.partition(b"\n\n")
    if b"ransfer-" in head or dice.random() < 0.3:
        return text.replace(b"\n", b"\r\n") if b"\r\n" not in text else text
    if dice.random() < 0.5:
        name, coded = b"base64", base64.encodebytes(body)
    else:
        name, coded = b"quoted-printable", quopri.encodestring(body)
    return head + b"\nContent-Transfer-Encoding: " + name + b"\n\n" + coded
