// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/page-flags.h>

static bool page_is_shared(struct page *page)
{
	return PageKsm(page);
}

static void set_stable(struct folio *folio, void *node)
{
	folio->mapping = (void *)((unsigned long)node | PAGE_MAPPING_KSM);
}
