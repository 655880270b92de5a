# SPDX-License-Identifier: GPL-2.0-or-later
"""The review that ended wrong, as edits to the real 6.1 tree.

The old text of each edit is looked for in the tree's own file, so that no kernel
file is copied here.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

PAGE_C = "fs/proc/page.c"

# What the maintainer's counter-patch did, in our own lines.
REWRITE = (
    (
        "\tu64 k;\n\tu64 u;\n",
        "\tstruct folio *folio;\n\tunsigned long mapping;\n\tu64 k;\n\tu64 u;\n",
    ),
    (
        "\tk = page->flags;\n",
        "\tfolio = page_folio(page);\n\tk = folio->flags;\n"
        "\tmapping = (unsigned long)folio->mapping;\n",
    ),
    ("\tif (PageAnon(page))\n", "\tif (mapping & PAGE_MAPPING_ANON)\n"),
    ("\tif (PageKsm(page))\n", "\tif (mapping & PAGE_MAPPING_KSM)\n"),
    (
        "\tif (PageHead(page))\n\t\tu |= 1 << KPF_COMPOUND_HEAD;\n"
        "\tif (PageTail(page))\n\t\tu |= 1 << KPF_COMPOUND_TAIL;\n",
        "\tif (page == &folio->page)\n"
        "\t\tu |= kpf_copy_bit(k, KPF_COMPOUND_HEAD, PG_head);\n"
        "\telse\n\t\tu |= 1 << KPF_COMPOUND_TAIL;\n",
    ),
    ("\tif (PageHuge(page))\n", "\tif (folio_test_hugetlb(folio))\n"),
    (
        "\telse if (PageTransCompound(page)) {\n"
        "\t\tstruct page *head = compound_head(page);\n\n"
        "\t\tif (PageLRU(head) || PageAnon(head))\n",
        "\telse if (folio_test_large(folio)) {\n"
        "\t\tif ((k & PG_lru) || (mapping & PAGE_MAPPING_ANON))\n",
    ),
    ("is_huge_zero_page(head)", "is_huge_zero_page(&folio->page)"),
)
# The remedy of the thread, merged and still wrong: the same test under a guard.
NESTED = (
    (
        "\tif (PageAnon(page))\n\t\tu |= 1 << KPF_ANON;\n"
        "\tif (PageKsm(page))\n\t\tu |= 1 << KPF_KSM;\n",
        "\tif (mapping & PAGE_MAPPING_ANON) {\n\t\tu |= 1 << KPF_ANON;\n"
        "\t\tif (mapping & PAGE_MAPPING_KSM)\n\t\t\tu |= 1 << KPF_KSM;\n\t}\n",
    ),
)


def apply_edits(text: str, edits) -> str:
    """The text with every edit made; each old text must be there exactly once."""
    for old, new in edits:
        assert text.count(old) == 1, f"{text.count(old)} times: {old!r}"
        text = text.replace(old, new)
    return text


def clone(tree: Path, folder: Path) -> Path:
    """A cheap clone of a kernel tree that holds only the files we touch."""
    run = subprocess.check_call
    run(["git", "clone", "-q", "--shared", "--no-checkout", tree, folder])
    git = ["git", "-C", folder]
    run([*git, "sparse-checkout", "set", "--no-cone", "/fs/proc/", "/tools/mm/"])
    run([*git, "checkout", "-q"])
    run([*git, "config", "user.name", "Nadia Newcomer"])
    run([*git, "config", "user.email", "nadia@example.org"])
    return folder


def commit(repo: Path, path: str, edits, message: str) -> None:
    """Make the edits to one file and commit them."""
    place = repo / path
    place.write_text(apply_edits(place.read_text(), edits))
    subprocess.check_call(["git", "-C", repo, "commit", "-qam", message])


def format_patch(repo: Path, *options: str) -> list[bytes]:
    """git format-patch of what is on top of the tree's commit, one mail each."""
    command = ["git", "-C", repo, "format-patch", "-q", "--thread=shallow"]
    folder = repo.parent / f"{repo.name}-mails"
    to = "--to=linux-mm@lists.example.org"
    subprocess.check_call([*command, to, *options, "-o", folder, "origin/main"])
    mails = [path.read_bytes() for path in sorted(folder.iterdir())]
    for path in folder.iterdir():
        path.unlink()
    return mails
