# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages in a real browser: what is seen, heard, followed and fetched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parent))

from sound import assert_sound

from reviewer import engine, mail, output, rulebook
from reviewer.errors import OutputError
from reviewer.learn.pages import course_pages, html_of
from reviewer.output import html
from reviewer.output.html import lore
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

TOP = Path(__file__).parent.parent.parent
DEMO = TOP / "reviewer/demo"

HOSTILE = """\
Message-Id: <1@example.org>
From: "<img src=x onerror=alert(1)>" <nadia@example.org>
Date: Mon, 4 Mar 2024 10:05:00 +0000
Subject: [PATCH] </title><script>alert(2)</script>
To: linux-mm@lists.example.org

</div><script>alert(3)</script>{{ 7 * 7 }} \u202egnp.exe

Signed-off-by: Nadia <nadia@example.org>
---
diff --git a/fs/proc/page.c b/fs/proc/page.c
--- a/fs/proc/page.c
+++ b/fs/proc/page.c
@@ -22,6 +22,7 @@ u64 stable_page_flags(struct page *page)
 \tk = page->flags;
 \tu = 0;
{blank}
+\tif (k & PG_lru) /* "><svg onload=alert(4)> </span></div>{% raw %} \x1b[31m */
 \tif (PageAnon(page))
 \t\tu |= 1 << KPF_ANON;
 \tif (PageKsm(page))
""".replace("{blank}", " ")


def reviewed(path: Path):
    """A worded report of a mailbox on the miniature tree."""
    series = mail.open_series(str(path), offline=True)
    with open_tree(DEMO / "tree") as tree:
        applied = apply_series(series, tree, base=None)
        report = engine.review(series, applied, rulebook.choose()).report
    return output.worded(report)


@pytest.fixture(scope="module")
def report_page() -> str:
    return html.render(reviewed(DEMO / "series.mbox"), command="kpf-review demo")


def test_what_is_said_of_several_places_is_listed_once() -> None:
    report = reviewed(DEMO / "series.mbox")
    first = report.findings[0]
    assert first.line is not None

    def listed(*more: dict[str, object]) -> str:
        found = (*report.findings, *(replace(first, **one) for one in more))
        page = html.render(replace(report, findings=found))
        return page.split('<ul class="summary">', 1)[1].split("</nav>")[0]

    again = listed({"line": first.line + 1}, {"line": first.line + 2})
    assert "in 3 places" in again
    assert again.count("<li") == len(report.findings)
    assert all(f'"#finding-{n}"' in again for n in range(1, len(report.findings) + 3))
    many = listed(*({"message": f"remark {n}"} for n in range(12)))
    assert f"<summary>{len(report.findings)} more</summary>" in many


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("hostile") / "x.patch"
    path.write_text(HOSTILE, encoding="utf-8")
    return html.render(reviewed(path))


def test_a_report_in_the_browser(report_page: str, browse, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_page, encoding="utf-8")
    looks = browse([path], "phone-light,phone-dark,desktop-light,desktop-dark")
    assert len(looks) == 4
    for met in looks:
        assert_sound(met)
        assert met["jumped"] is True
        assert all(remark["seen"] for remark in met["remarks"])
        texts = " ".join(remark["text"] for remark in met["remarks"])
        assert "mapping & PAGE_MAPPING_KSM is also true for anon" in texts
        assert "PG_lru is a bit number" in texts


