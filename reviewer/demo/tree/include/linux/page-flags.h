/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PAGE_FLAGS_H
#define PAGE_FLAGS_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/mm_types.h>

/*
 * The numbers of the bits in page->flags, not masks: test them with test_bit()
 * or with 1UL << PG_x.
 */
enum pageflags {
	PG_locked,		/* do not touch */
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,		/* first page of a compound page */
	PG_waiters,		/* somebody sleeps on this page */
	PG_active,
	PG_workingset,
	PG_owner_priv_1,	/* owner use, e.g. of a filesystem */
	PG_arch_1,
	PG_reserved,
	PG_private,
	PG_writeback,
	PG_mappedtodisk,
	PG_reclaim,
	PG_swapbacked,
	PG_unevictable,
#ifdef CONFIG_MMU
	PG_mlocked,
#endif
#ifdef CONFIG_MEMORY_FAILURE
	PG_hwpoison,		/* this page frame is broken */
#endif
#if defined(CONFIG_PAGE_IDLE_FLAG) && defined(CONFIG_64BIT)
	PG_young,
	PG_idle,
#endif
#ifdef CONFIG_ARCH_USES_PG_ARCH_X
	PG_arch_2,
	PG_arch_3,
#endif
	__NR_PAGEFLAGS,

	PG_readahead = PG_reclaim,

	/* anonymous pages, together with PG_swapbacked */
	PG_swapcache = PG_owner_priv_1,

	/* in the second page of a folio */
	PG_has_hwpoisoned = PG_active,
};

/* A tail's compound_head holds the address of its head, plus one. */
static inline int PageTail(const struct page *page)
{
	return READ_ONCE(page->compound_head) & 1;
}

static inline struct page *compound_head(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	if (head & 1)
		return (struct page *)(head - 1);
	return (struct page *)page;
}

#define page_folio(p)		((struct folio *)compound_head(p))

static inline unsigned long *folio_flags(struct folio *folio, unsigned int n)
{
	return n ? &folio->_flags_1 : &folio->flags;
}

/* Which page's word a helper looks at. */
#define PF_ANY(page, enforce)		page
#define PF_HEAD(page, enforce)		(&page_folio(page)->page)
#define PF_NO_TAIL(page, enforce)	(&page_folio(page)->page)
#define PF_NO_COMPOUND(page, enforce)	page
#define PF_SECOND(page, enforce)	(&page[1])

#define FOLIO_PF_ANY		0
#define FOLIO_PF_HEAD		0
#define FOLIO_PF_NO_TAIL	0
#define FOLIO_PF_NO_COMPOUND	0
#define FOLIO_PF_SECOND		1

