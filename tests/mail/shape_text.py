# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mails of shapes.py are made of: names, subjects, messages, diffs."""
# ruff: noqa: E501 - tables of text

from __future__ import annotations

NAMES = {
    "ascii": "Nora Newcomer",
    "comma": '"Newcomer, Nora"',
    "comment": "Nora Newcomer (she)",
    "dots": "Nora J. Newcomer",
    "apostrophe": "Nora O'Neill",
    "latin": "Jörg Müller",
    "cyrillic": "Нора Новикова",
    "chinese": "王小明",
    "japanese": "山田花子",
    "none": "",
}
TITLES = (
    "proc: take one snapshot of the flags",
    "proc: page->flags is a word, not a byte",
    "mm/ksm: [un]share the pages",
    'Revert "proc: take it all"',
    "mm: a=b?c:d and _under_ 100%",
    "proc: " + "a long subject line that mail programs have to fold " * 2 + "end",
)
PREFIXES = (
    "[PATCH]", "[PATCH v2]", "[PATCH v2 1/3 net-next]", "Re: [PATCH]", "RE: [PATCH 1/2]",
    "[RFC PATCH]", "[RFC]", "[RESEND PATCH v3 2/2]", "[PATCH [RFC] 1/2]", "Re:[PATCH]",
    "[PATCH v2]\t", "[PATCH-mm]", "[PATCHv3]", "[patch]", "[linux-next][PATCH]", "[PATCH",
    "PATCH]", "", "Fwd: [PATCH]", "[PATCH 00/12]", "[PATCH 0/1]", "[]", "[PATCH] [v2]",
    "[PATCH]:", "  [PATCH]", "[PATCH net]mm:", "AW: [PATCH]", "[Patch 1/1]", "[PATCH v1.1 ]",
)  # fmt: skip
MESSAGES = (
    "The flags may change under us.\n\nSigned-off-by: Nora Newcomer <nora@example.org>\n",
    'One.\n\n  indented\n\ttab\n\nFixes: 0123456789ab ("mm: x")\n'
    "Signed-off-by: Nora Newcomer <nora@example.org>\n"
    "Reviewed-by: Max <max@example.net>\n",
    "\n\nBlank lines first.\n\n\n\nSigned-off-by: N <n@example.org>\n\n",
    "Trailing space \nand a form feed\x0chere\n\nSigned-off-by: N <n@example.org>\n",
    "Table:\n\n  a | b\n ---+---\n  1 | 2\n\nSigned-off-by: N <n@example.org>\n",
    "-- a line that looks like a signature\n-- \nmore\n\nSigned-off-by: N <n@b.org>\n",
    "From here on it counts.\n>From there it does not.\n\nSigned-off-by: N <n@b.org>\n",
    "Text\n\nSigned-off-by: N <n@b.org>\n[max: tidied]\nSigned-off-by: M <m@b.org>\n",
    "Signed-off-by: N <n@b.org>\n",
    "",
    "x\n",
    "Quote:\n> one\n>> two\n\nSigned-off-by: N <n@b.org>\n",
    "dots\n.\n..\nend\n\nSigned-off-by: N <n@b.org>\n",
    "Equal = sign =3D and =20 end=\nnext\n\nSigned-off-by: N <n@b.org>\n",
    "no newline after\n\nSigned-off-by: N <n@b.org>",
    "A tab\tin\tit and a \\backslash.\n\nCc: a@b.org\nSigned-off-by: N <n@b.org>\n---",
)
BODY_HEADS = (
    "From: Anna Author <anna@example.org>\n\n",
    "From: Anna Author <anna@example.org>\nSubject: another title\n\n",
    "Subject: [PATCH] another title\n\n",
    "Date: Tue, 3 Mar 2026 11:00:00 +0100\n\n",
    "From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\n\n",
    "From: =?iso-8859-1?b?SvZyZw==?=\n <joerg@example.org>\nSubject: a very long\n title\n\n",
    "From: anna@example.org\n\n",
    "From: Anna Author <anna@example.org>\nFrom: Other <other@example.org>\n\n",
    "\n\nFrom: Anna Author <anna@example.org>\n\n",
    "From: Anna Author <anna@example.org>\n",
    ">From: Anna Author <anna@example.org>\n\n",
    "From: Anna Author\n\n",
    "from: Anna Author <anna@example.org>\n\n",
    "  From: Anna Author <anna@example.org>\n\n",
    'From: "Author, Anna" <anna@example.org>\n\n',
    "From: anna@example.org (Anna Author)\n\n",
    "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"
    "From: Anna Author <anna@example.org>\nDate: Tue, 3 Mar 2026 11:00:00 +0100\n"
    "Subject: [PATCH 3/4] another title\n\n",
    "[PATCH] another title\n\n",
    "Hello,\n\nFrom: Anna Author <anna@example.org>\n\n",
    "From: Anna\n Author\n <anna@example.org>\n\n",
    "Content-Type: text/plain; charset=koi8-r\n\n",
    "Message-Id: <x@y>\nFrom: Anna Author <anna@example.org>\n\n",
)
SCISSORS = (
    "Here it is.\n-- >8 --\n",
    "Here it is.\n\n---- 8< ---- cut here ---- 8< ----\nFrom: A <a@example.org>\n\n",
    "-->8--\nSubject: cut\n\n",
    "- - >8 - -\n",
)
BELOW_MARKER = (
    "", "\n", "Changes in v2:\n - none\n\n", "v2: a\n---\nmore\n", "-----\nnotes\n",
    "Index: foo\n", "a diff -u line in the notes\n", "diff - of a kind\n\n",
    "--- is what I mean\n+++ too\n", "From: x\n", "@@ not a hunk\n", "\x0c\n",
    "diff -u a b\n", "diff --brief\n",
)  # fmt: skip
MARKERS = ("---\n", "---\n", "---\n", "--- \n", "---   \t\n", "", "\n---\n", "---\n---\n",
           "----\n", "---x\n", "--- fs/proc/page.c\n")  # fmt: skip
