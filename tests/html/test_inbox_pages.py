# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of an inbox: read without a script, used with the keyboard alone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "inbox"))

import evening
from sound import assert_sound

HOSTILE = (
    "</title><script>alert(1)</script><!--neighbours-->"
    ' "onload=alert(2) {{ 7*7 }} \u202e'
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evening with a hostile series and a hostile robot in it."""
    folder = tmp_path_factory.mktemp("evening")
    bad = [
        evening.mail("h1", f"[PATCH 1/2] {HOSTILE}", evening.patch(HOSTILE)),
        evening.mail("h2", f"[PATCH 2/2] {HOSTILE}", evening.patch("b"), parent="h1"),
        evening.mail(
            "h3",
            "Re: [PATCH 1/2] x",
            f"> +/* {HOSTILE} */\n\n{HOSTILE}\n",
            sender=f'"{HOSTILE[:30]}" <lkp@intel.com>',
            parent="h1",
        ),
    ]
    mails = [*evening.two_versions(), *evening.demo(), *bad]
    box = evening.maildir(folder / "box", mails)
    out = folder / "pages"
    words = ("inbox", str(box), "--html", str(out), "--behaviour", *evening.TREE)
    done = evening.kpf(folder / "home", *words)
    assert done.returncode == 1, done.stderr
    return out


def page_with(pages: Path, text: str) -> Path:
    found = [p for p in pages.glob("*.html") if text in p.read_text(encoding="utf-8")]
    return next(page for page in found if page.name != "index.html")


def test_every_page_is_sound(pages: Path, browse) -> None:
    every = sorted(pages.glob("*.html"))
    assert len(every) == 4
    for met in browse(every, "phone-dark,desktop-light"):
        assert_sound(met, scripts=1)


def test_links_lead_to_pages_and_drafts(pages: Path) -> None:
    for page in pages.glob("*.html"):
        for target in re.findall(r'href="([^"#:]+)"', page.read_text(encoding="utf-8")):
            assert (pages / target).is_file(), f"{page.name}: {target}"
    drafts = list((pages / "drafts").iterdir())
    assert drafts
    assert all(b"\nTo: " in draft.read_bytes() for draft in drafts)


def test_what_is_on_the_page_of_a_series(pages: Path) -> None:
    demo = page_with(pages, "2/2 tools/mm: name the active flag").read_text("utf-8")
    opened = re.findall(r'<details class="patch"( open)?>', demo)
    assert opened == [" open", ""], "guilty ones open, clean ones folded"
    assert "mutt -H drafts/" in demo
    assert "b4 review track 20240304100500.1-0-nadia@example.org" in demo
    assert "What the functions compute" in demo
    v2 = page_with(pages, "What v1 was told").read_text("utf-8")
    assert "Which flags do you mean?" in v2
    assert "+/* the flags */" in v2
    assert "Reviewed-by: Max Maintainer" in v2
    assert "This may crash." in v2


def test_mail_stays_text(pages: Path) -> None:
    for page in pages.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert tags_of(text).count("script") == 1
        assert "\u202e" not in text
        assert "<!--" not in text
    bad = page_with(pages, "&lt;script&gt;alert(1)").read_text(encoding="utf-8")
    assert "{{ 7*7 }}" in bad


def tags_of(text: str) -> list[str]:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append(tag)
            assert not any(name.startswith("on") for name, _ in attrs)

    Reader().feed(text)
    assert not {"img", "iframe", "object", "form", "base"} & set(found)
    return found


def test_the_keyboard_alone(pages: Path, press) -> None:
    met = press(
        pages / "index.html",
        [
            "j",
            "j",
            "k",
            "Enter>",
            "j",
            "j",
            "o",
            "d",
            "d",
            "c",
            "u>",
            "r",
            "/",
            "=nadia",
            "Enter",
        ],
    )
    assert all(one["troubles"] == [] for one in met), met
    by_key = iter(met)

    def after(key: str) -> dict:
        one = next(by_key)
        assert one["key"] == key
        return one

    assert after("j")["focus"] == "kpageflags: follow the folio"
    assert after("j")["focus"] != "kpageflags: follow the folio"
    assert after("k")["focus"] == "kpageflags: follow the folio"
    series = after("Enter>")
    assert series["page"] != "index.html"
    assert series["open"] == 1
    first = after("j")["focus"]
    assert first.startswith("finding-")
    assert after("j")["focus"] not in ("", first)
    assert after("o")["open"] == 2
    assert after("d")["focus"].startswith("Draft reply to 0/2 the cover letter")
    assert after("d")["focus"].startswith("Draft reply to 1/2")
    assert after("c")["copied"] == ["Copy the draft", "Copied"]
    back = after("u>")
    assert back["page"] == "index.html"
    assert back["focus"] == "kpageflags: follow the folio"
    assert len(back["seen"]) == 3
    assert len(after("r")["seen"]) < 3
    after("/")
    assert after("=nadia")["seen"] == ["kpageflags: follow the folio"]
    assert after("Enter")["focus"] == "kpageflags: follow the folio"


def test_sorting(pages: Path, press) -> None:
    met = press(pages / "index.html", ["s", "s", "s", "s", "s"])
    assert met[0]["sorted"] == ["Series ↓"] or met[0]["sorted"] == ["Series"]
    titles = [title.lower() for title in met[0]["seen"]]
    assert titles == sorted(titles)
    assert met[4]["seen"][0] == "kpageflags: follow the folio"


def test_next_and_previous(pages: Path, press) -> None:
    first = page_with(pages, "2/2 tools/mm: name the active flag")
    met = press(first, ["n>", "p>"])
    assert met[0]["page"] not in ("index.html", first.name)
    assert met[1]["page"] == first.name


def test_what_is_no_inbox_is_not_overwritten(pages: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "index.html").write_text("my own")
    box = pages.parent / "box"
    words = ("inbox", str(box), "--all", "--html", str(out), *evening.TREE)
    done = evening.kpf(tmp_path / "home", *words)
    assert done.returncode == 2
    assert "no inbox of ours" in done.stderr
    assert (out / "index.html").read_text() == "my own"
    (out / "index.html").unlink()
    for _ in range(2):  # its own pages are replaced
        assert evening.kpf(tmp_path / "home", *words).returncode == 1
    assert len(list(left_over(out))) == 0


def left_over(folder: Path) -> Iterator[Path]:
    yield from folder.rglob(".*")


def test_a_report_has_what_was_said_too_and_no_script(tmp_path: Path, browse) -> None:
    box = evening.maildir(tmp_path / "box", evening.two_versions())
    page = tmp_path / "report.html"
    words = ("report", str(box), "--html", str(page), *evening.TREE)
    done = evening.kpf(tmp_path / "home", *words)
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    for said in ("What v1 was told", "Which flags do you mean?", "This may crash."):
        assert said in text
    for met in browse([page], "phone-dark"):
        assert_sound(met)
