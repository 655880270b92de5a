// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/page-flags.h>

/* The hardware reports one page frame, which may be any page of a folio. */
int memory_failure(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	SetPageHWPoison(page);
	return 0;
}
