# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of an inbox: the list, a page for each series, and the drafts as files.

Every page stands for itself and can be read without its script, which filters, sorts
and takes keys; the policy of a page lets that script run and no other.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from reviewer import __version__
from reviewer.errors import OutputError
from reviewer.files import new_files
from reviewer.files.plain_files import open_plain
from reviewer.output import html, listing
from reviewer.output.escaping import html as escaped

NEIGHBOURS = "<!--neighbours-->"  # no text of a mail can be this: it is escaped
GENERATOR = "kpf-review inbox"
INDEX = "index.html"
DRAFTS = "drafts"
HEADS = ("Remarks", "Series", "Applies", "Last version", "Thread")
_BEGINNING = 4096  # bytes of a page in which its generator stands


def check_folder(folder: Path, *, force: bool) -> None:
    """Raises OutputError where pages would take the place of what is no inbox, or
    drafts would go where a link leads."""
    if (folder / DRAFTS).is_symlink():
        raise OutputError(f"{folder / DRAFTS} is a symbolic link: not written")
    if not force and (folder / INDEX).exists() and not is_ours(folder):
        raise OutputError(f"{folder / INDEX} exists, and is no inbox of ours: --force")


def is_ours(folder: Path) -> bool:
    """Says whether an earlier run has written its pages into the folder."""
    try:
        with open_plain(folder / INDEX) as file:
            return f'content="{GENERATOR}"'.encode() in file.read(_BEGINNING)
    except OSError:
        return False


def write(
    records: Sequence[Mapping[str, Any]], folder: Path, *, command: str = ""
) -> None:
    """Write the list, the pages and the drafts: all or none.

    ``records``: each with the ``row`` of the list and, where it was reviewed, ``page``
    and ``drafts``.  Pages of an earlier run are replaced.  Raises OutputError.
    """
    rows = [record["row"] for record in records]
    pages: dict[str, str] = {}
    drafts: dict[str, str] = {}
    with_page = [record for record in records if record.get("page")]
    for at, record in enumerate(with_page):
        text = str(record["page"]).replace(NEIGHBOURS, _neighbours(with_page, at), 1)
        pages[page_file(record["row"])] = text
        drafts |= {f"{DRAFTS}/{name}": text for name, text in record["drafts"].items()}
    listed = {INDEX: index(rows, command=command)}  # last: what it leads to is there
    files = {
        folder / name: text.encode("utf-8", "replace")
        for name, text in (pages | drafts | listed).items()
    }
    new_files.write(files, force=True, folders=True)


def page_file(row: Mapping[str, Any]) -> str:
    """Returns the name of the page of a series."""
    return f"{row['name']}.html"


def index(rows: Sequence[Mapping[str, Any]], *, command: str = "") -> str:
    """Returns the page with the list."""
    remarked = sum(bool(listing.counts(row)) for row in rows)
    kernels = {kernel for row in rows if (kernel := listing.place(row))}
    one = len(kernels) == 1
    looked = f" Looked at on {next(iter(kernels))}." if one else ""
    return html.page(
        "inbox.html.j2",
        title="What came in",
        generator=GENERATOR,
        lead=f"{len(rows)} series, {remarked or 'none'} with remarks.{looked}",
        heads=HEADS,
        rows=[_row(row, one_tree=one) for row in rows],
        footer=f"kpf-review {__version__}. {command}".strip(),
        **script(),
    )


def _row(row: Mapping[str, Any], *, one_tree: bool) -> dict[str, Any]:
    return {
        "name": row["name"],
        "title": row["title"],
        "file": page_file(row) if row["error"] is None else "",
        "by": listing.by(row),
        "date": row["date"],
        "counts": listing.counts(row),
        "remarked": bool(listing.counts(row)),
        "error": row["error"] or "",
        "applies": listing.fits(row) if one_tree else listing.applies(row),
        "last": listing.last(row),
        "functions": listing.functions(row),
        "thread": ", ".join(listing.thread_news(row)),
    }


def _neighbours(records: Sequence[Mapping[str, Any]], at: int) -> str:
    """The way to the list, to the series before and to the one after."""
    here = records[at]["row"]["name"]
    parts = [f'<a rel="up" href="{INDEX}#{here}">All series</a>']
    for place, rel, arrow in ((at - 1, "prev", "← "), (at + 1, "next", "")):
        if 0 <= place < len(records):
            row = records[place]["row"]
            title = escaped(listing.short(row["title"]))
            tail = " →" if rel == "next" else ""
            named = f"{arrow}<span>{title}</span>{tail}"
            parts.append(f'<a rel="{rel}" href="{page_file(row)}">{named}</a>')
    links = "".join(parts)
    return f'<nav class="pages neighbours" aria-label="series">{links}</nav>'


@lru_cache(maxsize=1)
def script() -> Mapping[str, Any]:
    """Returns the script of the pages, and the sum by which their policy knows it."""
    text = (html.TEMPLATES / "inbox.js").read_text(encoding="utf-8")
    sum_of = b64encode(sha256(text.encode()).digest()).decode("ascii")
    return {"script": html.our_markup(text), "script_sum": f"sha256-{sum_of}"}
