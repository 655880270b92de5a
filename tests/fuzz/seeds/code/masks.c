u64 stable_page_flags(struct page *page)
{
	unsigned long mapping = (unsigned long)page->mapping;
	u64 k = page->flags;

	if (mapping & PAGE_MAPPING_KSM)
		return 1 << KPF_KSM;
	if (k & PG_lru || !k & PG_head)
		return 1 << 33;
	return mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM;
}