#define TESTPAGEFLAG(uname, lname, policy)				\
static inline bool folio_test_##lname(struct folio *folio)		\
{ return test_bit(PG_##lname, folio_flags(folio, FOLIO_##policy)); }	\
static inline int Page##uname(struct page *page)			\
{ return test_bit(PG_##lname, &policy(page, 0)->flags); }

#define SETPAGEFLAG(uname, lname, policy)				\
static inline void folio_set_##lname(struct folio *folio)		\
{ set_bit(PG_##lname, folio_flags(folio, FOLIO_##policy)); }		\
static inline void SetPage##uname(struct page *page)			\
{ set_bit(PG_##lname, &policy(page, 1)->flags); }

#define CLEARPAGEFLAG(uname, lname, policy)				\
static inline void folio_clear_##lname(struct folio *folio)		\
{ clear_bit(PG_##lname, folio_flags(folio, FOLIO_##policy)); }		\
static inline void ClearPage##uname(struct page *page)			\
{ clear_bit(PG_##lname, &policy(page, 1)->flags); }

#define __SETPAGEFLAG(uname, lname, policy)				\
static inline void __folio_set_##lname(struct folio *folio)		\
{ __set_bit(PG_##lname, folio_flags(folio, FOLIO_##policy)); }		\
static inline void __SetPage##uname(struct page *page)			\
{ __set_bit(PG_##lname, &policy(page, 1)->flags); }

#define PAGEFLAG(uname, lname, policy)					\
	TESTPAGEFLAG(uname, lname, policy)				\
	SETPAGEFLAG(uname, lname, policy)				\
	CLEARPAGEFLAG(uname, lname, policy)

#define TESTPAGEFLAG_FALSE(uname, lname)				\
static inline bool folio_test_##lname(const struct folio *folio)	\
{ return false; }							\
static inline int Page##uname(const struct page *page)			\
{ return 0; }

#define SETPAGEFLAG_NOOP(uname, lname)					\
static inline void folio_set_##lname(struct folio *folio) { }		\
static inline void SetPage##uname(struct page *page) { }

#define CLEARPAGEFLAG_NOOP(uname, lname)				\
static inline void folio_clear_##lname(struct folio *folio) { }		\
static inline void ClearPage##uname(struct page *page) { }

#define PAGEFLAG_FALSE(uname, lname)					\
	TESTPAGEFLAG_FALSE(uname, lname)				\
	SETPAGEFLAG_NOOP(uname, lname)					\
	CLEARPAGEFLAG_NOOP(uname, lname)

PAGEFLAG(Locked, locked, PF_NO_TAIL) __SETPAGEFLAG(Locked, locked, PF_NO_TAIL)
PAGEFLAG(Referenced, referenced, PF_HEAD)
PAGEFLAG(Uptodate, uptodate, PF_NO_TAIL)
PAGEFLAG(Dirty, dirty, PF_HEAD)
PAGEFLAG(LRU, lru, PF_HEAD)
PAGEFLAG(Active, active, PF_HEAD)
PAGEFLAG(Workingset, workingset, PF_HEAD)
PAGEFLAG(Reserved, reserved, PF_NO_COMPOUND)
PAGEFLAG(Private, private, PF_ANY)
PAGEFLAG(Writeback, writeback, PF_NO_TAIL)
PAGEFLAG(Reclaim, reclaim, PF_NO_TAIL)
PAGEFLAG(SwapBacked, swapbacked, PF_NO_TAIL)
	__SETPAGEFLAG(SwapBacked, swapbacked, PF_NO_TAIL)
PAGEFLAG(Unevictable, unevictable, PF_HEAD)

#ifdef CONFIG_MMU
PAGEFLAG(Mlocked, mlocked, PF_NO_TAIL)
#else
PAGEFLAG_FALSE(Mlocked, mlocked)
#endif

#ifdef CONFIG_MEMORY_FAILURE
PAGEFLAG(HWPoison, hwpoison, PF_ANY)
PAGEFLAG(HasHWPoisoned, has_hwpoisoned, PF_SECOND)
#else
PAGEFLAG_FALSE(HWPoison, hwpoison)
PAGEFLAG_FALSE(HasHWPoisoned, has_hwpoisoned)
#endif

#if defined(CONFIG_PAGE_IDLE_FLAG) && defined(CONFIG_64BIT)
PAGEFLAG(Young, young, PF_ANY)
PAGEFLAG(Idle, idle, PF_ANY)
#else
PAGEFLAG_FALSE(Young, young)
PAGEFLAG_FALSE(Idle, idle)
#endif

/*
 * The two low bits of ->mapping say what the rest points to. They are one field
 * with four values, not two flags:
 *
 *   00 file, 01 anonymous, 10 movable, 11 KSM
 */
#define PAGE_MAPPING_ANON	0x1
#define PAGE_MAPPING_MOVABLE	0x2
#define PAGE_MAPPING_KSM	(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)
#define PAGE_MAPPING_FLAGS	(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)

static inline bool folio_test_anon(struct folio *folio)
{
	return ((unsigned long)folio->mapping & PAGE_MAPPING_ANON) != 0;
}

static inline bool PageAnon(struct page *page)
{
	return folio_test_anon(page_folio(page));
}

/* Not on a list, but a driver's to move. */
static inline bool __folio_test_movable(struct folio *folio)
{
	return ((unsigned long)folio->mapping & PAGE_MAPPING_FLAGS) ==
		PAGE_MAPPING_MOVABLE;
}

#ifdef CONFIG_KSM
static inline bool folio_test_ksm(struct folio *folio)
{
	return ((unsigned long)folio->mapping & PAGE_MAPPING_FLAGS) ==
		PAGE_MAPPING_KSM;
}

static inline bool PageKsm(struct page *page)
{
	return folio_test_ksm(page_folio(page));
}
#else
TESTPAGEFLAG_FALSE(Ksm, ksm)
#endif

static inline int PageHead(struct page *page)
{
	return test_bit(PG_head, &page->flags);
}

static inline bool folio_test_large(struct folio *folio)
{
	return test_bit(PG_head, folio_flags(folio, 0));
}

#endif
