enum pageflags {
	PG_locked,
#ifdef CONFIG_64BIT
	PG_arch_2,
#endif
	PG_lru, __NR_PAGEFLAGS,
	PG_reclaim = PG_locked,
};
#define KPF_LOCKED 0
#define PF_ANY(page, enforce) page
PAGEFLAG(Lru, lru, PF_ANY) TESTPAGEFLAG_FALSE(Ksm, ksm)
#define M(a, b) ({ typeof(a) _a = (a); _a ## b & "s" #a; })
