# SPDX-License-Identifier: GPL-2.0-or-later
"""Names, paths and expressions inside a sentence are shown as code, prose is not."""

from __future__ import annotations

import re
import time

import pytest

from reviewer.output.html_code import with_code_marked


def code_in(text: str) -> list[str]:
    from html import unescape

    return [
        unescape(one)
        for one in re.findall(r"(?s)<code>(.*?)</code>", with_code_marked(text))
    ]


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("mapping & PAGE_KSM is true for anon", ["mapping & PAGE_KSM"]),
        ("is it (k & BIT(PG_lru)) == 0x10?", ["(k & BIT(PG_lru)) == 0x10"]),
        ("Should it be (a & M_ALL) == M_KSM?", ["(a & M_ALL) == M_KSM"]),
        (
            "folio_test_ksm() asks folio->mapping.",
            ["folio_test_ksm()", "folio->mapping"],
        ),
        ("see fs/proc/page.c:29, and mm/ksm.c.", ["fs/proc/page.c:29", "mm/ksm.c"]),
        (
            "below drivers/iio/adc and include/uapi/",
            ["drivers/iio/adc", "include/uapi/"],
        ),
        ("in bindings/hwmon/adi,adm1275.yaml: no", ["bindings/hwmon/adi,adm1275.yaml"]),
        ("page-flags.h and pagemap.rst say so", ["page-flags.h", "pagemap.rst"]),
        ("what /proc/kpageflags shows", ["/proc/kpageflags"]),
        ("only with CONFIG_KSM=n", ["CONFIG_KSM"]),
        ("it is (a &\nM_ALL) == M_KSM.", ["(a &\nM_ALL) == M_KSM"]),
        ("page == &folio->page asks", ["page == &folio->page"]),
        ("is &page_folio(page)->page it?", ["&page_folio(page)->page"]),
        ("(unsigned long)folio->mapping has", ["(unsigned long)folio->mapping"]),
        ("PageLRU(page), for_each_x(3)", ["PageLRU(page)", "for_each_x(3)"]),
        ("set_bit(PG_x, &folio->flags) is", ["set_bit(PG_x, &folio->flags)"]),
        ("__folio_set_locked(), and so on", ["__folio_set_locked()"]),
        ("do folio->flags |= 1UL << PG_x", ["folio->flags |= 1UL << PG_x"]),
        ("the page_flag(s) of it", ["page_flag"]),
        ("it matters: == binds tighter", ["=="]),
        ("'kpf-review learn 3' asks", ["kpf-review learn 3"]),
        ('inside "if (anon)".', ["if (anon)"]),
    ],
)
def test_code(sentence: str, code: list[str]) -> None:
    assert code_in(sentence) == code


@pytest.mark.parametrize(
    "sentence",
    [
        "and/or, A/B/C, 4/29/26, 1.5 and e.g. this",
        "write to nora_b@example.org, or to x@y_z.org",
        "read https://lore.kernel.org/r/x/y.c first",
        "the page(s) and the McCoy (twice) he has",
        "R & D costs more; a - b, c < d",
        "the end of it.No space, he said (twice).",
        "the user's kpf-review is here, isn't it",
        '"if (he said) so", and then',
    ],
)
def test_prose(sentence: str) -> None:
    assert code_in(sentence) == []


def test_all_else_is_escaped_and_nothing_is_lost() -> None:
    text = "<b>a_b</b> & \u202e \x1b[1m \"x\" 'y_z'"
    shown = str(with_code_marked(text))
    assert "<b>" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert re.sub(r"</?code>", "", shown).count("&lt;") == 2


@pytest.mark.parametrize(
    "unit",
    ["a/", "_ & ", "a.b.", "a->", "(", "/a", "a_(b, ", "a-", "x_", "(int)", "A(a"],
)
def test_work_grows_with_the_text(unit: str) -> None:
    text = unit * 9000
    began = time.process_time()
    with_code_marked(text)
    assert time.process_time() - began < 2