FOOTERS = (
    "-- \n2.39.5\n", "-- \n2.39.5\n\n", "", "\n", "--\n2.39.5\n",
    "_______________________________________________\nlinux mailing list\n"
    "http://lists.example.org/x\n",
    "\nRegards,\nNora\n", "-- \nNora\n-- \nlist footer\n", "--\nTo unsubscribe\n",
    "-- \n2.39.5\n\n\x0c\n", "-----Ursprüngliche Nachricht-----\n", "\n\n\n",
    "-- \n2.39.5\nbase-commit: 0123456789abcdef0123456789abcdef01234567\n",
)  # fmt: skip


def _change(name: str = "fs/proc/page.c", extra: str = "") -> str:
    return (
        f"diff --git a/{name} b/{name}\nindex 0123456789ab..ba9876543210 100644\n"
        f"--- a/{name}\n+++ b/{name}\n@@ -10,5 +10,6 @@ u64 flags(struct page *page)\n"
        f" {{\n \tu64 u = 0;\n\n-\tif (PageKsm(page))\n+\tif (ksm(folio))\n+{extra}\n"
        " \t\tu |= 1;\n"
    )


def _git_header(old: str, new: str, *lines: str) -> str:
    return "".join(f"{line}\n" for line in (f"diff --git {old} {new}", *lines))


