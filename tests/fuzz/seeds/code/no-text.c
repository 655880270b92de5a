u64 f(struct page *page)
{
	return gÿ(page) | PG_ş;
}
=== after ===
u64 f(struct page *page)
{
#if CONFIG_ÿ
	return 1 + gÿ(page) | PG_ş;
#endif
	return h("ÿ", Ã©ÿ);
}
