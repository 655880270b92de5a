#ifdef CONFIG_KSM
static int f(struct page *page)
{
	return PageKsm(page) && PageAnon(page);
}
#endif
=== after ===
static int f(struct folio *folio)
{
	unsigned long mapping = (unsigned long)folio->mapping;

	/* a comment */
	return (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM;
}