DIFFS: dict[str, str] = {
    "plain": _change(),
    "two-files": _change() + _change("mm/ksm.c"),
    "diffstat": " fs/proc/page.c | 3 ++-\n 1 file changed, 2 insertions(+), 1 deletion(-)\n\n"
    + _change(),
    "added": _git_header("a/mm/new.c", "b/mm/new.c", "new file mode 100644", "index 000..123")
    + "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1,2 @@\n+int a;\n+int b;\n",
    "deleted": _git_header("a/mm/o.c", "b/mm/o.c", "deleted file mode 100644", "index 123..000")
    + "--- a/mm/o.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-int a;\n-int b;\n",
    "empty-new": _git_header("a/e", "b/e", "new file mode 100644", "index 0000000..e69de29"),
    "empty-then": _git_header("a/e", "b/e", "new file mode 100644", "index 0000000..e69de29")
    + _change(),
    "renamed": _git_header(
        "a/mm/o.c", "b/mm/n.c", "similarity index 100%", "rename from mm/o.c", "rename to mm/n.c"
    ),
    "renamed-edit": _git_header(
        "a/mm/o.c", "b/mm/sub/n.c", "similarity index 90%", "rename from mm/o.c",
        "rename to mm/sub/n.c", "index 123..456 100644",
    )
    + "--- a/mm/o.c\n+++ b/mm/sub/n.c\n@@ -1 +1 @@\n-a\n+b\n",
    "copied": _git_header(
        "a/o.c", "b/n.c", "similarity index 100%", "copy from o.c", "copy to n.c"
    ),
    "mode": _git_header("a/x.sh", "b/x.sh", "old mode 100644", "new mode 100755"),
    "mode-edit": _git_header(
        "a/x.sh", "b/x.sh", "old mode 100644", "new mode 100755", "index 123..456"
    )
    + "--- a/x.sh\n+++ b/x.sh\n@@ -1 +1 @@\n-a\n+b\n",
    "symlink": _git_header("a/l", "b/l", "new file mode 120000", "index 000..123")
    + "--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n",
    "submodule": _git_header("a/s", "b/s", "index 1234567..89abcde 160000")
    + "--- a/s\n+++ b/s\n@@ -1 +1 @@\n-Subproject commit 1234\n+Subproject commit 89ab\n",
    "binary": _git_header("a/b.png", "b/b.png", "index 123..456 100644", "GIT binary patch")
    + "literal 3\nKcmZSJ&rMNCEiFpS0001Q0#5(\n\nliteral 2\nJcmZSJVE_OC08#)0\n\n",
    "binary-differ": _git_header("a/b.png", "b/b.png", "index 123..456 100644")
    + "Binary files a/b.png and b/b.png differ\n",
    "octal-name": _change("x").replace("a/x", '"a/\\303\\274.c"').replace("b/x", '"b/\\303\\274.c"'),
    "space-name": _change("a b.c"),
    "space-name-tab": _change("a b.c").replace("a b.c\n+++", "a b.c\t\n+++")
    .replace("b/a b.c\n@@", "b/a b.c\t\n@@"),
    "utf8-name": _change("fs/ü.c"),
    "traditional": "--- a/fs/page.c\t2024-03-04 10:05:00.000000000 +0000\n"
    "+++ b/fs/page.c\t2024-03-04 10:06:00.000000000 +0000\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "p0": "--- page.c\n+++ page.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "orig": "--- fs/page.c.orig\n+++ fs/page.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "index-line": "Index: linux/fs/page.c\n" + "=" * 67 + "\n--- linux.orig/fs/page.c\n"
    "+++ linux/fs/page.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "diff-urN": "diff -urN a/fs/page.c b/fs/page.c\n--- a/fs/page.c\n+++ b/fs/page.c\n"
    "@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "no-prefix": "diff --git fs/page.c fs/page.c\nindex 1234567..89abcde 100644\n"
    "--- fs/page.c\n+++ fs/page.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "no-newline": _change() + "\\ No newline at end of file\n",
    "combined": "diff --cc fs/page.c\nindex 123,456..789\n--- a/fs/page.c\n+++ b/fs/page.c\n"
    "@@@ -1,2 -1,2 +1,2 @@@\n  a\n- b\n -c\n++d\n",
    "wrapped": _change().replace("u64 flags(", "\nu64 flags("),
    "cut": _change()[:-12],
    "too-long": _change().replace("+10,6", "+10,9"),
    "too-short": _change().replace("+10,6", "+10,5"),
    "crlf-file": _change(extra="\tx;\r"),
    "form-feed": _change(extra="\tx;\x0cy;"),
    "nul-in-code": _change(extra="\tx;\0y;"),
    "signature-in-code": _change().replace("-\tif (PageKsm(page))", "-- "),
    "from-in-code": _change(extra="From x"),
    "dashes-in-code": _change().replace("-\tif (PageKsm(page))", "---"),
    "equals-in-code": _change(extra="\ta == 3D; b =\t"),
    "trailing-space": _change(extra="\ta;   "),
    "long-line": _change(extra="\t" + "a + " * 300 + "b;"),
    "dot-line": _change().replace(" {\n", " .\n"),
    "blank-context": _change().replace("\n\n", "\n \n"),
    "stripped-context": _change() + " \n",
    "utf8-code": _change(extra="\t/* Grüße, мир, 世界 */"),
    "nbsp-code": _change(extra="\ta\u00a0= 1;"),
    "interleaved": _change() + "\nand then the other one\n\n" + _change("mm/ksm.c"),
    "none": "",
    "fragment": "@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
    "header-only": "--- a/fs/page.c\n+++ b/fs/page.c\n",
    "zero": _change().replace("-10,5 +10,6", "-0,0 +0,0"),
    "two-hunks": _change() + "@@ -30,2 +31,1 @@\n-x\n y\n",
    "similarity": _git_header("a/x", "b/x", "similarity index 100%"),
    "same-twice": _change() + _change(),
}  # fmt: skip
