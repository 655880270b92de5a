/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

struct address_space;

/* One per physical page frame. */
struct page {
	unsigned long flags;
	unsigned long compound_head;	/* in a tail: its head plus one */
	struct address_space *mapping;
	unsigned int page_type;
};

/* A head page, or a page of its own, never a tail: the same memory as its page. */
struct folio {
	union {
		struct {
			unsigned long flags;
			unsigned long _head_0;
			struct address_space *mapping;
			unsigned int _type_0;
		};
		struct page page;
	};
	unsigned long _flags_1;		/* the second page's flags word */
};

#endif