def test_hostile_text_stays_text(hostile_page: str, browse, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(hostile_page, encoding="utf-8")
    for met in browse([path], "phone-dark"):
        assert_sound(met)
        assert met["title"] == "[PATCH] </title><script>alert(2)</script>"


def test_hostile_text_makes_no_element(hostile_page: str) -> None:
    names = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            names.add(tag)
            assert not any(name.startswith("on") for name, _ in attrs)

    Reader().feed(hostile_page)
    assert not names & {"script", "img", "iframe", "object", "form"}
    assert "49" not in re.findall(r"script&gt;(\d+)", hostile_page)
    assert "\u202e" not in hostile_page
    assert "\x1b" not in hostile_page


@pytest.fixture(scope="module")
def course() -> dict[str, str]:
    return course_pages()


def test_the_course_in_the_browser(course, browse, tmp_path: Path) -> None:
    written = html.write_pages(course, tmp_path / "course")
    names = ("index", "2-", "4-", "8-", "rule-mask-vs-equality")
    chosen = [path for path in written if path.name.startswith(names)]
    assert len(chosen) == len(names)
    for met in browse(chosen, "phone-light,desktop-dark"):
        assert_sound(met)


def test_a_chapter_leads_on_and_back_and_its_picture_is_drawn(course) -> None:
    names = [name for name in course if name[:1].isdigit()]
    assert len(names) == 9
    for before, name, after in zip(["", *names], names, [*names[1:], ""], strict=False):
        text = course[name]
        assert re.findall(r'rel="prev" href="([^"]*)"', text) == [before] * 2 * bool(
            before
        )
        assert re.findall(r'rel="next" href="([^"]*)"', text) == [after] * 2 * bool(
            after
        )
        assert '<svg class="drawing"' in text
        assert "+--" not in text


def test_every_link_of_the_course_leads_somewhere(course) -> None:
    assert len(course) > 20
    for name, text in course.items():
        for target in re.findall(r'href="([^"#:]+)"', text):
            assert target in course, f"{name}: {target}"


def test_every_lesson_is_read_whole() -> None:
    """No Markdown is left over, and no word is lost."""
    for name in rulebook.names():
        lesson = rulebook.load(name).lesson
        shown = html_of(lesson)
        text = unescape(re.sub(r"<[^>]+>", "", shown))
        prose = re.sub(r"<(pre|code)\b.*?</\1>", "", shown, flags=re.S)
        for left in ("```", "**", "|--", "\\|", "](", "&amp;amp;"):
            assert left not in prose, f"{name}: {left}"
        lost = words_of(lesson.partition("\n")[2]) - words_of(text)
        assert not lost, f"{name}: {lost}"


def words_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"[A-Za-z_]{3,}", text))


def test_markup_in_a_lesson_is_text_and_nothing_is_a_link() -> None:
    shown = html_of(
        "# x\n\n<script>a</script> `<b>` <a@example.org> *so*\n\n```c\n<i> &\n```\n"
    )
    assert "<script>" not in shown
    assert "<a " not in shown
    assert "<code>&lt;b&gt;</code> &lt;a@example.org&gt; <em>so</em>" in shown
    assert 'aria-label="code">&lt;i&gt; &amp;</pre>' in shown


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    html.write_page("one", path)
    with pytest.raises(OutputError, match="--force"):
        html.write_page("two", path)
    assert path.read_text() == "one"
    html.write_page("two", path, force=True)
    assert path.read_text() == "two"
    link = tmp_path / "link.html"
    link.symlink_to(path)
    with pytest.raises(OutputError, match="symbolic link"):
        html.write_page("three", link, force=True)
    with pytest.raises(OutputError, match="cannot write"):
        html.write_page("four", tmp_path / "no/such/folder.html")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.html", "page.html"]


def test_links_to_lore_only_for_ids_that_we_have() -> None:
    assert lore("ZfyRsyq03aYVcZ13@casper.infradead.org").endswith(
        "/r/ZfyRsyq03aYVcZ13@casper.infradead.org/"
    )
    assert lore("a/../b#c@host.invalid") == (
        "https://lore.kernel.org/r/a%2F..%2Fb%23c@host.invalid/"
    )
    assert lore(None) == ""
    assert lore('"><script>@x') != '"><script>@x'


def test_the_command(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    command = [sys.executable, "-m", "reviewer.cli", "report", "demo", "--html", page]
    environment = os.environ | {"PYTHONPATH": str(TOP)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    again = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert again.returncode == 2
    assert "--force" in again.stderr
