# SPDX-License-Identifier: GPL-2.0-or-later
"""Facts of real trees and of small ones that a test writes down."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reviewer.facts import Facts
from reviewer.tree import open_tree
from reviewer.tree.views import FolderView

# The modules beside the tests: with importmode=importlib no folder is in sys.path.
sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session")
def facts_6_1(linux_6_1: Path) -> Facts:
    return Facts(open_tree(linux_6_1).view("HEAD"))


@pytest.fixture(scope="session")
def facts_6_12(linux_6_12: Path) -> Facts:
    return Facts(open_tree(linux_6_12).view("HEAD"))


@pytest.fixture
def facts_of(tmp_path: Path):
    """facts_of({"include/linux/page-flags.h": text}): the facts of such a tree."""

    def make(files: dict[str, str]) -> Facts:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Facts(FolderView(tmp_path))

    return make


# As headers were up to 4.4: two arguments, no policy, no folios; written for this test.
OLD = """\
#ifndef PAGE_FLAGS_H
#define PAGE_FLAGS_H
enum pageflags {
	PG_locked,		/* held, "locked", for I/O */
	PG_error,
#ifdef CONFIG_PAGEFLAGS_EXTENDED
	PG_head,
	PG_tail,
#else
	PG_compound,
#endif
	PG_swapcache,
	__NR_PAGEFLAGS,

	PG_checked = PG_error,
};

#define TESTPAGEFLAG(uname, lname)					\\
static inline int Page##uname(const struct page *page)			\\
			{ return test_bit(PG_##lname, &page->flags); }

#define SETPAGEFLAG(uname, lname)					\\
static inline void SetPage##uname(struct page *page)			\\
			{ set_bit(PG_##lname, &page->flags); }

#define __CLEARPAGEFLAG(uname, lname)					\\
static inline void __ClearPage##uname(struct page *page)		\\
			{ __clear_bit(PG_##lname, &page->flags); }

#define PAGEFLAG(uname, lname) TESTPAGEFLAG(uname, lname)		\\
	SETPAGEFLAG(uname, lname)

#define PAGEFLAG_FALSE(uname)						\\
static inline int Page##uname(const struct page *page)			\\
			{ return 0; }

PAGEFLAG(Locked, locked) __CLEARPAGEFLAG(Locked, locked)
PAGEFLAG(Error, error);
#ifdef CONFIG_SWAP
PAGEFLAG(SwapCache, swapcache)
#else
PAGEFLAG_FALSE(SwapCache)
#endif
#endif
"""

# As headers are since flags is a struct and the bits of mapping have new names.
NEW = """\
#ifndef PAGE_FLAGS_H
#define PAGE_FLAGS_H
enum pageflags {
	PG_locked,
	PG_dirty,
	PG_active,
#ifdef CONFIG_MEMORY_FAILURE
	PG_hwpoison,
#endif
#if defined(CONFIG_PAGE_IDLE_FLAG) && defined(CONFIG_64BIT)
	PG_young, PG_idle,
#endif
	PG_new,
	__NR_PAGEFLAGS,
	PG_has_hwpoisoned = PG_active,
	PG_nested = PG_has_hwpoisoned,
};

static unsigned long *folio_flags(struct folio *folio, unsigned n)
{
	struct page *page = &folio->page;

	VM_BUG_ON_PGFLAGS(n > 0 && !test_bit(PG_head, &page->flags.f), page);
	return &page[n].flags.f;
}

#define FOLIO_HEAD_PAGE		0
#define FOLIO_SECOND_PAGE	1

#define FOLIO_TEST_FLAG(name, page)					\\
static __always_inline bool folio_test_##name(const struct folio *folio) \\
{ return test_bit(PG_##name, folio_flags(folio, page)); }

#define FOLIO_SET_FLAG(name, page)					\\
static __always_inline void folio_set_##name(struct folio *folio)	\\
{ set_bit(PG_##name, folio_flags(folio, page)); }

#define FOLIO_FLAG(name, page)						\\
	FOLIO_TEST_FLAG(name, page) FOLIO_SET_FLAG(name, page)

#define FOLIO_TEST_FLAG_FALSE(name)					\\
static inline bool folio_test_##name(const struct folio *folio)		\\
{ return false; }

FOLIO_FLAG(dirty, FOLIO_HEAD_PAGE)
#ifdef CONFIG_MEMORY_FAILURE
FOLIO_FLAG(has_hwpoisoned, FOLIO_SECOND_PAGE)
#else
FOLIO_TEST_FLAG_FALSE(has_hwpoisoned)
#endif

#define FOLIO_MAPPING_ANON	0x1
#define FOLIO_MAPPING_ANON_KSM	0x2
#define FOLIO_MAPPING_KSM	(FOLIO_MAPPING_ANON | FOLIO_MAPPING_ANON_KSM)
#define FOLIO_MAPPING_FLAGS	(FOLIO_MAPPING_ANON | FOLIO_MAPPING_ANON_KSM)

static __always_inline bool folio_test_anon(const struct folio *folio)
{
	return ((unsigned long)folio->mapping & FOLIO_MAPPING_ANON) != 0;
}

static __always_inline bool PageAnonNotKsm(const struct page *page)
{
	unsigned long flags = (unsigned long)page_folio(page)->mapping;

	return (flags & FOLIO_MAPPING_FLAGS) == FOLIO_MAPPING_ANON;
}

#ifdef CONFIG_KSM
static __always_inline bool folio_test_ksm(const struct folio *folio)
{
	return ((unsigned long)folio->mapping & FOLIO_MAPPING_FLAGS) ==
		FOLIO_MAPPING_KSM;
}
#else
FOLIO_TEST_FLAG_FALSE(ksm)
#endif
#endif
"""


@pytest.fixture
def old_facts(facts_of) -> Facts:
    return facts_of({"include/linux/page-flags.h": OLD})


@pytest.fixture
def new_facts(facts_of) -> Facts:
    return facts_of({"include/linux/page-flags.h": NEW})
