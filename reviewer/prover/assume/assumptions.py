# SPDX-License-Identifier: GPL-2.0-or-later
"""What is taken for granted, by name; each can be switched off.

``64-bit`` is the one that cannot: words are as wide as on a 64-bit machine.
"""

from __future__ import annotations

# name -> what it says; the source of each is the kernel's own documentation
ASSUMPTIONS: dict[str, str] = {
    "tails-have-heads": "a tail's compound_head leads to a head page, which is no tail"
    " and not the tail itself (include/linux/mm_types.h)",
    "heads-have-pg-head": "of a folio of many pages the head has PG_head and the tails"
    " have not (include/linux/page-flags.h)",
    "folios-are-no-tails": "a struct folio pointer is never that of a tail"
    " (include/linux/mm_types.h)",
    "tails-carry-no-head-flags": "flags that are only set on heads are clear in a"
    " tail's own word (the policies of include/linux/page-flags.h)",
    "no-ksm-page-without-config-ksm": "no page is in the KSM state with CONFIG_KSM=n"
    " (mm/ksm.c is what puts it there)",
    "no-fake-heads": "the vmemmap of hugetlb pages is not deduplicated"
    " (Documentation/mm/vmemmap_dedup.rst)",
    "one-huge-zero-folio": "the huge zero folio is the head of many pages, and the"
    " same in both kernels by whichever name (mm/huge_memory.c, get_huge_zero_page())",
    "pages-keep-their-frame": "page_to_pfn() and pfn_to_page() depend on nothing but"
    " their argument (Documentation/mm/memory-model.rst)",
    "flags-exist-with-their-option": "a page flag or type is clear where its option"
    " is off",
    "pointers-are-aligned": "page and folio pointers are multiples of 8",
    "fields-do-not-overlap": "a store to one field changes no field of another name:"
    " of a union only one member is in use",
    "debug-assertions-do-not-fire": "VM_BUG_ON() and its like find nothing"
    " (include/linux/mmdebug.h: they are nothing without CONFIG_DEBUG_VM)",
    "names-keep-their-meaning": "of two kernels, a function that is not followed does"
    " the same in both",
}
DEFAULT = tuple(ASSUMPTIONS)
